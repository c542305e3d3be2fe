"""What an object of another class is among plain values, for values that leave a slot.

A program may return a named tuple, an `IntEnum`, a `Fraction` or the keys of a dict where a list of tests expects
`(1, 2)`, `3`, `0.5` or `{1, 2}`, and Python's `==` finds them equal. The rule: an object crosses the wall as a
plain value if its class takes its equality from one of the classes below, whose equality with plain values is
known. A class with an `__eq__` of its own is none of them, whatever it is derived from.

Stdlib-only and self-contained: it runs inside the slot, beside the candidate, and decides only how a value is
written down. The host compares what was written, by its own rules, so nothing here needs to be trusted.

Not covered: what equals no plain value in Python either (a deque, a range, an array, the values of a dict).
"""

from __future__ import annotations

import collections
import sys
from collections.abc import Callable
from typing import Any

LONGEST_RATIO_BITS = 8192
"""Of a fraction's numerator or denominator: the host reduces what it is sent."""
_LONGEST_DECIMAL = 2400  # digits, and places before or after the point: within LONGEST_RATIO_BITS
_NOTHING: dict[str, Any] = {}

# By methods of the plain class itself: those of a subclass are the candidate's, and may do anything.
_SUBCLASSES: list[tuple[type, Callable[[Any], Any]]] = [
    (int, int.__pos__),
    (float, float.__pos__),
    (complex, complex.__pos__),
    (str, str.__str__),
    (bytes, lambda value: memoryview(value).tobytes()),
    (bytearray, lambda value: memoryview(value).tobytes()),
    (list, lambda value: list.__getitem__(value, slice(None))),
    (tuple, lambda value: tuple.__getitem__(value, slice(None))),
    (dict, dict.copy),
    (collections.OrderedDict, dict.copy),
    (collections.Counter, dict.copy),
    (set, lambda value: set().union(value)),
    (frozenset, lambda value: frozenset().union(value)),
    (collections.UserList, lambda value: value.data),
    (collections.UserDict, lambda value: value.data),
    (collections.UserString, lambda value: value.data),
]
_VIEWS = tuple(
    type(view) for mapping in (_NOTHING, collections.OrderedDict()) for view in (mapping.keys(), mapping.items())
)


class Ratio:
    """A number that no float is equal to: `numerator` / `denominator`, in lowest terms."""

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator = numerator
        self.denominator = denominator


def plain(value: object) -> object:
    """A value of a plain class, or a `Ratio`, that `value` is equal to; `value` itself where there is none.

    What it holds is left as it is. Never raises.
    """
    try:
        return _plain(value, type(value))
    except Exception:  # noqa: BLE001 - a class of the candidate's may do anything when it is looked at
        return value


def _plain(value: Any, kind: Any) -> object:
    if kind in _VIEWS:
        return set(value)
    if kind is memoryview:
        return value.tobytes() if (value.format, value.ndim) == ("B", 1) else value
    for base, take in _SUBCLASSES:
        if issubclass(kind, base) and kind.__eq__ is base.__eq__:
            return take(value)
    if _inherits(kind, "fractions", "Fraction"):
        return _ratio(value.numerator, value.denominator)
    if _inherits(kind, "decimal", "Decimal"):
        return _decimal(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind in numpy.sctypeDict.values():
        return value.item()
    return value


def _inherits(kind: Any, module: str, name: str) -> bool:
    """Whether `kind` is that class or takes its equality from it; what nobody imported has no objects."""
    base = getattr(sys.modules.get(module), name, None)
    return base is not None and issubclass(kind, base) and kind.__eq__ is base.__eq__


def _decimal(value: Any) -> object:
    if not value.is_finite():
        return float(value)
    _, digits, exponent = value.as_tuple()
    if len(digits) + abs(exponent) > _LONGEST_DECIMAL:
        return value
    return _ratio(*value.as_integer_ratio())


def _ratio(numerator: int, denominator: int) -> object:
    """The number as an int or a float where one is equal to it: so every number has one form."""
    if denominator == 1:
        return numerator
    if max(numerator.bit_length(), denominator.bit_length()) > LONGEST_RATIO_BITS:
        raise OverflowError("too long a fraction")
    if not denominator & (denominator - 1):
        try:
            number = numerator / denominator
        except OverflowError:
            return Ratio(numerator, denominator)
        if number.as_integer_ratio() == (numerator, denominator):
            return number
    return Ratio(numerator, denominator)
