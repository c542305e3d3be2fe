"""What more samples of the same tasks would bring: coverage at ten times as many, with an interval.

Two laws fitted on the samples that there are (`benchmarks.coverage`) have half the say each: where all samples
are known, neither was safe alone. The Beta law errs on sets of nothing but hard tasks, the power law where some
tasks are out of reach (`benchmarks/README.md`). A task that has a right program keeps it. The interval has in it
how far the two differ, how little each fit can be trusted, by a bootstrap over the tasks, and chance in samples
to come.

Not covered: other tasks than these; what is chosen from the samples (`benchmarks.plan`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.coverage import Counts, fit, fit_power, power_replicates, replicates
from benchmarks.metrics import Column, Estimate
from benchmarks.records import TaskRecord

TIMES = 10
"""How many times the samples that there are."""
LEAST_SAMPLES, LEAST_TASKS = 5, 10
"""Drawn samples a task, and tasks, from which on a law is fitted."""
_TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the records say of drawn samples."""

    counts: Counts
    """Without the greedy sample, which is no draw."""
    sure: Column
    """Of each task, 1 if any program is right, the greedy one too, else 0."""

    @classmethod
    def of(cls, records: Sequence[TaskRecord]) -> Drawn | None:
        """None where there is too little to fit a law on: greedy samples alone, few samples, or few tasks."""
        rows = [[record.right(i) for i, s in enumerate(record.samples) if not s.greedy] for record in records]
        if len(rows) < LEAST_TASKS or min(map(len, rows)) < LEAST_SAMPLES:
            return None
        sure = [float(any(map(record.right, range(len(record.samples))))) for record in records]
        return cls(Counts.of(list(map(len, rows)), list(map(sum, rows))), np.asarray(sure))


@dataclass(frozen=True, slots=True)
class Outlook:
    """A predicted share of the tasks, and what it came to in simulations."""

    value: float
    simulated: Column
    """One figure a simulation."""

    @property
    def estimate(self) -> Estimate:
        """The value, and the interval that 95 % of the simulations are in."""
        low, high = np.quantile(self.simulated, _TAILS)
        return Estimate(self.value, min(float(low), self.value), max(float(high), self.value))


def forecast(records: Sequence[TaskRecord]) -> dict[str, Any] | None:
    """Coverage at `TIMES` times the samples of each task, ready for JSON; None where no law is fitted.

    `coverage` in it is None where no sample is right: then nothing says how far off the first right one is.
    """
    drawn = Drawn.of(records)
    if drawn is None:
        return None
    samples = np.asarray([len(record.samples) for record in records], dtype=float)
    figures = {"times": TIMES, "samples": int(TIMES * samples.min())}
    if not drawn.counts.right.any():
        return {**figures, "coverage": None}
    found = extension(drawn, (TIMES - 1) * samples).estimate
    return {**figures, "coverage": {name: round(value, 6) for name, value in asdict(found).items()}}


def extension(drawn: Drawn, more: Column | float) -> Outlook:
    """Coverage of these tasks once `more` samples of each have been drawn beside those that there are."""
    samples = float((drawn.counts.samples + more).mean())
    return _both(by_beta(drawn.counts, more, drawn.sure), by_power(drawn.counts, samples, drawn.sure))


def afresh(counts: Counts, samples: int) -> Outlook:
    """Coverage of these tasks by `samples` new samples of each, without those that there are."""
    none = np.zeros_like(counts.samples)
    return _both(by_beta(counts, samples, none), by_power(counts, samples, none))


def by_beta(counts: Counts, more: Column | float, sure: Column) -> Outlook:
    """By the Beta law, after what was seen of each task.

    Args:
        counts: what was drawn before; at least one sample is right.
        more: samples of each task that are drawn now.
        sure: 1 for tasks that have a right sample whatever is drawn now, else 0.
    """
    draw = np.random.default_rng(0)
    chances = (np.maximum(sure, law.success(counts, more)) for law in replicates(counts))
    simulated = [float((draw.random(len(sure)) < column).mean()) for column in chances]
    value = float(np.maximum(sure, fit(counts).success(counts, more)).mean())
    return Outlook(value, np.asarray(simulated))


def by_power(counts: Counts, samples: float, sure: Column) -> Outlook:
    """By the power law, which knows no single task.

    Args:
        counts: what was drawn before; at least one sample is right.
        samples: of each task, those that count from before included.
        sure: 1 for tasks that have a right sample already, else 0.
    """
    least = float(sure.mean())
    simulated = [max(law.coverage(samples), least) for law in power_replicates(counts)]
    return Outlook(max(fit_power(counts).coverage(samples), least), np.asarray(simulated))


def _both(one: Outlook, other: Outlook) -> Outlook:
    return Outlook((one.value + other.value) / 2, np.concatenate([one.simulated, other.simulated]))
