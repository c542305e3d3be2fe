"""`solve serve`: solving, judging and hacking over HTTP on this machine."""

from __future__ import annotations

import logging
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_SOLVED
from agent.commands.model_options import SamplerOptions, model_options
from agent.commands.options import SandboxOptions, collect, sandbox_options
from agent.terminal.failures import Failure
from agent.types import SamplerError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from agent.serve.guard import Access
    from agent.serve.service import Service
    from agent.terminal.console import Console
    from sandbox import Sandbox

_SHORTEST_TOKEN = 16
_SHUTDOWN_SECONDS = 2
_MOST_CONNECTIONS = 500

SERVE_EXAMPLES = """\b
Examples:
  solve serve                        on http://127.0.0.1:8765/, for this machine alone
  solve serve -m qwen2.5-coder-0.5b  another model first
  solve serve --check                what it would expose, and nothing is served
  ALPHASOLVE_TOKEN=... solve serve --host 0.0.0.0
                                     for other machines, which must show the token

\b
It needs the extra: pip install 'alphasolve[serve]'. Ctrl-C ends it.
Exit codes: 2 usage, or the port is taken, 3 the extra is missing, no sandbox or no model, 130 Ctrl-C.
"""


@dataclass(frozen=True, slots=True)
class _Address:
    """Where to listen, and what must be shown there."""

    host: str
    port: int
    token: str | None

    def access(self) -> Access:
        """Who may ask.

        Raises:
            Failure: others than this machine, and they need no token.
        """
        from agent.serve.guard import Access, is_loopback

        if self.token is None and not is_loopback(self.host):
            raise Failure(
                f"--host {self.host} lets other machines in, and no token is set",
                remedy="set one in ALPHASOLVE_TOKEN, say of `openssl rand -hex 16`",
            )
        if self.token is not None and not _is_token(self.token):
            raise Failure(
                f"a token is {_SHORTEST_TOKEN} or more letters, digits, - and _",
                remedy="`openssl rand -hex 16` makes one",
            )
        return Access(self.host, self.token)

    def listen(self) -> socket.socket:
        """A socket that listens there.

        Raises:
            Failure: it cannot be had.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            return socket.create_server((self.host.strip("[]"), self.port), family=family)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Failure(
                f"cannot listen on {self.host} port {self.port}: {reason}", remedy="name another --port or --host"
            ) from None


def _is_token(token: str) -> bool:
    is_plain = token.isascii() and token.replace("-", "a").replace("_", "a").isalnum()
    return is_plain and len(token) >= _SHORTEST_TOKEN


@click.command("serve", epilog=SERVE_EXAMPLES)
@model_options
@sandbox_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--token",
    envvar="ALPHASOLVE_TOKEN",
    help="What every request must show. Other users of this machine see it in the list of processes, unless it"
    " is in ALPHASOLVE_TOKEN.",
)
@click.option("--check", "is_check", is_flag=True, help="List what would be exposed, and stop.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@collect(address=_Address, sampler=SamplerOptions, sandbox=SandboxOptions)
def serve_command(
    address: _Address, sampler: SamplerOptions, sandbox: SandboxOptions, is_check: bool, quiet: bool
) -> int:
    """Serve solving, judging and hacking on this machine, to a browser and to other programs."""
    _require_extra()
    from agent.serve.app import make_app
    from agent.terminal.console import Console

    access = address.access()
    with ExitStack() as stack:
        console = stack.enter_context(Console(quiet=quiet))
        listener = None if is_check else stack.enter_context(address.listen())
        service = _service(stack, console, sampler, sandbox)
        app = make_app(service, access)
        if listener is None:
            for line in _exposed(address, service, app):
                click.echo(line)
            return EXIT_SOLVED
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        console.note(f"Serving on http://{shown}:{port}/ (Ctrl-C ends it)")
        _serve(app, listener)
    return EXIT_SOLVED


def _require_extra() -> None:
    """Say what to install where the extra is missing.

    Raises:
        SamplerError: it is.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise SamplerError(
            f"`solve serve` needs the package {error.name}", remedy="pip install 'alphasolve[serve]'"
        ) from None


def _service(stack: ExitStack, console: Console, sampler: SamplerOptions, sandbox: SandboxOptions) -> Service:
    from agent.history import history_folder
    from agent.models import open_sampler
    from agent.serve.service import Service

    box, has_cpp = _sandbox(console, sandbox)
    stack.enter_context(box)
    return Service(
        sandbox=box,
        open_sampler=lambda name: open_sampler(name, device=sampler.device, base_url=sampler.base_url),
        models=(sampler.model,),
        history=history_folder(),
        has_cpp=has_cpp,
    )


def _sandbox(console: Console, sandbox: SandboxOptions) -> tuple[Sandbox, bool]:
    """A sandbox, with g++ in its slots where there is one; and whether there is."""
    from sandbox import SandboxUnavailable

    with console.waiting("starting the sandbox"):
        try:
            return sandbox.open(console, "cpp"), True
        except SandboxUnavailable:
            return sandbox.open(console, "python"), False


def _exposed(address: _Address, service: Service, app: Starlette) -> list[str]:
    """What is there to ask, and for whom, a line each."""
    from starlette.routing import Route

    whom = "for this machine" if address.token is None else "for who shows the token"
    languages = "Python and C++" if service.has_cpp else "Python"
    lines = [
        f"address   {address.host} port {address.port}, {whom}",
        f"sandbox   {service.sandbox.backend}, {service.sandbox.slots} slots, {languages}",
        f"models    {', '.join(service.models)}",
        f"history   {service.history or 'none is kept'}",
    ]
    for route in app.routes:
        assert isinstance(route, Route)
        methods = ",".join(sorted((route.methods or set()) - {"HEAD"}))
        words = (route.endpoint.__doc__ or "").strip().partition("\n")[0]
        lines.append(f"{methods:8}  {route.path}  {words}")
    return lines


def _serve(app: Starlette, listener: socket.socket) -> None:
    """Until Ctrl-C, or the signal to end."""
    import uvicorn

    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        # Addresses may hold a token, and what is asked is nobody else's business.
        access_log=False,
        log_level="warning",
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
