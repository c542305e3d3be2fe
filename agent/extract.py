"""From a model's words to a program: which part of the text is code, and what it lacks to run.

Candidate text is hostile and may be huge: it is cut and searched line by line, in linear time, and never parsed
on the host.

Not covered: other languages (`agent.extract_cpp`); whether the program is any good.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from problems import Problem

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*([\w+#.-]*)[ \t]*$")
_THINK_END = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_THINK_START = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_STARTS_CODE = re.compile(
    r"^(?:import |from \w|def |class |async def |@\w|if __name__|for \w|while )"
    r"|^[A-Za-z_]\w*(?:\s*,\s*\w+)*\s*=[^=]"
)
_PROSE = re.compile(r"^(?:[A-Z][a-z']+,? [a-z]|Here|This|The |Note|Sure|To |In |We |I |\d+\. |[-*] )")
_TYPING = ("Any", "Callable", "Dict", "Deque", "DefaultDict", "FrozenSet", "Generator", "Iterable", "Iterator",
           "List", "Mapping", "NamedTuple", "Optional", "Sequence", "Set", "Tuple", "Type", "Union")  # fmt: skip
_COMMON = {
    "math": "import math",
    "re": "import re",
    "sys": "import sys",
    "itertools": "import itertools",
    "functools": "import functools",
    "collections": "import collections",
    "heapq": "import heapq",
    "bisect": "import bisect",
    "string": "import string",
    "hashlib": "import hashlib",
    "copy": "import copy",
    "datetime": "import datetime",
    "operator": "import operator",
    "statistics": "import statistics",
    "random": "import random",
    "defaultdict": "from collections import defaultdict",
    "Counter": "from collections import Counter",
    "deque": "from collections import deque",
    "lru_cache": "from functools import lru_cache",
    "reduce": "from functools import reduce",
    "gcd": "from math import gcd",
}
LONGEST = 200_000
"""Characters of an answer that are looked at, from its end."""


def extract_source(problem: Problem, text: str, *, prefill: str = "") -> str | None:
    """The program in a completion, complete enough to run; None when there is none.

    Args:
        problem: tells what the program must define, and what the statement already gives.
        text: the completion, without the prompt.
        prefill: the words that the completion was made to go on from.
    """
    code = _code(without_thoughts(prefill + text)[-LONGEST:])
    if not code.strip():
        return None
    code = re.sub(r"^[ \t]+", lambda blank: blank[0].expandtabs(4), code, flags=re.MULTILINE).strip("\n")
    code = _with_signature(problem, code)
    return _with_imports(_with_helpers(problem, code)).rstrip() + "\n"


def normalise(source: str) -> str:
    """A key that programs share when they differ only in comments, blank lines and trailing blanks.

    Inside triple quotes, and after a backslash at a line's end, every line counts as it is: there a `#` or an
    empty line may be data.
    """
    kept: list[str] = []
    quote, continued = "", False
    for line in source.split("\n"):
        if quote or continued:
            kept.append(line)
        elif bare := _uncommented(line):
            kept.append(bare)
        quote = _open_quote(line, quote)
        continued = line.endswith("\\")
    return "\n".join(kept)


def without_thoughts(text: str) -> str:
    """Drop reasoning before its closing tag; an unclosed one may hold no answer at all."""
    ends = list(_THINK_END.finditer(text))
    if ends:
        return text[ends[-1].end() :]
    start = _THINK_START.search(text)
    return text[: start.start()] if start else text


def _code(text: str) -> str:
    """The last fenced block that defines something, else the last one, else code without a fence."""
    blocks = fenced_blocks(text)
    if blocks:
        return next((block for block in reversed(blocks) if "def " in block or "class " in block), blocks[-1])
    return _bare_code(text)


def fenced_blocks(text: str) -> list[str]:
    """What is between code fences; a fence that is never closed reaches to the end."""
    blocks: list[str] = []
    open_block: list[str] | None = None
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if fence and open_block is not None and not fence[1]:
            blocks.append("\n".join(open_block))
            open_block = None
        elif fence:
            open_block = [] if open_block is None or fence[1] else open_block
        elif open_block is not None:
            open_block.append(line)
    if open_block is not None and any(line.strip() for line in open_block):
        blocks.append("\n".join(open_block))
    return blocks


def _bare_code(text: str) -> str:
    """Code among prose without any fence: from the first line that starts code to the next that is prose."""
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if _STARTS_CODE.match(line)), None)
    if start is None:
        return text if lines and lines[0].startswith((" ", "\t", "print(", "return")) else ""
    end = next((n for n in range(start + 1, len(lines)) if _PROSE.match(lines[n])), len(lines))
    return "\n".join(lines[start:end])


def _with_signature(problem: Problem, code: str) -> str:
    """Put the statement's own signature before a bare body."""
    if problem.entry_point is None or not problem.starter_code:
        return code
    if re.search(
        rf"\b(?:def|class)\s+{re.escape(problem.entry_point)}\b|^{re.escape(problem.entry_point)}\s*=",
        code,
        re.MULTILINE,
    ):
        return code
    if re.search(r"^(?:async )?def |^class ", code, re.MULTILINE):
        return code
    body = (
        code
        if code.startswith((" ", "\t"))
        else "\n".join("    " + line if line else line for line in code.split("\n"))
    )
    return problem.starter_code.rstrip() + "\n" + body


