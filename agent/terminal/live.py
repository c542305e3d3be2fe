"""The figures of a `solve` under way, one line per stage: live on a terminal, plain elsewhere.

Every figure is written out; bars and colours (blue and grey, which colour-blind people can tell apart) only repeat
it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from agent.terminal.display import visible

_LINES = 4
"""Of the best program so far."""
_BAR = 12  # with the longest usual figures, 80 columns


@dataclass(frozen=True, slots=True)
class Stage:
    """One line."""

    name: str
    share: float
    """How full its bar is, 0 to 1."""
    figures: str


@dataclass(slots=True)
class Figures:
    """What `Events` told so far; the console writes it, the lines below read it."""

    max_seconds: float
    """Sampling stops after this long."""
    clock: Callable[[], float] = time.monotonic
    """Seconds; starts anywhere."""
    since: float = field(init=False)
    count: int = 0
    total: int = 0
    tokens: int = 0
    distinct: int = 0
    passed: int = 0
    clusters: int = 0
    share: float = 0.0
    confidence: float = 0.0
    best: str = ""
    """The best program so far; "" while there is none."""
    best_passed: int = 0
    cases: int = 0

    def __post_init__(self) -> None:
        self.since = self.clock()

    def sampling(self) -> Stage:
        """Completions drawn, how fast, and how much longer it can take."""
        seconds = max(self.clock() - self.since, 1e-3)
        if not self.count:
            return Stage("sample", 0.0, f"0 of {self.total}, the first is under way for {_minutes(seconds)}")
        figures = f"{self.count} of {self.total}, {self.tokens / seconds:.0f} tokens/s"
        if self.count < self.total:
            rest = min(seconds * (self.total - self.count) / self.count, max(self.max_seconds - seconds, 0))
            figures += f", {self.count / seconds:.1f} samples/s, at most {_minutes(rest)} left"
        return Stage("sample", self.count / max(self.total, 1), figures)

    def filtering(self) -> Stage:
        """Distinct programs, and how many of them pass the examples."""
        figures = f"{self.distinct} unique, {self.passed} pass the examples"
        if self.distinct:
            figures += f" ({self.passed / self.distinct:.0%})"
        return Stage("filter", self.passed / max(self.distinct, 1), figures)

    def clustering(self) -> Stage:
        """Behaviours among those that pass."""
        plural = "" if self.clusters == 1 else "s"
        return Stage(
            "cluster", self.share, f"{self.clusters} cluster{plural}, the leading one holds {self.share:.0%}"
        )

    def choosing(self) -> Stage:
        """How sure the choice would be now."""
        return Stage("choose", self.confidence, f"P(right) about {self.confidence:.2f} so far")

    def leading(self) -> Stage:
        """What would be printed now: how it stands, and its first lines."""
        standing = f"passes {self.best_passed} of {self.cases} examples" if self.cases else "compiles"
        lines = [line for line in visible(self.best).split("\n") if line.strip()]
        more = ["..."] if len(lines) > _LINES else []
        share = self.best_passed / self.cases if self.cases else 0.0
        return Stage("best", share, "\n".join([f"{standing}:", *lines[:_LINES], *more]))

    def stages(self) -> Iterator[Stage]:
        """The stages that have begun."""
        yield self.sampling()
        if self.distinct:
            yield self.filtering()
        if self.clusters:
            yield self.clustering()
            yield self.choosing()
        if self.best:
            yield self.leading()


def table(figures: Figures) -> Table:
    """The stages that have begun, as one live block."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis")
    for stage in figures.stages():
        bar = ProgressBar(
            total=1.0,
            completed=stage.share,
            width=_BAR,
            style="grey50",
            complete_style="blue",
            finished_style="blue",
        )
        grid.add_row(Text(f"{stage.name:8}", style="bold"), bar, Text(stage.figures))
    return grid


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
