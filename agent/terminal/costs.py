"""What an answer cost, in words for a person and as the object that `--json` prints and the history keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.cost import VERIFIER, Spending

if TYPE_CHECKING:
    from agent.cost import Cost

_DIGITS = 6
"""Of money, after the point: what a few tokens cost is seen."""


def are_worth_saying(models: Sequence[Spending]) -> bool:
    """Whether more is to say than that one model was asked, for nothing or at a price that nobody knows."""
    return any(model.money or model.in_doubt or model.role == VERIFIER for model in models)


def spending_lines(models: Sequence[Spending]) -> list[str]:
    """A line for each model, and one for all of them where they cost money."""
    lines = [f"{model.role} {model.model}: {_figures(model)}" for model in models]
    known = [model.money for model in models if model.money is not None]
    if len(models) > 1 and len(known) == len(models) and any(known):
        lines.append(f"together: {money(sum(known), models[0].currency)}")
    return lines


def money(amount: float, currency: str) -> str:
    """An amount, with more digits the smaller it is."""
    return f"{amount:.2f} {currency}" if amount >= 1 else f"{amount:.{_DIGITS}f} {currency}"


def cost_record(cost: Cost) -> dict[str, Any]:
    """The whole cost as one JSON object: plain values."""
    return {
        "wall_s": round(cost.wall_s, 2),
        "sandbox_s": round(cost.sandbox_s, 2),
        "runs": cost.runs,
        "cpu_s": round(cost.cpu_s, 2),
        "money": _rounded(cost.money),
        "currency": cost.models[0].currency if cost.models else None,
        "roles": {model.role: spending_record(model) for model in cost.models},
    }


def spending_record(model: Spending) -> dict[str, Any]:
    """What one model was asked, likewise."""
    return {
        "model": model.model,
        "requests": model.requests,
        "prompt_tokens": model.prompt_tokens,
        "completion_tokens": model.completion_tokens,
        "seconds": round(model.seconds, 2),
        "money": _rounded(model.money),
        "in_doubt": _rounded(model.in_doubt),
    }


def recorded_lines(cost: Mapping[str, Any]) -> list[str]:
    """The lines of a cost that was kept; none where it says nothing of models, as older ones do."""
    try:
        models = [
            Spending(**row, role=role, currency=cost["currency"]) for role, row in cost.get("roles", {}).items()
        ]
        return spending_lines(models)
    except (AttributeError, KeyError, TypeError, ValueError):
        return []


def _figures(model: Spending) -> str:
    words = (
        f"{model.requests} request{'s' * (model.requests != 1)}, {model.prompt_tokens} tokens of prompts and"
        f" {model.completion_tokens} of answers, {model.seconds:.1f} s"
    )
    if model.money is None:
        return f"{words}, at a price that is not known"
    words += f", {money(model.money, model.currency)}" if model.money else ""
    if model.in_doubt:
        words += f", and at most {money(model.in_doubt, model.currency)} for answers that never came"
    return words


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, _DIGITS)
