"""How sure we are that the returned program is right.

A logistic model on how many completions agree with the chosen program, and on how many examples it passes.
`benchmarks/fit_confidence.py` fitted its coefficients on 659 pools of 21 completions, of Qwen2.5-Coder 0.5B and
1.5B on HumanEval and on easy contest problems, and of the former on MBPP+. Fitted on random halves of tasks, its
expected calibration error on the other halves was 0.063, the mean of 50 draws (0.039 to 0.091). On MBPP+ with the
1.5B model, a run that was made afterwards, it was 0.056 for what `solve` stated.

Not covered: other models and problems than those it was fitted on; the further a problem is from them, the less
the figure says. Least of all for a statement without examples, of which it saw few, and for contest problems: it
states 0.69 for the 1.5B model's answers to easy ones, of which 0.57 are right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_INTERCEPT = -3.164
_WEIGHTS = (1.579, 1.393, 1.079, 0.992, 2.497, -0.818)
_MANY_CASES = 8

MEANING = (
    "The estimated probability that the program is right on every valid input, not only on the examples. A"
    " logistic model weighs how many samples agree with it and how many examples it passes; on benchmark problems"
    " that it was not fitted on, its figures were off by 0.06 on average. The less a problem is like those of"
    " HumanEval and MBPP, the less the figure says: for contest problems it is too high, and for a statement"
    " without examples it says least."
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


def terms(features: Features) -> tuple[float, ...]:
    """What the model weighs, each within about 0 to 1.

    A survivor more that disagrees is imagined, for one that has nobody to disagree with is no consensus: of 26 lone
    survivors in the runs that fitted the weights 7 were right.

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
