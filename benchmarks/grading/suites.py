"""Hidden tests of a problem, in the forms that data sets bring.

Not covered: running them (`benchmarks.grading.grade`), and turning test code into data
(`benchmarks.grading.checks`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from types import MappingProxyType
from typing import Any, TypeAlias

from problems.types import Checker, Comparator, ProblemError, TestCase, Value
from problems.values import accepts_value
from sandbox.codec import MAX_COLLISIONS, Hashing

_NO_KWARGS: Mapping[str, Value] = MappingProxyType({})
_HASHING_S, _HASHING_S_PER_ITEM = 0.5, 2e-6
_EQUAL, _TOKENS = Comparator("value"), Comparator()
# About a tenth of a second: 16 million ordinary integers, or a thousand of a million bits.
_MOST_SUMMED_BITS = 1 << 30
_VIEWS: dict[str, Callable[..., Any]] = {
    "tuple": tuple,
    "list": list,
    "sorted": sorted,
    "len": len,
    "round": round,
    "str": str,
    "repr": repr,
    "int": int,
    "float": float,
    "bool": bool,
    "abs": abs,
    "sum": lambda value: _sum(value),
    # For `is`: True is not 1.
    "typed": lambda value: (type(value).__name__, value),
}
# What these say of an object that is no plain value is only that it is there.
_PRESENCE: dict[str, Callable[..., Any]] = {
    # EvalPlus, for MBPP's searches: a result that is not a bool counts as found unless it is None.
    "found": lambda value: value if isinstance(value, bool) else value is not None,
    "truth": lambda value: bool(value) if _is_plain(value) else True,
}
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_SETS: dict[str, Callable[..., Any]] = {"set": set, "frozenset": frozenset}


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """One comparison of a call's value."""

    expected: Value
    """What must come out, after the views."""
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=lambda: _NO_KWARGS)
    expression: str | None = None
    """Source text of the call where only the candidate's own classes can make its arguments, else None."""
    views: tuple[tuple[Any, ...], ...] = ()
    """Plain functions applied to the value first, outermost first, each (name, further arguments...)."""
    comparator: Comparator = _EQUAL
    others: tuple[Value, ...] = ()
    """What may come out as well."""
    size: int = 0
    """About how many bytes the call and its values take when they are sent."""
    limit_s: float = math.inf
    """CPU time for this call, seconds; where infinite, only all calls together are limited."""


class SuiteError(ProblemError):
    """Hidden tests that do not run, test nothing, or fail their own reference: the data set is at fault."""


@dataclass(frozen=True, slots=True)
class OutputSuite:
    """Whole programs: text in, text out."""

    cases: tuple[TestCase, ...]
    comparator: Comparator = _TOKENS
    time_limit_s: float = 2.0
    """CPU time per case, seconds."""
    memory_limit_mb: int = 256
    checker: Checker | None = None
    """Judges outputs in the comparator's place."""


@dataclass(frozen=True, slots=True)
class ValueSuite:
    """Calls with known values."""

    entry_point: str
    checks: tuple[ValueCheck, ...]
    setup: str = ""
    """Code that goes between the candidate and the expressions of its checks."""
    time_limit_s: float = 3.0
    """CPU time for all calls together, seconds."""
    memory_limit_mb: int = 1024


@dataclass(frozen=True, slots=True)
class CodeSuite:
    """Test code, as HumanEval (`check`) and MBPP (asserts) have it."""

    entry_point: str
    code: str
    reference: str
    """A right program, with every helper that the problem text defines."""
    setup: str = ""
    """Code that goes between a program and its tests."""
    time_limit_s: float = 3.0
    """CPU time for all calls together, seconds, beside what the reference takes."""
    memory_limit_mb: int = 1024


Suite: TypeAlias = OutputSuite | ValueSuite | CodeSuite


def admitting_objects(suite: ValueSuite) -> ValueSuite:
    """The suite with bare asserts that any object passes, as in Python, not only plain values that are true."""
    checks = tuple(
        replace(check, views=(*check.views[:-1], ("truth",))) if check.views[-1:] == (("bool",),) else check
        for check in suite.checks
    )
    return replace(suite, checks=checks)


def accepts(check: ValueCheck, value: object) -> bool:
    """Whether `value`, decoded from what a candidate returned, is right."""
    if check.views and check.views[-1][0] not in _PRESENCE and not _is_plain(value):
        return False  # what is no plain value must not become one by having its length or its truth taken
    try:
        view = view_of(check.views, value)
    except (TypeError, ValueError, ArithmeticError):
        return False
    return any(accepts_value(check.comparator, right, view) for right in (check.expected, *check.others))


def view_of(views: Sequence[tuple[Any, ...]], value: Any) -> Any:
    """`value` with the functions of `views` applied, the innermost, which comes last, first.

    Raises:
        TypeError: or ValueError or ArithmeticError, where a function does not fit the value.
    """
    for view in reversed(views):
        value = _view(value, *view)
    return value


def _view(value: object, name: str, *arguments: object) -> object:
    if name in _SETS:
        return _SETS[name](_distinct(value))
    return (_VIEWS.get(name) or _PRESENCE[name])(value, *arguments)


def _sum(value: Any) -> Any:
    """The built-in `sum`; adding small numbers to one of millions of digits would copy it for each of them."""
    longest = max((item.bit_length() for item in value if isinstance(item, int)), default=0)
    if longest * len(value) > _MOST_SUMMED_BITS:
        raise ValueError("numbers too long to add up")
    return sum(value)


def _distinct(value: object) -> set[object]:
    """The different items of a collection; ones made to collide must not bring the host to a standstill."""
    if not isinstance(value, str | list | tuple | dict | set | frozenset):
        raise TypeError("not a collection")
    items = [item for _, alike in groupby(sorted(value, key=hash), key=hash) for item in _unlike(alike)]
    distinct: set[object] = Hashing(_HASHING_S + _HASHING_S_PER_ITEM * len(items)).fill(set(), items, items)
    return distinct


def _unlike(items: Iterable[object]) -> list[object]:
    """The different ones of items with one hash."""
    unlike: list[object] = []
    for item in items:
        if item not in unlike:
            unlike.append(item)
        if len(unlike) > MAX_COLLISIONS:
            raise ValueError("items that collide")
    return unlike


def _is_plain(value: object) -> bool:
    if type(value) is dict:
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    if type(value) in (list, tuple, set, frozenset):
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    return type(value) in _PLAIN
