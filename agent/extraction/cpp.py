"""From a model's words to a C++ program. As elsewhere here, the text is hostile: patterns run in linear time.

Not covered: whether it compiles, which a slot finds out.
"""

from __future__ import annotations

import re
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
    """The last fenced block with a main function in it, else the last one, else code without a fence."""
    blocks = ["\n".join(b.lines) for b in blocks_of(text, Scanner) if b.fenced and b.language in ("cpp", "")]
    if blocks:
        return next((block for block in reversed(blocks) if re.search(r"\bmain\s*\(", block)), blocks[-1])
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if _STARTS.match(line)), None)
    if start is None:
        return ""
    end = max((n for n in range(start, len(lines)) if _ENDS.match(lines[n])), default=len(lines) - 1)
    return "\n".join(lines[start : end + 1])
