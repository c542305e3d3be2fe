"""Which strategy gets the next sample: a bandit that pays each arm in tokens.

A sample is a hit if its program is new and passes every example. An arm's hits are a Bernoulli variable, its rate
has a Beta posterior, and the arm is chosen whose drawn rate per token is the highest: Thompson sampling (Thompson,
1933), with a cost for each pull as in Xia et al., "Thompson sampling for budgeted multi-armed bandits" (IJCAI
2015). Programs that are known already are no hits, so the rate of an arm that repeats itself falls; some samples
are given out evenly, so that no arm is forgotten that was unlucky at first.

Not covered: asking (`agent.strategies.allocation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

ARMS = ("direct", "plan", "steps", "tags", "varied", "ladder")
"""What is chosen among. Not `brute`: slow programs pass the examples, and contests have other tests."""
_EVEN_SHARE = 0.1
"""Of the samples, so many go to any arm, at random."""


@dataclass(frozen=True, slots=True)
class Record:
    """What an arm brought."""

    samples: float = 0
    hits: float = 0
    """Of these, new programs that pass every example."""
    tokens: float = 0
    """Generated for all of them."""

    def __add__(self, other: Record) -> Record:
        return Record(self.samples + other.samples, self.hits + other.hits, self.tokens + other.tokens)


_VAGUE = Record(samples=2, hits=1, tokens=600)
PRIORS: Mapping[str, Record] = dict.fromkeys(ARMS, _VAGUE)
"""What is believed of each arm before it is tried, as samples that it might have had.

The same of each: a uniform rate, and 300 tokens a sample. What `benchmarks.studies.strategies` prints as measured
can stand here.
"""


def choose(records: Mapping[str, Record], draw: random.Random, priors: Mapping[str, Record] = PRIORS) -> str:
    """The arm of the next sample.

    Args:
        records: what each arm brought so far; an arm without a record brought nothing.
        draw: where chance comes from.
        priors: of all arms that there are; each has more samples than hits, and some hits and tokens.
    """
    if draw.random() < _EVEN_SHARE:
        return draw.choice(list(priors))
    rates = {name: _drawn_rate(prior + records.get(name, Record()), draw) for name, prior in priors.items()}
    return max(rates, key=lambda name: rates[name])


def _drawn_rate(record: Record, draw: random.Random) -> float:
    """Hits per token, drawn from what is believed of them."""
    rate = draw.betavariate(record.hits, record.samples - record.hits)
    return rate * record.samples / record.tokens
