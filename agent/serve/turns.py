"""Turns at what only so many may use at once: few wait, not for long, and others are told when to come again.

Not covered: fairness between clients; turns are taken in the order of asking.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import anyio.to_thread

from agent.serve.errors import Busy

Result = TypeVar("Result")
_SMOOTHING = 0.2
"""Weight of the newest turn in what a turn is thought to take."""
_LONGEST_RETRY_S = 600


class Turns:
    """A queue in memory. For one event loop."""

    def __init__(self, at_once: int, *, waiting: int, patience_s: float, what: str) -> None:
        """Begin with nobody in it.

        Args:
            at_once: so many have a turn at a time.
            waiting: so many wait for one, at most.
            patience_s: how long, at most, seconds.
            what: what the turns are for, as in "judging is busy".
        """
        self._free = asyncio.Semaphore(at_once)
        self._at_once = at_once
        self._most_waiting = waiting
        self._patience_s = patience_s
        self._what = what
        self._turn_s = 1.0
        self.waiting = 0
        """How many wait."""
        self.running = 0
        """How many have a turn."""
        self._limiter: anyio.CapacityLimiter | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Have a turn, once there is one.

        Raises:
            Busy: too many wait already, or it took too long.
        """
        if self.waiting >= self._most_waiting:
            raise self._busy(f"{self._what} is busy: {self.waiting} requests wait already")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._busy(f"{self._what} is busy: no turn within {self._patience_s:g} s") from None
        finally:
            self.waiting -= 1
        begin = time.monotonic()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._turn_s += _SMOOTHING * (time.monotonic() - begin - self._turn_s)
            self._free.release()

    async def run(self, work: Callable[..., Result], *args: object, **options: object) -> Result:
        """Have a turn and do `work` in it, on a thread. The turn lasts as long as the work, whoever waits for it.

        Raises:
            Busy: see `turn`.
            Exception: whatever `work` raises.
        """
        if self._limiter is None:  # belongs to a loop, which there is none of where this is made
            self._limiter = anyio.CapacityLimiter(self._at_once)
        async with self.turn():
            return await anyio.to_thread.run_sync(partial(work, *args, **options), limiter=self._limiter)

    def _busy(self, message: str) -> Busy:
        seconds = self._turn_s * (self.waiting + 1) / self._at_once
        return Busy(message, retry_after_s=min(max(math.ceil(seconds), 1), _LONGEST_RETRY_S))
