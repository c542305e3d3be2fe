"""How many answers are under way at a time: more while the server is as quick as before, half when it is crowded.

Each answer that begins as soon as the quickest ones did makes room for one more, up to a cap; after the server was
crowded for the first time, a whole round of them does (slow start and congestion avoidance, as in TCP: Jacobson,
1988). Where a server lets requests wait, they begin late, and nothing grows.

Not covered: what tells of a crowd (`agent.models.connection`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_AS_QUICK = 2.0
_LEEWAY_S = 0.25
_LOOK_S = 0.05


class Throttle:
    """Shared by all threads that ask one server."""

    def __init__(self, start: int, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Let `start` answers be under way at first, and never more than `most`."""
        self._most = most
        self._clock = clock
        self._limit = float(min(start, most))
        self._under_way = 0
        self.peak = 0
        """How many answers were under way at most."""
        self._quickest = float("inf")
        self._is_careful = False
        self._changed = clock()
        self._condition = threading.Condition()

    @property
    def limit(self) -> int:
        """How many answers may be under way now."""
        return int(self._limit)

    def enter(self, count: int, is_in_vain: Callable[[], bool]) -> bool:
        """Wait until `count` more answers may be asked for, at most all that ever may; False if it is in vain."""
        with self._condition:
            while not is_in_vain():
                if not self._under_way or self._under_way + count <= self._limit:
                    self._under_way += count
                    self.peak = max(self.peak, self._under_way)
                    return True
                self._condition.wait(_LOOK_S)
        return False

    def leave(self, count: int) -> None:
        """So many answers are not under way any more."""
        with self._condition:
            self._under_way -= count
            self._condition.notify_all()

    def began(self, count: int, seconds: float) -> None:
        """So many answers began to come after so long."""
        with self._condition:
            self._quickest = min(self._quickest, seconds)
            if seconds <= _AS_QUICK * self._quickest + _LEEWAY_S:
                step = count / self._limit if self._is_careful else count
                self._limit = min(self._limit + step, self._most)
                self._condition.notify_all()

    def crowded(self, since: float) -> None:
        """The server was too busy for a request that was sent at `since`, by the clock.

        Requests that were sent before the last halving tell nothing new.
        """
        with self._condition:
            if since >= self._changed:
                self._limit = max(min(self._limit, self._under_way) / 2, 1.0)
                self._is_careful = True
                self._changed = self._clock()
