"""How much one `solve` may try, and how a model is asked for it.

Not covered: which profile a model has (`agent.models.profiles`), and the command line (`agent.commands`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.profile import NEUTRAL, Profile, profile_of
from agent.sampling import SamplingParams

if TYPE_CHECKING:
    from agent.sampling import Sampler

_OF_PROFILES = ("temperature", "top_p", "max_tokens", "max_seconds")


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How much one `solve` may try."""

    n: int = 32
    """Completions drawn, at most; easy problems stop earlier."""
    head_start: int = 0
    """Of these, so many are at hand from an earlier `solve`: no stop is thought of before there are more."""
    language: str = "python"
    """What programs are written in: a name in `agent.languages.LANGUAGES`."""
    strategy: str = "direct"
    """How programs are asked for: a name in `agent.strategies.wordings.STRATEGIES`, or "auto"."""
    seed: int = 0
    """Seeds sampling and input generation."""
    temperature: float = NEUTRAL.temperature
    """Sampling temperature of all but the greedy completion."""
    top_p: float = NEUTRAL.top_p
    """Nucleus mass."""
    max_tokens: int = NEUTRAL.max_tokens
    """New tokens per completion, at most."""
    max_seconds: float = NEUTRAL.max_seconds
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
    """No more is asked of the model once prompts and completions came to this many tokens; None sets no cap."""
    stop_risk: float = 0.1
    """Sampling ends when the runner-up overtakes with less than this probability (`agent.budget`); 0: never."""
    submissions: int = 1
    """How many programs to return, at most: each behaves unlike the others."""
    min_confidence: float = 0.0
    """The answer is withheld below this probability of being right, 0 to 1."""
    profile: Profile | None = None
    """How the model is asked; None leaves it to the sampler (`suited_to`)."""

    @property
    def asking(self) -> Profile:
        """How the model is asked."""
        return NEUTRAL if self.profile is None else self.profile

    def asked_by(self, profile: Profile) -> SolveOptions:
        """These options with a profile, and with its temperature, nucleus, and limits on tokens and seconds."""
        return replace(self, profile=profile, **{name: getattr(profile, name) for name in _OF_PROFILES})

    def for_verifier(self, sampler: Sampler) -> SolveOptions:
        """These options as another model is asked by them: with its own profile, where it has one.

        A limit on time that was set before any profile holds for it, too.
        """
        if (profile := profile_of(sampler)) is None:
            return self
        is_set = self.profile is None and self.max_seconds != NEUTRAL.max_seconds
        options = self.asked_by(profile)
        return replace(options, max_seconds=self.max_seconds) if is_set else options

    def suited_to(self, sampler: Sampler) -> SolveOptions:
        """These options with the profile of the sampler's model, unless they have one.

        What has its default is then as the profile says: temperature, nucleus, and limits on tokens and seconds.
        """
        if self.profile is not None or (profile := profile_of(sampler)) is None:
            return self
        own = [name for name in _OF_PROFILES if getattr(self, name) != getattr(NEUTRAL, name)]
        return replace(self.asked_by(profile), **{name: getattr(self, name) for name in own})

    def programs_alone(self) -> SolveOptions:
        """The same without what tells programs apart, where another model is asked for that."""
        return replace(self, tests=0, generators=0, checkers=0)

    def sampling(self, n: int, *, stop: tuple[str, ...], max_tokens: int | None = None) -> SamplingParams:
        """How `n` completions are drawn under these options.

        Args:
            n: how many.
            stop: strings that end one that was begun for the model.
            max_tokens: new tokens of each at most, for what is shorter than a program and begun for the model.
        """
        profile = self.asking
        limit = max_tokens if max_tokens is not None and profile.is_begun else self.max_tokens
        return SamplingParams(
            n=n,
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=limit,
            seed=self.seed,
            stop=(*stop, *profile.stop) if profile.is_begun else profile.stop,
            thinking=profile.thinking and profile.thinking.within(limit),
        )


@dataclass(frozen=True, slots=True)
class CouncilOptions:
    """How many programs say what is right where none is known to be (`agent.hacking`), and how surely."""

    n: int = 16
    """Programs that a model is asked for as `solve` asks."""
    brutes: int = 8
    """Brute forces besides: programs that may be slow."""
    generators: int = 0
    """Generators, and as many validators, of inputs; for standard input only."""
    max_tokens_total: int | None = None
    """As in `SolveOptions`."""
    min_confidence: float = 0.6
    """A flaw is reported from this probability on, 0 to 1."""

    def solving(self, seed: int = 0) -> SolveOptions:
        """How the model is asked, but for its profile."""
        return SolveOptions(
            n=self.n, seed=seed, generators=self.generators, max_tokens_total=self.max_tokens_total
        )
