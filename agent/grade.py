"""Grading on hidden tests: does a program pass, and if not, how does it end?

A pass is always the right value coming out, compared here, whatever form the tests come in. Test code becomes data
where it can (`problems.checks`); the rest runs in one slot while the candidate answers from another.

The calls of one candidate run in one process, a batch at a time, as in the data sets' own harnesses. Nothing but
inputs is in that process, so a candidate gains nothing from it. A batch that does not come back whole is repeated
call by call.

Not covered: public cases (`agent.judge`), where every case has a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from agent.judge import VERDICTS, judge
from agent.types import Verdict
from problems import Problem
from problems.suites import CodeSuite, OutputSuite, ValueCheck, ValueSuite, accepts
from sandbox import CallJob, CallResult, Limits, Opaque, SandboxError, Status

if TYPE_CHECKING:
    from problems import Comparator
    from problems.suites import Suite
    from sandbox import Job, RunResult, Sandbox, Value

_FUNCTION = "alphasolve_calls__"
# Output of the calls goes nowhere, so that a chatty program is not held against the limit on output.
_BATCH = f"""

def {_FUNCTION}(name, calls):
    import os, sys
    sys.stdout = open(os.devnull, "w")
    values = []
    for args, kwargs in calls:
        try:
            values.append([globals()[name](*args, **kwargs)])
        except Exception:
            break
    return values
"""
_EXPRESSION = f"""

def {_FUNCTION}():
    return {{}}
