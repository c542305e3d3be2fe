"""Time and memory limits, as statements word them.

Not covered: limits of single subtasks or of other languages.
"""

from __future__ import annotations

import re

from problems.types import Problem

_TIME = re.compile(
    r"(?:time\s*limit|実行時間制限)(?:\s*per\s*test)?\s*(?:case)?\s*[:：|]?\s*(\d+(?:\.\d+)?)\s*(ms|milli\w*|s|sec\w*)\b",
    re.IGNORECASE,
)
_MEMORY = re.compile(
    r"(?:memory\s*limit|メモリ制限)(?:\s*per\s*test)?\s*(?:case)?\s*[:：|]?\s*(\d+(?:\.\d+)?)\s*(k|m|g)i?(?:b|bytes?|\w*bytes?)\b",
    re.IGNORECASE,
)
_MEBIBYTES = {"k": 1 / 1024, "m": 1.0, "g": 1024.0}
_MOST_SECONDS, _LEAST_MEMORY, _MOST_MEMORY = 120.0, 16, 2048


def time_limit(text: str) -> float:
    """CPU time per case in seconds; the default where the statement names none."""
    found = _TIME.search(_bare(text))
    if not found:
        return Problem("", "").time_limit_s
    seconds = float(found[1]) / (1000 if found[2].lower().startswith("m") else 1)
    return min(max(seconds, 0.1), _MOST_SECONDS)


def memory_limit(text: str) -> int:
    """Memory per case in MiB; the default where the statement names none."""
    found = _MEMORY.search(_bare(text))
    if not found:
        return Problem("", "").memory_limit_mb
    mebibytes = float(found[1]) * _MEBIBYTES[found[2].lower()]
    return int(min(max(mebibytes, _LEAST_MEMORY), _MOST_MEMORY))


def _bare(text: str) -> str:
    return re.sub(r"[*_`|]", " ", text)
