"""Options that say how a model is asked, and what is shown of how it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import DEFAULTS, together
from agent.profile import Form
from agent.thinking import Effort

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.models.profiles import Choice
    from agent.profile import Profile


_TITLES = {"form": "answer form", "thinking": "reasoning"}

STRATEGY_NAMES = ("direct", "plan", "steps", "tags", "varied", "ladder", "brute")
"""Said here because the module that has them imports half of the program."""


def strategy_option(*more: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--strategy`, with `more` names beside those of `agent.strategies.wordings.STRATEGIES`."""
    return click.option(
        "--strategy",
        type=click.Choice([*STRATEGY_NAMES, *more]),
        default=DEFAULTS.strategy,
        show_default=True,
        help="How programs are asked for; the first one is asked for directly all the same.",
    )


asking_options = together(
    click.option("--system", metavar="TEXT", help="The system line; with an empty text there is none."),
    click.option(
        "--answer-form",
        type=click.Choice([str(form) for form in Form]),
        help="How answers begin: begun for the model, by itself with a block of code, or with thoughts.",
    ),
    click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), help="Nucleus mass of sampling."),
    click.option("--temperature", type=click.FloatRange(0, 2), help="Sampling temperature."),
    click.option(
        "--max-tokens",
        type=click.IntRange(1, 1_000_000),
        help="New tokens of one answer at most, thoughts among them.",
    ),
    click.option(
        "--reasoning",
        type=click.Choice([str(effort) for effort in Effort]),
        help="How hard a model that can think is to think before it answers; auto: as it does by itself.",
    ),
)
"""`--reasoning`, `--max-tokens`, `--temperature`, `--top-p`, `--answer-form` and `--system`: see `Wishes`."""


def lines(choice: Choice) -> list[str]:
    """A profile as a person reads it: a line for each entry with its value and the reason for it."""
    profile = choice.profile
    values = {
        "form": str(profile.form),
        "system": json.dumps(profile.system) if profile.system else "(none)",
        "thinking": _reasoning(profile),
        "temperature": f"{profile.temperature:g}",
        "top_p": f"{profile.top_p:g}",
        "stop": " ".join(map(json.dumps, profile.stop)) or "(none of its own)",
        "max_tokens": str(profile.max_tokens),
        "max_seconds": f"{profile.max_seconds:g}",
    }
    titles = {name: _TITLES.get(name, name.replace("_", " ")) for name in values}
    return [f"{titles[name]:12} {value}  ({choice.reasons[name]})" for name, value in values.items()]


def record(choice: Choice) -> dict[str, Any]:
    """The same for `--json`: for each entry its value, and why."""
    return {name: {"value": value, "why": choice.reasons[name]} for name, value in asdict(choice.profile).items()}


def _reasoning(profile: Profile) -> str:
    thinking = profile.thinking
    if thinking is None:
        return "(none)"
    words = [str(thinking.effort)]
    if thinking.tokens:
        words.append(f"thoughts of {thinking.tokens} tokens")
    if thinking.word:
        words.append(f"reasoning_effort={thinking.word}")
    if thinking.has_switch and thinking.effort is Effort.OFF:
        words.append("enable_thinking=false")
    return ", ".join(words)
