"""A model's linear layers in the form in which the processor multiplies them fastest; the model's code stays.

Layers that are given the same activations (queries, keys and values; gate and up) become one product: every
separate operation on a small tensor costs a wake-up of all threads. Weights in bfloat16 are laid out once as
oneDNN wants them, where torch's own linear layer lays them out at every call.

Not covered: 8-bit layers (`quantize`), CUDA.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor, nn

_TOGETHER = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))
"""What decoder layers of the Llama, Qwen and Gemma families call layers that share their input."""
_TYPICAL_ROWS = 64
_MADV_PAGEOUT = 21


def rebuild(model: Any, kind: Callable[[Sequence[nn.Linear]], nn.Module]) -> None:
    """Replace every linear layer of `model`, one by one, so that no second copy of all weights exists.

    Args:
        model: of transformers.
        kind: makes one module of layers over one input, whose outputs stand side by side.
    """
    for parent in list(model.modules()):
        layers = {name: child for name, child in parent.named_children() if isinstance(child, nn.Linear)}
        for names in _TOGETHER:
            if layers.keys() >= set(names):
                members = [layers.pop(name) for name in names]
                together = Together(kind(members), [layer.out_features for layer in members])
                for place, name in enumerate(names):
                    setattr(parent, name, Part(together, place))
                _let_go(members)
        for name, layer in layers.items():
            setattr(parent, name, kind([layer]))
            _let_go([layer])
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()  # lets go of the file that all weights were mapped from


def joined_bias(layers: Sequence[nn.Linear]) -> Tensor | None:
    """Biases of layers side by side; zeros stand for a missing one where others have one, None for none at all."""
    if all(layer.bias is None for layer in layers):
        return None
    biases: list[Tensor] = [
        layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias for layer in layers
    ]
    return torch.cat(biases).detach()


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for products of bfloat16, in tiles (AMX) or in vectors (AVX-512)."""
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def packing_pays_off(dtype: torch.dtype) -> bool:
    """Whether oneDNN multiplies weights of this type in blocks, for which they must be laid out anew."""
    return dtype is torch.bfloat16 and multiplies_bfloat16() and torch.backends.mkldnn.is_available()


class PackedLinear(nn.Module):
    """Linear layers over one input in bfloat16, laid out for oneDNN."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        """Lay out the weights of `layers`."""
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in layers])
        self._bias = joined_bias(layers)
        self.out_features, self.in_features = weight.shape
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight, _TYPICAL_ROWS)

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        rows = hidden_states.reshape(-1, self.in_features)
        out: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self._packed, self._bias, "none", [], "")
        return out.reshape(*hidden_states.shape[:-1], self.out_features)


class Joined(nn.Module):
    """Linear layers over one input as torch multiplies them."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        """Put the weights of `layers` side by side."""
        super().__init__()
        self._weight = torch.cat([layer.weight.detach() for layer in layers])
        self._bias = joined_bias(layers)

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        return nn.functional.linear(hidden_states, self._weight, self._bias)


class Together:
    """Layers that are called one after the other with the same input, computed at the first of these calls."""

    def __init__(self, layer: nn.Module, widths: Sequence[int]) -> None:
        """Use `layer`, whose output is that of the layers side by side; they are so wide."""
        self.layer = layer
        self.count = len(widths)
        self._ends = list(accumulate(widths, initial=0))
        self._input: Tensor | None = None
        self._pieces: dict[int, Tensor] = {}

    def part(self, hidden_states: Tensor, place: int) -> Tensor:
        """The output of layer number `place`."""
        if self._input is not hidden_states or place not in self._pieces:
            out = self.layer(hidden_states)
            self._input = hidden_states
            self._pieces = {number: out[..., a:b] for number, (a, b) in enumerate(pairwise(self._ends))}
        piece = self._pieces.pop(place)
        if not self._pieces:
            self._input = None  # a long prompt's activations are not kept until the next one
        return piece


class Part(nn.Module):
    """One layer of several that are computed together."""

    def __init__(self, together: Together, place: int) -> None:
        super().__init__()
        self._together = together
        self._place = place

    def partner_of(self, other: Part) -> nn.Module | None:
        """The one module that computes this layer and then `other`; None where they are not computed so."""
        is_pair = other._together is self._together and (self._place, other._place) == (0, 1)
        return self._together.layer if is_pair and self._together.count == 2 else None

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        return self._together.part(hidden_states, self._place)


def _let_go(layers: Sequence[nn.Linear]) -> None:
    """Tell the kernel that weights are not needed any more: their file stays mapped as a whole."""
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    for layer in layers:
        begin = -(-layer.weight.data_ptr() // mmap.PAGESIZE) * mmap.PAGESIZE
        length = layer.weight.data_ptr() + layer.weight.nbytes - begin
        if length > 0:
            madvise(ctypes.c_void_p(begin), ctypes.c_size_t(length), _MADV_PAGEOUT)  # advice: failing is no matter
