"""Layers in 4 and 8 bits with scales per group: what is packed, what comes out, and where there is no compiler."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from agent.engine import grouped, native

GROUP = 32


@pytest.fixture
def library() -> Any:
    if not torch.cpu._is_vnni_supported():
        pytest.skip("this processor has no AVX-512 VNNI")
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc")
    assert native.library() is not None
    return native.library()


def layer_of(weights: Tensor, *, bias: bool = False) -> nn.Linear:
    layer = nn.Linear(weights.shape[1], weights.shape[0], bias=bias, dtype=torch.bfloat16)
    layer.weight.data = weights.to(torch.bfloat16)
    return layer.requires_grad_(requires_grad=False)


def noise(outputs: int, width: int) -> nn.Linear:
    return layer_of(torch.randn(outputs, width, generator=torch.Generator().manual_seed(outputs)))


def few_values(outputs: int, width: int, *, levels: int = 16) -> nn.Linear:
    """In each group of 32 its own distance and its own least value, as block formats of 4 bits have them."""
    draw = torch.Generator().manual_seed(outputs + width)
    shape = (outputs, width // GROUP, 1)
    steps = torch.randint(levels, (outputs, width // GROUP, GROUP), generator=draw)
    distance, share = torch.rand(shape, generator=draw) * 0.02 + 0.001, torch.rand(shape, generator=draw)
    return layer_of(((steps - 15 * share) * distance).reshape(outputs, width))


def by_the_book(layer: nn.Linear, activations: Tensor) -> Tensor:
    """The product of the layer's weights with activations in 8 bits, each group of 32 with a scale of its own."""
    groups = activations.float().reshape(*activations.shape[:-1], -1, GROUP)
    scale = groups.abs().amax(-1, keepdim=True) / 127
    whole = (groups / scale.clamp(min=1e-30)).round() * scale
    return whole.reshape(activations.shape) @ layer.weight.float().T


def drift(result: Tensor, layer: nn.Linear, activations: Tensor) -> float:
    """How far a product is from the book's, relative to the size that its parts would have with random signs."""
    size = (activations.float().square() @ layer.weight.float().square().T).sqrt()
    return float((result.float() - by_the_book(layer, activations)).norm() / size.norm())


@pytest.mark.parametrize(("outputs", "width"), [(1, 32), (31, 64), (32, 512), (33, 544), (96, 1088)])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 9])
def test_products_are_those_of_activations_in_groups(library: Any, rows: int, outputs: int, width: int) -> None:
    activations = torch.randn(rows, width, generator=torch.Generator().manual_seed(rows))
    for layer, bits, most in ((few_values(outputs, width), 4, 0.004), (noise(outputs, width), 8, 0.008)):
        ours = grouped.GroupedLinear([layer])
        assert ours.bits == bits
        # What is left is the rounding of weights to bfloat16, which 4 bits undo, or that of 8 bits.
        assert drift(ours(activations), layer, activations) < most


def test_a_model_of_four_bits_is_found_again_to_the_last_weight(library: Any) -> None:
    layer = few_values(64, 256)
    ours = grouped.GroupedLinear([layer])
    assert ours.bits == 4
    weights = ours(torch.eye(256)).T
    groups = layer.weight.float().reshape(64, 8, GROUP)
    distance = (groups.amax(-1) - groups.amin(-1)) / 15
    # A weight on the wrong one of 16 values would be off by a whole distance.
    missed = (weights.reshape(64, 8, GROUP) - groups).abs().amax(-1)
    assert bool((missed < 0.25 * distance).all())


@pytest.mark.parametrize("levels", [1, 2, 3, 7, 16])
def test_a_group_may_use_few_of_the_values(library: Any, levels: int) -> None:
    layer = few_values(32, 96, levels=levels)
    ours = grouped.GroupedLinear([layer])
    assert ours.bits == 4
    activations = torch.randn(3, 96, generator=torch.Generator().manual_seed(1))
    assert drift(ours(activations), layer, activations) < 0.008


