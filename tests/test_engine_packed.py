"""Packed layers on the disk: taken at the next load, and never believed where they are not what they should be."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from families import prompt
from torch import nn

from agent.engine import grouped, packed, precision
from agent.engine.grouped import GroupedLinear
from agent.engine.load import LoadedModel
from agent.engine.packed import PackedLayers
from agent.models.weights import packed_file

pytestmark = pytest.mark.skipif(
    not torch.cpu._is_vnni_supported() or shutil.which("gcc") is None, reason="needs AVX-512 VNNI and gcc"
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, in which even tiny models are kept packed."""
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ALPHASOLVE_PRECISION", "grouped")
    monkeypatch.setattr(precision, "_is_faster", lambda *_: False)  # a busy machine's clock says what it likes
    monkeypatch.setattr(packed, "_LEAST_BYTES", 0)
    grouped.is_available()  # packs a layer of its own, the first time
    return tmp_path / "cache"


@pytest.fixture
def packings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every layer that is packed, but for the one that is only tried out."""
    done: list[int] = []
    pack = GroupedLinear._pack

    def counted(self: GroupedLinear, layers: Any, bits: int) -> bool:
        if layers[0].in_features != precision._TRIAL_SHAPE[0]:
            done.append(bits)
        return pack(self, layers, bits)

    monkeypatch.setattr(GroupedLinear, "_pack", counted)
    return done


def logits_of(folder: Path) -> torch.Tensor:
    return LoadedModel(folder, "tiny", device="cpu").logits(prompt(12))


def files_in(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.pt"))


def test_the_second_load_packs_nothing_and_computes_the_same(tiny: Path, cache: Path, packings: list[int]) -> None:
    first = logits_of(tiny)
    assert len(packings) > 3
    (file,) = files_in(cache)
    written = file.stat().st_mtime_ns
    packings.clear()
    assert torch.equal(logits_of(tiny), first)
    assert packings == []
    assert file.stat().st_mtime_ns == written


def test_weights_that_changed_are_packed_again_and_the_old_file_goes(
    tiny: Path, tmp_path: Path, cache: Path, packings: list[int]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    before = logits_of(folder)
    (old,) = files_in(cache)
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    model.get_output_embeddings().weight.data *= -1
    model.save_pretrained(folder)
    packings.clear()
    after = logits_of(folder)
    assert packings
    assert not torch.equal(after, before)
    (new,) = files_in(cache)
    assert new != old


@pytest.mark.parametrize("damage", ["empty", "half", "pickle", "other layers", "nothing of ours"])
def test_a_file_that_is_not_what_it_should_be_is_written_again(
    tiny: Path, cache: Path, packings: list[int], damage: str
) -> None:
    expected = logits_of(tiny)
    (file,) = files_in(cache)
    content = file.read_bytes()
    if damage == "empty":
        file.write_bytes(b"")
    elif damage == "half":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "pickle":
        file.write_bytes(b"cposix\nsystem\n(S'exit 1'\ntR.")
    elif damage == "other layers":
        layer = GroupedLinear([grouped.lattice(64, 64)])
        torch.save([{"weights": layer.weights, "scales": layer.row_scale}], file)
    else:
        torch.save({"weights": torch.zeros(3)}, file)
    packings.clear()
    assert torch.equal(logits_of(tiny), expected)
    assert packings
    packings.clear()
    assert torch.equal(logits_of(tiny), expected)
    assert packings == []


def test_a_cache_that_cannot_be_written_is_done_without(tiny: Path, cache: Path, packings: list[int]) -> None:
    cache.mkdir(exist_ok=True)
    (cache / "packed").write_text("a file where the folder should be")
    assert torch.equal(logits_of(tiny), logits_of(tiny))
    assert files_in(cache) == []
    assert len(packings) > 6


def test_a_full_disk_is_left_alone(
    tiny: Path, cache: Path, packings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tiny)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100))
    logits_of(tiny)
    assert files_in(cache) == []
    assert packings


def test_no_draft_stays_where_writing_fails(
    tiny: Path, cache: Path, packings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(layers: Any, path: Path) -> None:
        path.write_bytes(b"begun")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", fails)
    logits_of(tiny)
    assert packings
    assert [path.name for path in cache.rglob("*") if path.suffix in (".pt", ".draft")] == []


def test_the_oldest_files_of_other_peoples_folders_go(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_MOST_FILES", 2)
    for name in ("one", "two", "three"):
        layers = PackedLayers(cache / "packed" / f"{name}-1.pt")
        layers.make([grouped.lattice(64, 64)])
        layers.save()
    assert [path.name for path in files_in(cache)] == ["three-1.pt", "two-1.pt"]


def test_what_is_restored_multiplies_as_what_was_packed(cache: Path) -> None:
    one = nn.Linear(96, 40, dtype=torch.bfloat16)
    two = nn.Linear(96, 24, bias=False, dtype=torch.bfloat16)
    made = GroupedLinear([one, two])
    again = GroupedLinear.restored([one, two], made.weights, made.row_scale)
    assert again is not None
    rows = torch.randn(5, 96)
    assert torch.equal(again(rows), made(rows))
    assert again.bits == made.bits == 8
    for weights, scales in (
        (made.weights[:-1], made.row_scale),
        (made.weights, made.row_scale[:-1]),
        (made.weights.float(), made.row_scale),
        (made.weights, made.row_scale.double()),
    ):
        assert GroupedLinear.restored([one, two], weights, scales) is None


def test_they_lie_beside_a_model_of_the_cache_and_apart_from_others(cache: Path, tmp_path: Path) -> None:
    ours = cache / "some-model" / "model"
    assert packed_file(ours, "k") == cache / "some-model" / "packed-k.pt"
    others = packed_file(tmp_path / "mine", "k"), packed_file(tmp_path / "yours", "k")
    assert {path.parent for path in others} == {cache / "packed"}
    assert others[0] != others[1]
