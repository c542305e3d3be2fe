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
from agent.interrupts import Interrupt, SamplingStopped
from agent.tally import Tally
from agent.types import SamplerError, Silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.types import Completion, Events, SolveOptions


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

    def __init__(
        self, options: SolveOptions, interrupt: Interrupt | None = None, *, events: Events | None = None
    ) -> None:
        """Start the clock.

        Args:
            options: how much may be spent.
            interrupt: tells of Ctrl-C, which spends everything.
            events: told of answers that are lost.
        """
        self.interrupt = interrupt or Interrupt()
        self._began = time.monotonic()
        self.until = self._began + options.max_seconds
        """When the time is over, by `time.monotonic()`."""
        self.unused = Tally()
        """What was paid for answers that were broken off, or that never came."""
        self.untaken: list[Completion] = []
        """Answers that had come in full when nobody asked for more."""
        self._tokens = options.max_tokens_total
        self._events = events or Silent()
        self._has_answers = False

    def end_after(self, seconds: float) -> float:
        """When the time is over for who may take `seconds` of it, if that is more than all others may."""
        return max(self.until, self._began + seconds)

    def pay(self, completion: Completion) -> None:
        """Count a completion that has ended; those under way are not counted, so they may pass the cap."""
        self._has_answers = True
        if self._tokens is not None:
            self._tokens -= completion.tokens + completion.prompt_tokens

    def waste(self, tally: Tally) -> None:
        """Count what was paid for and is of no use."""
        self.unused += tally
        if self._tokens is not None:
            self._tokens -= tally.tokens + tally.prompt_tokens

    def take_untaken(self) -> list[Completion]:
        """What came in full and was not taken; the second time nothing."""
        completions, self.untaken = self.untaken, []
        return completions

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be asked."""
        is_over = time.monotonic() > self.until or (self._tokens is not None and self._tokens <= 0)
        return is_over or self.interrupt.came

    def next_of(self, stream: Iterator[Completion]) -> Completion | None:
        """The next completion; None at the end, where Ctrl-C comes meanwhile, and where the model fails late.

        Raises:
            SamplerError: the model failed, and has given no answer before: what was paid for is not thrown away.
        """
        try:
            with self.interrupt.breakable():
                return None if self.interrupt.came else next(stream, None)
        except SamplingStopped:
            return None
        except SamplerError as error:
            if not self._has_answers:
                raise
            self._events.lost(str(error))
            return None
