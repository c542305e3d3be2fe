"""How often some sample is right when many are drawn: two laws, each fitted on a few samples of each problem.

`BetaLaw`: a problem's chance that a sample is right is drawn from a Beta distribution, so its number of right
samples is beta-binomial; a share of the problems may be out of the model's reach altogether. Both are fitted by
maximum likelihood. `PowerLaw`: coverage is exp(a k^b) in the number of samples k, as Brown et al. found ("Large
Language Monkeys", 2024), a line through the logarithms of pass@k.

Not covered: `pass@k` within the samples that there are, which needs no law (`benchmarks.metrics`); what is made of
the two (`benchmarks.forecast`), and how good that is (`benchmarks.studies.coverage_law`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from benchmarks.metrics import Column, pass_at_k

_REPLICATES = 400
_ALPHAS, _BETAS = np.exp(np.arange(-4.0, 4.01, 0.25)), np.exp(np.arange(-4.0, 6.01, 0.25))
_REACHES = (0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
"""A grid of laws, on which the likeliest one is looked for before it is climbed to."""
_BOUNDS = ((-6.0, 6.0), (-6.0, 8.0), (-6.0, 6.0))
"""Of the logarithms of alpha and beta, and of the logit of the reach."""
_PENALTY = 2.0
"""Akaike's price of a parameter, in twice the log likelihood (1974)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was drawn of each problem."""

    samples: Column
    """Samples drawn, one figure a problem, at least 1."""
    right: Column
    """How many of them are right."""

    @classmethod
    def of(cls, samples: Sequence[int], right: Sequence[int]) -> Self:
        """Counts from plain numbers.

        Raises:
            ValueError: they differ in length, there are none, or more are right than were drawn.
        """
        if len(samples) != len(right) or not samples:
            raise ValueError("samples and right must be as many numbers, at least one")
        if any(not 0 <= c <= n or n < 1 for n, c in zip(samples, right, strict=True)):
            raise ValueError("of each problem at least one sample, and at most all of them right")
        return cls(np.asarray(samples, dtype=float), np.asarray(right, dtype=float))


@dataclass(frozen=True, slots=True)
class BetaLaw:
    """Chances of success over problems: Beta(alpha, beta) on those within reach, 0 on the others."""

    alpha: float
    beta: float
    reach: float = 1.0
    """Share of the problems that are within reach, 0 to 1."""

    def log_likelihood(self, counts: Counts) -> Column:
        """Of each problem's count, in nats, less the binomial coefficient, which no parameter changes."""
        n, c = counts.samples, counts.right
        within = np.log(self.reach) + betaln(c + self.alpha, n - c + self.beta) - betaln(self.alpha, self.beta)
        with np.errstate(divide="ignore"):
            beyond = np.where(c == 0, np.log1p(-self.reach), -np.inf)
        return cast("Column", np.logaddexp(within, beyond))

    def success(self, counts: Counts, more: npt.ArrayLike) -> Column:
        """Of each problem, the chance that one of `more` further samples is right, after what was seen of it.

        Args:
            counts: what was seen.
            more: further samples, one number or one a problem.
        """
        a, b = counts.right + self.alpha, counts.samples - counts.right + self.beta
        none = np.exp(betaln(a, b + np.asarray(more, dtype=float)) - betaln(a, b))
        return cast("Column", self._within(counts) * (1.0 - none))

    def coverage(self, k: float) -> float:
        """Share of problems like these, of which nothing was seen, with a right one among `k` samples."""
        none = np.exp(betaln(self.alpha, self.beta + k) - betaln(self.alpha, self.beta))
        return float(self.reach * (1.0 - none))

    def _within(self, counts: Counts) -> Column:
        """The chance that a problem is within reach: 1 once a sample is right."""
        n = counts.samples
        seen = self.reach * np.exp(betaln(self.alpha, n + self.beta) - betaln(self.alpha, self.beta))
        return np.where(counts.right > 0, 1.0, seen / (seen + 1.0 - self.reach))


@dataclass(frozen=True, slots=True)
class _Fit:
    law: BetaLaw
    likelihood: float
    """Its logarithm, in nats."""


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """Share of problems with a right one among k samples: exp(-exp(level) k^slope), and no less than `least`."""

    level: float
    slope: float
    least: float = 0.0

    def coverage(self, k: float) -> float:
        """At `k` samples, at least 1."""
        return max(math.exp(-math.exp(self.level) * k**self.slope), self.least)


def fit(counts: Counts) -> BetaLaw:
    """The law under which the counts are likeliest; some problems are out of reach only where the data ask for it.

    They do where it raises twice the log likelihood by more than Akaike's price of a parameter.
    """
    rows, sizes = _distinct(counts)
    plain, mixed = _likeliest(rows, sizes[None])
    full = _climb(rows, sizes, plain[0])
    split = _climb(rows, sizes, mixed[0])
    return _cheaper(full, split)


