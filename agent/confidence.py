"""How sure we are that the returned program is right.

Not yet covered: calibration. The figure is Laplace's rule of succession on agreement between completions, not a
probability that was fitted to benchmark outcomes, and the command line says "about".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """What is known about the chosen program when it is returned."""

    samples: int
    """Completions drawn."""
    agreeing: int
    """Completions that pass the public cases and behave like the chosen program on every generated input."""


def confidence(features: Features) -> float:
    """Chance that one more completion would behave like the chosen one: (agreeing + 1) / (samples + 2).

    A program is right far more often when independent completions agree on what it does (Wang et al.,
    "Self-Consistency", 2022; Chen et al., "CodeT", 2022).
    """
    return (features.agreeing + 1) / (features.samples + 2)
