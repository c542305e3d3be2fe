"""Linear layers in 8-bit integers, for processors that multiply them (VNNI) but not bfloat16.

Weights are quantised once per output row, activations per token, both symmetrically, as in LLM.int8() without its
outlier path (Dettmers et al., 2022); products are summed exactly in 32 bits by oneDNN. Weights take half the bytes
of bfloat16; with few rows, reading them is what a product waits for. A token's scale depends on that token alone:
neighbours in a batch change nothing. Small activations drown beside large ones of the same token, and the quality
gate (`benchmarks.studies.precision`) does not let it pass: it stands where there is neither bfloat16 in hardware
nor a compiler for `grouped`.

Not covered: putting them into a model (`layers`), CUDA.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from agent.engine.layers import joined_bias, multiplies_bfloat16

_LARGEST = 127.0
_LARGEST_7_BITS = 63.0
_TINY = 1e-12
_CHUNK_ROWS = 1024


def pays_off() -> bool:
    """Whether the processor multiplies 8-bit integers and not bfloat16."""
    return bool(torch.cpu._is_vnni_supported()) and not multiplies_bfloat16()


class Int8Linear(nn.Module):
    """Linear layers over one input with 8-bit weights and per-token 8-bit activations."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        """Quantise `layers`, whose outputs stand side by side; each weight row keeps a scale of its own."""
        super().__init__()
        self.in_features = layers[0].in_features
        self.out_features = sum(layer.out_features for layer in layers)
        integers = torch.empty(self.out_features, self.in_features, dtype=torch.int8)
        self._scale = torch.empty(self.out_features)
        begin = 0
        for layer in layers:
            for rows in layer.weight.detach().split(_CHUNK_ROWS):
                end = begin + len(rows)
                scale = rows.abs().amax(dim=1).float().clamp_(min=_TINY) / _LARGEST
                integers[begin:end] = (rows.float() / scale[:, None]).round_()
                self._scale[begin:end] = scale
                begin = end
        self._packed = torch.ops.onednn.qlinear_prepack(integers, None)
        self._zero = torch.zeros(self.out_features, dtype=torch.int64)
        # oneDNN multiplies unsigned activations; the shift is taken out again when weights are packed. Without
        # VNNI it adds two products in 16 bits, which holds them where activations have 7 bits, and else cuts off.
        self._largest = _LARGEST if torch.cpu._is_vnni_supported() else _LARGEST_7_BITS
        self._zero_point = int(self._largest) + 1
        bias = joined_bias(layers)
        self._bias = None if bias is None else bias.float()

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        rows = hidden_states.reshape(-1, self.in_features)
        most = rows.abs().amax(dim=1, keepdim=True).float().clamp_(min=_TINY)
        # Half above the zero point, because the conversion cuts off.
        integers = (rows.float() * (self._largest / most)).add_(self._zero_point + 0.5).to(torch.uint8)
        sums: Tensor = torch.ops.onednn.qlinear_pointwise(
            integers, 1.0, self._zero_point, self._packed, self._scale, self._zero, None,
            1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        scale = most / self._largest
        out = sums.mul_(scale) if self._bias is None else torch.addcmul(self._bias, sums, scale)
        return out.to(hidden_states.dtype).reshape(*hidden_states.shape[:-1], self.out_features)
