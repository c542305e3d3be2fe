"""Whether an answer is the expected one. Pure functions of text and plain values; they never raise.

An answer comes from a hostile program: it may be megabytes long, hold any bytes, or be an object of no built-in
type. Every rule here is linear in its length and calls no method of it.

Not covered: problems with several right answers that only a checker program can judge (`agent.judging.check`).
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from problems.types import Comparator

# No digit has two ways to match, so that time is linear in the text's length.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_DEEPEST = 150
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
    return _OUTPUT_RULES[comparator.kind](comparator, expected, actual)


def accepts_value(comparator: Comparator, expected: object, actual: object) -> bool:
    """Whether what a function returned is the expected value.

    Plain built-ins are equal as `==` finds them (1 == 1.0 == True, a list is never a tuple), within the
    comparator's tolerances for floats, at any depth; with `unordered` the outermost list or tuple may come in any
    order. Anything that is not a plain built-in equals nothing. NaN equals NaN.
    """
    if comparator.unordered and type(expected) in (list, tuple) and type(actual) is type(expected):
        return _same_items(comparator, expected, actual)  # type: ignore[arg-type]
    return _same(comparator, expected, actual, 0)


def _tokens(comparator: Comparator, expected: str, actual: str) -> bool:
    return _same_tokens(comparator, _split(expected), _split(actual))


def _caseless(comparator: Comparator, expected: str, actual: str) -> bool:
    return _same_tokens(comparator, _split(_lower(expected)), _split(_lower(actual)))


def _kattis(comparator: Comparator, expected: str, actual: str) -> bool:
    """As `default_validator.cc` of Kattis's problemtools has it.

    Unlike "tokens", a tolerance is for all numbers, whole ones too, and letters may be of either case. Hexadecimal
    numbers, which C's `sscanf` happens to read, are texts here.
    """
    if not comparator.case_sensitive:
        expected, actual = _lower(expected), _lower(actual)
    if not comparator.space_change_sensitive:
        return _same_kattis_tokens(comparator, _split(expected), _split(actual))
    # Tokens and the blanks between them take turns, so that even places have tokens on both sides.
    left, right = _KEPT_BLANKS.split(expected), _KEPT_BLANKS.split(actual)
    return left[1::2] == right[1::2] and _same_kattis_tokens(comparator, left[::2], right[::2])


def _same_kattis_tokens(comparator: Comparator, expected: list[str], actual: list[str]) -> bool:
    if len(expected) != len(actual):
        return False
    if not comparator.abs_tol and not comparator.rel_tol:
        return expected == actual
    return all(_same_kattis_token(comparator, e, a) for e, a in zip(expected, actual, strict=True))


def _same_kattis_token(comparator: Comparator, expected: str, actual: str) -> bool:
    """Two numbers within tolerance where a number is expected, else the same text."""
    right, answer = _number(expected), _number(actual)
    if right is None:
        return expected == actual
    return answer is not None and _close(comparator, right, answer)


def _exact(_: Comparator, expected: str, actual: str) -> bool:
    return expected == actual


def _lines(_: Comparator, expected: str, actual: str) -> bool:
    return _stripped_lines(expected) == _stripped_lines(actual)


def _unordered_lines(_: Comparator, expected: str, actual: str) -> bool:
    return Counter(_token_lines(expected)) == Counter(_token_lines(actual))


_OUTPUT_RULES: dict[str, Callable[[Comparator, str, str], bool]] = {
    "tokens": _tokens,
    "caseless": _caseless,
    "exact": _exact,
    "lines": _lines,
    "unordered-lines": _unordered_lines,
    "kattis": _kattis,
}


def _split(text: str) -> list[str]:
    """Tokens between ASCII blanks: `str.split` alone would also split at characters that only look blank."""
    return [word for word in _BLANKS.split(text) if word]


def _lower(text: str) -> str:
    """Letters A to Z in lower case, as C's `strcasecmp` has it: folding would let `ß` pass for `SS`."""
    return text.translate(_TO_LOWER)


def _stripped_lines(text: str) -> list[str]:
    return [line.rstrip(_BLANK) for line in text.rstrip(_BLANK).split("\n")]


