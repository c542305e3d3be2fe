"""Several slots as one `Sandbox`: jobs go where there is room, results come back in order.

The thread that iterates drives its own slots, so there is no thread per slot and no hand-over; several threads
may use one pool, each with the slots that happen to be free.

Runs that *we* lost (a slot died, a frame was malformed) are repeated once on a new slot before they become a
`SandboxError`; a daemon that restarts is waited for, and whatever it took down is repeated. A run over its CPU
limit beside others is repeated alone before it counts, because shared caches and clocks cost CPU time too.

Not covered: what a slot is (`slot`), how it is confined (`docker_slot`, `bwrap_slot`).
"""

from __future__ import annotations

import selectors
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from sandbox.batched import Batched
from sandbox.slot import GRACE_SECONDS, Slot
from sandbox.types import (
    Job,
    RunResult,
    SandboxError,
    SandboxUnavailable,
    Status,
)

_WINDOW = 32
_ATTEMPTS = 2
AWAY_SECONDS = 60.0
"""How long a backend that answered once may be away, as while its daemon restarts."""
_TROUBLE_SECONDS = 5.0
"""How long to go on trying when it answers, but a new slot does not come up."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


class Backend(Protocol):
    """Makes slots of one kind."""

    @property
    def name(self) -> str:
        """The word for `Sandbox.backend`."""

    def start(self, index: int, cpu: int | None) -> Slot:
        """A new, warm slot on core `cpu`. Raises SandboxUnavailable when it is away, SandboxError otherwise."""

    def close(self) -> None:
        """Release what the backend itself holds."""


@dataclass(slots=True)
class _Seat:
    """A place for a slot: the slot may be replaced, the place stays."""

    index: int
    cpu: int | None
    trusted: bool = False
    """Whether it is for trusted jobs, and for no others."""
    slot: Slot | None = None
    since: float = 0.0
    """On the monotonic clock: when its slot came up."""


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

    seat: _Seat
    ticket: _Ticket
    deadline: float
    """On the monotonic clock: when to stop waiting for its slot."""


class SlotPool(Batched):
    """A `Sandbox` of several slots."""

    def __init__(self, backend: Backend, cpus: list[int | None]) -> None:
        """Start one slot per entry of `cpus`.

        Raises:
            SandboxError: a slot did not come up.
        """
        self._backend = backend
        self._seats = [_Seat(index, cpu) for index, cpu in enumerate(cpus)]
        # Their slots start when they are first needed: solving never needs them.
        self._trusted = [_Seat(index, cpu, trusted=True) for index, cpu in enumerate(cpus, len(cpus))]
        self._free: dict[bool, deque[_Seat]] = {False: deque(), True: deque(reversed(self._trusted))}
        self._changed = threading.Condition()
        self._closed = False
        self._closing = threading.Event()
        self._refills: list[threading.Thread] = []
        # Close what is open if the owner forgets to, or the interpreter ends.
        self._finalizer = weakref.finalize(self, _close_all, [*self._seats, *self._trusted], backend)
        try:
            with ThreadPoolExecutor(len(self._seats)) as starters:
                list(starters.map(self._start, self._seats))
        except BaseException:
            self._finalizer()
            raise
        self._free[False].extend(self._seats)

    @property
    def backend(self) -> str:
        """Which kind of slot runs the programs."""
        return self._backend.name

    @property
    def slots(self) -> int:
        """How many programs run at once."""
        return len(self._seats)

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`."""
        return _Batch(self, iter(jobs)).results()

    def close(self) -> None:
        """See `Sandbox.close`."""
        with self._changed:
            self._closed = True
            self._closing.set()
            self._free = {False: deque(), True: deque()}
            self._changed.notify_all()
            refills = list(self._refills)
        for refill in refills:  # a slot that came up after the backend was released would keep it open
            refill.join()
        self._finalizer()

    def take(self, *, trusted: bool, wait: bool) -> _Seat | None:
        """A free seat of that kind with a live slot; None when there is none and `wait` is not set.

        Raises:
            SandboxError: the pool is closed, or a slot cannot be started.
        """
        with self._changed:
            while not self._free[trusted] and wait and not self._closed:
                self._changed.wait()
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if not self._free[trusted]:
                return None
            # The last one back is the one whose slot is sure to be up.
            seat = self._free[trusted].pop() if trusted else self._free[trusted].popleft()
        self._fill(seat)
        return seat

    def replace(self, seat: _Seat) -> None:
        """Give a seat that was taken another slot.

        Raises:
            SandboxError: none came up; the seat is given back.
        """
        _close_seat(seat)
        self._fill(seat)

    def give_back(self, seat: _Seat) -> None:
        """Let others have the seat."""
        with self._changed:
            if not self._closed:
                self._free[seat.trusted].append(seat)
                self._changed.notify_all()
                return
        _close_seat(seat)

    def renew(self, seat: _Seat) -> None:
        """Throw the seat's slot away and start another in the background; the seat is free again then."""
        _close_seat(seat)

        def refill() -> None:
            try:
                if not self._closed:
                    self._start(seat)
            except SandboxError:
                pass  # `take` tries again, with patience, and then the caller hears of it
            finally:
                self.give_back(seat)

        with self._changed:
            self._refills = [thread for thread in self._refills if thread.is_alive()]
            self._refills.append(threading.Thread(target=refill, daemon=True))
            self._refills[-1].start()

    def _fill(self, seat: _Seat) -> None:
        try:
            begin, pause = time.monotonic(), _FIRST_PAUSE
            while seat.slot is None:
                try:
                    self._start(seat)
                except SandboxError as error:
                    self._wait(error, pause, time.monotonic() - begin)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except BaseException:
            self.give_back(seat)
            raise

    def _wait(self, error: SandboxError, pause: float, waited_s: float) -> None:
        """Wait until trying again makes sense; raises SandboxError when it has been tried for too long."""
        patience = AWAY_SECONDS if isinstance(error, SandboxUnavailable) else _TROUBLE_SECONDS
        if waited_s > patience:
            raise SandboxError(f"no slot came up for {patience:.0f} s: {error}") from error
        if self._closing.wait(pause):
            raise SandboxError("the sandbox is closed") from error

    def _start(self, seat: _Seat) -> None:
        seat.slot = self._backend.start(seat.index, seat.cpu)
        seat.since = time.monotonic()


