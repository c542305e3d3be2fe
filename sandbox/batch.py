"""One `run_many` over the slots of a pool: what is waiting, under way, done, and due.

The thread that iterates drives its own slots, so there is no thread per slot and no hand-over. Only values that a
hostile program could have made slow to decode are decoded elsewhere, so that runs beside it are served meanwhile.

Runs that *we* lost (a slot died, a frame was malformed) are repeated once on a new slot before they become a
`SandboxError`; whatever a daemon that restarts took down is repeated. A run over its CPU limit beside others is
repeated alone before it counts, because shared caches and clocks cost CPU time too; so is one that passed its wall
limit after it lost time to others on the host.

Not covered: slots and the places for them (`pool`).
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.slot import GRACE_SECONDS, Answer
from sandbox.types import Job, RunResult, SandboxError, Status

if TYPE_CHECKING:
    from sandbox.pool import Seat, SlotPool

_WINDOW = 32
_ATTEMPTS = 2
_LOST_SECONDS = 0.25
"""A run that outlasts its wall limit by more than this waited for a core; noticing its end takes no longer."""


@dataclass(slots=True)
class _Ticket:
    """A job under way."""

    order: int
    job: Job
    attempts: int = 0
    had_neighbour: bool = False
    """Whether another run of ours was under way at the same time."""
    lost_at: float = 0.0
    """On the monotonic clock: when it was last lost."""
    alone: bool = False
    """Whether this is the repetition that nothing else may disturb."""


@dataclass(slots=True)
class _Running:
    """A run under way."""

    seat: Seat
    ticket: _Ticket
    deadline: float
    """On the monotonic clock: when to stop waiting for its slot."""


class Batch:
    """One `run_many`: what is waiting, under way, and done but not yet due."""

    def __init__(self, pool: SlotPool, jobs: Iterator[Job]) -> None:
        self._pool = pool
        self._jobs = enumerate(jobs)
        self._again: deque[_Ticket] = deque()
        self._alone: deque[_Ticket] = deque()
        self._busy: dict[int, _Running] = {}
        self._done: dict[int, RunResult] = {}
        self._decoding: dict[int, Future[RunResult]] = {}
        self._due = 0
        self._exhausted = False
        self._selector = selectors.DefaultSelector()
        self._bell: tuple[socket.socket, socket.socket] | None = None

    def results(self) -> Iterator[RunResult]:
        """Yield in order; whatever is still running when the consumer stops is thrown away with its slot."""
        try:
            while True:
                while self._due in self._done:
                    result = self._done.pop(self._due)
                    self._due += 1
                    yield result
                self._fill_slots()
                if not self._busy and not self._decoding:
                    return
                self._wait()
                self._drop_late()
        finally:
            for running in self._busy.values():
                self._pool.renew(running.seat)
            self._selector.close()
            for future in self._decoding.values():
                future.cancel()
            for end in self._bell or ():
                end.close()

    def _wait(self) -> None:
        """Take in what comes next: answers of slots, and values that are decoded by now."""
        now = time.monotonic()
        patience = min((running.deadline - now for running in self._busy.values()), default=None)
        for key, _ in self._selector.select(None if patience is None else max(patience, 0)):
            if self._bell and key.fileobj is self._bell[0]:
                self._bell[0].recv(_WINDOW)
            else:
                self._collect(key.fd)
        for order in [order for order, future in self._decoding.items() if future.done()]:
            try:
                self._done[order] = self._decoding.pop(order).result()
            except CancelledError:
                raise SandboxError("the sandbox is closed") from None

    def _decode(self, order: int, answer: Answer) -> None:
        """Let a thread decode the value, and ring when it is done."""
        if self._bell is None:
            self._bell = socket.socketpair()
            self._selector.register(self._bell[0], selectors.EVENT_READ)
        bell = self._bell[1]

        def ring(_: object) -> None:
            with suppress(OSError):  # nobody listens any more
                bell.send(b"!")

        try:
            self._decoding[order] = self._pool.decoders.submit(answer.whole)
        except RuntimeError:
            raise SandboxError("the sandbox is closed") from None
        self._decoding[order].add_done_callback(ring)

    def _fill_slots(self) -> None:
        """Start what may start now."""
        while not (self._busy and (self._alone or any(r.ticket.alone for r in self._busy.values()))):
            ticket = self._next()
            if ticket is None:
                return
            seat = self._pool.take(trusted=ticket.job.trusted, wait=not self._busy)
            if seat is None:
                self._again.appendleft(ticket)
                return
            self._start(seat, ticket)

    def _next(self) -> _Ticket | None:
        if self._alone:
            return self._alone.popleft()
        if self._again:
            return self._again.popleft()
        if self._exhausted or len(self._done) + len(self._decoding) >= _WINDOW:
            return None
        order, job = next(self._jobs, (-1, None))
        if job is None:
            self._exhausted = True
            return None
        return _Ticket(order, job)

    def _start(self, seat: Seat, ticket: _Ticket) -> None:
        if seat.since < ticket.lost_at:  # what took the last slot may have taken this one too
            self._pool.replace(seat)
        assert seat.slot is not None
        ticket.attempts += 1
        try:
            seat.slot.submit(ticket.job)
        except SandboxError as error:
            self._retry(seat, ticket, error)
            return
        descriptor = seat.slot.fileno()
        deadline = time.monotonic() + ticket.job.limits.wall_limit_s + GRACE_SECONDS
        self._busy[descriptor] = _Running(seat, ticket, deadline)
        self._selector.register(descriptor, selectors.EVENT_READ)
        if len(self._busy) > 1:
            for running in self._busy.values():
                running.ticket.had_neighbour = True

    def _drop_late(self) -> None:
        """A slot that says nothing long after its run must have ended (stopped, frozen) is lost."""
        now = time.monotonic()
        for descriptor, running in list(self._busy.items()):
            if running.deadline < now:
                del self._busy[descriptor]
                self._selector.unregister(descriptor)
                self._retry(running.seat, running.ticket, SandboxError("the slot does not answer"))

    def _collect(self, descriptor: int) -> None:
        """Take in one answer and free its slot."""
        running = self._busy.pop(descriptor)
        seat, ticket = running.seat, running.ticket
        self._selector.unregister(descriptor)
        assert seat.slot is not None
        try:
            answer = seat.slot.answer()
        except SandboxError as error:
            self._retry(seat, ticket, error)
            return
        except BaseException:
            self._pool.renew(seat)
            raise
        if answer.dirty:
            self._pool.renew(seat)
        else:
            self._pool.give_back(seat)
        if not ticket.alone and _may_be_our_fault(answer.result, ticket):
            self._alone.append(_Ticket(ticket.order, ticket.job, alone=True))
        elif answer.is_quick:
            self._done[ticket.order] = answer.whole()
        else:
            self._decode(ticket.order, answer)

    def _retry(self, seat: Seat, ticket: _Ticket, error: SandboxError) -> None:
        """Our failure: once more on a new slot, then it is an error."""
        self._pool.renew(seat)
        if ticket.attempts >= _ATTEMPTS:
            raise SandboxError(f"a run was lost {_ATTEMPTS} times: {error}") from error
        ticket.lost_at = time.monotonic()
        self._again.append(ticket)


def _may_be_our_fault(result: RunResult, ticket: _Ticket) -> bool:
    """Whether it ended at a limit that it might keep alone: CPU time beside others, or wall time that it lost.

    A wall limit passes late where a run stood ready and did not get a core, up to `wire.MAX_STARVED_SECONDS`.
    """
    if result.status is Status.IDLE:
        return result.wall_s > ticket.job.limits.wall_limit_s + _LOST_SECONDS
    return result.status is Status.TLE and ticket.had_neighbour