"""
_BATCH_SIZE = 256
_REFERENCE_LIMITS = Limits(cpu_s=60.0, memory_mb=2048)
_MOST_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class Grade:
    """How a program did on hidden tests."""

    verdict: Verdict
    """AC, or how the first test that it failed ended."""
    passed: int
    """Tests passed before that."""
    total: int
    """All tests."""
    cpu_s: float
    """CPU time of all its runs, seconds."""


@dataclass(frozen=True, slots=True)
class Driver:
    """Test code that must run as it is, with calls relayed to the candidate."""

    suite: CodeSuite
    calls: tuple[tuple[Any, Any], ...]
    """What it asks for when the answers are right: (args, kwargs)."""


def grade(box: Sandbox, suite: Suite, sources: Sequence[str]) -> list[Grade]:
    """Grade every program.

    Raises:
        SandboxError: the sandbox failed, or the suite's own reference or test code does not run.
    """
    if isinstance(suite, OutputSuite):
        return _grade_outputs(box, suite, sources)
    plan = prepared(box, suite)
    if isinstance(plan, Driver):
        return [_driven(box, plan, source) for source in sources]
    return _grade_values(box, plan, sources)


def prepared(box: Sandbox, suite: ValueSuite | CodeSuite) -> ValueSuite | Driver:
    """The suite as data, or, where that cannot be, as a driver.

    Raises:
        SandboxError: the sandbox failed, or the suite's own reference or test code does not run.
    """
    if isinstance(suite, ValueSuite):
        return suite
    records = _compiled(box, "collect", suite)
    if records is not None and not _holds_opaque([record[1:3] for record in records]):
        checks = tuple(
            ValueCheck(expected, args, kwargs, views=views, comparator=_comparator(abs_tol, rel_tol))
            for views, args, kwargs, expected, abs_tol, rel_tol in records
        )
        return ValueSuite(suite.entry_point, checks, "", suite.time_limit_s, suite.memory_limit_mb)
    if records is not None and (texts := _compiled(box, "collect_expressions", suite)):
        checks = tuple(
            ValueCheck(expected, expression=text, views=views, comparator=_comparator(abs_tol, rel_tol))
            for views, text, expected, abs_tol, rel_tol in texts
        )
        return ValueSuite(suite.entry_point, checks, suite.setup, suite.time_limit_s, suite.memory_limit_mb)
    outcome, calls = _driven_step(box, suite, None)
    if outcome != "passed":
        raise SandboxError(f"the tests of {suite.entry_point} fail its own reference")
    return Driver(suite, tuple((args, kwargs) for args, kwargs in calls))


def _comparator(abs_tol: float, rel_tol: float) -> Comparator:
    from problems import Comparator

    return Comparator("value", abs_tol=float(abs_tol), rel_tol=float(rel_tol))


def _compiled(box: Sandbox, function: str, suite: CodeSuite) -> list[tuple[Any, ...]] | None:
    given = (suite.reference + "\n" + suite.setup, suite.code, suite.entry_point)
    return cast("list[tuple[Any, ...]] | None", _inside(box, function, given))


def _inside(box: Sandbox, function: str, given: tuple[Any, ...]) -> Any:
    """Call a function of `problems.checks` in a slot."""
    source = resources.files("problems").joinpath("checks.py").read_text(encoding="utf-8")
    result = box.call(source, function, given, limits=_REFERENCE_LIMITS)
    if result.status is not Status.OK:
        said = result.stderr.strip().splitlines()[-1:] or [result.status.value]
        raise SandboxError(f"test code does not run: {said[0][:200]}")
    return result.value


def _chunks(checks: Sequence[ValueCheck]) -> Iterator[tuple[ValueCheck, ...]]:
    for start in range(0, len(checks), _BATCH_SIZE):
        yield tuple(checks[start : start + _BATCH_SIZE])


def _grade_outputs(box: Sandbox, suite: OutputSuite, sources: Sequence[str]) -> list[Grade]:
    problem = Problem("", "", suite.cases, None, "", suite.time_limit_s, suite.memory_limit_mb, suite.comparator)
    grades = []
    for row in judge(box, problem, sources):
        passed = sum(execution.verdict is Verdict.AC for execution in row)
        spent = sum(execution.result.cpu_s for execution in row)
        verdict = Verdict.AC if passed == len(suite.cases) else row[-1].verdict
        grades.append(Grade(verdict, passed, len(suite.cases), spent))
    return grades


def _grade_values(box: Sandbox, suite: ValueSuite, sources: Sequence[str]) -> list[Grade]:
    """Batch by batch over all programs that are still right."""
    total = len(suite.checks)
    grades = [Grade(Verdict.AC, 0, total, 0.0) for _ in sources]
    plain = [check for check in suite.checks if check.expression is None]
    chunks = list(_chunks(plain)) + [(check,) for check in suite.checks if check.expression is not None]
    for chunk in chunks:
        alive = [index for index, found in enumerate(grades) if found.verdict is Verdict.AC]
        jobs: list[Job] = [
            _batch_job(suite, sources[index], chunk, _limits(suite, grades[index])) for index in alive
        ]
        for index, result in zip(alive, box.run_many(jobs), strict=True):
            passed, verdict, spent = _judged(box, suite, sources[index], chunk, result)
            before = grades[index]
            grades[index] = Grade(verdict, before.passed + passed, total, before.cpu_s + spent)
    return grades


def _limits(suite: ValueSuite, so_far: Grade) -> Limits:
    """What is left of the time for all calls; a floor keeps the next batch from failing to start."""
    return Limits(cpu_s=max(suite.time_limit_s - so_far.cpu_s, 0.1), memory_mb=suite.memory_limit_mb)


def _batch_job(suite: ValueSuite, source: str, chunk: Sequence[ValueCheck], limits: Limits) -> CallJob:
    if chunk[0].expression is not None:
        stub = _EXPRESSION.format(chunk[0].expression)
        return CallJob(f"{source}\n\n{suite.setup}\n{stub}", _FUNCTION, limits=limits)
    calls = [(check.args, dict(check.kwargs)) for check in chunk]
    return CallJob(source + _BATCH, _FUNCTION, (suite.entry_point, cast("Any", calls)), limits=limits)


def _answers(result: RunResult) -> list[Any] | None:
    """The values of a batch up to the first call that failed; None where the process itself did."""
    values = result.value if isinstance(result, CallResult) and result.status is Status.OK else None
    if not isinstance(values, list) or not all(isinstance(item, list) and len(item) == 1 for item in values):
        return None
    return [item[0] for item in cast("list[list[Any]]", values)]


def _judged(
    box: Sandbox, suite: ValueSuite, source: str, chunk: Sequence[ValueCheck], result: RunResult
) -> tuple[int, Verdict, float]:
    """How many of the chunk's checks passed, the verdict, and the CPU time spent."""
    if chunk[0].expression is not None:
        answers: list[Any] | None = [cast("CallResult", result).value] if result.status is Status.OK else []
        if result.status is not Status.OK:
            return 0, VERDICTS[result.status], result.cpu_s
    else:
        answers = _answers(result)
    if answers is None:
        if result.status in (Status.TLE, Status.IDLE, Status.MLE) or len(chunk) == 1:
            return 0, VERDICTS.get(result.status, Verdict.RTE), result.cpu_s
        return _one_by_one(box, suite, source, chunk, result.cpu_s)
    for passed, (check, value) in enumerate(zip(chunk, answers, strict=False)):
        if not accepts(check, value):
            return passed, Verdict.WA, result.cpu_s
    return len(answers), Verdict.AC if len(answers) >= len(chunk) else Verdict.RTE, result.cpu_s


