"""Ranges of values that a statement gives, such as `1 <= n, m <= 10^5`.

Not covered: other ranges in words ("at most a hundred"), and bounds that are variables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_CEILING = 10**6  # larger values say little more, and slow programs down
_NUMBER = r"(-?\s{0,3}\d[\d,_ ]{0,30}(?:\s*(?:\\cdot|\*|×|⋅|·|x)\s*10\s*\^?\s*\{?\d+\}?|\s*\^\s*\{?\d+\}?)?)"
_RANGE = re.compile(
    rf"{_NUMBER}\s*(?:<=|≤|⩽|≦|\\leq?|\\leqslant|<|&le;)\s*([A-Za-z][\w,{{}}\s\\|]*?)\s*(?:<=|≤|⩽|≦|\\leq?|\\leqslant|<|&le;)\s*{_NUMBER}"
)

_WORDS = re.compile(
    rf"\b(?:between|from)\s+{_NUMBER}\s+(?:and|to)\s+{_NUMBER}(?![\w.]*\w)|\bmellan\s+{_NUMBER}\s+och\s+{_NUMBER}",
    re.IGNORECASE,
)


class Ranges:
    """The stated ranges of one statement, whichever value they are about."""

    def __init__(self, statement: str) -> None:
        self._ranges = stated_ranges(statement)

    def stated(self, values: Sequence[int]) -> tuple[int, int] | None:
        """The narrowest stated range that holds all values seen at a place; None if there is none."""
        fitting = [(low, high) for low, high in self._ranges if low <= min(values) and max(values) <= high]
        return min(fitting, key=lambda pair: pair[1] - pair[0], default=None)

    def around(self, old: int, values: Sequence[int]) -> tuple[int, int]:
        """The narrowest stated range that holds all values seen at a place, or one guessed from them.

        Args:
            old: a value that must stay possible.
            values: every value that the samples show there; not empty.
        """
        if range_ := self.stated(values):
            return max(range_[0], -_CEILING), max(old, min(range_[1], _CEILING))
        smallest = min(values)
        floor = smallest if smallest < 0 else min(1, smallest)
        return floor, max(*values, old)


def stated_ranges(statement: str) -> list[tuple[int, int]]:
    """Stated ranges such as `1 <= n <= 10^5` and "between 1 and 100", as pairs."""
    plain = statement.replace("$", "").replace("−", "-").replace("{,}", "").replace("\\,", "")
    ranges = []
    pairs = [(match[1], match[3]) for match in _RANGE.finditer(plain)]
    pairs += [(match[1] or match[3], match[2] or match[4]) for match in _WORDS.finditer(plain)]
    for smallest, largest in pairs:
        low, high = _number(smallest), _number(largest)
        if low is not None and high is not None and low <= high:
            ranges.append((low, high))
    return ranges


def _number(text: str) -> int | None:
    """A bound such as 100, 1_000, 10^5, 2 * 10^5, -10^9."""
    compact = (
        re.sub(r"[\s,_{}]", "", text)
        .replace("\\cdot", "*")
        .replace("×", "*")
        .replace("⋅", "*")
        .replace("·", "*")
        .replace("x", "*")
    )
    match = re.fullmatch(r"(-?)(?:(\d+)\*)?(\d+)(?:\^(\d+))?", compact)
    if not match:
        return None
    value: int = int(match[2] or 1) * int(match[3]) ** min(int(match[4] or 1), 30)
    return -value if match[1] else value
