"""Behaviour: what candidates do on inputs whose right answers nobody knows.

All calls of one function run in one process (`agent.judging.batch`), a fresh one per candidate. A batch that
does not come back whole is repeated call by call. Programs that read standard input have a process per input.

Generated inputs may be of any size, and a slow program must not take its whole time limit on every one of them: a
call in a batch has a short slice of time, and a program that ran over its limits a few times by itself is not run
on what is left.

Not covered: public cases, whose every run has a process of its own (`agent.judging.judge`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.checkers import may_need_checkers
from agent.judging.aside import outcomes
from agent.judging.batch import STRIKES, Call, answers_of, batch_job
from agent.judging.judge import behaviour_key, job_of, limits_of, run_all, value_key
from agent.judging.site import entry_of
from agent.terminal.display import cut, shown_result, shown_value
from agent.types import FAILED, Observation
from sandbox import Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from agent.judging.batch import Answer
    from problems import Comparator, Problem
    from sandbox import CallJob, Job, RunResult, Sandbox

_SLICE_SECONDS = 0.25
_LONGEST_TEXT = 4000  # that a checker is asked about
_PATIENCE = 2  # a batch may take this many times as long as one call
_OVER = (Status.TLE, Status.IDLE, Status.MLE, Status.OLE)
_LATE = Observation(FAILED, f"[{Status.TLE}]")
_NOT_RUN = Observation(FAILED, "not run: the program went over its limits on other inputs")


def observe(
    box: Sandbox, problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]
) -> list[tuple[Observation, ...]]:
    """Run every program on every input.

    Returns:
        For each program one observation per input; its key is `FAILED` for a run that did not end well.

    Raises:
        SandboxError: the sandbox failed.
    """
    if not inputs:
        return [() for _ in sources]
    if not problem.is_call:
        return _one_by_one(box, problem, sources, inputs)
    results = zip(sources, box.run_many(_batches(problem, sources, inputs)), strict=True)
    rows = [
        row for _, _, row in outcomes(results, lambda _, result: _unpack(result, len(inputs), problem.comparator))
    ]
    without_row = [source for source, row in zip(sources, rows, strict=True) if row is None]
    again = iter(_one_by_one(box, problem, without_row, inputs))
    return [next(again) if row is None else row for row in rows]


def _batches(problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]) -> Iterator[CallJob]:
    one = limits_of(problem)
    limits = replace(one, cpu_s=_PATIENCE * one.cpu_s)
    slice_s = min(_SLICE_SECONDS, one.cpu_s)
    calls = [Call(item.args, item.kwargs, slice_s) for item in inputs]
    for source in sources:
        entry = entry_of(problem, source)
        yield batch_job(source, entry.function, calls, limits, whole=True, prelude=entry.prelude)


def _unpack(result: RunResult, width: int, comparator: Comparator) -> tuple[Observation, ...] | None:
    """The observations in a batch; None if it is not what an honest one is."""
    answers = answers_of(result, width)
    if answers is None or len(answers.calls) < width:
        return None
    return tuple(_observation(answer, comparator) for answer in answers.calls)


def _observation(answer: Answer, comparator: Comparator) -> Observation:
    if answer is None:
        return _LATE
    if isinstance(answer, str):
        return Observation(FAILED, cut(f"[{Status.RTE}] {answer}"))
    return Observation(value_key(answer[0], comparator), cut(shown_value(answer[0])))


def _one_by_one(
    box: Sandbox, problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]
) -> list[tuple[Observation, ...]]:
    """Every input in a process of its own, until a program has gone over its limits `STRIKES` times."""
    rows: list[list[Observation]] = [[] for _ in sources]
    strikes = [0] * len(sources)

    def trials() -> Iterator[tuple[int, GeneratedInput]]:
        for number in range(len(sources)):
            for item in inputs:
                if strikes[number] == STRIKES:
                    break
                yield number, item

    def to_job(trial: tuple[int, GeneratedInput]) -> Job:
        return job_of(problem, sources[trial[0]], trial[1])

    pairs = run_all(box, trials(), to_job)
    for (number, _), result, observation in outcomes(
        pairs, lambda _, result: _observation_of_run(problem, result)
    ):
        if strikes[number] < STRIKES:  # one that was under way when the last strike came does not count
            rows[number].append(observation)
            strikes[number] += result.status in _OVER
    return [tuple(row) + (_NOT_RUN,) * (len(inputs) - len(row)) for row in rows]


def _observation_of_run(problem: Problem, result: RunResult) -> Observation:
    """A run by itself, with all that came out where a checker may be asked about it."""
    has_question = (
        may_need_checkers(problem) and result.status is Status.OK and len(result.stdout) <= _LONGEST_TEXT
    )
    return Observation(
        behaviour_key(result, problem.comparator),
        cut(shown_result(result)),
        text=result.stdout if has_question else None,
    )
