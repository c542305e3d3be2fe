"""Tests that must run as code (Level B): the code in one slot, the program in another, values relayed by the host.

The test code knows expected values, so its slot never runs a candidate. The candidate sees the arguments of one
call at a time, in a process of its own; the test code sees plain values, or the name of the built-in exception
that the call raised.

Not covered: exceptions of a program's own classes, which arrive as `Exception`; arguments that a call changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from agent.judging.judge import VERDICTS
from agent.types import Verdict
from benchmarks.grading.suites import CodeSuite
from benchmarks.grading.types import Grade
from benchmarks.grading.value_tests import patient
from sandbox import CallJob, CallResult, Limits, Opaque, Status
from sandbox.bundle import bundle

if TYPE_CHECKING:
    from benchmarks.grading.value_tests import Runs
    from sandbox import RunResult

_FUNCTION = "alphasolve_call__"
_CALL = f"""

def {_FUNCTION}(name, args, kwargs):
    function = globals().get(name) or getattr(globals()["Solution"](), name)
    try:
        return ("value", function(*args, **kwargs))
    except Exception as error:
        return ("raised", type(error).__name__)
"""
CODE = ("rewriting", "checks")
"""The modules of `benchmarks.grading` that turn test code into data, in a slot."""
_TRUSTED_LIMITS = Limits(cpu_s=60.0, memory_mb=2048, wall_s=600.0)
_MOST_STEPS = 500
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Driver:
    """Test code that must run as it is."""

    suite: CodeSuite
    calls: tuple[tuple[Any, Any], ...]
    """What it asks for when the answers are right: (args, kwargs)."""


def call_checks(box: Runs, function: str, arguments: Sequence[Any], **options: Any) -> CallResult:
    """Call a function of `benchmarks.grading.checks` in a slot that no candidate enters.

    Raises:
        SandboxError: the sandbox failed.
    """
    start = "load()\nfrom benchmarks.grading.checks import collect, drive\n"
    program = bundle("benchmarks.grading", *CODE) + start
    job = CallJob(program, function, tuple(arguments), options, _TRUSTED_LIMITS, trusted=True)
    (result,) = box.run_many([job])
    assert isinstance(result, CallResult)
    return result


def run_driver(box: Runs, suite: CodeSuite, answers: list[tuple[Any, ...]] | None) -> CallResult:
    """Run the test code on known answers (`benchmarks.grading.checks.drive`)."""
    return call_checks(
        box, "drive", (suite.reference + "\n" + suite.setup, suite.code, suite.entry_point, answers)
    )


def grade_driven(box: Runs, driver: Driver, source: str) -> Grade:
    """Let the test code run on the answers that a program gives.

    The calls are those that it makes when the answers are right; where a program's answers lead it elsewhere, it
    is run again with what it asked for.

    Raises:
        SandboxError: the sandbox failed.
    """
    answers: list[tuple[Any, ...]] = []
    pending = list(driver.calls)
    cpu_s = 0.0
    for _ in range(_MOST_STEPS):
        remaining_s = max(driver.suite.time_limit_s - cpu_s, _LEAST_SECONDS)
        for call, result in zip(
            pending, box.run_many(_jobs(driver.suite, source, pending, remaining_s)), strict=True
        ):
            cpu_s += result.cpu_s
            outcome = _outcome(result)
            if isinstance(outcome, Verdict):
                return _grade(outcome, cpu_s)
            answers.append((*call, outcome))
        if cpu_s > driver.suite.time_limit_s:
            return _grade(Verdict.TLE, cpu_s)
        step = run_driver(box, driver.suite, answers)
        if step.status is not Status.OK:
            # Right answers do not bring the test code down: it was checked on those of the reference.
            return _grade(VERDICTS[step.status], cpu_s)
        how, calls = cast("tuple[str, list[tuple[Any, Any]]]", step.value)
        if how != "asked":
            return _grade({"passed": Verdict.AC, "failed": Verdict.WA, "crashed": Verdict.RTE}[how], cpu_s)
        answers, pending = answers[: len(calls) - 1], calls[-1:]
    return _grade(Verdict.TLE, cpu_s)


def _grade(verdict: Verdict, cpu_s: float) -> Grade:
    return Grade(verdict, int(verdict is Verdict.AC), 1, cpu_s, "B")


def _jobs(suite: CodeSuite, source: str, calls: Sequence[tuple[Any, Any]], cpu_s: float) -> list[CallJob]:
    limits = patient(cpu_s, suite.memory_limit_mb)
    program = f"{source}\n\n{suite.setup}\n{_CALL}"
    return [CallJob(program, _FUNCTION, (suite.entry_point, *call), limits=limits) for call in calls]


def _outcome(result: RunResult) -> Verdict | tuple[Any, ...]:
    """What `drive` is told of a call; a verdict where nothing the test code does could still save the program."""
    assert isinstance(result, CallResult)
    if result.status in (Status.RTE, Status.BAD):
        return ()
    if result.status is not Status.OK:
        return VERDICTS[result.status]
    match result.value:
        case ("value", value):
            return Verdict.WA if holds_opaque(value) else ("value", value)
        case ("raised", str(name)):
            return ("raised", name)
    return Verdict.WA


def holds_opaque(value: object) -> bool:
    """Whether anything in it is not a plain built-in."""
    if isinstance(value, Opaque):
        return True
    if isinstance(value, dict):
        return any(map(holds_opaque, value.values())) or any(map(holds_opaque, value))
    return isinstance(value, list | tuple | set | frozenset) and any(map(holds_opaque, value))
