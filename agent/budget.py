"""How much is asked of the model: when more samples would not change the answer, and when the budget is spent.

The rule: stop when the runner-up is unlikely to overtake. With a completions in the leading cluster and b in the
runner-up, the share p of the runner-up among the next completions of the two has the posterior Beta(b + 1,
a + 1), from a uniform prior. If all m completions that are left fell to the two, the number k of them that the
runner-up gets is beta-binomial, and it overtakes when b + k >= a + m - k. A behaviour that no completion
has shown yet is the case b = 0. In truth few of the m fall to these two, which changes little: what matters is how
sure a > b is.

Not covered: whether the leading cluster is right (`agent.confidence`).
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from agent.beta import beta_binomial

if TYPE_CHECKING:
    from agent.types import Completion, SolveOptions


def overtaking(lead: int, rival: int, remaining: int) -> float:
    """Probability, 0 to 1, that the runner-up catches up with the leader in `remaining` more completions.

    Args:
        lead: completions in the leading cluster.
        rival: completions in the largest other one; not more than `lead`.
        remaining: completions that may still be drawn.
    """
    surplus = max(0, math.ceil((lead - rival + remaining) / 2))
    return min(1.0, sum(beta_binomial(k, remaining, rival + 1, lead + 1) for k in range(surplus, remaining + 1)))


class Budget:
    """One clock and one count of tokens for everything that a `solve` asks of its model."""

    def __init__(self, options: SolveOptions) -> None:
        """Start the clock."""
        self._deadline = time.monotonic() + options.max_seconds
        self._tokens = options.max_tokens_total

    def pay(self, completion: Completion) -> None:
        """Count a completion that has ended; those under way are not counted, so they may pass the cap."""
        if self._tokens is not None:
            self._tokens -= completion.tokens

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be asked."""
        return time.monotonic() > self._deadline or (self._tokens is not None and self._tokens <= 0)
