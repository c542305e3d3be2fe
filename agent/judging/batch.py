"""Calls of one function in one process: a hundred inputs cost one run.

The process holds inputs and no expected values, so all that a program can do there is to answer an input with a
value, which is what it is asked to do: counting its calls tells it nothing that its arguments would not tell. A
call has a slice of processor time, which a timer in the process ends; a program that stops the timer still has the
limits of the whole run, which nothing in the process can move.

Not covered: what to do with a batch that does not come back whole (`agent.observe`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sandbox import CallJob, CallResult, Status

if TYPE_CHECKING:
    from sandbox import Limits, RunResult

STRIKES = 3
"""So many slow calls of a batch get a whole slice, further ones a tenth: forty whole ones would take seconds."""
_FUNCTION = "alphasolve_calls__"
# A call's answer is a list of its value, the complaint that ended it, or None if it was late. What it prints goes
# nowhere, so that a chatty program is not held against the limit on output. The timer repeats, for programs that
# catch everything, and counts what the kernel does for a call, too.
_BATCH = f"""

def {_FUNCTION}(name, calls, whole):
    import os, signal, sys, time
    class Late(BaseException):
        pass
    def end(number, frame):
        raise Late
    signal.signal(signal.SIGPROF, end)
    sys.stdout = sys.stderr = open(os.devnull, "w")
    answers, took = [], []
    for args, kwargs, seconds in calls:
        begin = time.process_time()
        try:
            try:
                slice = seconds if answers.count(None) < {STRIKES} else seconds / 10
                signal.setitimer(signal.ITIMER_PROF, slice, slice)
                function = globals()[name] if name in globals() else getattr(globals()["Solution"](), name)
                answer = [function(*args, **kwargs)]
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except Late:
            answer = None
        except Exception as error:
            answer = type(error).__name__ + ": " + str(error)[:200]
        took.append(time.process_time() - begin)
        answers.append(answer)
        if not whole and not isinstance(answer, list):
            break
    return answers, took
"""

Answer: TypeAlias = "list[Any] | str | None"
"""Of one call: its value in a list, the complaint that ended it, or None if it took longer than its slice."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a batch."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    slice_s: float
    """CPU time that it may take, seconds."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back from a batch."""

    calls: list[Answer]
    """In the order of the calls; a batch that ends at the first failure has no more after it."""
    cpu_s: list[float]
    """CPU time of each call as the process tells it, seconds: to be believed only where it is trusted."""


def batch_job(
    source: str,
    function: str,
    calls: Sequence[Call],
    limits: Limits,
    *,
    whole: bool,
    prelude: str = "",
) -> CallJob:
    """The job that makes `calls` of a program's function, or of the method of its class `Solution`.

    Args:
        source: the program.
        function: its name; a method gets a new object for every call.
        calls: in the order in which they are made.
        limits: of all calls together.
        whole: go on after a call that failed.
        prelude: runs before the program (`CallJob.prelude`).
    """
    arguments = [(call.args, dict(call.kwargs), call.slice_s) for call in calls]
    args = (function, cast("Any", arguments), whole)
    return CallJob(source + _BATCH, _FUNCTION, args, limits=limits, prelude=prelude)


def answers_of(result: RunResult, most: int) -> Answers | None:
    """The answers in a run of `batch_job`; None where it is not what an honest run of `most` calls returns."""
    value = result.value if isinstance(result, CallResult) and result.status is Status.OK else None
    match value:
        case ([*calls], [*cpu_s]) if len(calls) == len(cpu_s) <= most and all(map(_is_answer, calls)):
            if all(isinstance(seconds, float) for seconds in cpu_s):
                return Answers(cast("list[Answer]", calls), cast("list[float]", cpu_s))
    return None


def _is_answer(answer: object) -> bool:
    return answer is None or isinstance(answer, str) or (isinstance(answer, list) and len(answer) == 1)
