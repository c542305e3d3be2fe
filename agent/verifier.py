"""A second model beside the solver, which writes what tells programs apart, and judges rivals.

One at a server works while the solver does, and the first judgement waits for its answers. One on this machine is
asked before the first judgement: it would take the processor from a solver here, and a server goes on meanwhile.
Where it fails that is said in a line, and the solver's programs are chosen among without it.

Not covered: what is asked (`agent.rounds`, `agent.rivals`).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent.interrupts import SamplingStopped
from agent.rivals import ModelArbiter
from agent.rounds import helper_requests
from agent.sampling import Completion, Remote, SamplerError
from agent.tally import leftovers_of

if TYPE_CHECKING:
    from agent.budget import Budget
    from agent.rivals import Arbiter
    from agent.sampling import Sampler
    from agent.tally import Tally
    from agent.types import Events, SolveOptions
    from problems import Problem

_GOODBYE_S = 0.5
_LATE = "not every answer had come when the time was over"


class _Aside:
    """Answers of a server, drawn on a thread that may be left alone."""

    def __init__(self, stream: Generator[Completion]) -> None:
        self._stream = stream
        self._results: queue.SimpleQueue[Completion | BaseException | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="verifier", daemon=True)
        self._thread.start()

    def next_answer(self, until: float) -> Completion | None:
        """The next one, None at the end; raises whatever the server's sampler did, or that it is too late."""
        wait = min(max(until - time.monotonic(), 0.0), threading.TIMEOUT_MAX)
        try:
            result = self._results.get(timeout=wait)
        except queue.Empty:
            raise SamplerError(_LATE) from None
        if isinstance(result, BaseException):
            raise result
        return result

    def close(self) -> bool:
        """Ask for nothing more; returns whether that has taken effect."""
        self._stop.set()
        self._thread.join(_GOODBYE_S)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            with closing(self._stream) as stream:
                for completion in stream:
                    self._results.put(completion)
                    if self._stop.is_set():
                        break
            self._results.put(None)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the answers is told
            self._results.put(error)


class _Here:
    """Answers of a model on this machine, drawn when they are wanted: a thread with it could not be left alone."""

    def __init__(self, stream: Generator[Completion]) -> None:
        self._stream = stream

    def next_answer(self, until: float) -> Completion | None:
        """See `_Aside`. The model breaks off by itself what is under way when it is too late."""
        answer = None if time.monotonic() > until else next(self._stream, None)
        if answer is None and time.monotonic() > until:
            raise SamplerError(_LATE)
        return answer

    def close(self) -> bool:
        """See `_Aside`."""
        self._stream.close()
        return True


class Verifier:
    """Asked from the start. Use it as a context manager: at the end nothing more is asked."""

    def __init__(
        self, problem: Problem, sampler: Sampler | None, options: SolveOptions, budget: Budget, events: Events
    ) -> None:
        """Begin.

        Args:
            problem: what is solved.
            sampler: the model; None where there is no second one, and then nothing is done.
            options: what it is asked for; not yet those of the solver's profile.
            budget: pays.
            events: told where it fails.
        """
        self._sampler = sampler
        self._options = options if sampler is None else options.for_verifier(sampler)
        self._budget = budget
        self._events = events
        self._until = budget.end_after(self._options.max_seconds)
        asked = [] if sampler is None else helper_requests(problem, self._options)
        self._requests = [(replace(request, until=self._until), purpose) for request, purpose in asked]
        self._has_failed = False
        self._source = None if sampler is None or not self._requests else self._begin(sampler)
        self._missing = sum(request.params.n for request, _ in self._requests) if self._source else 0

    def arbiter(self, pay: Callable[[Tally], None]) -> Arbiter | None:
        """The model as a judge; None where it has failed, or is still at work. `pay` is told what answers cost."""
        if self._sampler is None or self._has_failed or self._missing:
            return None
        self._budget.until = self._until
        return ModelArbiter(self._sampler, self._budget, pay, self._options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._source is not None and self._sampler is not None and self._source.close():
            self._budget.waste(leftovers_of(self._sampler).unused)

    def beside(self, rounds: Iterable[list[Completion]]) -> Iterator[list[Completion]]:
        """The solver's rounds, with all that this model wrote in the first of them."""
        for completions in rounds:
            yield [*self._answers(), *completions]

    def _answers(self) -> Iterator[Completion]:
        """What it wrote, waited for until the time is over or Ctrl-C comes; the second time nothing."""
        while self._missing and (answer := self._next()) is not None:
            self._missing -= 1
            request, purpose = self._requests[answer.request]
            self._budget.pay(answer)
            yield replace(answer, purpose=purpose, prompt=request.prompt)
        self._missing = 0

    def _next(self) -> Completion | None:
        """The next answer; None at the end, and where none comes any more."""
        assert self._source is not None
        interrupt = self._budget.interrupt
        try:
            with interrupt.breakable():
                if not interrupt.came:
                    return self._source.next_answer(self._until)
        except SamplingStopped:
            pass  # as where Ctrl-C came before
        except SamplerError as error:
            self._events.lost(f"verifier: {error}")
        self._has_failed = True
        return None

    def _begin(self, sampler: Sampler) -> _Aside | _Here | None:
        try:
            # At once, so that what it may cost is put aside before the solver asks for more.
            stream = sampler.sample([request for request, _ in self._requests])
        except SamplerError as error:
            self._events.lost(f"verifier: {error}")
            self._has_failed = True
            return None
        return _Aside(stream) if isinstance(sampler, Remote) and sampler.is_remote else _Here(stream)
