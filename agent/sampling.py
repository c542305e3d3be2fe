"""The vocabulary of sampling: what is asked of a model, and what comes back.

Not covered: what is made of it (`agent.types`), where models come from (`agent.models`).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from agent.characters import whole_characters

if TYPE_CHECKING:
    from agent.thinking import Thinking


class Purpose(enum.StrEnum):
    """What a completion was asked for."""

    PROGRAM = "program"
    BRUTE = "brute"
    """A program that is right on tiny inputs, and may be slow."""
    TESTS = "tests"
    GENERATOR = "generator"
    VALIDATOR = "validator"
    CHECKER = "checker"

    @property
    def is_program(self) -> bool:
        """Whether candidates are taken from it."""
        return self in (Purpose.PROGRAM, Purpose.BRUTE)


GIVE_TIME = "give it more time with --max-seconds, or ask for less with -n or --max-tokens"
"""What can be done where no answer came in time."""


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
    opening: str = ""
    """What an answer is made to begin with whose thoughts are cut short, where the sampler can do that."""

    def __post_init__(self) -> None:
        for name in ("system", "user", "prefill", "opening"):
            object.__setattr__(self, name, whole_characters(getattr(self, name)))


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
    """Strings that end a completion; they are not part of it, and thoughts may hold them."""
    thinking: Thinking | None = None
    """How the model is to think before it answers; None where it does not."""


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """`params.n` completions of one prompt."""

    prompt: Prompt
    params: SamplingParams
    strategy: str = field(default="direct", compare=False)
    """What made it so: a name in `agent.strategies.wordings.STRATEGIES`; for records, it changes no answer."""
    until: float = field(default=math.inf, compare=False)
    """When an answer comes too late, by `time.monotonic()`: who waits for others waits no longer."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of the model."""

    request: int
    """Index of the request this answers."""
    sample: int
    """Number within the request, `first` to `first` + n - 1."""
    text: str
    """The new text, without thoughts, the prompt, the prefill and the stop string."""
    tokens: int
    """How many tokens were generated, thoughts included."""
    logprob: float
    """Sum of the log-probabilities of the generated tokens under the model at temperature 1, nats."""
    finish: str
    """"stop" (end token or stop string), "length", "refused" by the model, or "filtered" by its server."""
    greedy: bool = False
    """Whether it is the program drawn at temperature 0; the loop sets it, samplers need not."""
    purpose: Purpose = Purpose.PROGRAM
    """Likewise."""
    prompt: Prompt | None = None
    """What was asked, with the words that the answer was made to begin with; likewise."""
    strategy: str = "direct"
    """By which strategy it was asked for; likewise."""
    program: str | None = None
    """The program in it where that is known without looking, as of a stored solution."""
    prompt_tokens: int = 0
    """Tokens of the prompt that were read for it: 0 where it is not known, or another completion's reading served
    for this one too."""
    thoughts: str = ""
    """What the model thought before it answered, where that is told; it is kept, and never looked at for code."""
    thought_tokens: int = 0
    """How many of the tokens are thoughts: counted, or, where a server counts none, by their share of the text."""
    cached_tokens: int = 0
    """How many of the prompt's tokens a server read from its cache."""
    is_estimate: bool = False
    """Whether a server counts nothing, so that its tokens are a quarter of its characters."""

    def __post_init__(self) -> None:
        for name in ("text", "thoughts"):
            object.__setattr__(self, name, whole_characters(getattr(self, name)))
        if self.program is not None:
            object.__setattr__(self, "program", whole_characters(self.program))

    @property
    def is_unfinished_thought(self) -> bool:
        """Whether the limit on tokens came before the thoughts ended, so that there is no answer."""
        return self.finish == "length" and bool(self.thoughts or self.thought_tokens) and not self.text.strip()

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
            SamplerError: the model failed, or a prompt does not fit its context; after the completions that there
                are all the same.
        """


@runtime_checkable
class Remote(Protocol):
    """What may work elsewhere: it takes no processor time here, and may be left alone on a thread."""

    @property
    def is_remote(self) -> bool:
        """Whether it does."""


@runtime_checkable
class Closeable(Protocol):
    """What holds something open, as some samplers do; one that is asked again opens it again."""

    def close(self) -> None:
        """Release it."""
