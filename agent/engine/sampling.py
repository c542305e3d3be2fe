"""Drawing the next token: temperature and nucleus, without sorting the vocabulary.

The nucleus is looked for among the most likely tokens; their probabilities are exact, because the normaliser is
summed over the whole vocabulary. Only when those few do not hold the nucleus is the row sorted in full, so the
distribution drawn from is exactly that of Holtzman et al., "The Curious Case of Neural Text Degeneration" (2020).

Not covered: repetition penalties, beam search, constraints.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from agent.engine import fused

_CANDIDATES = 64


def choose(
    logits: Tensor, temperatures: Sequence[float], top_ps: Sequence[float], uniforms: Sequence[float]
) -> tuple[list[int], list[float]]:
    """Draw one token per row.

    Args:
        logits: (rows, vocabulary), float32.
        temperatures: one per row; 0 takes the most likely token, the lowest number among equals.
        top_ps: nucleus mass per row.
        uniforms: one number in [0, 1) per row: the only randomness.

    Returns:
        The tokens, and their log-probabilities at temperature 1, nats.
    """
    if not any(temperatures):
        tokens = logits.argmax(dim=1)
        logprobs = logits.gather(1, tokens.unsqueeze(1)).squeeze(1) - logits.logsumexp(dim=1)
        return tokens.tolist(), logprobs.tolist()
    device = logits.device
    heat = torch.tensor([temperature or 1.0 for temperature in temperatures], device=device).unsqueeze(1)
    mass = torch.tensor(list(top_ps), device=device).unsqueeze(1)
    draws = torch.tensor(list(uniforms), device=device).unsqueeze(1)
    top = logits.topk(min(_CANDIDATES, logits.shape[1]), dim=1)
    most = top.values[:, :1]
    plain, total = _sums(logits, most, heat)
    likely = ((top.values - most) / heat).exp() / total
    tokens = top.indices.gather(1, _draw(likely, mass, draws)).squeeze(1)
    wide = likely.sum(dim=1) < mass.squeeze(1)
    for row, temperature in enumerate(temperatures):
        if not temperature:
            tokens[row] = logits[row].argmax()
        elif wide[row]:
            tokens[row] = _draw_from_all(logits[row] / heat[row], mass[row], draws[row])
    logprobs = (logits.gather(1, tokens.unsqueeze(1)) - most - plain.log()).squeeze(1)
    return tokens.tolist(), logprobs.tolist()


def _sums(logits: Tensor, most: Tensor, heat: Tensor) -> tuple[Tensor, Tensor]:
    """Of exp(logit - most), as it is and with the difference divided by `heat`, over each row, as columns."""
    quick = fused.sums(logits, most, heat)
    if quick is not None:
        return quick
    apart = logits - most
    heated = (apart / heat).exp_().sum(dim=1, keepdim=True)
    return apart.exp_().sum(dim=1, keepdim=True), heated


def _draw(likely: Tensor, mass: Tensor, uniform: Tensor) -> Tensor:
    """Places drawn from each row's nucleus; `likely` is sorted, most likely first."""
    total = likely.cumsum(dim=1)
    inside = total - likely < mass  # the token that crosses the mass belongs to the nucleus
    last = inside.sum(dim=1, keepdim=True).clamp(min=1) - 1
    nucleus_mass = total.gather(1, last)
    return torch.minimum(torch.searchsorted(total, uniform * nucleus_mass, right=True), last)


def _draw_from_all(row: Tensor, mass: Tensor, uniform: Tensor) -> Tensor:
    """The same, for one row whose nucleus is wider than the few most likely tokens."""
    likely, order = row.softmax(dim=0).sort(descending=True, stable=True)
    return order[_draw(likely.unsqueeze(0), mass.unsqueeze(0), uniform.unsqueeze(0))[0, 0]]
