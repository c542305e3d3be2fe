"""Threads that work through jobs, each with a tool of its own, for somebody who may stop waiting.

A job hands in its results one by one, and may leave further jobs behind.

Not covered: what the jobs are, and how a tool is made to let go (`agent.models.connection`).
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

Job = TypeVar("Job")
Tool = TypeVar("Tool")
Result = TypeVar("Result")

_GOODBYE_S = 0.5


class TooLate(Exception):
    """Nothing came in time."""


class Crew(Generic[Job, Tool, Result]):
    """Works from the start. Whoever makes one dismisses it."""

    def __init__(
        self,
        jobs: Iterable[Job],
        tools: Sequence[Tool],
        work: Callable[[Job, Tool, Crew[Job, Tool, Result]], object],
        *,
        let_go: Callable[[Tool], None],
    ) -> None:
        """Begin.

        Args:
            jobs: done in this order.
            tools: one for each thread.
            work: does a job with a tool, hands results in and adds jobs meanwhile, until `stop` is set, and then
                soon ends in whatever way.
            let_go: makes whoever works with the tool end; called from another thread.
        """
        self.stop = threading.Event()
        """Set when nobody waits for results any more."""
        self.last_round = threading.Event()
        """Set when nothing more is to be begun."""
        self._work = work
        self._let_go = let_go
        self._lock = threading.Lock()
        self._open = 0
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()
        self._tools = tools
        self._busy: set[int] = set()
        self.add(jobs)
        # Daemons: one that hangs where it cannot be woken, say in a search for an address, holds nobody up.
        self._threads = [threading.Thread(target=self._serve, args=(n,), daemon=True) for n in range(len(tools))]
        for thread in self._threads:
            thread.start()

    def add(self, jobs: Iterable[Job]) -> None:
        """Further jobs, done after those that are there."""
        for job in jobs:
            with self._lock:
                self._open += 1
            self._jobs.put(job)

    def hand_in(self, result: Result) -> None:
        """One more result."""
        self._results.put((result, None))

    def next_result(self, until: float = math.inf) -> Result | None:
        """What came next, in the order in which it was handed in; None once every job has ended.

        Args:
            until: how long to wait, by `time.monotonic()`.

        Raises:
            TooLate: nothing came until then.
            Exception: whatever a job raised.
        """
        while True:
            with self._lock:
                is_over = self._open == 0
            wait = None if math.isinf(until) else max(until - time.monotonic(), 0.0)
            try:
                result, error = self._results.get(timeout=0 if is_over else wait)
            except queue.Empty:
                if is_over:
                    return None
                raise TooLate from None
            if error is not None:
                raise error
            if result is not None:
                return result

    def begin_no_more(self) -> None:
        """Leave undone what nobody has begun."""
        self.last_round.set()
        with suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
                self._end_one()

    def dismiss(self) -> tuple[list[Tool], list[Result]]:
        """Break off what is under way, and wait a moment for the threads to notice.

        Returns:
            Tools to use again, and results that nobody took.
        """
        with self._lock:
            self.stop.set()
            busy = sorted(self._busy)
        for _ in self._threads:
            self._jobs.put(None)
        for number in busy:
            self._let_go(self._tools[number])
        end = time.monotonic() + _GOODBYE_S
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0.0))
        return [tool for number, tool in enumerate(self._tools) if number not in busy], self._rest()

    def _rest(self) -> list[Result]:
        results = []
        with suppress(queue.Empty):
            while True:
                result, _ = self._results.get_nowait()
                results += [result] if result is not None else []
        return results

    def _end_one(self) -> None:
        with self._lock:
            self._open -= 1
        self._results.put((None, None))  # wakes who waits

    def _serve(self, number: int) -> None:
        while (job := self._jobs.get()) is not None:
            with self._lock:
                if self.stop.is_set():
                    return
                self._busy.add(number)
            try:
                self._work(job, self._tools[number], self)
            except BaseException as error:  # noqa: BLE001 - whoever waits for the result raises it
                self._results.put((None, error))
            finally:
                with self._lock:
                    self._busy.discard(number)
                self._end_one()
