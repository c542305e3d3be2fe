"""The flags of Kattis's default validator, as `problem.yaml` of a problem package has them.

A line `validator_flags: float_tolerance 1e-6 case_sensitive` outside of code, such as in front matter, says that
outputs are compared as that validator does (`problems.outputs`, kind "kattis"); so does one without any flag.
Source: https://www.kattis.com/problem-package-format/spec/legacy.html, "Default Output Validator Specification".

Not covered: custom validators (`problems.checkers`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from problems.document import Item, Line
from problems.types import Comparator, ProblemError

_LINE = re.compile(r"(?:validator_flags|output_validator_args)\s*:(.*)", re.ASCII)
_QUOTES = "\"'[]"
_SWITCHES = ("case_sensitive", "space_change_sensitive")
_TOLERANCES = {
    "float_absolute_tolerance": ("abs_tol",),
    "float_relative_tolerance": ("rel_tol",),
    "float_tolerance": ("abs_tol", "rel_tol"),
}
_EXPECTED = ", ".join(_SWITCHES) + ", and with a number " + ", ".join(_TOLERANCES)


def flags_comparator(flags: str) -> Comparator:
    """The comparison that these flags ask for; of a flag that comes twice the last counts.

    Raises:
        ValueError: a flag is unknown, or its tolerance is no number from 0.
    """
    fields: dict[str, float | bool] = {}
    words = iter(flags.replace(",", " ").split())
    for flag in words:
        if flag in _SWITCHES:
            fields[flag] = True
        elif flag in _TOLERANCES:
            fields |= dict.fromkeys(_TOLERANCES[flag], _tolerance(flag, words))
        else:
            raise ValueError(f"unknown validator flag {flag[:40]!r}; expected {_EXPECTED}")
    return Comparator("kattis", **fields)  # type: ignore[arg-type]


def _tolerance(flag: str, words: Iterator[str]) -> float:
    word = next(words, "")
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ValueError(f"{flag} is followed by {word[:40]!r}; expected a number from 0")
    # 0 would compare numbers as texts, but the validator takes 1.0 for 1 even then.
    return value or math.ulp(0.0)


def stated_flags(items: Sequence[Item], path: str) -> Comparator | None:
    """The comparison that the statement's first line of flags asks for; None where it has no such line.

    Raises:
        ProblemError: the flags cannot be understood.
    """
    for item in items:
        flags = _LINE.fullmatch(item.text) if isinstance(item, Line) else None
        if flags:
            try:
                return flags_comparator(flags[1].translate(dict.fromkeys(map(ord, _QUOTES), " ")))
            except ValueError as error:
                raise ProblemError(str(error), path=path, line=item.number) from None
    return None
