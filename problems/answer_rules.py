"""How answers are to be compared, as the words of a statement have it: tolerance, case, order.

Not covered: the comparison itself (`problems.compare`).
"""

from __future__ import annotations

import re

from problems.types import Comparator

_POWER = r"(?:10\s*\^?\s*\{?\s*[-−–]\s*(\d+)\s*\}?|1[eE][-−](\d+))"
_TOLERANCE = re.compile(
    rf"(?:absolute|relative)[^.\n]{{0,80}}?(?:error|tolerance|difference)[^\n]{{0,120}}?{_POWER}|within\s+{_POWER}",
    re.IGNORECASE,
)
_CASELESS = re.compile(
    r"case[- ]insensitive|any (?:letter )?case\b|(?:upper|lower)[- ]?case or (?:upper|lower)[- ]?case",
    re.IGNORECASE,
)
_ANY_ORDER = re.compile(r"\bin any order\b", re.IGNORECASE)


def comparator_of(text: str, *, is_call: bool) -> Comparator:
    """The comparator that the statement asks for.

    Args:
        text: the statement.
        is_call: whether it asks for a function.
    """
    tolerance = 0.0
    if found := _TOLERANCE.search(text.replace("$", "").replace("\\", "")):
        tolerance = 10.0 ** -min(int(next(group for group in found.groups() if group)), 18)
    if is_call:
        return Comparator("value", tolerance, tolerance, unordered=bool(_ANY_ORDER.search(text)))
    kind = "caseless" if _CASELESS.search(text) else "tokens"
    return Comparator(kind, tolerance, tolerance)


def notes_on_answers(text: str) -> tuple[str, ...]:
    """What somebody should know before trusting a comparison with the shown outputs; a sentence each."""
    del text
    return ()