class _Batch:
    """One `run_many`: what is waiting, under way, and done but not yet due."""

    def __init__(self, pool: SlotPool, jobs: Iterator[Job]) -> None:
        self._pool = pool
        self._jobs = enumerate(jobs)
        self._again: deque[_Ticket] = deque()
        self._alone: deque[_Ticket] = deque()
        self._busy: dict[int, _Running] = {}
        self._done: dict[int, RunResult] = {}
        self._due = 0
        self._exhausted = False
        self._selector = selectors.DefaultSelector()

    def results(self) -> Iterator[RunResult]:
        """Yield in order; whatever is still running when the consumer stops is thrown away with its slot."""
        try:
            while True:
                while self._due in self._done:
                    result = self._done.pop(self._due)
                    self._due += 1
                    yield result
                self._fill_slots()
                if not self._busy:
                    return
                patience = min(running.deadline for running in self._busy.values()) - time.monotonic()
                for key, _ in self._selector.select(max(patience, 0)):
                    self._collect(key.fd)
                self._drop_late()
        finally:
            for running in self._busy.values():
                self._pool.renew(running.seat)
            self._selector.close()

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
        if self._exhausted or len(self._done) >= _WINDOW:
            return None
        order, job = next(self._jobs, (-1, None))
        if job is None:
            self._exhausted = True
            return None
        return _Ticket(order, job)

    def _start(self, seat: _Seat, ticket: _Ticket) -> None:
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
        if answer.result.status is Status.TLE and ticket.had_neighbour and not ticket.alone:
            self._alone.append(_Ticket(ticket.order, ticket.job, alone=True))
        else:
            self._done[ticket.order] = answer.result

    def _retry(self, seat: _Seat, ticket: _Ticket, error: SandboxError) -> None:
        """Our failure: once more on a new slot, then it is an error."""
        self._pool.renew(seat)
        if ticket.attempts >= _ATTEMPTS:
            raise SandboxError(f"a run was lost {_ATTEMPTS} times: {error}") from error
        ticket.lost_at = time.monotonic()
        self._again.append(ticket)


def _close_seat(seat: _Seat) -> None:
    slot, seat.slot = seat.slot, None
    if slot is not None:
        slot.close()


def _close_all(seats: list[_Seat], backend: Backend) -> None:
    """Close every slot at once: each takes a moment."""
    threads = [threading.Thread(target=_close_seat, args=(seat,)) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    backend.close()
