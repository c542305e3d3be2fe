"""Numbers over tasks: pass@k, selection, gap closed, calibration, and their bootstrap intervals.

Everything here is a pure function of records; nothing runs a program. Not covered: pictures and text
(`benchmarks.report`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
from scipy import stats

Column: TypeAlias = npt.NDArray[np.float64]
"""One figure per task."""

_RESAMPLES = 2000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over tasks with its bootstrap interval."""

    value: float
    """The point estimate, in the unit of the figures it came from (shares: 0 to 1)."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Chance that at least one of `k` samples drawn from `n`, `correct` of them right, is right.

    The unbiased estimator 1 - C(n - c, k) / C(n, k) of Chen et al., "Evaluating Large Language Models Trained
    on Code" (2021), section 2.1.

    Raises:
        ValueError: `k` is not within 1..n, or `correct` not within 0..n.
    """
    if not 1 <= k <= n or not 0 <= correct <= n:
        raise ValueError(f"pass@{k} of {n} samples with {correct} right is not defined")
    return 1.0 - math.comb(n - correct, k) / math.comb(n, k)


def estimate(figures: Sequence[float]) -> Estimate:
    """Mean of one figure per task, with a 95 % bootstrap interval over tasks (seeded)."""
    return _bootstrap((np.asarray(figures, dtype=float),), lambda column, axis=-1: column.mean(axis))


def paired_difference(left: Sequence[float], right: Sequence[float]) -> Estimate:
    """Mean of `left - right` over the same tasks in the same order, with its interval."""
    return estimate(np.subtract(left, right).tolist())


def gap_closed(selected: Sequence[float], random: Sequence[float], oracle: Sequence[float]) -> Estimate | None:
    """Share of the way from a random sample to the best one that selection went, over the same tasks.

    (selected - random) / (oracle - random), of the means. None when the pool leaves no gap.
    """
    columns = tuple(np.asarray(column, dtype=float) for column in (selected, random, oracle))
    if columns[2].mean() - columns[1].mean() <= 0:
        return None

    def share(selected: Column, random: Column, best: Column, axis: int = -1) -> Column:
        gap = best.mean(axis) - random.mean(axis)
        way = selected.mean(axis) - random.mean(axis)
        return cast("Column", np.divide(way, gap, out=np.zeros_like(gap), where=gap > 0))

    return _bootstrap(columns, share)


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """Mean distance between stated and observed correctness over equal-width bins, weighted by bin size.

    Guo et al., "On Calibration of Modern Neural Networks" (2017), equation 3. 0 for no figures.
    """
    if not confidences:
        return 0.0
    confidence, correct = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (index == b).sum() * abs(confidence[index == b].mean() - correct[index == b].mean())
        for b in range(bins)
        if (index == b).any()
    ]
    return float(sum(gaps) / len(confidence))


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """(coverage, error rate) when only the most confident answers are given, for every threshold that occurs.

    Answers of equal confidence are given together. El-Yaniv and Wiener (2010).
    """
    order = sorted(range(len(confidences)), key=lambda i: -confidences[i])
    points: list[tuple[float, float]] = []
    wrong = 0
    for count, i in enumerate(order, 1):
        wrong += not right[i]
        last = count == len(order) or confidences[order[count]] < confidences[i]
        if last:
            points.append((count / len(order), wrong / count))
    return points


def _bootstrap(columns: tuple[Column, ...], statistic: Callable[..., Column]) -> Estimate:
    """Percentile bootstrap, the tasks resampled together (Efron and Tibshirani, 1993)."""
    value = float(statistic(*columns))
    if len(columns[0]) < 2:
        return Estimate(value, value, value)
    interval = stats.bootstrap(
        columns,
        statistic,
        paired=True,
        n_resamples=_RESAMPLES,
        confidence_level=_LEVEL,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Estimate(value, float(interval.low), float(interval.high))
