"""What an answer costs: its models' tokens, in money where prices are known, and what runs in a sandbox.

Not covered: how models are counted (`agent.models.metered`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sandbox import Batched

if TYPE_CHECKING:
    from sandbox import Job, RunResult, Sandbox


MILLION = 1_000_000
CURRENCY = "USD"
"""What money is called where the user calls it nothing else."""
SOLVER, VERIFIER = "solver", "verifier"
"""What a model is asked for: programs, or what says which of them are right."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost; the money is the user's own label for it, the same for all models."""

    prompt: float = 0.0
    """Of a million tokens of prompts."""
    completion: float = 0.0
    """Of a million tokens of answers."""

    @property
    def is_free(self) -> bool:
        """Whether nothing costs anything."""
        return self.prompt == self.completion == 0

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The money for so many tokens."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / MILLION


FREE = Price()
"""Of a model on one's own machine."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one model was asked, and what that cost. What a file of completions held already is not in it."""

    model: str
    """Its name."""
    requests: int = 0
    """Answers that came; a server that gives several to one request is counted once for each."""
    prompt_tokens: int = 0
    """Tokens of prompts that were read, so far as the model tells."""
    completion_tokens: int = 0
    """Tokens of the answers."""
    seconds: float = 0.0
    """How long it was waited for; two models may be waited for at the same time."""
    money: float | None = None
    """What these answers cost; None where no price is known."""
    in_doubt: float = 0.0
    """Money that requests may cost beside, at most, whose answer never came: broken off, or failed."""
    role: str = SOLVER
    """What it was asked for: `SOLVER` or `VERIFIER`."""
    currency: str = CURRENCY
    """What money is called."""

    def since(self, before: Spending) -> Spending:
        """What was spent after `before`, of the same model."""
        return replace(
            self,
            requests=self.requests - before.requests,
            prompt_tokens=self.prompt_tokens - before.prompt_tokens,
            completion_tokens=self.completion_tokens - before.completion_tokens,
            seconds=self.seconds - before.seconds,
            money=None if self.money is None else self.money - (before.money or 0.0),
            in_doubt=self.in_doubt - before.in_doubt,
        )


@runtime_checkable
class Metered(Protocol):
    """A `Sampler` that counts what it is asked."""

    def spending(self) -> Spending:
        """The total so far."""


class Bill:
    """What models spend from the moment on that it is begun."""

    def __init__(self, solver: Metered, verifier: Metered | None = None) -> None:
        """Begin."""
        models = {SOLVER: solver} if verifier is None else {SOLVER: solver, VERIFIER: verifier}
        self._models = {role: (model, model.spending()) for role, model in models.items()}

    def items(self) -> tuple[Spending, ...]:
        """What each has spent so far."""
        return tuple(
            replace(model.spending().since(before), role=role) for role, (model, before) in self._models.items()
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one `solve` used."""

    wall_s: float = 0.0
    """From the first request to the last verdict, seconds."""
    sandbox_s: float = 0.0
    """Of these, waiting for runs; most of the rest is the model's."""
    runs: int = 0
    """Programs run: candidates times inputs, and the verification."""
    cpu_s: float = 0.0
    """CPU time of these runs, seconds."""
    models: tuple[Spending, ...] = ()
    """What each model was asked: the solver first."""

    @property
    def money(self) -> float | None:
        """What all models cost together; None where the price of one is not known."""
        known = [model.money for model in self.models if model.money is not None]
        return sum(known) if self.models and len(known) == len(self.models) else None


class Meter(Batched):
    """A `Sandbox` that passes jobs on to another and adds up what they cost. Closing it closes nothing."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._since = time.monotonic()
        self._waited = 0.0
        self._runs = 0
        self._cpu_s = 0.0

    @property
    def backend(self) -> str:
        """See `Sandbox`."""
        return self._box.backend

    @property
    def slots(self) -> int:
        """See `Sandbox`."""
        return self._box.slots

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`."""
        results = iter(self._box.run_many(jobs))
        while True:
            start = time.monotonic()
            result = next(results, None)
            if result is None:
                return
            self._count(result, start)
            yield result

    def close(self) -> None:
        """Do nothing: the metered sandbox belongs to whoever opened it."""

    def cost(self) -> Cost:
        """The total so far."""
        return Cost(time.monotonic() - self._since, self._waited, self._runs, self._cpu_s)

    def _count(self, result: RunResult, start: float) -> None:
        self._waited += time.monotonic() - start
        self._runs += 1
        self._cpu_s += result.cpu_s
