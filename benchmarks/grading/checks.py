"""Test code turned into data: what is called, with what, and what must come out.

HumanEval's `check` functions, MBPP's asserts and EvalPlus's loops are programs; run beside a candidate they can be
cheated by it. Nearly all of them only compare calls with values, so they are rewritten
(`benchmarks.grading.rewriting`) to *record* their comparisons instead of making them, and run once without any
candidate (Level A). What is left (loops that use an answer, helpers applied to it) is driven from a slot of its
own, with the candidate's answers handed in (Level B).

Stdlib-only but for `benchmarks.grading.rewriting`: both are sent into a slot and run there, because test code
comes from data sets and nothing of theirs runs on the host.

Not covered: comparisons with values longer than 15 MiB, which are left out (Mbpp/255 of MBPP+ has some); doctests
(`benchmarks.grading.doctests`), comparing values (`benchmarks.grading.suites`), running candidates
(`benchmarks.grading.grade`).
"""

from __future__ import annotations

import ast
import builtins
import copy
import math
import random
from collections.abc import Iterable
from typing import Any

from benchmarks.grading.rewriting import RECORD, Unreadable, check_function, rewrite

# A slot returns 16 MiB at most, so a program could not answer with more.
_LONGEST = 15 << 20
_UNCHANGING = (type(None), bool, int, float, complex, str, bytes)
# What EvalPlus (Liu et al., 2023) allows between floats where a test gives no tolerance of its own.
_PLUS_ABS_TOL, _PLUS_REL_TOL = 1e-6, 1e-7


def collect(
    reference: str, code: str, target: str, *, as_text: bool, start: int, most: int
) -> tuple[list[tuple[Any, ...]], bool] | None:
    """The comparisons that test code makes, from number `start` on.

    Args:
        reference: a right program, which also brings the helpers that the problem text defines.
        code: asserts, or a function `check(candidate)` that makes them.
        target: the function under test; a `check` calls it by the name of its parameter.
        as_text: give each call as source text, for arguments that only the candidate's own classes can make.
        start: how many comparisons to leave out.
        most: stop once the answer is about this long, bytes.

    Returns:
        For each comparison (views, call, expected, absolute tolerance, relative tolerance, other values that are
        right, size of the call and of all expected values in bytes), where views are (name, further arguments...)
        from the outermost and a call is (args, kwargs) or text; and whether these are the last. None where only
        driving it will do.
    """
    try:
        tree, plus_view = rewrite(reference, code, target, as_text=as_text)
    except Unreadable:
        return None
    pages = _Recorder(plus_view, start, most)
    try:
        _execute(reference, tree, {RECORD: pages.record}, None)
    except _Full:
        return pages.records, False
    return pages.records, True


class _Full(BaseException):
    """Past every `except Exception` of the test code."""


class _Recorder:
    """Takes in comparisons in the order in which the test code makes them."""

    def __init__(self, plus_view: str, start: int, most: int) -> None:
        self.records: list[tuple[Any, ...]] = []
        self._plus_view = plus_view
        self._skip = start
        self._left = most

    def record(
        self, rule: str, views: tuple[Any, ...], call: Any, expected: Any, abs_tol: float, rel_tol: float
    ) -> None:
        """Keep one comparison."""
        if _size(expected, _LONGEST) > _LONGEST:
            return
        if self._skip:
            self._skip -= 1
            return
        size = int(_size(call) + _size(expected))
        others: list[Any] = []
        if rule == "among":
            expected, *others = expected
        elif rule == "plus":
            views, expected, abs_tol, rel_tol = self._as_plus(expected, abs_tol)
        elif rule == "is":
            views, expected = (("typed",), *views), (type(expected).__name__, expected)
        elif rule != "equal":
            # A distance is a matter of floats, whatever the test spells the value as.
            expected = _as_float(expected)
            abs_tol = math.nextafter(abs_tol, -math.inf) if rule == "below" else abs_tol
        if self.records and self._left < size:
            raise _Full
        self._left -= size
        tolerances = (float(abs_tol), float(rel_tol))
        self.records.append((_copy(views), _copy(call), _copy(expected), *tolerances, _copy(others), size))

    def _as_plus(self, expected: Any, tolerance: float) -> tuple[tuple[Any, ...], Any, float, float]:
        """What EvalPlus's `assertion` does with its arguments."""
        abs_tol = tolerance or (_PLUS_ABS_TOL if _is_floats(expected) else 0.0)
        views = ((self._plus_view,),) if self._plus_view else ()
        return views, set(expected) if self._plus_view == "set" else expected, abs_tol, abs_tol and _PLUS_REL_TOL


