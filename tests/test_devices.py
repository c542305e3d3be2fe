"""Devices: which is taken, how much memory counts there, and one that computes something else is not kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from agent.commands import model_options
from agent.engine import devices, load
from agent.types import Prompt, SampleRequest, SamplerError, SamplingParams


@pytest.mark.parametrize(
    ("cuda", "mps", "wish", "device"),
    [
        (True, False, "auto", "cuda"),
        (False, True, "auto", "mps"),
        (False, False, "auto", "cpu"),
        (True, True, "cpu", "cpu"),
        (True, True, "mps", "mps"),
    ],
)
def test_the_device_is_the_one_wished_for_or_the_first_there(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, wish: str, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert devices.choose_device(wish) == device


@pytest.mark.parametrize("wish", ["cuda", "mps", "tpu"])
def test_a_device_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(SamplerError, match=wish) as error:
        devices.choose_device(wish)
    assert "\n" not in str(error.value)


def test_the_command_line_knows_the_engine_s_devices() -> None:
    assert model_options.DEVICES == devices.DEVICES


def test_on_apple_s_gpu_what_the_driver_gives_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 3 << 30)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 1 << 30)

    class Memory:
        available = 8 << 30

    monkeypatch.setattr(devices.psutil, "virtual_memory", lambda: Memory)
    assert devices.free_memory("mps") == 2 << 30
    assert devices.free_memory("cpu") == 8 << 30


def test_rounding_agrees_and_nonsense_does_not() -> None:
    reference = torch.linspace(-10, 10, 1000)
    assert devices.agrees(reference.bfloat16(), reference)
    assert not devices.agrees(reference.flip(0), reference)
    assert not devices.agrees(torch.full((1000,), torch.nan), reference)


@pytest.mark.parametrize("fault", ["other numbers", "an operation that is missing", "none"])
def test_an_mps_is_kept_only_where_it_computes_the_same(
    monkeypatch: pytest.MonkeyPatch, tiny: Path, fault: str
) -> None:
    """The processor stands for Apple's GPU, with a fault put into what it computes."""
    trial = load._trial

    def on_device(model: Any, device: str) -> torch.Tensor:
        if device == "cpu":
            return trial(model, "cpu")
        if fault == "an operation that is missing":
            raise NotImplementedError("aten::something is not implemented for MPS")
        return trial(model, "cpu") * (-1 if fault == "other numbers" else 1)

    monkeypatch.setattr(load, "_trial", on_device)
    monkeypatch.setattr(load, "choose_device", lambda wish: "mps")
    monkeypatch.setattr(devices.psutil, "virtual_memory", _Plenty)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 8 << 30)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 0)
    real_to = torch.nn.Module.to
    monkeypatch.setattr(torch.nn.Module, "to", lambda self, place: real_to(self, "cpu"))
    model_on_gpu = load.LoadedModel(tiny, "tiny", device="mps")
    assert model_on_gpu._device == ("mps" if fault == "none" else "cpu")
    request = SampleRequest(Prompt("", "x"), SamplingParams(n=1, max_tokens=3, temperature=0.0))
    (completion,) = model_on_gpu.decoder.decode(model_on_gpu.work([request]))
    assert completion.tokens == 3 or completion.finish != "length"


class _Plenty:
    available = 8 << 30
