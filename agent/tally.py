"""What was paid for at a model, and how its answers ended: counts that add up.

Not covered: time and runs (`agent.cost`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from agent.sampling import Completion, Sampler


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over answers."""

    answers: int = 0
    """Those that came in full, or to a limit."""
    tokens: int = 0
    """Generated for them, thoughts among them, and for what was broken off."""
    thought_tokens: int = 0
    """Of these, thoughts."""
    unused_tokens: int = 0
    """Of these, in answers that were broken off."""
    prompt_tokens: int = 0
    """Read, of prompts that several answers share once; 0 where nobody counts them."""
    cached_tokens: int = 0
    """Of these, read from a cache."""
    guesses: int = 0
    """Answers of which the server counted nothing: their tokens are a quarter of the characters."""
    cut: int = 0
    """Answers that ended at the limit on tokens."""
    cut_thoughts: int = 0
    """Of these, answers that ended inside their thoughts, so that there is nothing of them."""
    refused: int = 0
    """Answers in which the model refuses."""
    filtered: int = 0
    """Answers that the server's filter withheld or broke off."""
    empty: int = 0
    """Answers that ended by themselves and hold nothing."""

    @classmethod
    def of(cls, completion: Completion) -> Tally:
        """What one completion adds."""
        return cls(
            answers=1,
            tokens=completion.tokens,
            thought_tokens=completion.thought_tokens,
            prompt_tokens=completion.prompt_tokens,
            cached_tokens=completion.cached_tokens,
            guesses=int(completion.is_estimate),
            cut=int(completion.finish == "length"),
            cut_thoughts=int(completion.is_unfinished_thought),
            refused=int(completion.finish == "refused"),
            filtered=int(completion.finish == "filtered"),
            empty=int(completion.finish == "stop" and not completion.text.strip()),
        )

    @property
    def cost(self) -> Tally:
        """What was paid for alone, where it does not matter how answers ended."""
        return replace(self, answers=0, cut=0, cut_thoughts=0, refused=0, filtered=0, empty=0)

    @property
    def thought_share(self) -> float:
        """How much of what was generated is thoughts, 0 to 1."""
        return self.thought_tokens / self.tokens if self.tokens else 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in _NAMES))


_NAMES = tuple(each.name for each in fields(Tally))


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a sampler had when nobody wanted more."""

    completions: tuple[Completion, ...] = ()
    """They had ended, and nobody had taken them yet."""
    unused: Tally = field(default_factory=Tally)
    """What was broken off, and what attempts cost that failed."""


@runtime_checkable
class Frugal(Protocol):
    """A sampler whose answers cost something also where nobody takes them."""

    def leftovers(self) -> Leftovers:
        """What is left of the last `sample`, once it ended or was closed; the second time nothing."""


def leftovers_of(sampler: Sampler) -> Leftovers:
    """What is left of the sampler's last `sample`."""
    return sampler.leftovers() if isinstance(sampler, Frugal) else Leftovers()


def remarks(tally: Tally) -> list[str]:
    """What has to be said of the answers so that a model is not taken for weak, a line each."""
    lines = []
    cut = tally.cut - tally.cut_thoughts
    if tally.cut_thoughts:
        lines.append(
            f"{tally.cut_thoughts} of {tally.answers} answers ended inside their thoughts: --max-tokens allows"
            " more, --reasoning low asks for shorter ones"
        )
    if cut and cut == tally.answers:
        lines.append(
            f"all {tally.answers} answers were cut off at the limit on their tokens: --max-tokens allows more"
        )
    elif 2 * cut > tally.answers:
        lines.append(f"{cut} of {tally.answers} answers were cut off at the limit on their tokens (--max-tokens)")
    others = (
        (tally.refused, "refused by the model"),
        (tally.filtered, "withheld by the server's filter"),
        (tally.empty, "empty"),
    )
    words = [f"{count} {what}" for count, what in others if count]
    if words:
        lines.append(f"of {tally.answers} answers, {', '.join(words)}")
    return lines
