"""What the decode loop runs on: layers, which of them a processor gets, memory and threads."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from typing import Any

import families
import pytest
import torch
from families import prompt


@pytest.fixture(params=families.FAMILIES)
def model(request: pytest.FixtureRequest) -> Any:
    return families.make(request.param)


@pytest.mark.parametrize("rows", [1, 9])
def test_eight_bit_layers_stay_close(rows: int) -> None:
    from agent.engine.quantize import Int8Linear

    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 128)
    state = torch.randn(rows, 1, 64)
    exact, approximation = layer(state), Int8Linear([layer])(state)
    assert approximation.shape == exact.shape
    # Two roundings to 1/127 of the largest value, spread over 64 products: about one per cent.
    assert ((approximation - exact).norm() / exact.norm()).item() < 0.03


def test_a_row_in_eight_bits_does_not_depend_on_its_neighbours() -> None:
    from agent.engine.quantize import Int8Linear

    torch.manual_seed(0)
    layer, state = (
        Int8Linear([torch.nn.Linear(64, 128)]),
        torch.randn(5, 64) * torch.tensor([[1.0], [50], [0], [9], [2]]),
    )
    alone = torch.cat([layer(row.unsqueeze(0)) for row in state])
    assert torch.equal(layer(state), alone)


def test_layers_with_one_input_are_as_if_each_were_alone() -> None:
    from agent.engine.layers import Part, Together
    from agent.engine.quantize import Int8Linear

    torch.manual_seed(0)
    layers = [torch.nn.Linear(64, width, bias=width > 8) for width in (32, 8, 16)]
    parts = [Part(Together(Int8Linear(layers), (32, 8, 16)), 0)]
    parts += [Part(parts[0]._together, place) for place in (1, 2)]
    for state in torch.randn(2, 3, 1, 64).unbind():
        for place in (2, 0, 0, 1, 2):  # in any order, and again
            assert torch.equal(parts[place](state), Int8Linear([layers[place]])(state))


def test_a_long_prompts_activations_are_let_go() -> None:
    from agent.engine.layers import Part, Together
    from agent.engine.quantize import Int8Linear

    together = Together(Int8Linear([torch.nn.Linear(64, 8), torch.nn.Linear(64, 8)]), (8, 8))
    first, second = Part(together, 0), Part(together, 1)
    state = torch.randn(3, 64)
    reference = weakref.ref(state)
    first(state), second(state)
    del state
    assert reference() is None


def test_a_model_in_eight_bits_answers_as_before(model: Any) -> None:
    from agent.engine.layers import rebuild
    from agent.engine.quantize import Int8Linear

    ids = torch.tensor([prompt(20)])
    with torch.inference_mode():
        model.set_attn_implementation("eager")
        exact = model(ids).logits
        rebuild(model, Int8Linear)
        approximation = model(ids).logits
    assert not any(isinstance(layer, torch.nn.Linear) for layer in model.modules())
    # Each of three random layers adds its own rounding; two layers mixed up would be off by more than 1.
    assert ((approximation - exact).norm() / exact.norm()).item() < 0.3


def test_a_model_with_packed_weights_answers_as_before(model: Any) -> None:
    from agent.engine.layers import PackedLinear, packing_pays_off, rebuild

    if not packing_pays_off(torch.bfloat16):
        pytest.skip("this processor has no instructions for bfloat16")
    model, ids = model.to(torch.bfloat16), torch.tensor([prompt(20)])
    with torch.inference_mode():
        model.set_attn_implementation("eager")
        exact = model(ids).logits.float()
        rebuild(model, PackedLinear)
        bundle = model(ids).logits.float()
    assert not any(isinstance(layer, torch.nn.Linear) for layer in model.modules())
    # The same products, summed in another order; two layers mixed up would be off by more than 1.
    assert ((bundle - exact).norm() / exact.norm()).item() < 0.05


def test_freed_blocks_are_used_again() -> None:
    """In a process of its own, because the setting stays."""
    code = (
        "import resource, torch\nfrom agent.engine.runtime import keep_memory\nkeep_memory()\n"
        "def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(3): torch.ones(20_000_000)\nbefore = faults()\n"
        "for _ in range(5): torch.ones(20_000_000)\nprint(faults() - before)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(process.stdout) < 5 * 80_000_000 // 4096 // 10


def test_how_threads_wait_is_the_users_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.engine.runtime import settle_waiting

    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    settle_waiting()
    assert (os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"]) == ("ACTIVE", "7")