def _one_by_one(
    box: Sandbox, suite: ValueSuite, source: str, chunk: Sequence[ValueCheck], spent: float
) -> tuple[int, Verdict, float]:
    """The chunk's calls, each in a process of its own, up to the first that fails."""
    limits = Limits(cpu_s=suite.time_limit_s, memory_mb=suite.memory_limit_mb)
    for passed, check in enumerate(chunk):
        (result,) = box.run_many([_batch_job(suite, source, [check], limits)])
        count, verdict, used = _judged(box, suite, source, [check], result)
        spent += used
        if verdict is not Verdict.AC:
            return passed + count, verdict, spent
    return len(chunk), Verdict.AC, spent


def _driven_step(
    box: Sandbox, suite: CodeSuite, known: list[tuple[Any, ...]] | None
) -> tuple[str, list[tuple[Any, Any]]]:
    given = (suite.reference + "\n" + suite.setup, suite.code, suite.entry_point, known)
    return cast("tuple[str, list[tuple[Any, Any]]]", _inside(box, "drive", given))


def _driven(box: Sandbox, driver: Driver, source: str) -> Grade:
    """Let the test code run in one slot on answers that the candidate gave in another.

    The calls are those it makes when the answers are right; where a candidate's answers lead it elsewhere, it is
    run again with what it asked for.
    """
    suite, limits = driver.suite, Limits(cpu_s=driver.suite.time_limit_s, memory_mb=driver.suite.memory_limit_mb)
    known: list[tuple[Any, ...]] = []
    wanted = list(driver.calls)
    spent = 0.0
    for _ in range(_MOST_STEPS):
        jobs = [CallJob(source, suite.entry_point, args, kwargs, limits) for args, kwargs in wanted]
        for (args, kwargs), result in zip(wanted, box.run_many(jobs), strict=True):
            spent += result.cpu_s
            assert isinstance(result, CallResult)
            if result.status not in (Status.OK, Status.RTE, Status.BAD):
                return Grade(VERDICTS[result.status], 0, 1, spent)
            if result.status is Status.OK and _holds_opaque(result.value):
                return Grade(Verdict.WA, 0, 1, spent)
            known.append((args, kwargs, [result.value] if result.status is Status.OK else []))
        outcome, calls = _driven_step(box, suite, known)
        if outcome != "asked":
            verdict = {"passed": Verdict.AC, "failed": Verdict.WA, "crashed": Verdict.RTE}[outcome]
            return Grade(verdict, int(verdict is Verdict.AC), 1, spent)
        known, wanted = known[: len(calls) - 1], calls[-1:]
    return Grade(Verdict.TLE, 0, 1, spent)


def _holds_opaque(value: Value | object) -> bool:
    """Whether anything in it is not a plain built-in."""
    if isinstance(value, Opaque):
        return True
    if isinstance(value, dict):
        return any(map(_holds_opaque, value.values())) or any(map(_holds_opaque, value))
    return isinstance(value, list | tuple | set | frozenset) and any(map(_holds_opaque, value))