def _with_helpers(problem: Problem, code: str) -> str:
    """Put imports and helper functions that the statement gives before an answer that left them out."""
    if not problem.starter_code or problem.entry_point is None or code.startswith(problem.starter_code.rstrip()):
        return code
    given: list[str] = []
    lines = problem.starter_code.split("\n")
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and (not lines[end].strip() or lines[end][:1] in (" ", "\t", ")")):
            end += 1
        given += _needed(problem.entry_point, lines[at:end], code)
        at = end
    return "\n".join([*given, code]) if given else code


def _needed(entry_point: str, chunk: list[str], code: str) -> list[str]:
    """A top-level piece of the starter code, if the answer uses it without having it."""
    head = chunk[0]
    if head.startswith(("import ", "from ")):
        return [] if head.strip() in code else [head.rstrip()]
    defined = re.match(r"(?:def|class)\s+(\w+)", head)
    if not defined or defined[1] in (entry_point, "Solution"):
        return []
    name = re.escape(defined[1])
    if re.search(rf"^(?:def|class)\s+{name}\b", code, re.MULTILINE) or not re.search(rf"\b{name}\b", code):
        return []
    return chunk


def _with_imports(code: str) -> str:
    """Import what is used and was forgotten: typing names, and the modules every solution uses."""
    imported = "\n".join(line for line in code.split("\n") if line.lstrip().startswith(("import ", "from ")))
    if "import *" in imported:
        return code
    words = set(re.findall(r"\b[A-Za-z_]\w*\b", code))
    known = set(re.findall(r"\b[A-Za-z_]\w*\b", imported))
    defined = set(re.findall(r"^\s*(?:def|class)\s+(\w+)", code, re.MULTILINE)) | set(
        re.findall(r"^\s*(\w+)\s*(?::[^=\n]*)?=[^=]", code, re.MULTILINE)
    )
    missing = words - known - defined
    added = [f"from typing import {', '.join(found)}"] if (found := [n for n in _TYPING if n in missing]) else []
    for name, line in _COMMON.items():
        dotted = line == f"import {name}"
        if name in missing and (f"{name}." in code if dotted else f"{name}(" in code or f"@{name}" in code):
            added.append(line)
    if not added:
        return code
    future = [line for line in code.split("\n") if line.startswith("from __future__")]
    rest = [line for line in code.split("\n") if not line.startswith("from __future__")]
    return "\n".join([*future, *added, *rest])


def _open_quote(line: str, quote: str) -> str:
    """The triple quote that is open after `line`, given the one that was open before it."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            escaped = end > 0 and line[end - 1] == "\\"
            if end < 0:
                return quote
            at = end + (1 if escaped else 3)
            quote = quote if escaped else ""
            continue
        character = line[at]
        if character == "#":
            return ""
        if character in "\"'":
            if line.startswith(character * 3, at):
                quote = character * 3
                at += 3
                continue
            at = _end_of_string(line, at)
        at += 1
    return quote


def _end_of_string(line: str, start: int) -> int:
    """Where the one-line string that begins at `start` ends; the line's end if it does not."""
    at = start + 1
    while at < len(line) and line[at] != line[start]:
        at += 2 if line[at] == "\\" else 1
    return min(at, len(line))


def _uncommented(line: str) -> str:
    """The line without the comment and the blanks at its end; one with a triple quote is left as it is."""
    if '"""' in line or "'''" in line:
        return line
    if "#" not in line:
        return line if line.endswith("\\") else line.rstrip()
    at = 0
    while at < len(line):
        if line[at] == "#":
            return line[:at].rstrip()
        if line[at] in "\"'":
            at = _end_of_string(line, at)
        at += 1
    return line if line.endswith("\\") else line.rstrip()
