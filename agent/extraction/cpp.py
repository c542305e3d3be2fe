"""From a model's words to a C++ program. As elsewhere here, the text is hostile: patterns run in linear time.

Not covered: whether it compiles, which a slot finds out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.extraction.blocks import blocks_of
from agent.extraction.scan import Scanner
from agent.extraction.thoughts import without_marks, without_thoughts

if TYPE_CHECKING:
    from problems import Problem

_STARTS = re.compile(
    r"^[ \t]*(?:#[ \t]*(?:include|define|pragma)\b|using namespace |(?:signed|int|auto)\s+main\b)"
)
_ENDS = re.compile(r"^[ \t]*\}")
_MOST_HELPERS = 20
_MAIN = re.compile(r"\bmain\s*\(")
_PREAMBLE = re.compile(r"[ \t]*(?:#[^\n]*|using [^\n]*;|//[^\n]*)?[ \t]*$")
_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINITION = re.compile(
    r"^(?:template[^\n]{0,200}\n)?(?:struct|class|enum(?: class)?|union)\s+(\w+)"
    r"|^#[ \t]*define[ \t]+(\w+)"
    r"|^using\s+(\w+)\s*=|^typedef\b[^\n;]{0,200}?(\w+)\s*;"
    r"|^(?!return\b|else\b|using\b|#)[A-Za-z_][\w:<>,*& \t]{0,200}?[ \t*&](\w+)[ \t]*(?:\(|=|\[|;|\{)",
    re.MULTILINE,
)
"""At the margin, where what is outside of functions begins."""
_EVERYTHING = "#include <bits/stdc++.h>\nusing namespace std;\n"
# Every alternative takes all it looked at, or the rest of the text: an unclosed quote or comment is read once.
_TOKEN = re.compile(
    r'(?P<kept>(?<!\w)(?:u8|u|U|L)?R"(?P<mark>[^()\\\s]{0,16})\((?:.*?\)(?P=mark)"|.*\Z)'
    r"|\d(?:'?\w)*"
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'(?:\\.|[^'\\\n])*'?)"
    r"|(?P<dropped>//(?:\\\r?\n|[^\n])*|/\*.*?(?:\*/|\Z))",
    re.DOTALL,
)


def extract_cpp(problem: Problem, text: str) -> str | None:  # noqa: ARG001
    """The program in an answer, complete enough to compile; None when there is none.

    Args:
        problem: what it answers.
        text: the answer, with the words that it was made to go on from.
    """
    code = _code(without_marks(without_thoughts(text))).strip("\n")
    if not re.search(r"\w\s*\(", code):
        return None
    if not re.search(r"^[ \t]*#[ \t]*include\b", code, re.MULTILINE):
        code = _EVERYTHING + code
    return code.rstrip() + "\n"


def normalise_cpp(source: str) -> str:
    """A key that programs share when they differ only in comments, indentation and blank lines.

    Inside literals every character counts, and so does indentation where a literal may run over lines.
    """
    bare = _TOKEN.sub(lambda token: " " if token["dropped"] else token["kept"], source)
    if 'R"' in source or "\\\n" in source:
        return bare
    return "\n".join(line for line in map(str.strip, bare.split("\n")) if line)


def _code(text: str) -> str:
    """The last fenced block with a main function in it, else the last one, else code without a fence.

    Blocks before and after it that bind what it uses and does not bind go with it.
    """
    blocks = ["\n".join(b.lines) for b in blocks_of(text, Scanner) if b.in_fence and b.language in ("cpp", "")]
    if blocks:
        mains = [n for n, block in enumerate(blocks) if _MAIN.search(block)]
        place = mains[-1] if mains else len(blocks) - 1
        with_main = set(mains)
        others = [block for n, block in enumerate(blocks) if n != place and n not in with_main]
        return _with_helpers(blocks[place], others[-_MOST_HELPERS:])
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if _STARTS.match(line)), None)
    if start is None:
        return ""
    end = max((n for n in range(start, len(lines)) if _ENDS.match(lines[n])), default=len(lines) - 1)
    return "\n".join(lines[start : end + 1])


def _with_helpers(program: str, others: Sequence[str]) -> str:
    """The program with those blocks in it that bind a name which is used and not bound so far."""
    helpers: list[str] = []
    bindings, uses = _bindings(program), _uses(program)
    for block in reversed(others):  # the last version of a helper counts
        if _bindings(block) & (uses - bindings):
            helpers.insert(0, block)
            bindings |= _bindings(block)
            uses |= _uses(block)
    if not helpers:
        return program
    # Behind the program's own includes and `using`, which helpers in a block of their own do without.
    lines = program.split("\n")
    head = next((n for n, line in enumerate(lines) if not _PREAMBLE.match(line)), len(lines))
    return "\n".join([*lines[:head], *helpers, *lines[head:]])


def _bindings(code: str) -> set[str]:
    """Names of the functions, types, macros and constants that a piece of code defines outside of functions."""
    return {name for match in _DEFINITION.finditer(code) for name in match.groups() if name} - {"main"}


def _uses(code: str) -> set[str]:
    return set(_WORD.findall(_TOKEN.sub(" ", code)))
