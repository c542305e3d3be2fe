"""Behaviour: what candidates do on inputs whose right answers nobody knows.

All calls of one function run in one process, a fresh one per candidate: there is nothing in it but inputs, so a
candidate gains nothing there, and a hundred inputs cost one run. A batch that does not come back whole is repeated
call by call. Programs that read standard input have a process per input.

Generated inputs may be of any size, and a slow program must not take its whole time limit on every one of them: a
call in a batch has a slice of processor time, which a timer in the process ends, and a program that ran over its
limits a few times by itself is not run on what is left.

Not covered: public cases, whose every run has a process of its own (`agent.judge`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from agent.judge import FAILED, behaviour_key, job_of, limits_of, value_key
from agent.shown import cut, shown_result, shown_value
from agent.types import Observation
from sandbox import CallJob, CallResult, Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from problems import Problem
    from sandbox import Job, RunResult, Sandbox

_FUNCTION = "alphasolve_calls__"
_SLICE_SECONDS = 0.25
_STRIKES = 3
"""So many late calls of a batch get a whole slice, further ones a tenth, or forty of them would take ten seconds;
after as many runs over its limits a program is not run on further inputs."""
# A call's answer is a list of its value, the complaint that ended it, or None if it was late. What it prints goes
# nowhere. The timer repeats, for programs that catch everything.
_BATCH = f"""

def {_FUNCTION}(name, calls, seconds):
    import os, signal, sys
    class Late(BaseException):
        pass
    def end(number, frame):
        raise Late
    signal.signal(signal.SIGVTALRM, end)
    sys.stdout = open(os.devnull, "w")
    answers = []
    for args, kwargs in calls:
        try:
            try:
                slice = seconds if answers.count(None) < {_STRIKES} else seconds / 10
                signal.setitimer(signal.ITIMER_VIRTUAL, slice, slice)
                function = globals()[name] if name in globals() else getattr(globals()["Solution"](), name)
                answer = [function(*args, **kwargs)]
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except Late:
            answer = None
        except Exception as error:
            answer = type(error).__name__ + ": " + str(error)[:200]
        answers.append(answer)
    return answers
"""
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
    rows = [_unpacked(result, len(inputs)) for result in box.run_many(_batches(problem, sources, inputs))]
    lost = [source for source, row in zip(sources, rows, strict=True) if row is None]
    again = iter(_one_by_one(box, problem, lost, inputs))
    return [next(again) if row is None else row for row in rows]


def _batches(problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]) -> Iterator[CallJob]:
    one = limits_of(problem)
    limits = replace(one, cpu_s=_PATIENCE * one.cpu_s)
    calls = [(given.args, dict(given.kwargs)) for given in inputs]
    for source in sources:
        arguments = (problem.entry_point, cast("Any", calls), min(_SLICE_SECONDS, one.cpu_s))
        yield CallJob(source + _BATCH, _FUNCTION, arguments, limits=limits)


def _unpacked(result: RunResult, width: int) -> tuple[Observation, ...] | None:
    """The observations in a batch; None if it is not what an honest one is."""
    answers = result.value if isinstance(result, CallResult) and result.status is Status.OK else None
    if not isinstance(answers, list) or len(answers) != width:
        return None
    seen = []
    for answer in answers:
        if answer is None:
            seen.append(_LATE)
        elif isinstance(answer, str):
            seen.append(Observation(FAILED, cut(f"[{Status.RTE}] {answer}")))
        elif isinstance(answer, list) and len(answer) == 1:
            seen.append(Observation(value_key(answer[0]), cut(shown_value(answer[0]))))
        else:
            return None
    return tuple(seen)


def _one_by_one(
    box: Sandbox, problem: Problem, sources: Sequence[str], inputs: Sequence[GeneratedInput]
) -> list[tuple[Observation, ...]]:
    """Every input in a process of its own, until a program has gone over its limits `_STRIKES` times."""
    rows: list[list[Observation]] = [[] for _ in sources]
    strikes = [0] * len(sources)
    asked: deque[int] = deque()

    def jobs() -> Iterator[Job]:
        for number, source in enumerate(sources):
            for given in inputs:
                if strikes[number] == _STRIKES:
                    break
                asked.append(number)
                yield job_of(problem, source, given)

    for result in box.run_many(jobs()):
        number = asked.popleft()
        if strikes[number] < _STRIKES:  # one that was under way when the last strike came does not count
            rows[number].append(Observation(behaviour_key(result, problem.comparator), cut(shown_result(result))))
            strikes[number] += result.status in _OVER
    return [tuple(row) + (_NOT_RUN,) * (len(inputs) - len(row)) for row in rows]
