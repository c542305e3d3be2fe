"""The vocabulary of solving: what was found out about programs.

What is asked of a model and what comes back (`agent.sampling`), and how much is tried (`agent.options`), can be
imported from here, too.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from agent.cost import Cost
from agent.options import SolveOptions
from agent.sampling import (
    Closeable,
    Completion,
    Prompt,
    Purpose,
    Remote,
    Sampler,
    SampleRequest,
    SamplerError,
    SamplingParams,
)
from agent.tally import Tally

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from sandbox import RunResult

__all__ = [
    "FAILED",
    "VALID",
    "Candidate",
    "Closeable",
    "Completion",
    "Events",
    "Evidence",
    "Execution",
    "Observation",
    "Prompt",
    "Purpose",
    "Remote",
    "Repair",
    "SampleRequest",
    "Sampler",
    "SamplerError",
    "SamplingParams",
    "Silent",
    "Solution",
    "SolveOptions",
    "Standing",
    "Verdict",
]

FAILED: Hashable = None
"""The behaviour key of a run that did not end well; it counts as equal to no other."""
VALID: Hashable = ("valid",)
"""The behaviour of a program that put out what the model's checkers accept, whatever its text."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One distinct program taken from the model's answers."""

    source: str
    """Complete source."""
    count: int = 1
    """How many completions gave this program."""
    brutes: int = 0
    """Of these, so many were asked for a program that may be slow."""
    strategies: tuple[str, ...] = ()
    """The strategies that brought it (`agent.strategies`), the first one first."""
    greedy: bool = False
    """Whether the greedy completion is among them."""
    mean_logprob: float = 0.0
    """Best mean log-probability per token among those completions, nats."""
    mends: str | None = None
    """The failing program that the model was shown when it wrote this one; None for an independent sample."""


class Verdict(enum.StrEnum):
    """What one execution is worth."""

    AC = "AC"
    WA = "WA"
    RTE = "RTE"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"


@dataclass(frozen=True, slots=True)
class Execution:
    """A candidate on a public case."""

    result: RunResult
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Observation:
    """A candidate on a generated input."""

    key: Hashable
    """Equal keys mean equal behaviour (`agent.judging.judge.behaviour_key`)."""
    shown: str
    """What came out, or how the run ended, shortened for a person to read."""
    text: str | None = None
    """All that came out, where a checker may be asked about it (`agent.checkers`); None elsewhere."""
    valid: bool = False
    """Whether most of the model's checkers accept it."""

    @property
    def behaviour(self) -> Hashable:
        """What it is compared by."""
        return VALID if self.valid else self.key


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate, and all that is known about it."""

    candidate: Candidate
    executions: tuple[Execution, ...]
    """On the public cases in order, up to the first that was not accepted."""
    survives: bool
    """Whether it passed every public case (or compiles, where there is none)."""
    observations: tuple[Observation, ...] = ()
    """What it did on each generated input; empty unless it survives."""
    cluster: int | None = None
    """Its cluster's place, 0 the best; None unless it survives."""

    @property
    def behaviour(self) -> tuple[Hashable, ...]:
        """That of each observation."""
        return tuple(observation.behaviour for observation in self.observations)

    @property
    def passed(self) -> int:
        """How many public cases it passed before the first failure."""
        return sum(execution.verdict is Verdict.AC for execution in self.executions)


class Events(Protocol):
    """Told of progress while `solve` runs. Every method returns at once and raises nothing."""

    def sampled(self, count: int, total: int, tokens: int) -> None:
        """`count` of at most `total` completions are there; the newest has `tokens` tokens."""

    def judged(self, distinct: int, passed: int) -> None:
        """Of `distinct` candidates so far, `passed` passed every public case."""

    def clustered(self, clusters: int, leading_share: float, confidence: float) -> None:
        """Survivors fall into `clusters`; the leading one holds this share of their completions.

        `confidence` is the probability that the program which leads now is right.
        """

    def leads(self, source: str, passed: int, cases: int) -> None:
        """The best program so far is `source`; it passes the first `passed` of `cases` public cases."""

    def lost(self, reason: str) -> None:
        """The model failed where it had answered before; what it answered is gone on with."""


class Silent:
    """`Events` that nobody listens to."""

    def sampled(self, count: int, total: int, tokens: int) -> None:
        """Ignore it."""

    def judged(self, distinct: int, passed: int) -> None:
        """Ignore it."""

    def clustered(self, clusters: int, leading_share: float, confidence: float) -> None:
        """Ignore it."""

    def leads(self, source: str, passed: int, cases: int) -> None:
        """Ignore it."""

    def lost(self, reason: str) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What showing failures to the model cost and brought; all 0 where it was not done."""

    rounds: int = 0
    completions: int = 0
    tokens: int = 0
    """Tokens generated: what as many more samples would have cost."""
    distinct: int = 0
    """Programs among them that were not known before."""
    regressions: int = 0
    """Of these, dropped because they fail a case that the program before passed."""
    survivors: int = 0
    """Of these, programs that pass every public case."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the returned program was chosen."""

    samples: int
    """Completions of programs drawn independently."""
    tokens: int
    """Tokens generated for all purposes."""
    candidates: int
    """Distinct programs among them."""
    survivors: int
    """Distinct programs that pass every public case."""
    inputs: int
    """Generated inputs that the survivors were compared on."""
    clusters: tuple[int, ...]
    """Completions per cluster of equally behaving survivors, best cluster first."""
    verdicts: tuple[tuple[Verdict, int], ...]
    """How many candidates ended in each verdict on the public cases; empty when there are no cases."""
    tests: int = 0
    """Different tests that the model wrote."""
    checkers: int = 0
    """Checkers that the model wrote and that judge the examples rightly: they voted on generated inputs."""
    untrusted_checkers: int = 0
    """Checkers that it wrote and that misjudge an example: they had no vote."""
    repair: Repair = field(default_factory=lambda: Repair())
    """What repair cost and brought."""
    tally: Tally = field(default_factory=Tally)
    """What was paid for at the model, and how its answers ended."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer of one `solve`."""

    program: str | None
    """The best program found, or None when the model gave no program at all."""
    solved: bool
    """Whether it passes every public case, re-verified from scratch."""
    confidence: float
    """Probability that it is right in general, 0 to 1."""
    abstained: bool
    """Whether the confidence is below `SolveOptions.min_confidence`: better no answer than this."""
    executions: tuple[Execution, ...]
    """The program on the public cases, in order; shorter when it failed one."""
    evidence: Evidence
    """The figures behind the choice."""
    standings: tuple[Standing, ...] = ()
    """Every candidate: survivors first, best first, then the others in the order they were drawn."""
    inputs: tuple[GeneratedInput, ...] = ()
    """The generated inputs that behaviours were compared on."""
    cost: Cost = field(default_factory=Cost)
    """What it took to find."""
    submissions: tuple[str, ...] = ()
    """Programs to submit, best first, `program` the first; each behaves unlike the others and passes every public
    case, re-verified."""
