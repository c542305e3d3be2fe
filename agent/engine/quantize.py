"""Linear layers in 8-bit integers, for processors with VNNI but without AMX.

Weights are quantised once per output row, activations per token, both symmetrically, as in LLM.int8() without its
outlier path (Dettmers et al., 2022); products are summed exactly in 32 bits by oneDNN. Decoding few rows is bound
by reading weights, which are half as many bytes as in bfloat16.

Not covered: CUDA; processors with AMX, whose bfloat16 is as fast.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

_ZERO_POINT = 128  # oneDNN multiplies unsigned activations; the shift is taken out again when weights are packed
_LARGEST = 127.0


def pays_off() -> bool:
    """Whether 8-bit layers are faster than the processor's bfloat16."""
    return bool(torch.cpu._is_vnni_supported()) and not torch.cpu._is_amx_tile_supported()


def quantize(model: Any) -> None:
    """Replace every linear layer of `model`, one by one, so that no second copy of all weights exists."""
    for name, layer in list(model.named_modules()):
        if isinstance(layer, nn.Linear):
            parent = model.get_submodule(name.rpartition(".")[0])
            setattr(parent, name.rpartition(".")[2], Int8Linear(layer))


class Int8Linear(nn.Module):
    """A linear layer with 8-bit weights and per-token 8-bit activations; floats go in and come out."""

    def __init__(self, layer: nn.Linear) -> None:
        """Quantise `layer`; each weight row keeps a scale of its own."""
        super().__init__()
        weight = layer.weight.detach().float()
        scale = weight.abs().amax(dim=1).clamp(min=1e-12) / _LARGEST
        rounded = (weight / scale[:, None]).round_().to(torch.int8)
        self._packed = torch.ops.onednn.qlinear_prepack(rounded, None)
        self._scale = scale
        self._zero = torch.zeros(weight.shape[0], dtype=torch.int64)
        self._bias = None if layer.bias is None else layer.bias.detach().float()
        self.out_features, self.in_features = weight.shape

    def forward(self, hidden: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        rows = hidden.reshape(-1, self.in_features).float()
        scale = rows.abs().amax(dim=1, keepdim=True).clamp_(min=1e-12) / _LARGEST
        rounded = rows.div_(scale).round_().add_(_ZERO_POINT).to(torch.uint8)
        out: Tensor = torch.ops.onednn.qlinear_pointwise(
            rounded, 1.0, _ZERO_POINT, self._packed, self._scale, self._zero, None,
            1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        out.mul_(scale)
        if self._bias is not None:
            out.add_(self._bias)
        return out.to(hidden.dtype).reshape(*hidden.shape[:-1], self.out_features)
