"""Which device a model runs on, what it may hold there, and whether a device can be trusted."""

from __future__ import annotations

import psutil
import torch
from torch import Tensor

from agent.types import SamplerError

DEVICES = ("auto", "cpu", "cuda", "mps")
_DRIFT = 0.05
"""Of a logit, relative to their spread: bfloat16 against itself on another device stays below 0.02."""


def choose_device(wish: str) -> str:
    """The device to try: "cuda", "mps" (Apple's GPU) or "cpu".

    Args:
        wish: one of `DEVICES`; "auto" takes the first of CUDA, MPS and the processor that torch offers here.

    Raises:
        SamplerError: there is no such device, or not on this machine.
    """
    offers = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wish == "auto":
        return next(device for device, there in offers.items() if there)
    if wish not in offers:
        raise SamplerError(f"no such device: {wish}; there are {', '.join(DEVICES)}")
    if not offers[wish]:
        raise SamplerError(
            f"this machine's torch ({torch.__version__}) offers no {wish}", remedy="leave out --device"
        )
    return wish


def free_memory(device: str) -> int:
    """Bytes that a model could have on `device` now."""
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    free = int(psutil.virtual_memory().available)
    if device == "mps":  # the processor's memory, of which the driver gives away a part
        return min(free, int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory()))
    return free


def agrees(logits: Tensor, reference: Tensor) -> bool:
    """Whether logits computed on a device are those of the processor, but for rounding; both (vocabulary,)."""
    here, there = logits.float().cpu(), reference.float().cpu()
    if not bool(torch.isfinite(here).all()):
        return False
    return float((here - there).abs().max()) <= _DRIFT * float(there.max() - there.min())
