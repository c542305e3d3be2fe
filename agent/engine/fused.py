"""What a model computes between its products, a pass over memory each: norms, gates, attention, sums of logits.

Every operation of torch's on a small tensor costs some microseconds before it begins, and a wake-up of all threads
where it is a little larger; between two products there are a dozen. Here they are one each, in C (`native`), in
float32 inside and rounded once. A module is replaced only where ours computes what it does, which is tried.

Not covered: products (`grouped`), attention within prompts, the rotation of positions, other devices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from agent.engine import native
from agent.engine.grouped import GroupedLinear
from agent.engine.layers import Part

_LANES = 16
_MOST_SIZE, _MOST_GROUP = 256, 16
_FOREVER = 1 << 40
_DRIFT = 0.01
"""Of a row, relative to its size: bfloat16 is rounded to a quarter of a per cent, some modules round twice."""
_TRIAL_ROWS = 3


class WideHead(nn.Module):
    """The last layer, whose results are wanted in float32: neither rounded before nor widened after."""

    def __init__(self, layer: GroupedLinear) -> None:
        super().__init__()
        self._layer = layer

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., features) to (..., vocabulary), float32."""
        out: Tensor = self._layer(hidden_states.float())
        return out


class Norm(nn.Module):
    """Rows divided by the root of their mean square (Zhang and Sennrich, 2019), and scaled by column."""

    def __init__(self, weight: Tensor, epsilon: float) -> None:
        """Scale by `weight`, (columns,)."""
        super().__init__()
        self._weight = weight.detach().float().contiguous()
        self._epsilon = epsilon

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., columns) to the same shape, bfloat16."""
        rows = hidden_states.contiguous()
        out = torch.empty_like(rows)
        width = len(self._weight)
        _library().normalise(
            rows.data_ptr(), rows.numel() // width, width, self._weight.data_ptr(), self._epsilon, out.data_ptr(),
            torch.get_num_threads(),
        )  # fmt: skip
        return out


class GatedMlp(nn.Module):
    """Two layers over one input, the first through SiLU and times the second (Shazeer, 2020), and a third."""

    def __init__(self, together: nn.Module, down: nn.Module) -> None:
        """Use `together`, whose output is that of both layers side by side, and `down`."""
        super().__init__()
        self._together = together
        self._down = down

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., features) to the same shape, bfloat16."""
        both = self._together(hidden_states)
        width = both.shape[-1] // 2
        rows = both.reshape(-1, 2 * width)
        out = torch.empty(len(rows), width, dtype=rows.dtype)
        _library().gate(rows.data_ptr(), len(rows), rows.stride(0), width, out.data_ptr(), torch.get_num_threads())
        result: Tensor = self._down(out.reshape(*both.shape[:-1], width))
        return result


def fuse(model: Any) -> None:
    """Replace what this module has better ones for.

    Args:
        model: of transformers, in bfloat16, on the processor; its layers rebuilt (`layers.rebuild`).
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            for candidate in (_norm_of(child), _mlp_of(child)):
                if candidate is not None and _agrees(*candidate, child):
                    setattr(parent, name, candidate[0])
    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    if isinstance(head, GroupedLinear):
        model.set_output_embeddings(WideHead(head))


def sums(logits: Tensor, most: Tensor, temperatures: Tensor) -> tuple[Tensor, Tensor] | None:
    """Over each row, the sum of exp(logit - most), and that with the difference divided by its temperature.

    Args:
        logits: (rows, vocabulary), float32.
        most: each row's largest logit, (rows, 1).
        temperatures: (rows, 1), float32.

    Returns:
        Two columns, (rows, 1); None where there is no library for it.
    """
    if logits.device.type != "cpu" or logits.stride(1) != 1 or native.library() is None:
        return None
    logits, most = logits.contiguous(), most.contiguous()
    plain, heated = torch.empty_like(most), torch.empty_like(most)
    _library().sum_powers(
        logits.data_ptr(), *logits.shape, most.data_ptr(), temperatures.contiguous().data_ptr(),
        plain.data_ptr(), heated.data_ptr(), torch.get_num_threads(),
    )  # fmt: skip
    return plain, heated


def attended(
    query: Tensor, keys: Tensor, values: Tensor, lengths: Tensor, scale: float, window: int | None,
    prompt: tuple[Tensor, Tensor] | None,
) -> Tensor | None:  # fmt: skip
    """What one new token of each row finds among the row's tokens, merged with what it found in a shared prompt.

    Args:
        query: (rows, kv heads, queries to each, size), bfloat16.
        keys: (at least rows, kv heads, room, size), bfloat16, its own at place `lengths[row]`.
        values: like the keys.
        lengths: tokens in each row before the new one, (rows,), int64.
        scale: of products.
        window: how many of the last tokens are seen; None for all.
        prompt: found there, like the query, and its log-sum-exp without the last dimension, float32.

    Returns:
        Like the query; None where there is nothing here for such a shape or device.
    """
    rows, heads, group, size = query.shape
    if query.device.type != "cpu" or query.dtype is not torch.bfloat16 or keys.dtype is not torch.bfloat16:
        return None
    if size % _LANES or size > _MOST_SIZE or group > _MOST_GROUP or native.library() is None:
        return None
    query, out = query.contiguous(), torch.empty(query.shape, dtype=query.dtype)
    found, weight = (part.contiguous() for part in prompt) if prompt is not None else (None, None)
    _library().attend(
        query.data_ptr(), keys.data_ptr(), values.data_ptr(), rows, heads, group, size, keys.shape[2],
        lengths.data_ptr(), window or _FOREVER, scale, None if found is None else found.data_ptr(),
        None if weight is None else weight.data_ptr(), out.data_ptr(), torch.get_num_threads(),
    )  # fmt: skip
    return out


def _library() -> Any:
    loaded = native.library()
    assert loaded is not None
    return loaded


def _norm_of(module: nn.Module) -> tuple[nn.Module, int] | None:
    """What may stand for a module that normalises rows, and how wide they are."""
    weight = getattr(module, "weight", None)
    epsilon = getattr(module, "variance_epsilon", getattr(module, "eps", None))
    if not type(module).__name__.endswith("RMSNorm") or weight is None or not isinstance(epsilon, float):
        return None
    if weight.dtype is not torch.bfloat16 or len(weight) % _LANES:
        return None
    return Norm(weight, epsilon), len(weight)


def _mlp_of(module: nn.Module) -> tuple[nn.Module, int] | None:
    """What may stand for a gated block of a decoder layer, and how wide its input is."""
    gate, up, down = (getattr(module, name, None) for name in ("gate_proj", "up_proj", "down_proj"))
    if not isinstance(gate, Part) or not isinstance(up, Part) or not isinstance(down, nn.Module):
        return None
    layer = gate.partner_of(up)
    width = getattr(layer, "out_features", 1)
    if layer is None or width % (2 * _LANES) or not isinstance(layer.in_features, int):
        return None
    return GatedMlp(layer, down), layer.in_features


@torch.inference_mode()
def _agrees(ours: Callable[[Tensor], Tensor], width: int, theirs: Callable[[Tensor], Tensor]) -> bool:
    """Whether both map some rows to the same."""
    rows = torch.randn(1, _TRIAL_ROWS, width, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    expected = theirs(rows).float()
    return bool((ours(rows).float() - expected).norm() <= _DRIFT * expected.norm())
