"""Hidden tests of a problem, in the forms that data sets bring.

Not covered: running them (`agent.grade`), and turning test code into data (`problems.checks`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from problems.compare import accepts_value
from problems.types import Comparator, TestCase, Value

_NO_KWARGS: Mapping[str, Value] = MappingProxyType({})
_LONGEST_SET = 5_000
_EQUAL, _TOKENS = Comparator("value"), Comparator()
_VIEWS: dict[str, Callable[..., Any]] = {
    "tuple": tuple,
    "list": list,
    "sorted": sorted,
    "len": len,
    "round": round,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "abs": abs,
    "sum": sum,
    # EvalPlus, for MBPP's searches: a result that is not a bool counts as found unless it is None.
    "found": lambda value: value if isinstance(value, bool) else value is not None,
}
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


@dataclass(frozen=True, slots=True)
class OutputSuite:
    """Whole programs: text in, text out."""

    cases: tuple[TestCase, ...]
    comparator: Comparator = _TOKENS
    time_limit_s: float = 2.0
    """CPU time per case, seconds."""
    memory_limit_mb: int = 256


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
    """CPU time for all calls together, seconds."""
    memory_limit_mb: int = 1024


Suite: TypeAlias = OutputSuite | ValueSuite | CodeSuite


def accepts(check: ValueCheck, value: object) -> bool:
    """Whether `value`, decoded from what a candidate returned, is right."""
    try:
        seen = viewed(check.views, value)
    except (TypeError, ValueError, ArithmeticError):
        return False
    return accepts_value(check.comparator, check.expected, seen)


def viewed(views: Sequence[tuple[Any, ...]], value: Any) -> Any:
    """`value` with the functions of `views` applied, the innermost, which comes last, first.

    Raises:
        TypeError: or ValueError or ArithmeticError, where a function does not fit the value.
    """
    for view in reversed(views):
        value = _viewed(value, *view)
    return value


def _viewed(value: object, name: str, *arguments: object) -> object:
    if name in _SETS:
        # Longer ones could be made to collide until the host stands still.
        if not isinstance(value, str | list | tuple | dict | set | frozenset) or len(value) > _LONGEST_SET:
            raise TypeError("not a collection of a sensible size")
        return _SETS[name](value)
    return _VIEWS[name](value, *arguments)
