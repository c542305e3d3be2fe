"""What lies between products: a pass in C computes what torch computes in many, and stands only where it does."""

from __future__ import annotations

import copy
import shutil
from collections import Counter
from collections.abc import Sequence
from typing import Any

import families
import pytest
import torch
from families import prompt
from torch import Tensor, nn

from agent.engine import fused, grouped, native, sampling
from agent.engine.layers import Joined, rebuild

pytestmark = pytest.mark.skipif(
    not torch.cpu._is_vnni_supported() or shutil.which("gcc") is None, reason="needs AVX-512 VNNI and gcc"
)
BFLOAT16_STEP = 2**-8


def rows(count: int, width: int, *, size: float = 1.0) -> Tensor:
    draw = torch.Generator().manual_seed(count + width)
    return (torch.randn(count, width, generator=draw) * size).to(torch.bfloat16)


@pytest.mark.parametrize("width", [16, 896, 1536])
@pytest.mark.parametrize("count", [1, 5, 300])
def test_rows_are_normalised_and_scaled_by_column(count: int, width: int) -> None:
    weight = torch.linspace(-2, 3, width).to(torch.bfloat16)
    state = rows(count, width, size=7.0).reshape(1, count, width)
    exact = state.double()
    exact = exact / (exact.square().mean(-1, keepdim=True) + 1e-6).sqrt() * weight.double()
    ours = fused.Norm(weight, 1e-6)(state)
    assert ours.shape == state.shape
    assert ours.dtype is torch.bfloat16
    # Rounded once: no number is off by more than half a step of its own size.
    assert ((ours.double() - exact).abs() <= 0.51 * BFLOAT16_STEP * 2 * exact.abs() + 1e-9).all()


def test_an_epsilon_counts_where_rows_are_small() -> None:
    state = torch.full((1, 1, 32), 1e-3, dtype=torch.bfloat16)
    ours = fused.Norm(torch.ones(32, dtype=torch.bfloat16), 1e-6)(state)
    assert ours.float() == pytest.approx(torch.full((1, 1, 32), 0.5**0.5), rel=0.01)


class Side(nn.Module):
    """Two layers' outputs, which lie in rows with a gap behind them."""

    in_features = 64

    def __init__(self, both: Tensor) -> None:
        super().__init__()
        self.out_features = both.shape[-1]
        self._memory = torch.full((*both.shape[:-1], self.out_features + 32), torch.nan, dtype=both.dtype)
        self._memory[..., : self.out_features] = both

    def forward(self, state: Tensor) -> Tensor:
        return self._memory[..., : self.out_features]


@pytest.mark.parametrize("count", [1, 3, 400])
def test_the_first_half_goes_through_silu_and_times_the_second(count: int) -> None:
    both = rows(count, 2 * 208, size=20.0)
    both[0, :4] = torch.tensor([-300.0, 300.0, 0.0, -88.0])
    exact = both[:, :208].double() * both[:, :208].double().sigmoid() * both[:, 208:].double()
    ours = fused.GatedMlp(Side(both), nn.Identity())(torch.zeros(count, 64, dtype=torch.bfloat16))
    assert (ours.double() - exact).abs().le(0.51 * BFLOAT16_STEP * 2 * exact.abs() + 1e-30).all()


@pytest.mark.parametrize("width", [16, 37, 151_936])
def test_sums_over_the_vocabulary_are_exact_at_each_temperature(width: int) -> None:
    logits = torch.randn(9, width, generator=torch.Generator().manual_seed(width)) * 6
    logits[1] = -torch.inf
    logits[1, 3] = 2.0
    most = logits.amax(1, keepdim=True)
    heat = torch.linspace(0.2, 2.0, 9).unsqueeze(1)
    result = fused.sums(logits, most, heat)
    assert result is not None
    plain, heated = result
    apart = (logits - most).double()
    assert torch.allclose(plain.double(), apart.exp().sum(1, keepdim=True), rtol=1e-4)
    assert torch.allclose(heated.double(), (apart / heat).exp().sum(1, keepdim=True), rtol=1e-4)


def test_without_the_library_the_same_tokens_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    logits = torch.randn(50, 999, generator=torch.Generator().manual_seed(3)) * 4
    uniforms = torch.rand(50, generator=torch.Generator().manual_seed(4)).tolist()
    temperatures = [0.0, 0.5, 0.8, 1.0, 1.5] * 10
    tokens, logprobs = sampling.choose(logits, temperatures, [0.95] * 50, uniforms)
    assert fused.sums(logits, logits.amax(1, keepdim=True), torch.ones(50, 1)) is not None
    monkeypatch.setattr(native, "library", lambda: None)
    assert fused.sums(logits, logits.amax(1, keepdim=True), torch.ones(50, 1)) is None
    others, other_logprobs = sampling.choose(logits, temperatures, [0.95] * 50, uniforms)
    assert tokens == others
    assert logprobs == pytest.approx(other_logprobs, abs=1e-4)


