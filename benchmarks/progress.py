"""How far a long run is: a live line with rate and time left, or, off a terminal, a plain line now and then."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_EVERY_SECONDS = 30.0


class ProgressLine:
    """Progress of one phase. Use it as a context manager."""

    def __init__(self, what: str, *, count: int, total: int, unit: str, quiet: bool = False) -> None:
        """Begin at `count` of `total`; the rate counts `unit` per second."""
        self._what, self._unit = what, unit
        self._count, self._total = count, total
        self._units = 0
        self._since = self._last_shown = time.monotonic()
        self._begun_at = count
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._live = self._console.is_terminal and not quiet
        self._progress = Progress(
            TextColumn(what),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
            disable=not self._live,
            speed_estimate_period=300,
        )
        self._task = self._progress.add_task(what, total=total, completed=count, rate="")

    def step(self, units: int = 1) -> None:
        """One more is done; it was worth `units`."""
        self._count += 1
        self._units += units
        now = time.monotonic()
        rate = f"{self._units / max(now - self._since, 1e-3):.1f} {self._unit}/s"
        self._progress.update(self._task, completed=self._count, rate=rate)
        if not self._live and (self._count == self._total or now - self._last_shown > _EVERY_SECONDS):
            self._last_shown = now
            share = (now - self._since) / (self._count - self._begun_at)
            remaining = share * (self._total - self._count)
            self._console.print(f"{self._what}: {self._count} of {self._total}, {rate}, {remaining:.0f} s left")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
