"""What a program in an answer lacks to run: the statement's signature and helpers, and imports that all forget.

Not covered: names that no statement, answer or usual module has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from problems import Problem

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

_SIGNATURE = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]", re.MULTILINE)


def complete(problem: Problem, code: str) -> str:
    """The program with what it lacks, and one line's end at its end."""
    code = _with_signature(problem, code)
    return _with_imports(_with_helpers(problem, code)).rstrip() + "\n"


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
    helpers: list[str] = []
    lines = problem.starter_code.split("\n")
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and (not lines[end].strip() or lines[end][:1] in (" ", "\t", ")")):
            end += 1
        helpers += _used_piece(problem.entry_point, lines[at:end], code)
        at = end
    return "\n".join([*helpers, code]) if helpers else code


def _used_piece(entry_point: str, chunk: list[str], code: str) -> list[str]:
    """A top-level piece of the starter code, if the answer uses it without having it."""
    head = chunk[0]
    if head.startswith(("import ", "from ")):
        return [] if head.strip() in code else [head.rstrip()]
    definition = re.match(r"(?:def|class)\s+(\w+)", head)
    if not definition or definition[1] in (entry_point, "Solution"):
        return []
    name = re.escape(definition[1])
    if re.search(rf"^(?:def|class)\s+{name}\b", code, re.MULTILINE) or not re.search(rf"\b{name}\b", code):
        return []
    return chunk


def _with_imports(code: str) -> str:
    """Import what is used and was forgotten: typing names, and the modules every solution uses."""
    imports = "\n".join(line for line in code.split("\n") if line.lstrip().startswith(("import ", "from ")))
    if "import *" in imports:
        return code
    words = set(re.findall(r"\b[A-Za-z_]\w*\b", code))
    import_names = set(re.findall(r"\b[A-Za-z_]\w*\b", imports))
    definitions = set(re.findall(r"^\s*(?:def|class)\s+(\w+)", code, re.MULTILINE)) | set(
        re.findall(r"^\s*(\w+)\s*(?::[^=\n]*)?=[^=]", code, re.MULTILINE)
    )
    missing = words - import_names - definitions
    additions = (
        [f"from typing import {', '.join(types)}"] if (types := [n for n in _TYPING if n in missing]) else []
    )
    for name, line in _COMMON.items():
        is_module = line == f"import {name}"
        if name in missing and (f"{name}." in code if is_module else f"{name}(" in code or f"@{name}" in code):
            additions.append(line)
    if not additions:
        return code
    future = [line for line in code.split("\n") if line.startswith("from __future__")]
    rest = [line for line in code.split("\n") if not line.startswith("from __future__")]
    return "\n".join([*future, *additions, *rest])
