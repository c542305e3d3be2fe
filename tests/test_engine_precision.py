"""In which numbers layers are multiplied: what the user says, what the processor has, what is measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import families
import pytest
import torch
from families import prompt
from torch import nn

from agent.cli import run
from agent.engine import fused, grouped, precision
from agent.engine.grouped import GroupedLinear
from agent.engine.layers import Joined, PackedLinear, rebuild
from agent.engine.load import LoadedModel
from agent.engine.precision import ByRows, dtype_on, precision_for
from agent.engine.quantize import Int8Linear
from agent.types import SamplerError


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes this processor look like another; without our library, unless asked for."""

    def make(*, amx: bool, avx512_bf16: bool, vnni: bool, library: bool = False, wish: str | None = None) -> None:
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16)
        monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: vnni)
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
        monkeypatch.setattr(grouped, "is_available", lambda: library)
        monkeypatch.delenv("ALPHASOLVE_PRECISION", raising=False)
        if wish is not None:
            monkeypatch.setenv("ALPHASOLVE_PRECISION", wish)

    return make


@pytest.mark.parametrize(
    ("amx", "avx512_bf16", "vnni", "dtype", "kind"),
    [
        (True, True, True, torch.bfloat16, PackedLinear),
        (False, True, True, torch.bfloat16, PackedLinear),
        (False, False, True, torch.float32, Int8Linear),
        (False, False, False, torch.float32, None),
    ],
    ids=["AMX", "AVX-512 with bfloat16", "8 bits only", "neither"],
)
def test_without_groups_bfloat16_where_it_is_multiplied_and_eight_bits_only_elsewhere(
    processor: Any, amx: bool, avx512_bf16: bool, vnni: bool, dtype: torch.dtype, kind: Any
) -> None:
    processor(amx=amx, avx512_bf16=avx512_bf16, vnni=vnni)
    assert dtype_on("cpu") is dtype
    assert precision_for(dtype).kind is kind


@pytest.mark.parametrize(
    ("wish", "dtype", "kind"),
    [
        ("full", torch.bfloat16, PackedLinear),
        ("int8", torch.bfloat16, Int8Linear),
        ("float32", torch.float32, None),
        ("", torch.bfloat16, PackedLinear),
    ],
)
def test_what_the_user_says_is_done(processor: Any, wish: str, dtype: torch.dtype, kind: Any) -> None:
    processor(amx=False, avx512_bf16=True, vnni=True, wish=wish)
    assert dtype_on("cpu") is dtype
    assert precision_for(dtype).kind is kind


def test_an_unknown_precision_is_refused_in_a_line(processor: Any) -> None:
    processor(amx=False, avx512_bf16=True, vnni=True, wish="int4")
    with pytest.raises(SamplerError, match="int4: no such precision") as error:
        dtype_on("cpu")
    assert "auto, full, grouped, int8, float32" in str(error.value.remedy)


def test_groups_that_are_asked_for_and_not_to_be_had_are_refused(processor: Any) -> None:
    processor(amx=False, avx512_bf16=True, vnni=True, wish="grouped")
    with pytest.raises(SamplerError, match="needs AVX-512 VNNI and gcc"):
        precision_for(torch.bfloat16)


def test_a_device_of_its_own_gets_bfloat16_whatever_the_processor_is(processor: Any) -> None:
    processor(amx=False, avx512_bf16=False, vnni=False)
    assert dtype_on("cuda") is torch.bfloat16


needs_library = pytest.mark.skipif(
    not torch.cpu._is_vnni_supported() or shutil.which("gcc") is None, reason="needs AVX-512 VNNI and gcc"
)


