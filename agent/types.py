"""The vocabulary of solving: what is asked of a model, what comes back, and what was found out about it."""

from __future__ import annotations

import enum
from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from agent.cost import Cost

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from sandbox import RunResult


FAILED: Hashable = None
"""The behaviour key of a run that did not end well; it counts as equal to no other."""
VALID: Hashable = ("valid",)
"""The behaviour of a program that put out what the model's checkers accept, whatever its text."""


class Purpose(enum.StrEnum):
    """What a completion was asked for."""

    PROGRAM = "program"
    TESTS = "tests"
    GENERATOR = "generator"
    VALIDATOR = "validator"
    CHECKER = "checker"


class SamplerError(Exception):
    """The model could not be loaded or asked. `str(error)` is one line that says what happened.

    Args:
        message: that line.
        remedy: what can be done about it, in a line.
    """

    def __init__(
        self, message: str, *, remedy: str = "`solve models` lists the models that are known, and which are here"
    ) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Prompt:
    """One chat turn, and the words the answer is made to begin with."""

    system: str
    user: str
    prefill: str = ""
    """The start of the assistant's turn; a sampler that cannot prefill leaves it out."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How completions are drawn."""

    n: int = 1
    """How many completions."""
    first: int = 0
    """Number of the first of them: a request can go on where another one ended."""
    temperature: float = 0.8
    """0 takes the most likely token each time (greedy)."""
    top_p: float = 0.95
    """Nucleus mass; 1 leaves the distribution whole."""
    max_tokens: int = 768
    """New tokens per completion, at most."""
    seed: int = 0
    """Sample k of a request is drawn with a generator seeded from (seed, k)."""
    stop: tuple[str, ...] = ()
    """Strings that end a completion; they are not part of it."""


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """`params.n` completions of one prompt."""

    prompt: Prompt
    params: SamplingParams


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of the model."""

    request: int
    """Index of the request this answers."""
    sample: int
    """Number within the request, `first` to `first` + n - 1."""
    text: str
    """The new text, without the prompt, the prefill and the stop string."""
    tokens: int
    """How many tokens were generated."""
    logprob: float
    """Sum of the log-probabilities of the generated tokens under the model at temperature 1, nats."""
    finish: str
    """Either "stop" (end token or stop string) or "length"."""
    greedy: bool = False
    """Whether it is the program drawn at temperature 0; the loop sets it, samplers need not."""
    purpose: Purpose = Purpose.PROGRAM
    """Likewise."""
    prompt: Prompt | None = None
    """What was asked, with the words that the answer was made to begin with; likewise."""
    program: str | None = None
    """The program in it where that is known without looking, as of a stored solution."""

    @property
    def answer(self) -> str:
        """The whole answer: what it was made to begin with, and the new text."""
        return (self.prompt.prefill if self.prompt else "") + self.text


class Sampler(Protocol):
    """A code model, wherever it runs."""

    @property
    def name(self) -> str:
        """Model name for records."""

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """Yield every completion of every request, each as soon as it is finished, in no fixed order.

        Closing the generator stops the work.

        Raises:
            SamplerError: the model failed, or a prompt does not fit its context.
        """


@dataclass(frozen=True, slots=True)
class Candidate:
    """One distinct program taken from the model's answers."""

    source: str
    """Complete source."""
    count: int = 1
    """How many completions gave this program."""
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


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How much one `solve` may try."""

    n: int = 32
    """Completions drawn, at most; easy problems stop earlier."""
    language: str = "python"
    """What programs are written in: a name in `agent.languages.LANGUAGES`."""
    seed: int = 0
    """Seeds sampling and input generation."""
    temperature: float = 0.8
    """Sampling temperature of all but the greedy completion."""
    top_p: float = 0.95
    """Nucleus mass."""
    max_tokens: int = 640
    """New tokens per completion, at most."""
    max_seconds: float = 120.0
    """Sampling stops here; what is unfinished is dropped."""
    inputs: int = 32
    """Generated inputs for telling candidates apart; 0 leaves only how often each was drawn."""
    method: str = "default"
    """How survivors are ordered: a name in `agent.select.METHODS`."""
    tests: int = 0
    """Completions of tests asked for beside the programs; 0 chooses by behaviour alone."""
    generators: int = 0
    """Generators, and as many validators, of inputs asked for beside the programs; for standard input only."""
    checkers: int = 0
    """Checkers of outputs asked for where the statement accepts any valid answer; for standard input only."""
    repair_rounds: int = 0
    """How often the model is shown what fails when nothing survives, 0 to 2."""
    model_judges: bool = False
    """Whether the model says which of two rival outputs is right, where no person does."""
    max_tokens_total: int | None = None
    """No more is asked of the model once completions came to this many tokens; None sets no cap."""
    stop_risk: float = 0.1
    """Sampling ends when the runner-up overtakes with less than this probability (`agent.budget`); 0: never."""
    submissions: int = 1
    """How many programs to return, one of each behaviour first."""
    min_confidence: float = 0.0
    """The answer is withheld below this probability of being right, 0 to 1."""

    def sampling(self, n: int, *, stop: tuple[str, ...], max_tokens: int | None = None) -> SamplingParams:
        """How `n` completions are drawn under these options.

        Args:
            n: how many.
            stop: strings that end one.
            max_tokens: new tokens of each at most, for what is shorter than a program.
        """
        limit = self.max_tokens if max_tokens is None else max_tokens
        return SamplingParams(
            n=n, temperature=self.temperature, top_p=self.top_p, max_tokens=limit, seed=self.seed, stop=stop
        )


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


class Silent:
    """`Events` that nobody listens to."""

    def sampled(self, count: int, total: int, tokens: int) -> None:
        """Ignore it."""

    def judged(self, distinct: int, passed: int) -> None:
        """Ignore it."""

    def clustered(self, clusters: int, leading_share: float, confidence: float) -> None:
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
    """Programs to submit, best first, `program` the first; each passes every public case, re-verified."""
