"""Whether what a function returned is the expected value. Pure functions of plain values; they never raise.

A value comes from a hostile program: it may be large, deep, or an object of no built-in type, none of whose
methods is called.

Not covered: how values cross a slot's wall (`sandbox.codec`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from problems.types import Comparator

_DEEPEST = 150


def accepts_value(comparator: Comparator, expected: object, actual: object) -> bool:
    """Whether what a function returned is the expected value.

    Plain built-ins are equal as `==` finds them (1 == 1.0 == True, a list is never a tuple), within the
    comparator's tolerances for floats, at any depth; with `unordered` the outermost list or tuple may come in any
    order. Anything that is not a plain built-in equals nothing. NaN equals NaN.
    """
    if comparator.unordered and type(expected) in (list, tuple) and type(actual) is type(expected):
        return _same_items(comparator, expected, actual)  # type: ignore[arg-type]
    return _same(comparator, expected, actual, 0)


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
    return math.isfinite(left) and math.isfinite(right) and comparator.is_close(left, right)


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
    if not comparator.is_tolerant:
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