@needs_library
@pytest.mark.parametrize(
    ("faster_from", "inner", "words"),
    [(None, GroupedLinear, "groups of 32"), (8, ByRows, "bfloat16 from 8 rows on"), (1, PackedLinear, "bfloat16")],
    ids=["never", "from 8 rows", "always"],
)
@pytest.mark.parametrize("wish", ["grouped", None])
def test_the_faster_form_is_taken_for_each_number_of_rows(
    processor: Any,
    monkeypatch: pytest.MonkeyPatch,
    wish: str | None,
    faster_from: int | None,
    inner: type,
    words: str,
) -> None:
    def is_faster(one: nn.Module, other: nn.Module, rows: int, dtype: torch.dtype) -> bool:
        assert isinstance(other, GroupedLinear)
        return faster_from is not None and rows >= faster_from

    processor(amx=True, avx512_bf16=True, vnni=True, library=True, wish=wish)
    monkeypatch.setattr(precision, "_is_faster", is_faster)
    choice = precision_for(torch.bfloat16)
    kind = choice.kind
    assert kind is not None
    layer = kind([nn.Linear(64, 32, dtype=torch.bfloat16)])
    assert type(layer) is inner
    assert choice.words.endswith(words)
    assert choice.why.startswith("measured here")
    # What lies between products is fused where they are ours; two forms take the room of both.
    assert choice.is_grouped is (inner is not PackedLinear)
    assert {GroupedLinear: 0.5 < choice.share < 1, ByRows: choice.share > 1.5, PackedLinear: choice.share == 1}[
        inner
    ]
    # 48 inputs make no whole groups.
    assert isinstance(kind([nn.Linear(48, 32, dtype=torch.bfloat16)]), PackedLinear)


@needs_library
@pytest.mark.parametrize(("wish", "has_own"), [("grouped", True), ("full", False)])
def test_what_lies_between_products_is_fused_where_they_are_ours(
    processor: Any, monkeypatch: pytest.MonkeyPatch, tiny: Path, wish: str, has_own: bool
) -> None:
    processor(amx=False, avx512_bf16=True, vnni=True, library=True, wish=wish)
    monkeypatch.setattr(precision, "_is_faster", lambda *_: False)
    kinds = {type(module) for module in LoadedModel(tiny, "tiny", device="cpu")._model.modules()}
    assert ({fused.Norm, fused.GatedMlp, fused.WideHead} <= kinds) is has_own
    assert (fused.Norm in kinds) is has_own


def test_few_rows_and_many_go_different_ways() -> None:
    def marked(value: float) -> nn.Module:
        layer = nn.Linear(4, 1, bias=False)
        layer.weight.data.fill_(value)
        return layer

    both = ByRows(marked(1), marked(2), 8)
    assert both(torch.ones(7, 1, 4)).flatten().tolist() == [4.0] * 7
    assert both(torch.ones(2, 4, 4)).flatten().tolist() == [8.0] * 8


@needs_library
def test_what_is_measured_is_which_one_is_faster() -> None:
    class Slow(nn.Module):
        def forward(self, state: torch.Tensor) -> torch.Tensor:
            for _ in range(2000):
                state = state + 1
            return state

    assert precision._is_faster(nn.Identity(), Slow(), 1, torch.bfloat16)
    assert not precision._is_faster(Slow(), nn.Identity(), 1, torch.bfloat16)


@pytest.mark.parametrize("family", families.FAMILIES)
@needs_library
def test_a_model_in_groups_stays_close_to_itself(
    processor: Any, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    processor(amx=False, avx512_bf16=False, vnni=True, library=True, wish="grouped")
    monkeypatch.setattr(precision, "_is_faster", lambda *_: False)  # a busy machine's clock says what it likes
    model, ids = families.make(family), torch.tensor([prompt(20)])
    kind = precision_for(torch.float32).kind
    assert kind is not None
    with torch.inference_mode():
        model.set_attn_implementation("eager")
        exact = model(ids).logits
        rebuild(model, kind)
        approximation = model(ids).logits
    kinds = {type(layer) for layer in model.modules()}
    assert nn.Linear not in kinds
    assert {GroupedLinear, Joined} <= kinds
    # Each of three random layers adds its own rounding; two layers mixed up would be off by more than 1.
    assert ((approximation - exact).norm() / exact.norm()).item() < 0.3


def test_models_show_says_in_which_numbers_layers_are_multiplied_and_why(
    processor: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    processor(amx=False, avx512_bf16=False, vnni=True, wish="int8")
    assert run(["models", "show", "qwen2.5-coder-0.5b"]) == 0
    assert "layers       8 bits, scaled per row of weights and per token  (ALPHASOLVE_PRECISION says so)" in (
        capsys.readouterr().out
    )
    processor(amx=False, avx512_bf16=False, vnni=False)
    assert run(["models", "show", "qwen2.5-coder-0.5b", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["precision"]
    assert shown == {"numbers": "float32", "why": "the default"}


def test_a_servers_model_is_multiplied_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show", "openai:gpt-oss-20b", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["precision"] is None
