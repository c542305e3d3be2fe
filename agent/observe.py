"""Behaviour: what candidates do on inputs whose right answers nobody knows.

All calls of one function run in one process, a fresh one per candidate: there is nothing in it but inputs, so a
candidate gains nothing there, and a hundred inputs cost one run. A batch that does not come back whole is repeated
call by call. Programs that read standard input have a process per input.

Not covered: public cases, whose every run has a process of its own (`agent.judge`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from agent.judge import FAILED, behaviour_key, job_of, limits_of, value_key
from agent.shown import cut, shown_result, shown_value
from agent.types import Observation
from sandbox import CallJob, CallResult, Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from problems import Problem
    from sandbox import RunResult, Sandbox

_FUNCTION = "alphasolve_calls__"
# A call's answer is a list of its value, or the complaint that ended it. What it prints goes nowhere.
_BATCH = f"""

def {_FUNCTION}(name, calls):
    import os, sys
    sys.stdout = open(os.devnull, "w")
    answers = []
    for args, kwargs in calls:
        try:
            function = globals()[name] if name in globals() else getattr(globals()["Solution"](), name)
            answers.append([function(*args, **kwargs)])
        except Exception as error:
            answers.append(type(error).__name__ + ": " + str(error)[:200])
    return answers
"""
_PATIENCE = 2  # a batch may take this many times as long as one call


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
    rows = [_unpacked(result, len(inputs)) for result in box.run_many(_batches(problem, sources, inputs))]
    lost = [source for source, row in zip(sources, rows, strict=True) if row is None]
    again = iter(_one_by_one(box, problem, lost, inputs))
    return [next(again) if row is None else row for row in rows]


def _batches(problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]) -> Iterator[CallJob]:
    one = limits_of(problem)
    limits = replace(one, cpu_s=_PATIENCE * one.cpu_s)
    calls = [(given.args, dict(given.kwargs)) for given in inputs]
    for source in sources:
        yield CallJob(source + _BATCH, _FUNCTION, (problem.entry_point, cast("Any", calls)), limits=limits)


def _unpacked(result: RunResult, width: int) -> tuple[Observation, ...] | None:
    """The observations in a batch; None if it is not what an honest one is."""
    answers = result.value if isinstance(result, CallResult) and result.status is Status.OK else None
    if not isinstance(answers, list) or len(answers) != width:
        return None
    seen = []
    for answer in answers:
        if isinstance(answer, str):
            seen.append(Observation(FAILED, cut(f"[{Status.RTE}] {answer}")))
        elif isinstance(answer, list) and len(answer) == 1:
            seen.append(Observation(value_key(answer[0]), cut(shown_value(answer[0]))))
        else:
            return None
    return tuple(seen)


def _one_by_one(
    box: Sandbox, problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]
) -> list[tuple[Observation, ...]]:
    """Every input in a process of its own."""
    results = box.run_many(job_of(problem, source, given) for source in sources for given in inputs)
    seen = (Observation(behaviour_key(r, problem.comparator), cut(shown_result(r))) for r in results)
    return [tuple(islice(seen, len(inputs))) for _ in sources]
