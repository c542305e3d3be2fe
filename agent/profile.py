"""How a model likes to be asked: the record that prompts and sampling parameters are made by.

Not covered: which profile a model has (`agent.models.profiles`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from agent.thinking import Thinking


class Form(enum.StrEnum):
    """How an answer begins."""

    PREFILL = "prefill"
    """Begun for the model, inside its code fence: what a small model without thoughts answers best to."""
    FENCE = "fence"
    """By the model, which is asked for a block of code with words around it as it likes."""
    THINK = "think"
    """With thoughts, and then as `FENCE`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a model likes to be asked. The defaults suit a model on this machine that nothing is known of."""

    form: Form = Form.PREFILL
    """How its answers begin."""
    system: str = ""
    """The system line; "" leaves it to the model's chat template."""
    temperature: float = 0.8
    """Sampling temperature."""
    top_p: float = 0.95
    """Nucleus mass."""
    stop: tuple[str, ...] = ()
    """Strings that end an answer, beside those that end one that was begun for the model."""
    max_tokens: int = 640
    """New tokens per completion, at most, thoughts included."""
    max_seconds: float = 120.0
    """How long one `solve` samples."""
    thinking: Thinking | None = None
    """How it is to think; None for a model that does not, or is not known to."""

    @property
    def is_begun(self) -> bool:
        """Whether answers are begun for the model."""
        return self.form is Form.PREFILL


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says about how a model is asked; None leaves it to what is known of the model."""

    answer_form: str | None = None
    """A value of `Form`."""
    system: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] | None = None
    max_tokens: int | None = None
    max_seconds: float | None = None
    reasoning: str | None = None
    """A value of `agent.thinking.Effort`."""


NO_WISHES = Wishes()


@runtime_checkable
class Profiled(Protocol):
    """A `Sampler` that knows how its model likes to be asked."""

    @property
    def profile(self) -> Profile | None:
        """How; None where it does not know after all."""


def profile_of(sampler: object) -> Profile | None:
    """How a sampler's model likes to be asked, where it knows."""
    return sampler.profile if isinstance(sampler, Profiled) else None


NEUTRAL = Profile()
QWEN25 = Profile(system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant.")
"""What Qwen report for their own evaluation of Qwen2.5-Coder (technical report, 2024)."""
