"""One local process with several doors to the same solve, judge and hack: a page, and protocols of programs.

Each door is a module of its own with a function `routes(service)`, listed in `agent.serve.app`. Only the extra
`[serve]` brings what this room imports, so nothing outside of it and of `agent.commands.serve` may import it.

Not covered: encryption (put a proxy with TLS before it), and several users who must not see each other's work.
"""