def in_groups(members: Sequence[nn.Linear]) -> nn.Module:
    return grouped.GroupedLinear(members) if grouped.fits(members) else Joined(members)


def off(model: Any, ids: Tensor, exact: Tensor) -> float:
    return float((model(ids).logits.double() - exact).norm() / exact.norm())


@pytest.mark.parametrize(("family", "gates"), [("qwen2", 3), ("llama", 3), ("gemma3", 0)])
def test_a_model_is_as_close_to_itself_as_before(family: str, gates: int) -> None:
    model, ids = families.make(family), torch.tensor([prompt(20)])
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        model.to(torch.bfloat16)
        exact = copy.deepcopy(model).double()(ids).logits
        rebuild(model, in_groups)
        before = off(model, ids, exact)
        fused.fuse(model)
        after = off(model, ids, exact)
    kinds = Counter(type(module) for module in model.modules())
    assert kinds[fused.GatedMlp] == gates
    # Gemma scales by one more than its weights, and its gate is another function.
    assert kinds[fused.Norm] == (0 if family == "gemma3" else 7)
    assert after < 1.5 * before < 0.5


class OddRMSNorm(nn.Module):
    """Called like a norm, and something else: it also shifts."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(32, dtype=torch.bfloat16))
        self.variance_epsilon = 1e-6

    def forward(self, state: Tensor) -> Tensor:
        return state / state.float().square().mean(-1, keepdim=True).sqrt().to(state.dtype) + 1


class TrueRMSNorm(OddRMSNorm):
    """What its name says."""

    def forward(self, state: Tensor) -> Tensor:
        return state / state.float().square().mean(-1, keepdim=True).sqrt().to(state.dtype)


def test_only_what_agrees_is_replaced() -> None:
    model = nn.ModuleDict({"odd": OddRMSNorm(), "true": TrueRMSNorm()})
    fused.fuse(model)
    assert type(model["odd"]) is OddRMSNorm
    assert type(model["true"]) is fused.Norm


@pytest.mark.parametrize("size", [16, 64, 128, 256])
@pytest.mark.parametrize("window", [None, 7, 70])
@pytest.mark.parametrize("has_prompt", [True, False])
def test_rows_attend_to_their_own_tokens_and_a_prompt_joins_in(
    size: int, window: int | None, has_prompt: bool
) -> None:
    heads, group, room = 2, 3, 150
    lengths = torch.tensor([0, 5, 63, 64, 149])
    draw = torch.Generator().manual_seed(size)
    query = (torch.randn(5, heads, group, size, generator=draw) * 2).to(torch.bfloat16)
    keys, values = (torch.randn(6, heads, room, size, generator=draw).to(torch.bfloat16) for _ in range(2))
    for row, length in enumerate(lengths.tolist()):
        keys[row, :, length + 1 :] = torch.nan  # what is there was never written
        values[row, :, length + 1 :] = torch.nan
    prompt = None
    if has_prompt:
        found = torch.randn(5, heads, group, size, generator=draw).to(torch.bfloat16)
        prompt = (
            found,
            torch.tensor([-torch.inf, -3.0, 0.0, 4.0, 200.0]).reshape(5, 1, 1).repeat(1, heads, group),
        )
    scale = size**-0.5
    out = fused.attended(query, keys, values, lengths, scale, window, prompt)
    assert out is not None
    for row, length in enumerate(lengths.tolist()):
        seen = slice(max(0, length + 1 - (window or room)), length + 1)
        scores = query[row].double() @ keys[row, :, seen].double().transpose(1, 2) * scale
        exact = scores.softmax(-1) @ values[row, :, seen].double()
        if prompt is not None:
            share = torch.sigmoid(scores.logsumexp(-1) - prompt[1][row].double()).unsqueeze(-1)
            exact = exact * share + prompt[0][row].double() * (1 - share)
        assert torch.allclose(out[row].double(), exact, rtol=BFLOAT16_STEP, atol=1e-5)


@pytest.mark.parametrize(
    ("group", "size", "dtype"),
    [(17, 64, torch.bfloat16), (2, 24, torch.bfloat16), (2, 320, torch.bfloat16), (2, 64, torch.float32)],
)
def test_other_shapes_and_types_are_left_to_torch(group: int, size: int, dtype: torch.dtype) -> None:
    query, keys = torch.zeros(1, 1, group, size, dtype=dtype), torch.zeros(1, 1, 8, size, dtype=dtype)
    assert fused.attended(query, keys, keys, torch.zeros(1, dtype=torch.long), 1.0, None, None) is None