def _copy(value: Any) -> Any:
    """A deep copy; `copy.deepcopy` remembers every object it meets, which large answers cannot afford."""
    if type(value) is list:
        return list(map(_copy, value))
    if type(value) is tuple:
        return tuple(map(_copy, value))
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return value if type(value) in _UNCHANGING else copy.deepcopy(value)


def _as_float(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, int) else value
    except OverflowError:
        return value


def _is_floats(value: Any) -> bool:
    return isinstance(value, float) or (
        isinstance(value, list | tuple) and all(isinstance(item, float) for item in value)
    )


def _size(value: Any, most: float = math.inf) -> float:
    """About how many bytes a value takes when it is sent; more than `most` is not counted to the end."""
    if isinstance(value, dict):
        return _sizes((part for pair in value.items() for part in pair), most)
    if isinstance(value, list | tuple | set | frozenset):
        return _sizes(value, most)
    if isinstance(value, int):
        return 6 + value.bit_length() // 8
    if isinstance(value, str):
        return 5 + len(value) * (1 if value.isascii() else 4)
    return 5 + len(value) if isinstance(value, bytes) else 9


def _sizes(values: Iterable[Any], most: float) -> float:
    total = 5.0
    for value in values:
        total += _size(value, most - total)
        if total > most:
            break
    return total


def drive(
    reference: str, code: str, target: str, answers: list[tuple[Any, ...]] | None
) -> tuple[str, list[tuple[Any, ...]]]:
    """Run test code as it is, with a stand-in for the function under test that gives these answers.

    Args:
        reference: as in `collect`.
        code: as in `collect`.
        target: as in `collect`.
        answers: (args, kwargs, outcome) of the calls so far, where an outcome is ("value", the answer), ("raised",
            name of a built-in exception), or () where the call ended in another way; None lets the reference
            answer, which shows what will be asked.

    Returns:
        "passed", "failed", "crashed" (by an exception that a call raised) or "asked" (a call that `answers` does
        not hold comes last), and the calls made, as (args, kwargs).
    """
    calls: list[tuple[Any, ...]] = []
    exceptions: list[BaseException] = []
    right: dict[str, Any] = {}

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        number = len(calls)
        calls.append(copy.deepcopy((args, kwargs)))
        if answers is None:
            return right["function"](*args, **kwargs)
        if number >= len(answers) or answers[number][:2] != calls[number]:
            raise _Asked
        outcome = answers[number][2]
        if outcome and outcome[0] == "value":
            return copy.deepcopy(outcome[1])
        exceptions.append(_exception(outcome))
        raise exceptions[-1]

    try:
        _execute(reference, ast.parse(code), {}, (target, stand_in, right))
    except _Asked:
        return "asked", calls
    except (Exception, _Crashed) as error:
        if answers is None:
            raise
        return "crashed" if error in exceptions else "failed", calls
    return "passed", calls


def _exception(outcome: tuple[Any, ...]) -> BaseException:
    """What a failed call raises in the test code: its built-in exception, or what no test code catches."""
    kind = getattr(builtins, outcome[1], None) if outcome else _Crashed
    return kind() if isinstance(kind, type) and issubclass(kind, Exception | _Crashed) else Exception()


class _Asked(BaseException):
    """Past every `except Exception` of the test code."""


class _Crashed(BaseException):
    """Likewise."""


def _execute(reference: str, tree: ast.Module, extras: dict[str, Any], stand_in: Any) -> None:
    """Run the reference, then the tests in a copy of its names, always with the same random numbers."""
    names: dict[str, Any] = {"__name__": "reference"}
    exec(compile(reference, "reference.py", "exec"), names)
    outer = {**names, **extras, "__name__": "tests"}
    candidate = None
    if stand_in is not None:
        target, candidate, right = stand_in
        right["function"] = names[target]
        outer[target] = names[target] if check_function(tree) else candidate
    random.seed(0)
    exec(compile(tree, "tests.py", "exec"), outer)
    if check_function(tree):
        outer["check"](candidate)
