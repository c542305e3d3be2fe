"""Whether what a function returned is the expected value. Pure functions of plain values; they never raise.

A value comes from a hostile program: it may be large, deep, or an object of no built-in type, none of whose
methods is called. Its integers may have been chosen so that a dict of them takes time squared, so that no set or
dict is made of them, nor is anything looked up in one: texts that spell them stand in their place.

Not covered: how values cross a slot's wall (`sandbox.codec`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from problems.types import Comparator

Digits: TypeAlias = "Callable[[float], str]"
"""Of a real number the text that stands for it."""

_DEEPEST = 200
_NUMBERS = frozenset({bool, int, float, complex, Fraction})
_SETS = frozenset({set, frozenset})
_WINDOW = 32
_WHOLE = 2.0**53


def accepts_value(comparator: Comparator, expected: object, actual: object) -> bool:
    """Whether what a function returned is the expected value.

    Plain built-ins and fractions are equal as `==` finds them (1 == 1.0 == True, a list is never a tuple), within
    the comparator's tolerances for floats, at any depth. With `unordered` the outermost list or tuple may come in
    any order, with `unordered_inside` those in it as well. Anything else equals nothing. NaN equals NaN.
    """
    if comparator.unordered and type(expected) in (list, tuple) and type(actual) is type(expected):
        return _same_items(comparator, expected, actual)  # type: ignore[arg-type]
    return _same(comparator, expected, actual, 0)


def value_key(comparator: Comparator, value: object) -> str | None:
    """A text that two values have in common just where the comparator accepts the one for the other.

    But fractions have nine digits even without a tolerance, so that programs that add in different orders are
    alike; with one there are no such classes (`problems.outputs.output_key`), and floats from 2**53 have nine as
    well. None for a value that no comparator accepts.
    """
    digits = _round if comparator.is_tolerant else _whole_or_rounded
    try:
        if comparator.unordered and type(value) in (list, tuple):
            parts = _arrange(comparator, value)  # type: ignore[arg-type]
            items = sorted(_key(item, digits, 1) for item in parts)
            return f"{type(value).__name__} in any order {''.join(items)}"
        return _key(value, digits, 0)
    except TypeError:
        return None


# One by one -----------------------------------------------------------------------------------------------


def _same(comparator: Comparator, expected: object, actual: object, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    kinds = {type(expected), type(actual)}
    if kinds <= _NUMBERS:
        return _same_number(comparator, expected, actual)
    if type(expected) is not type(actual) and not kinds <= _SETS:
        return False
    if isinstance(expected, list | tuple):
        return _same_sequence(comparator, expected, actual, depth)  # type: ignore[arg-type]
    if isinstance(expected, dict):
        return _same_dict(comparator, expected, actual, depth)  # type: ignore[arg-type]
    if isinstance(expected, set | frozenset):
        return _same_set(expected, actual, depth)  # type: ignore[arg-type]
    return kinds <= {str, bytes, type(None)} and bool(expected == actual)


def _same_number(comparator: Comparator, expected: object, actual: object) -> bool:
    assert isinstance(expected, int | float | complex | Fraction)
    assert isinstance(actual, int | float | complex | Fraction)
    if expected == actual or (expected != expected and actual != actual):
        return True
    if isinstance(expected, complex) or isinstance(actual, complex):
        return False
    if not comparator.is_tolerant or not (isinstance(expected, float) or isinstance(actual, float)):
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
    if len(expected) != len(actual):
        return False
    try:
        values = {_key(key, _exact, depth + 1): value for key, value in actual.items()}
        pairs = [(_key(key, _exact, depth + 1), value) for key, value in expected.items()]
    except TypeError:
        return False
    return all(key in values and _same(comparator, value, values[key], depth + 1) for key, value in pairs)


def _same_set(expected: Collection[object], actual: Collection[object], depth: int) -> bool:
    if len(expected) != len(actual):
        return False
    try:
        return _set_key(expected, _exact, depth + 1) == _set_key(actual, _exact, depth + 1)
    except TypeError:
        return False


# In any order ---------------------------------------------------------------------------------------------


def _same_items(comparator: Comparator, expected: Sequence[object], actual: Sequence[object]) -> bool:
    if len(expected) != len(actual):
        return False
    try:
        expected, actual = _arrange(comparator, expected), _arrange(comparator, actual)
        if comparator.is_tolerant:
            return _near_items(comparator, sorted(expected, key=_rank), sorted(actual, key=_rank))
        return Counter(_key(item, _exact, 1) for item in expected) == Counter(
            _key(item, _exact, 1) for item in actual
        )
    except TypeError:
        return False


def _arrange(comparator: Comparator, items: Sequence[object]) -> Sequence[object]:
    """Items with the lists among them sorted, where their order does not count.

    Raises:
        TypeError: one holds what is no plain value, or is too deep.
    """
    if not comparator.unordered_inside:
        return items
    return [_sort_items(item) if isinstance(item, list | tuple) else item for item in items]


def _sort_items(items: Sequence[object]) -> Sequence[object]:
    result = sorted(items, key=_rank)
    return result if isinstance(items, list) else tuple(result)


def _near_items(comparator: Comparator, expected: Sequence[object], actual: Sequence[object]) -> bool:
    """Whether every expected item finds a near one; both are sorted.

    It takes the first of the next free ones: for numbers nothing better can be done. Of other items more than
    `_WINDOW` may have to change places, and then they are not found.
    """
    rest = iter(actual)
    free = list(islice(rest, _WINDOW))
    for item in expected:
        place = next((n for n, other in enumerate(free) if _same(comparator, item, other, 1)), None)
        if place is None:
            return False
        free.pop(place)
        free.extend(islice(rest, 1))
    return True


def _rank(value: object, depth: int = 1) -> tuple[Any, ...]:
    """A place in an order of all plain values in which numbers are sorted by size.

    Raises:
        TypeError: it is no plain value, or too deep.
    """
    _refuse_depth(depth)
    kind = type(value)
    if kind in _NUMBERS:
        return _number_rank(value)  # type: ignore[arg-type]
    if isinstance(value, list | tuple):
        return kind.__name__, [_rank(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return "set", sorted(_rank(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return "dict", sorted((_rank(k, depth + 1), _rank(v, depth + 1)) for k, v in value.items())
    if kind in (str, bytes, type(None)):
        return kind.__name__, value
    raise TypeError("not a plain value")


def _number_rank(value: complex) -> tuple[Any, ...]:
    if value != value:
        return ("not a number",)
    if isinstance(value, complex):
        return ("complex", value.real, value.imag) if value.imag else ("", value.real)
    return "", value


# Keys -----------------------------------------------------------------------------------------------------


def _key(value: object, digits: Digits, depth: int) -> str:
    """A text that spells the value, sets and dicts sorted: one value for each text, and one text for each value.

    Raises:
        TypeError: it is no plain value, or too deep.
    """
    out: list[str] = []
    _spell(value, digits, depth, out)
    return "".join(out)


def _spell(value: object, digits: Digits, depth: int, out: list[str]) -> None:
    """Append the parts of the text; every part says where it ends, so that no two values run together."""
    _refuse_depth(depth)
    kind = type(value)
    if kind in _NUMBERS:
        out.append(f"#{_number_key(value, digits)};")  # type: ignore[arg-type]
    elif isinstance(value, list | tuple):
        out.append("[" if kind is list else "(")
        for item in value:
            _spell(item, digits, depth + 1, out)
        out.append(")")
    elif isinstance(value, set | frozenset):
        out.append(_set_key(value, digits, depth + 1))
    elif isinstance(value, dict):
        pairs = (_key(k, digits, depth + 1) + _key(v, digits, depth + 1) for k, v in value.items())
        out += ("<", *sorted(pairs), ")")
    elif kind in (str, bytes, type(None)):
        out.append(_text_key(value))  # type: ignore[arg-type]
    else:
        raise TypeError("not a plain value")


def _set_key(value: Iterable[object], digits: Digits, depth: int) -> str:
    return "{" + "".join(sorted(_key(item, digits, depth) for item in value)) + ")"


def _text_key(value: str | bytes | None) -> str:
    if isinstance(value, bytes):
        return f"b{len(value)}:{value.decode('latin-1')}"
    return "-" if value is None else f"s{len(value)}:{value}"


def _refuse_depth(depth: int) -> None:
    if depth > _DEEPEST:
        raise TypeError("too deep")


def _number_key(value: complex | Fraction, digits: Digits) -> str:
    if isinstance(value, Fraction):
        return _fraction_key(value, digits)
    if value != value:
        return "nan"
    if not isinstance(value, complex):
        return digits(value)
    return f"{digits(value.real)} {digits(value.imag)}" if value.imag else digits(value.real)


def _fraction_key(value: Fraction, digits: Digits) -> str:
    """That of the int or float that it equals, else of the nearest float where digits are rounded."""
    try:
        near = float(value)
    except OverflowError:
        near = math.inf
    if value.denominator == 1:
        return digits(int(value))
    if near == value or (digits is not _exact and math.isfinite(near)):
        return digits(near)
    return f"{value.numerator:x}/{value.denominator:x}"


def _exact(value: float) -> str:
    """The same for what `==` finds equal; in hexadecimal, as decimal digits would take time squared."""
    if isinstance(value, float) and not value.is_integer():
        return value.hex()
    return f"{int(value):x}"


def _whole_or_rounded(value: float) -> str:
    return _round(value) if isinstance(value, float) and not value.is_integer() else _exact(value)


def _round(value: float) -> str:
    """Floats to nine digits, but whole ones below 2**53 as they are."""
    if not isinstance(value, float) or (value.is_integer() and abs(value) < _WHOLE):
        return _exact(value)
    number = float(f"{value:.9g}")
    return _exact(number)
