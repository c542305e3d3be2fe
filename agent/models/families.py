"""Families of models that are known by their names: what their makers say of how they are asked.

A name counts only where it is unmistakable: it begins as the family's own names do, and no word in it speaks of
something else. Sources are the model cards and the providers' documentation of each.

Not covered: models that do well when asked plainly, such as GPT-4.1, Claude or Gemini; they need no entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.profile import QWEN25, Form


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are asked alike."""

    title: str
    names: str
    """Pattern of a whole name in small letters, without its owner."""
    form: Form
    remark: str
    """Why this form, in words."""
    system: str = ""
    temperature: float = 0.8
    top_p: float = 0.95
    has_switch: bool = False
    """Whether the chat template takes `enable_thinking`."""
    has_efforts: bool = False
    """Whether servers take `reasoning_effort` for it."""
    least_effort: str | None = None
    """The `reasoning_effort` that switches thinking off, or nearly; None where nothing does."""


FAMILIES = (
    Family(
        "Qwen2.5",
        r"qwen2\.5(?!.*(?:r1|think|reason|distill)).*",
        Form.PREFILL,
        "does best when its answer is begun",
        system=QWEN25.system,
    ),
    Family("Qwen3-Coder", r"qwen3-coder.*", Form.FENCE, "does not think", temperature=0.7, top_p=0.8),
    Family("Qwen3 Instruct", r"qwen3-.*instruct.*", Form.FENCE, "does not think", temperature=0.7, top_p=0.8),
    Family("Qwen3 Thinking", r"qwen3-.*thinking.*", Form.THINK, "always thinks", temperature=0.6),
    Family(
        "Qwen3",
        r"qwen3[-:]\d+(?:\.\d+)?b(?!.*base).*",
        Form.THINK,
        "thinks unless it is told not to",
        temperature=0.6,
        has_switch=True,
    ),
    Family("QwQ", r"qwq-.*", Form.THINK, "always thinks", temperature=0.6),
    Family("DeepSeek-R1", r"deepseek-(?:r1|reasoner)\b.*", Form.THINK, "always thinks", temperature=0.6),
    Family("Magistral", r"magistral-.*", Form.THINK, "always thinks", temperature=0.7),
    Family(
        "gpt-oss",
        r"gpt-oss[-:].*",
        Form.THINK,
        "always thinks",
        temperature=1.0,
        top_p=1.0,
        has_efforts=True,
    ),
    Family(
        "OpenAI's o series",
        r"o[134](?:-mini|-pro)?(?:-\d{4}-\d\d-\d\d)?",
        Form.THINK,
        "always thinks",
        temperature=1.0,
        top_p=1.0,
        has_efforts=True,
    ),
    Family(
        "GPT-5",
        r"gpt-5(?:-mini|-nano|-pro|-codex)?(?:-\d{4}-\d\d-\d\d)?",
        Form.THINK,
        "thinks as hard as it is asked to",
        temperature=1.0,
        top_p=1.0,
        has_efforts=True,
        least_effort="minimal",
    ),
)
"""The first whose pattern fits counts."""


def family_of(name: str) -> Family | None:
    """The family of a model with this name, such as `Qwen/Qwen3-8B`; None where that is not sure."""
    own = name.rstrip("/").rpartition("/")[2].lower()
    return next((family for family in FAMILIES if re.fullmatch(family.names, own)), None)
