"""In which numbers a model's layers are multiplied here.

`ALPHASOLVE_PRECISION` may say one of `PRECISIONS`. If it does not, groups are used for as many rows as they are
faster for, which is measured on this processor, not looked up by its name; what they cost in quality, less than
float32 differs from bfloat16 twice over, is measured by `benchmarks.studies.precision`.

Not covered: how layers of each kind work (`layers`, `grouped`, `quantize`), devices other than the processor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from agent.engine import grouped, layers, quantize
from agent.types import SamplerError

PRECISIONS = ("auto", "full", "grouped", "int8", "float32")
Kind = Callable[[Sequence[nn.Linear]], nn.Module]
"""Makes one module of layers over one input, whose outputs stand side by side."""

_TRIAL_ROWS = (1, 8, 32)
_TRIAL_SHAPE = (1536, 4096)
_TRIAL_TURNS = 5
_CLEARLY = 0.95
_GROUPED_SHARE = 0.75
"""All layers in 8 bits with their scales, and the embedding as it is."""
_GROUPED = "weights in 4 or 8 bits, activations in 8, scaled in groups of 32"
_INT8 = "8 bits, scaled per row of weights and per token"
_ASKED = "ALPHASOLVE_PRECISION says so"
_NO_BFLOAT16 = "this processor does not multiply bfloat16"
_DEFAULT = "the default"
_TRIED = f", tried with {', '.join(map(str, _TRIAL_ROWS))} rows"


def wish() -> str:
    """What the user says.

    Raises:
        SamplerError: there is no such precision.
    """
    said = os.environ.get("ALPHASOLVE_PRECISION") or "auto"
    if said not in PRECISIONS:
        raise SamplerError(
            f"ALPHASOLVE_PRECISION is {said}: no such precision", remedy=f"say one of {', '.join(PRECISIONS)}"
        )
    return said


def dtype_on(device: str) -> torch.dtype:
    """bfloat16 where the processor multiplies it, float32 where it would be emulated."""
    if wish() == "float32":
        return torch.float32
    return torch.bfloat16 if device != "cpu" or layers.multiplies_bfloat16() else torch.float32


@dataclass(frozen=True, slots=True)
class Precision:
    """What is done with a model's linear layers on the processor."""

    kind: Kind | None
    """None where torch's own stay."""
    words: str
    """The numbers in which they are multiplied."""
    why: str
    is_grouped: bool = False
    """Whether our own products make up most of the work, so that what lies between them is worth fusing."""
    share: float = 1.0
    """Bytes of all weights in memory, relative to what they take in the model's type."""


def precision_for(dtype: torch.dtype, grouped_kind: Kind = grouped.GroupedLinear) -> Precision:
    """The form of linear layers of a model in `dtype`.

    Args:
        dtype: the model's.
        grouped_kind: makes layers with weights in groups, where those are taken.

    Raises:
        SamplerError: what the user says is not to be had here.
    """
    said = wish()
    packed = layers.PackedLinear if layers.packing_pays_off(dtype) else None
    full = Precision(packed, str(dtype).removeprefix("torch."), _ASKED if said != "auto" else _DEFAULT)
    if said in ("full", "float32"):
        return full
    if said == "int8":
        return Precision(quantize.Int8Linear, _INT8, _ASKED)
    if grouped.is_available():
        return _fastest(full, dtype, grouped_kind)
    if said == "grouped":
        raise SamplerError(
            "ALPHASOLVE_PRECISION=grouped needs AVX-512 VNNI and gcc",
            remedy="install gcc, or leave it out",
        )
    return Precision(quantize.Int8Linear, _INT8, _NO_BFLOAT16) if quantize.pays_off() else full


def _fastest(full: Precision, dtype: torch.dtype, grouped_kind: Kind) -> Precision:
    """Groups for as many rows as they are faster for here, the other form for more."""
    other = full.kind or layers.Joined
    trial = grouped.lattice(*_TRIAL_SHAPE).to(dtype)
    ours, theirs = grouped.GroupedLinear([trial]), other([trial])
    rows = next((count for count in _TRIAL_ROWS if _is_faster(theirs, ours, count, dtype)), None)
    if rows == _TRIAL_ROWS[0]:
        return replace(full, why="measured here: faster than groups even for one row")

    def kind(members: Sequence[nn.Linear]) -> nn.Module:
        if not grouped.fits(members):
            return other(members)
        few = grouped_kind(members)
        return few if rows is None else ByRows(few, other(members), rows)

    if rows is None:
        why = f"measured here: {full.words} is not faster{_TRIED}"
        return Precision(kind, _GROUPED, why, is_grouped=True, share=_GROUPED_SHARE)
    words = f"{_GROUPED}, and in {full.words} from {rows} rows on"
    why = f"measured here: each is faster there{_TRIED}"
    return Precision(kind, words, why, is_grouped=True, share=1 + _GROUPED_SHARE)


class ByRows(nn.Module):
    """Two forms of the same layers: one for fewer than `rows` rows, one for so many and more."""

    def __init__(self, few: Any, many: nn.Module, rows: int) -> None:
        super().__init__()
        self.in_features, self.out_features = few.in_features, few.out_features
        self._few, self._many, self._rows = few, many, rows

    def forward(self, hidden_states: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        count = hidden_states.numel() // hidden_states.shape[-1]
        out: Tensor = (self._few if count < self._rows else self._many)(hidden_states)
        return out


@torch.inference_mode()
def _is_faster(one: nn.Module, other: nn.Module, rows: int, dtype: torch.dtype) -> bool:
    """Whether `one` is clearly faster at so many rows, the best of a few turns of each."""
    activations = torch.randn(rows, _TRIAL_SHAPE[0], dtype=dtype)
    best = [float("inf"), float("inf")]
    for _ in range(_TRIAL_TURNS):
        for place, layer in enumerate((one, other)):
            since = time.perf_counter()
            layer(activations)
            best[place] = min(best[place], time.perf_counter() - since)
    return best[0] < _CLEARLY * best[1]
