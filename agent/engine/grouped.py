"""Linear layers with weights of 4 or 8 bits and activations of 8, scaled in groups of 32, by a library of our own.

A GGUF file of 4 bits keeps weights as multiples in groups of 32, and in bfloat16 they still are, but for rounding.
Such layers go back into 4 bits and lose nothing: few rows wait for weights to be read, and these are a quarter of
the bytes. All others go into 8 bits. A scale per group follows large activations where one per token drowns the
small ones beside them; what it costs is measured by `benchmarks.studies.precision`.

Not covered: how products are made (`native`), processors without AVX-512 VNNI.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn

from agent.engine import native
from agent.engine.layers import joined_bias

GROUP, TILE = 32, 32
_SCALE_BYTES = 4 * TILE
_BLOCK_ROWS, _BLOCK_BYTES = 4, 40
_SUM_BYTES = 4 * TILE
_CHECKED = 96
_DRIFT = 0.02
"""Of a product, relative to its size: rounding to 1/127 of the largest of 32 numbers leaves half a per cent."""


@functools.cache
def is_available() -> bool:
    """Whether this machine has what it takes, and computes what it should."""
    if native.library() is None:
        return False
    return all(_is_right(layer) for layer in (lattice(_CHECKED, _CHECKED), _noise(_CHECKED)))


def fits(layers: Sequence[nn.Linear]) -> bool:
    """Whether layers over one input have a shape for it."""
    return layers[0].in_features % GROUP == 0


class GroupedLinear(nn.Module):
    """Linear layers over one input with weights of 4 or 8 bits."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        """Pack the weights of `layers`, whose outputs stand side by side; see `fits`."""
        super().__init__()
        self._shape(layers)
        self.bits = 4 if self._pack(layers, 4) else 8
        if self.bits == 8:
            self._pack(layers, 8)

    @classmethod
    def restored(cls, layers: Sequence[nn.Linear], weights: Tensor, row_scale: Tensor) -> Self | None:
        """The same of `layers` that were packed before, into the two tensors; None where these are of others."""
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._shape(layers)
        bits = next((bits for bits in (4, 8) if weights.numel() == layer._bytes(bits)), None)
        types = weights.dtype, row_scale.dtype
        if bits is None or types != (torch.uint8, torch.float32) or row_scale.numel() != layer._tiles * TILE:
            return None
        layer.bits, layer.weights, layer.row_scale = bits, weights, row_scale
        return layer

    def _shape(self, layers: Sequence[nn.Linear]) -> None:
        """Everything but the weights."""
        self.in_features = layers[0].in_features
        self.out_features = sum(layer.out_features for layer in layers)
        self._groups = self.in_features // GROUP
        self._tiles = -(-self.out_features // TILE)
        bias = joined_bias(layers)
        self._bias = None
        if bias is not None:
            self._bias = torch.zeros(self._tiles * TILE)
            self._bias[: self.out_features] = bias

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features), in bfloat16 or float32."""
        rows = hidden_states.reshape(-1, self.in_features).contiguous()
        threads = torch.get_num_threads()
        count = len(rows)
        blocks = -(-count // _BLOCK_ROWS)
        out = torch.empty(count, self._tiles * TILE, dtype=rows.dtype)
        scratch = torch.empty(
            blocks * _BLOCK_ROWS * _BLOCK_BYTES * self._groups + count * threads * _SUM_BYTES, dtype=torch.uint8
        )
        loaded = native.library()
        assert loaded is not None
        loaded.multiply(
            rows.data_ptr(), int(rows.dtype is torch.float32), count, self._groups, self.weights.data_ptr(),
            self.bits, self._tiles, self.row_scale.data_ptr(),
            None if self._bias is None else self._bias.data_ptr(), out.data_ptr(), scratch.data_ptr(), threads,
        )  # fmt: skip
        return out[:, : self.out_features].reshape(*hidden_states.shape[:-1], self.out_features)

    def _bytes(self, bits: int) -> int:
        """What the weights take."""
        return self._tiles * self._groups * (GROUP * TILE * bits // 8 + _SCALE_BYTES)

    def _pack(self, layers: Sequence[nn.Linear], bits: int) -> bool:
        """Whether all weights could be packed in so many bits."""
        loaded = native.library()
        assert loaded is not None
        threads = torch.get_num_threads()
        self.weights = torch.zeros(self._bytes(bits), dtype=torch.uint8)
        self.row_scale = torch.zeros(self._tiles * TILE)
        scratch = torch.empty(2 * self._groups * threads)
        first = 0
        for layer in layers:
            weights = layer.weight.detach().to(torch.bfloat16).contiguous()
            misfits = loaded.pack(
                weights.data_ptr(), layer.out_features, self._groups, bits, first, self.weights.data_ptr(),
                self.row_scale.data_ptr(), scratch.data_ptr(), threads,
            )  # fmt: skip
            if misfits:
                return False
            first += layer.out_features
        return True


def lattice(width: int, outputs: int) -> nn.Linear:
    """A layer as a file of 4 bits leaves it: 16 values at equal distances in each group of 32."""
    draw = torch.Generator().manual_seed(0)
    steps = torch.randint(16, (outputs, width), generator=draw) - 8
    return _layer(steps / 256)


def _noise(width: int) -> nn.Linear:
    """A layer of which no group is like that."""
    return _layer(torch.randn(width, width, generator=torch.Generator().manual_seed(0)))


def _layer(weights: Tensor) -> nn.Linear:
    outputs, width = weights.shape
    layer = nn.Linear(width, outputs, bias=False, dtype=torch.bfloat16)
    layer.weight.data = weights.to(torch.bfloat16)
    return layer


@torch.inference_mode()
def _is_right(layer: nn.Linear) -> bool:
    """Whether a layer in groups computes what it does as it is."""
    activations = torch.randn(5, layer.in_features, generator=torch.Generator().manual_seed(1))
    exact = activations @ layer.weight.float().T
    return bool((GroupedLinear([layer])(activations) - exact).norm() <= _DRIFT * exact.norm())
