"""Verdicts on public cases, and the keys by which outputs are compared.

A verdict is a pure function of what the supervisor reported and of the host's own copy of the expected
answer; nothing a candidate says about itself is read.

Not covered: running candidates on generated inputs (`agent.observe`).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import problems
from agent.judging.aside import outcomes
from agent.judging.check import run_checker
from agent.judging.site import entry_of
from agent.types import FAILED, Execution, Verdict
from problems import CallCase, TestCase, accepts_output, accepts_value, output_key
from sandbox import CallJob, CallResult, Limits, RunJob, Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from problems import Comparator, Problem
    from sandbox import Job, RunResult, Sandbox, Value

VERDICTS = {
    Status.RTE: Verdict.RTE,
    Status.BAD: Verdict.RTE,
    Status.TLE: Verdict.TLE,
    Status.IDLE: Verdict.TLE,
    Status.MLE: Verdict.MLE,
    Status.OLE: Verdict.OLE,
}
"""What a run that did not end well is worth."""

Trial = TypeVar("Trial")


def limits_of(problem: Problem) -> Limits:
    """The sandbox limits that the problem's statement asks for."""
    return Limits(cpu_s=problem.time_limit_s, memory_mb=problem.memory_limit_mb)


def verdict_of(result: RunResult, case: TestCase | CallCase, comparator: Comparator) -> Verdict:
    """Judge one run. The comparator is consulted only when the program ended well."""
    if result.status is not Status.OK:
        return VERDICTS[result.status]
    if isinstance(case, TestCase):
        right = accepts_output(comparator, case.stdout, result.stdout)
    else:
        right = isinstance(result, CallResult) and accepts_value(comparator, case.expected, result.value)
    return Verdict.AC if right else Verdict.WA


def judge(
    box: Sandbox, problem: Problem, sources: Sequence[str], *, fail_fast: bool = True, fresh: bool = False
) -> list[tuple[Execution, ...]]:
    """Run every program on the problem's public cases.

    Args:
        box: where the programs run.
        problem: gives the cases, limits and comparator.
        sources: complete programs, one row of the answer each.
        fail_fast: stop a program at its first case that is not accepted.
        fresh: start a new interpreter for every run.

    Returns:
        For each program the executions of the cases in order; shorter than the cases after a failure.

    Raises:
        CheckerError: the problem's checker gave no verdict.
        SandboxError: the sandbox failed.
    """
    rows: list[list[Execution]] = [[] for _ in sources]
    failures: set[int] = set()

    def trials() -> Iterator[tuple[int, TestCase | CallCase]]:
        # Case-major, so that a verdict is usually known before its program's next case is due.
        for case in problem.cases:
            for index in range(len(sources)):
                if index not in failures:
                    yield index, case

    def to_job(trial: tuple[int, TestCase | CallCase]) -> Job:
        index, case = trial
        return job_of(problem, sources[index], case, fresh=fresh)

    def compare(trial: tuple[int, TestCase | CallCase], result: RunResult) -> Verdict | None:
        # One that failed was already under way when an earlier case failed.
        return None if trial[0] in failures else checked_verdict(box, problem, trial[1], result)

    for (index, _), result, verdict in outcomes(run_all(box, trials(), to_job), compare):
        if verdict is None or index in failures:
            continue
        rows[index].append(Execution(result, verdict))
        if fail_fast and verdict is not Verdict.AC:
            failures.add(index)
    return [tuple(row) for row in rows]


def checked_verdict(box: Sandbox, problem: Problem, case: TestCase | CallCase, result: RunResult) -> Verdict:
    """As `verdict_of`, with the problem's checker in the comparator's place where it has one.

    Raises:
        CheckerError: the checker gave no verdict.
        SandboxError: the sandbox failed.
    """
    if problem.checker is None or result.status is not Status.OK:
        return verdict_of(result, case, problem.comparator)
    assert isinstance(case, TestCase)
    return run_checker(box, problem.checker, case, result.stdout, path=problem.path)


def accepted(problem: Problem, executions: Sequence[Execution]) -> bool:
    """Whether these are the executions of every public case, all of them accepted."""
    return len(executions) == len(problem.cases) and all(e.verdict is Verdict.AC for e in executions)


def compiles(box: Sandbox, problem: Problem, sources: Sequence[str]) -> list[bool]:
    """Whether each program is Python at all; what is left to ask of it when there is nothing to run it on.

    Raises:
        SandboxError: the sandbox failed.
    """
    jobs = (RunJob(f"compile({source!r}, 'solution.py', 'exec')", "", limits_of(problem)) for source in sources)
    return [result.status is Status.OK for result in box.run_many(jobs)]


def behaviour_key(result: RunResult, comparator: Comparator) -> Hashable:
    """What a run put out, reduced to what the problem's comparator can tell apart."""
    if result.status is not Status.OK:
        return FAILED
    if isinstance(result, CallResult):
        return value_key(result.value, comparator)
    return text_key(result.stdout, comparator)


def value_key(value: object, comparator: Comparator) -> Hashable:
    """The behaviour key of a function that returns `value`; `FAILED` if that is nothing a comparator accepts."""
    key = problems.value_key(comparator, value)
    return FAILED if key is None else _short(key)


def text_key(text: str, comparator: Comparator) -> Hashable:
    """The behaviour key of a program that prints `text`."""
    return _short(output_key(comparator, text))


def _short(key: str) -> Hashable:
    """The key itself, or what stands for one that is too long to be kept for every run."""
    return key if len(key) < 200 else ("sha256", hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())


def job_of(
    problem: Problem, source: str, item: TestCase | CallCase | GeneratedInput, *, fresh: bool = False
) -> Job:
    """The sandbox job that gives `source` one input of the problem."""
    if problem.entry_point is None:
        assert not isinstance(item, CallCase)
        return RunJob(source, item.stdin, limits_of(problem), fresh)
    assert not isinstance(item, TestCase)
    args, kwargs = cast("tuple[Value, ...]", item.args), cast("Mapping[str, Value]", item.kwargs)
    entry = entry_of(problem, source)
    return CallJob(source, entry.function, args, kwargs, limits_of(problem), fresh, prelude=entry.prelude)


def run_all(
    box: Sandbox, trials: Iterator[Trial], to_job: Callable[[Trial], Job]
) -> Iterator[tuple[Trial, RunResult]]:
    """Pair each trial with its result; `trials` is consumed lazily, so it may depend on what came back.

    Args:
        box: where they run.
        trials: what is to be run.
        to_job: the job that does one.

    Raises:
        SandboxError: the sandbox failed.
    """
    queue: deque[Trial] = deque()

    def jobs() -> Iterator[Job]:
        for trial in trials:
            queue.append(trial)
            yield to_job(trial)

    for result in box.run_many(jobs()):
        yield queue.popleft(), result