def _token_lines(text: str) -> list[tuple[str, ...]]:
    lines = (tuple(_split(line)) for line in text.split("\n"))
    return [line for line in lines if line]


def _same_tokens(comparator: Comparator, expected: list[str], actual: list[str]) -> bool:
    if len(expected) != len(actual):
        return False
    if not comparator.abs_tol and not comparator.rel_tol:
        return expected == actual
    return all(_same_token(comparator, e, a) for e, a in zip(expected, actual, strict=True))


def _same_token(comparator: Comparator, expected: str, actual: str) -> bool:
    """Equal text, or two numbers within tolerance. Integers on both sides must be equal however long."""
    if expected == actual:
        return True
    if _is_integer(expected) and _is_integer(actual):
        return _canonical_integer(expected) == _canonical_integer(actual)
    left, right = _number(expected), _number(actual)
    return left is not None and right is not None and _close(comparator, left, right)


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


def _close(comparator: Comparator, expected: float, actual: float) -> bool:
    difference = abs(expected - actual)
    return difference <= comparator.abs_tol or difference <= comparator.rel_tol * abs(expected)


def _same(comparator: Comparator, expected: object, actual: object, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    kinds = {type(expected), type(actual)}
    if kinds <= {bool, int, float, complex}:
        return _same_number(comparator, expected, actual)
    if type(expected) is not type(actual) and not kinds <= {set, frozenset}:
        return False
    if isinstance(expected, list | tuple):
        return _same_sequence(comparator, expected, actual, depth)  # type: ignore[arg-type]
    if isinstance(expected, dict):
        return _same_dict(comparator, expected, actual, depth)  # type: ignore[arg-type]
    if kinds <= {str, bytes, set, frozenset, type(None)}:
        return bool(expected == actual)
    return False


def _same_number(comparator: Comparator, expected: object, actual: object) -> bool:
    assert isinstance(expected, int | float | complex)
    assert isinstance(actual, int | float | complex)
    if expected == actual or (expected != expected and actual != actual):
        return True
    if isinstance(expected, complex) or isinstance(actual, complex):
        return False
    if not isinstance(expected, float) and not isinstance(actual, float):
        return False  # tolerance is for floats: 10**17 and 10**17 + 1 stay different
    try:
        left, right = float(expected), float(actual)
    except OverflowError:
        return False
    return math.isfinite(left) and math.isfinite(right) and _close(comparator, left, right)


def _same_sequence(
    comparator: Comparator, expected: Sequence[object], actual: Sequence[object], depth: int
) -> bool:
    return len(expected) == len(actual) and all(
        _same(comparator, e, a, depth + 1) for e, a in zip(expected, actual, strict=True)
    )


def _same_dict(
    comparator: Comparator, expected: dict[object, object], actual: dict[object, object], depth: int
) -> bool:
    return len(expected) == len(actual) and all(
        key in actual and _same(comparator, value, actual[key], depth + 1) for key, value in expected.items()
    )


def _same_items(comparator: Comparator, expected: Sequence[object], actual: Sequence[object]) -> bool:
    """Equal up to order. With a tolerance every expected item takes the first free one near enough."""
    if len(expected) != len(actual):
        return False
    if not comparator.abs_tol and not comparator.rel_tol:
        try:
            return Counter(_frozen(item, 1) for item in expected) == Counter(_frozen(item, 1) for item in actual)
        except TypeError:
            return False
    left = list(actual)
    for item in expected:
        found = next((i for i, other in enumerate(left) if _same(comparator, item, other, 1)), None)
        if found is None:
            return False
        left.pop(found)
    return True


def _frozen(value: object, depth: int) -> Hashable:
    """A stand-in that hashes, equal exactly for values that `_same` finds equal without a tolerance.

    Raises:
        TypeError: it is no plain value, or too deep.
    """
    if depth > _DEEPEST:
        raise TypeError("too deep")
    kind = type(value)
    if isinstance(value, float) and value != value:
        return "nan", None
    if kind in (bool, int, float, complex, str, bytes, type(None), frozenset):
        return value
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, list | tuple):
        return kind, tuple(_frozen(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return kind, frozenset((key, _frozen(item, depth + 1)) for key, item in value.items())
    raise TypeError("not a plain value")