def replicates(counts: Counts, *, number: int = _REPLICATES, seed: int = 0) -> list[BetaLaw]:
    """Laws fitted on the problems drawn with replacement, to the nearest of a grid: how far a fit can be trusted.

    The bootstrap of Efron and Tibshirani (1993), over problems.
    """
    rows, sizes = _distinct(counts)
    size = int(sizes.sum())
    drawn = np.random.default_rng(seed).multinomial(size, sizes / size, number).astype(float)
    plain, mixed = _likeliest(rows, drawn)
    return [_cheaper(*pair) for pair in zip(plain, mixed, strict=True)]


def fit_power(counts: Counts) -> PowerLaw:
    """The line through log(-log(pass@k)) over log(k), for k in doublings up to the fewest samples of a problem."""
    return _line(*_coverages(counts), np.ones_like(counts.samples))


def power_replicates(counts: Counts, *, number: int = _REPLICATES, seed: int = 0) -> list[PowerLaw]:
    """The same on problems drawn with replacement."""
    ks, figures = _coverages(counts)
    size = len(counts.samples)
    draw = np.random.default_rng(seed)
    return [_line(ks, figures, row.astype(float)) for row in draw.multinomial(size, [1 / size] * size, number)]


def _coverages(counts: Counts) -> tuple[Column, Column]:
    """Numbers of samples, and problems x pass@k."""
    fewest = int(counts.samples.min())
    ks = sorted({1 << power for power in range(fewest.bit_length())} | {fewest})
    pairs = zip(counts.samples, counts.right, strict=True)
    return np.asarray(ks, dtype=float), np.asarray([[pass_at_k(int(n), int(c), k) for k in ks] for n, c in pairs])


def _line(ks: Column, figures: Column, weights: Column) -> PowerLaw:
    """A constant where fewer than two shares lie between 0 and 1."""
    shares = weights @ figures / weights.sum()
    usable = (shares > 0) & (shares < 1)
    if usable.sum() < 2:
        return PowerLaw(math.inf, 0.0, float(shares[-1]))
    slope, level = np.polyfit(np.log(ks[usable]), np.log(-np.log(shares[usable])), 1)
    return PowerLaw(float(level), float(slope))


def _distinct(counts: Counts) -> tuple[Counts, Column]:
    """Equal counts once, and how many problems have them."""
    pairs, sizes = np.unique(np.stack([counts.samples, counts.right], axis=1), axis=0, return_counts=True)
    return Counts(pairs[:, 0], pairs[:, 1]), sizes.astype(float)


def _cheaper(plain: _Fit, mixed: _Fit) -> BetaLaw:
    return (mixed if 2 * (mixed.likelihood - plain.likelihood) > _PENALTY else plain).law


def _likeliest(counts: Counts, weights: Column) -> tuple[list[_Fit], list[_Fit]]:
    """The best of the grid for each row of `weights`: with all problems within reach, and with some beyond."""
    alphas, betas = (axis.ravel() for axis in np.meshgrid(_ALPHAS, _BETAS, indexing="ij"))
    n, c = counts.samples[:, None], counts.right[:, None]
    within = betaln(c + alphas, n - c + betas) - betaln(alphas, betas)
    plain = _best(weights @ within, alphas, betas, 1.0)
    columns = []
    for reach in _REACHES:
        beyond = np.where(c == 0, np.log1p(-reach), -np.inf)
        columns.append(_best(weights @ np.logaddexp(np.log(reach) + within, beyond), alphas, betas, reach))
    mixed = [max(row, key=lambda each: each.likelihood) for row in zip(*columns, strict=True)]
    return plain, mixed


def _best(likelihoods: Column, alphas: Column, betas: Column, reach: float) -> list[_Fit]:
    places = likelihoods.argmax(axis=1)
    return [
        _Fit(BetaLaw(float(alphas[place]), float(betas[place]), reach), float(row[place]))
        for place, row in zip(places, likelihoods, strict=True)
    ]


def _climb(counts: Counts, weights: Column, near: _Fit) -> _Fit:
    """The likeliest law near one of the grid, of as many parameters."""
    law = near.law
    start = [np.log(law.alpha), np.log(law.beta), *([logit(law.reach)] if law.reach < 1 else [])]
    total = float(weights.sum())

    def cost(point: Column) -> float:
        return -float(weights @ _law(point).log_likelihood(counts)) / total

    found = minimize(cost, start, method="L-BFGS-B", bounds=_BOUNDS[: len(start)])
    return max(near, _Fit(_law(found.x), -float(found.fun) * total), key=lambda each: each.likelihood)


def _law(point: Column) -> BetaLaw:
    return BetaLaw(float(np.exp(point[0])), float(np.exp(point[1])), *(float(expit(x)) for x in point[2:]))
