"""What an answer costs: a sandbox that counts what passes through it, and a clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox import Batched

if TYPE_CHECKING:
    from sandbox import Job, RunResult, Sandbox


@dataclass(frozen=True, slots=True)
class Cost:
    """What one `solve` used, tokens aside (`Evidence.tokens`)."""

    wall_s: float = 0.0
    """From the first request to the last verdict, seconds."""
    sandbox_s: float = 0.0
    """Of these, waiting for runs; most of the rest is the model's."""
    runs: int = 0
    """Programs run: candidates times inputs, and the verification."""
    cpu_s: float = 0.0
    """CPU time of these runs, seconds."""


class Meter(Batched):
    """A `Sandbox` that passes jobs on to another and adds up what they cost. Closing it closes nothing."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._since = time.monotonic()
        self._waited = 0.0
        self._runs = 0
        self._cpu_s = 0.0

    @property
    def backend(self) -> str:
        """See `Sandbox`."""
        return self._box.backend

    @property
    def slots(self) -> int:
        """See `Sandbox`."""
        return self._box.slots

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`."""
        results = iter(self._box.run_many(jobs))
        while True:
            start = time.monotonic()
            result = next(results, None)
            if result is None:
                return
            self._count(result, start)
            yield result

    def close(self) -> None:
        """Do nothing: the metered sandbox belongs to whoever opened it."""

    def cost(self) -> Cost:
        """The total so far."""
        return Cost(time.monotonic() - self._since, self._waited, self._runs, self._cpu_s)

    def _count(self, result: RunResult, start: float) -> None:
        self._waited += time.monotonic() - start
        self._runs += 1
        self._cpu_s += result.cpu_s