def test_one_weight_that_is_no_value_of_its_group_takes_eight_bits(library: Any) -> None:
    layer = few_values(64, 256)
    group = layer.weight.data[40, 64:96]
    distance = (group.max() - group.min()) / 15
    middle = int((group.float() - group.float().mean()).abs().argmin())
    layer.weight.data[40, 64 + middle] += distance / 2
    assert grouped.GroupedLinear([layer]).bits == 8


def test_seventeen_values_take_eight_bits(library: Any) -> None:
    assert grouped.GroupedLinear([few_values(64, 512, levels=17)]).bits == 8


@pytest.mark.parametrize("kind", [few_values, noise])
def test_a_row_depends_neither_on_its_neighbours_nor_on_threads(library: Any, kind: Any) -> None:
    layer = grouped.GroupedLinear([kind(96, 544)])
    state = torch.randn(7, 544) * torch.tensor([[1.0], [50], [0], [9], [2], [1e-20], [3]])
    together = layer(state)
    assert torch.equal(together, torch.cat([layer(row.unsqueeze(0)) for row in state]))
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert torch.equal(together, layer(state))
    finally:
        torch.set_num_threads(before)
    assert not together[2].any()


def test_layers_stand_side_by_side_with_their_biases(library: Any) -> None:
    one, two = few_values(40, 64), nn.Linear(64, 9, dtype=torch.bfloat16).requires_grad_(requires_grad=False)
    activations = torch.randn(2, 3, 64)
    result = grouped.GroupedLinear([one, two])(activations)
    assert result.shape == (2, 3, 49)
    assert drift(result[..., :40], one, activations) < 0.01
    assert drift(result[..., 40:] - two.bias.float(), two, activations) < 0.01


def test_bfloat16_in_gives_bfloat16_rounded_to_the_nearest(library: Any) -> None:
    layer = grouped.GroupedLinear([noise(64, 96)])
    activations = torch.randn(5, 96).to(torch.bfloat16)
    result = layer(activations)
    assert result.dtype is torch.bfloat16
    assert torch.equal(result, layer(activations.float()).to(torch.bfloat16))


def test_weights_of_any_size_keep_their_proportions(library: Any) -> None:
    """Scales are halves, whose range is small: each output has a factor beside them."""
    activations = torch.randn(3, 64, generator=torch.Generator().manual_seed(2))
    weights = torch.randn(32, 64, generator=torch.Generator().manual_seed(3))
    for size in (1e-9, 1e-4, 1.0, 1e4, 1e9):
        layer = layer_of(weights * size)
        assert drift(grouped.GroupedLinear([layer])(activations), layer, activations) < 0.01


def test_weights_that_are_all_alike_or_nothing(library: Any) -> None:
    activations = torch.randn(3, 64, generator=torch.Generator().manual_seed(2))
    for value in (0.0, 0.25, -3.0):
        layer = layer_of(torch.full((32, 64), value))
        result, expected = grouped.GroupedLinear([layer])(activations), by_the_book(layer, activations)
        assert bool(
            ((result - expected).abs() <= 0.01 * abs(value) * activations.abs().sum(-1, keepdim=True)).all()
        )


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder in which nothing is built yet."""
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path / "models"))
    native.library.cache_clear()
    grouped.is_available.cache_clear()
    yield tmp_path / "models" / "native"
    native.library.cache_clear()
    grouped.is_available.cache_clear()


def test_it_is_built_once(library: Any, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert native.library() is not None
    (built,) = fresh.iterdir()
    assert built.suffix == ".so"
    native.library.cache_clear()
    run = subprocess.run

    def only_version(command: list[str], **options: Any) -> Any:
        assert "-c" not in command
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", only_version)
    assert native.library() is not None


def test_without_a_compiler_there_is_none(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert native.library() is None
    assert not grouped.is_available()
    assert not fresh.exists()


def test_a_compiler_that_refuses_is_none(fresh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compiler = tmp_path / "gcc"
    compiler.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "no such option" >&2\nexit 1\n')
    compiler.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(compiler))
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: True)
    assert native.library() is None
    assert list(fresh.iterdir()) == []


def test_a_library_that_computes_something_else_is_not_used(
    library: Any, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = grouped.GroupedLinear.forward
    monkeypatch.setattr(grouped.GroupedLinear, "forward", lambda self, state: right(self, state) * 1.1)
    assert not grouped.is_available()
