"""The Beta function and the beta-binomial distribution, in logarithms where they would overflow.

Not covered: other distributions; `benchmarks` has SciPy, which solving does without.
"""

from __future__ import annotations

import math


def log_beta(a: float, b: float) -> float:
    """Logarithm of B(a, b) for positive a and b."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def beta_binomial(k: int, n: int, alpha: float, beta: float) -> float:
    """Probability of k successes in n draws whose chance of success is Beta(alpha, beta) distributed."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + log_beta(k + alpha, n - k + beta) - log_beta(alpha, beta))
