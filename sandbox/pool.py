"""Several slots as one `Sandbox`: jobs go where there is room, results come back in order.

Several threads may use one pool, each with the slots that happen to be free. A daemon that restarts is waited for.

Not covered: how jobs are handed to slots, and which are repeated (`batch`); what a slot is (`slot`), and how it is
confined (`docker_slot`, `bwrap_slot`).
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from sandbox.batch import Batch
from sandbox.batched import Batched
from sandbox.slot import OuterView, Slot
from sandbox.types import (
    Job,
    RunResult,
    SandboxError,
    SandboxUnavailable,
)

_DECODERS = 2
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

    def start(self, cpu: int | None) -> Slot:
        """A new, warm slot on core `cpu`. Raises SandboxUnavailable when it is away, SandboxError otherwise."""

    def close(self) -> None:
        """Release what the backend itself holds."""


@dataclass(slots=True)
class Seat:
    """A place for a slot: the slot may be replaced, the place stays."""

    cpu: int | None
    trusted: bool = False
    """Whether it is for trusted jobs, and for no others."""
    slot: Slot | None = None
    since: float = 0.0
    """On the monotonic clock: when its slot came up."""


class SlotPool(Batched):
    """A `Sandbox` of several slots."""

    def __init__(self, backend: Backend, cpus: list[int | None]) -> None:
        """Start one slot per entry of `cpus`.

        Raises:
            SandboxError: a slot did not come up.
        """
        self._backend = backend
        self._seats = [Seat(cpu) for cpu in cpus]
        # Their slots start when they are first needed: solving never needs them.
        self._trusted = [Seat(cpu, trusted=True) for cpu in cpus]
        self._free: dict[bool, deque[Seat]] = {False: deque(), True: deque(reversed(self._trusted))}
        self._changed = threading.Condition()
        self._closed = False
        self._closing = threading.Event()
        # Its threads start when they are first needed. Few: a value may take half a GB while it is decoded.
        self.decoders = ThreadPoolExecutor(_DECODERS, thread_name_prefix="decoder")
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
        return Batch(self, iter(jobs)).results()

    def look(self) -> OuterView:
        """What is known from outside of a slot that candidates run in.

        Raises:
            SandboxError: none comes up, or whoever keeps it does not say.
        """
        seat = self.take(trusted=False, wait=True)
        assert seat is not None
        assert seat.slot is not None
        try:
            return seat.slot.look()
        finally:
            self.give_back(seat)

    def close(self) -> None:
        """See `Sandbox.close`."""
        with self._changed:
            self._closed = True
            self._closing.set()
            self._free = {False: deque(), True: deque()}
            self._changed.notify_all()
            refills = list(self._refills)
        self.decoders.shutdown(wait=False, cancel_futures=True)
        for refill in refills:  # a slot that came up after the backend was released would keep it open
            refill.join()
        self._finalizer()

    def take(self, *, trusted: bool, wait: bool) -> Seat | None:
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

    def replace(self, seat: Seat) -> None:
        """Give a seat that was taken another slot.

        Raises:
            SandboxError: none came up; the seat is given back.
        """
        _close_seat(seat)
        self._fill(seat)

    def give_back(self, seat: Seat) -> None:
        """Let others have the seat."""
        with self._changed:
            if not self._closed:
                self._free[seat.trusted].append(seat)
                self._changed.notify_all()
                return
        _close_seat(seat)

    def renew(self, seat: Seat) -> None:
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

    def _fill(self, seat: Seat) -> None:
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

    def _start(self, seat: Seat) -> None:
        seat.slot = self._backend.start(seat.cpu)
        seat.since = time.monotonic()


def _close_seat(seat: Seat) -> None:
    slot, seat.slot = seat.slot, None
    if slot is not None:
        slot.close()


def _close_all(seats: list[Seat], backend: Backend) -> None:
    """Close every slot at once: each takes a moment."""
    threads = [threading.Thread(target=_close_seat, args=(seat,)) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    backend.close()
