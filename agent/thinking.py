"""How a model thinks before it answers: how hard, how long, and by what its thoughts are known.

Not covered: how a thought is told from an answer (`agent.extraction.thoughts`), and what closes one that grows too
long (`agent.engine.thoughts`).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace

ANSWER_TOKENS = 2048
"""Of an answer that comes after thoughts, or is begun by the model itself."""


class Effort(enum.StrEnum):
    """How hard a model is asked to think."""

    AUTO = "auto"
    """As the model does by itself."""
    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Tags(enum.Enum):
    """What stands around thoughts in the chat formats of open models."""

    THINK = ("<think>", "</think>")
    """Qwen3, DeepSeek-R1, SmolLM3, and most others."""
    SEED = ("<seed:think>", "</seed:think>")
    MISTRAL = ("[THINK]", "[/THINK]")

    @property
    def start(self) -> str:
        """What opens one."""
        return self.value[0]

    @property
    def end(self) -> str:
        """What closes one."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a request says about thoughts; a model that does not think is sent none."""

    effort: Effort = Effort.AUTO
    tokens: int = 0
    """Of a thought, at most, of `SamplingParams.max_tokens`: a model on this machine is made to answer then."""
    has_switch: bool = False
    """Whether the chat template takes `enable_thinking`."""
    word: str | None = None
    """What a server is asked for as `reasoning_effort`; None says nothing."""

    def within(self, max_tokens: int) -> Thinking:
        """The same where an answer has `max_tokens` in all: thoughts leave it a part of them."""
        return replace(self, tokens=min(self.tokens, max_tokens - min(max_tokens // 2, ANSWER_TOKENS)))


def share_of(tokens: int, thoughts: str, text: str) -> int:
    """How many of an answer's tokens are thoughts, where nobody counts them: their share of its characters."""
    return tokens * len(thoughts) // max(len(thoughts) + len(text), 1)


def tags_of(template: str) -> Tags | None:
    """The tags in which a model with this chat template thinks; None where it does not, or without any.

    One that only takes thoughts out of earlier turns is none: it has to open a thought for the answer, or take a
    word on whether there is to be one.
    """
    beginning = template[template.rfind("add_generation_prompt") :]
    for tags in Tags:
        if tags.start in beginning or (takes_switch(template) and tags.start in template):
            return tags
    return None


def takes_switch(template: str) -> bool:
    """Whether the chat template can be told not to let the model think."""
    return re.search(r"\benable_thinking\b", template) is not None
