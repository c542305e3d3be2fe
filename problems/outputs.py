"""Whether what a program printed is the expected output. Pure functions of text; they never raise.

An output comes from a hostile program: it may be megabytes long and hold any bytes. Every rule here is linear in
its length, but for the sorting of lines.

A rule without a tolerance is a form to which every output is brought, and equal forms are accepted: what
`accepts_output` tells apart, `output_key` does too.

Not covered: problems with several right answers that only a checker program can judge (`agent.judging.check`).
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from problems.types import Comparator

# No digit has two ways to match, so that time is linear in the text's length.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]*(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9][eE][+-]?[0-9]+)", re.ASCII)
_LONGEST_DECIMAL = 300
_BLANK = " \t\n\r\v\f"
_BLANKS = re.compile(f"[{_BLANK}]+")
_KEPT_BLANKS = re.compile(f"([{_BLANK}]+)")
_TO_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def accepts_output(comparator: Comparator, expected: str, actual: str) -> bool:
    """Whether what a program printed is the expected output.

    Args:
        comparator: the rule; its tolerances apply to tokens that are numbers on both sides.
        expected: the jury's output.
        actual: the program's, with surrogate escapes for bytes that are not UTF-8.
    """
    is_same = _NEAR.get(comparator.kind)
    if not comparator.is_tolerant or is_same is None:
        return _FORMS[comparator.kind](comparator, expected) == _FORMS[comparator.kind](comparator, actual)
    right, answer = _parts(comparator, expected), _parts(comparator, actual)
    return len(right) == len(answer) and all(is_same(comparator, e, a) for e, a in zip(right, answer, strict=True))


def output_key(comparator: Comparator, text: str) -> str:
    """A text that is the same for two outputs just where the comparator accepts the one for the other.

    With a tolerance there are no such classes: 0, 1 and 2 are near to the next but not all to each other. Decimal
    fractions then have six digits, which most tolerances ask for.
    """
    if comparator.is_tolerant and comparator.kind in _NEAR:
        return _join(comparator, map(_round, _parts(comparator, text)))
    return _FORMS[comparator.kind](comparator, text)


# Forms ----------------------------------------------------------------------------------------------------


def _tokens(comparator: Comparator, text: str) -> str:
    return _join(comparator, _parts(comparator, text))


def _exact(_: Comparator, text: str) -> str:
    return text


def _lines(_: Comparator, text: str) -> str:
    return "\n".join(line.rstrip(_BLANK) for line in text.rstrip(_BLANK).split("\n"))


def _unordered_lines(_: Comparator, text: str) -> str:
    lines = (" ".join(_split(line)) for line in text.split("\n"))
    return "\n".join(sorted(filter(None, lines)))


_FORMS: dict[str, Callable[[Comparator, str], str]] = {
    "tokens": _tokens,
    "caseless": _tokens,
    "exact": _exact,
    "lines": _lines,
    "unordered-lines": _unordered_lines,
    "kattis": _tokens,
}


def _parts(comparator: Comparator, text: str) -> list[str]:
    """The tokens; where blank space counts, also what is between them, in turns."""
    if comparator.kind == "caseless" or (comparator.kind == "kattis" and not comparator.case_sensitive):
        text = _lower(text)
    return _KEPT_BLANKS.split(text) if comparator.space_change_sensitive else _split(text)


def _join(comparator: Comparator, parts: Iterable[str]) -> str:
    return ("" if comparator.space_change_sensitive else " ").join(parts)


def _split(text: str) -> list[str]:
    """Tokens between ASCII blanks: `str.split` alone would also split at characters that only look blank."""
    return [word for word in _BLANKS.split(text) if word]


def _lower(text: str) -> str:
    """Letters A to Z in lower case, as C's `strcasecmp` has it: folding would let `ß` pass for `SS`."""
    return text.translate(_TO_LOWER)


# Tolerance ------------------------------------------------------------------------------------------------


def _same_token(comparator: Comparator, expected: str, actual: str) -> bool:
    """Equal text, or two numbers within tolerance. Integers on both sides must be equal however long."""
    if expected == actual:
        return True
    if _is_integer(expected) and _is_integer(actual):
        return _canonical_integer(expected) == _canonical_integer(actual)
    right, answer = _number(expected), _number(actual)
    return right is not None and answer is not None and comparator.is_close(right, answer)


def _same_kattis_token(comparator: Comparator, expected: str, actual: str) -> bool:
    """Two numbers within tolerance, whole ones too, where a number is expected, else the same text.

    As `default_validator.cc` of Kattis's problemtools has it, but for hexadecimal numbers, which C's `sscanf`
    happens to read: they are texts here.
    """
    right, answer = _number(expected), _number(actual)
    if right is None:
        return expected == actual
    return answer is not None and comparator.is_close(right, answer)


_NEAR: dict[str, Callable[[Comparator, str, str], bool]] = {
    "tokens": _same_token,
    "caseless": _same_token,
    "kattis": _same_kattis_token,
}


def _is_integer(text: str) -> bool:
    """ASCII digits with at most one sign before them."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdigit()


def _canonical_integer(text: str) -> str:
    digits = text.lstrip("+-").lstrip("0") or "0"
    return "-" + digits if text.startswith("-") and digits != "0" else digits


def _number(text: str) -> float | None:
    """The finite number that plain ASCII `text` spells, else None."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _round(token: str) -> str:
    """A decimal fraction with as many digits as a tolerance is likely to ask for; anything else as it is."""
    if len(token) > _LONGEST_DECIMAL or not _DECIMAL.fullmatch(token):
        return token
    return f"{float(token):.6g}"
