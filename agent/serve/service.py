"""What all doors share: the sandbox, the models, the folder of the history, and turns at each.

Not covered: HTTP (`agent.serve.app`), and who may ask (`agent.serve.guard`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.serve.turns import Turns

if TYPE_CHECKING:
    from agent.types import Sampler
    from sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class ServeLimits:
    """How much may be asked at once."""

    judging: int = 64
    """Requests that wait for a slot of the sandbox, at most."""
    judging_s: float = 60.0
    """How long they wait, at most, seconds."""
    solving: int = 8
    """Requests that wait for a model, at most."""
    solving_s: float = 600.0
    """How long they wait, at most, seconds."""


@dataclass(slots=True)
class Service:
    """One server's means. The doors use it from one event loop; work that blocks goes through `Turns.run`."""

    sandbox: Sandbox
    """Shared by all; thread-safe."""
    open_sampler: Callable[[str], Sampler]
    """Loads or connects to a model by its name; raises SamplerError. Blocks."""
    models: Sequence[str]
    """The names that may be asked, the default one first."""
    history: Path | None
    """The folder of the history; None keeps nothing."""
    has_cpp: bool = False
    """Whether slots of the sandbox hold g++."""
    limits: ServeLimits = field(default_factory=ServeLimits)
    judging: Turns = field(init=False)
    """Turns at the sandbox."""

    def __post_init__(self) -> None:
        """Make the queues."""
        limits = self.limits
        self.judging = Turns(
            # One more than there are slots, so that none is idle while another's answer is put together.
            self.sandbox.slots + 1,
            waiting=limits.judging,
            patience_s=limits.judging_s,
            what="judging",
        )
