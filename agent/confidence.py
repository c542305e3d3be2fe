"""How sure we are that the returned program is right.

A logistic model on how many completions agree with the chosen program, on how many examples it passes, and on
whether a function or a whole program is asked for. `benchmarks/studies/fit_confidence.py` fitted its coefficients
on 543 answers, nearly all of Qwen2.5-Coder 1.5B: HumanEval, MBPP+ and contest problems. Fitted on random halves of
tasks, its expected calibration error on the other halves was 0.060, the mean of 50 draws (0.037 to 0.098).

Not covered: other models and problems than those it was fitted on; the further a problem is from them, the less
the figure says. It does not know how hard a problem is: fitted without them, it states 0.45 for the answers to
easy contest problems, of which 0.57 are right, and 0.33 for those to harder ones, of which 1 in 13 is. It says
least for a statement without examples, because it was fitted on few of those.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

_INTERCEPT = -3.164
_WEIGHTS = (1.579, 1.393, 1.079, 0.992, 2.497, -0.818)
_MANY_CASES = 8

MEANING = (
    "The estimated probability that the program is right on every valid input, not only on the examples. A"
    " logistic model weighs how many samples agree with it, how many examples it passes, and whether a function or"
    " a whole program is asked for; on benchmark problems that it was not fitted on, its figures were off by 0.06"
    " on average. The less a problem is like those of HumanEval and MBPP, the less the figure says: for hard"
    " contest problems it is too high, and for a statement without examples it says least."
)
"""What the figure means, for people who read it; keep it in step with the fit."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is known about the chosen program when it is returned."""

    samples: int
    """Completions drawn."""
    agreeing: int
    """Completions that pass the public cases and behave like the chosen program on every generated input."""
    survivors: int | None = None
    """Completions that pass the public cases; None counts only those that agree."""
    runner_up: int = 0
    """Completions in the largest other cluster."""
    public: int = 1
    """Public cases, which the chosen program passes."""
    whole_program: bool = False
    """Whether the problem asks for a program that reads standard input, not for a function."""

    @classmethod
    def of_clusters(
        cls, sizes: Sequence[int], place: int | None, *, samples: int, public: int, whole_program: bool
    ) -> Self:
        """The features of a program in the cluster at `place`.

        Args:
            sizes: completions in each cluster; together they are the survivors.
            place: None for a program that is in none of them.
            samples: completions drawn.
            public: public cases.
            whole_program: as the field.
        """
        return cls(
            samples,
            agreeing=sum(size for cluster, size in enumerate(sizes) if cluster == place),
            survivors=sum(sizes),
            runner_up=max((size for cluster, size in enumerate(sizes) if cluster != place), default=0),
            public=public,
            whole_program=whole_program,
        )


def terms(features: Features) -> tuple[float, ...]:
    """What the model weighs, each within about 0 to 1.

    The share that agrees has add-one smoothing: one survivor that disagrees is added, because a single survivor is
    no consensus. Of 26 such answers in the runs that the weights were fitted on, 7 were right.

    Returns:
        The share of survivors that agree, the lead over the runner-up as a share of the survivors, the share of
        completions that survive, on a logarithmic scale how many agree and how many public cases there are, and
        1 where a whole program is asked for: such problems are harder, so what agrees is wrong more often.
    """
    survivors = max(features.agreeing if features.survivors is None else features.survivors, 1)
    return (
        features.agreeing / (survivors + 1),
        (features.agreeing - features.runner_up) / (survivors + 1),
        survivors / max(features.samples, survivors),
        math.log1p(features.agreeing) / math.log1p(32),
        math.log1p(min(features.public, _MANY_CASES)) / math.log1p(_MANY_CASES),
        float(features.whole_program),
    )


def confidence(features: Features) -> float:
    """Estimated probability, 0 to 1, that the chosen program is right.

    A program is right far more often when independent completions agree on what it does (Wang et al.,
    "Self-Consistency", 2022; Chen et al., "CodeT", 2022).
    """
    score = _INTERCEPT + sum(w * term for w, term in zip(_WEIGHTS, terms(features), strict=True))
    return 1 / (1 + math.exp(-score))
