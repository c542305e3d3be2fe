"""GPUs of this machine: read from a driver that is pretended, and what doctor says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent import doctor
from agent.cli import run
from agent.gpus import Gpu, find_gpus, serving


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that lists GPUs, to be written by the test; nothing else is on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "nvidia-smi"


def pretend(driver: Path, *lines: str, code: int = 0) -> None:
    driver.write_text("#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines) + f"exit {code}\n")
    driver.chmod(0o755)


def test_they_are_as_the_driver_lists_them(driver: Path) -> None:
    pretend(driver, "NVIDIA H200, 143771", "Tesla T4, 15360")
    assert find_gpus() == (Gpu("NVIDIA H200", 143771), Gpu("Tesla T4", 15360))


def test_where_there_is_no_driver_or_none_that_answers_there_are_none(driver: Path) -> None:
    assert find_gpus() == ()
    pretend(driver, "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.", code=9)
    assert find_gpus() == ()
    pretend(driver, "Field, [N/A]", "no comma")
    assert find_gpus() == ()


def test_a_model_is_copied_to_all_of_them_or_spread_over_them() -> None:
    assert [advice.command for advice in serving(4)] == [
        "vllm serve MODEL --data-parallel-size 4",
        "vllm serve MODEL --tensor-parallel-size 4",
        "solve problem.md -m openai:MODEL --base-url http://localhost:8000/v1",
    ]
    assert serving(1)[0].command == "vllm serve MODEL"


@pytest.mark.parametrize("count", [0, 2])
def test_doctor_shows_the_commands_where_there_are_any(
    count: int, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.setattr(doctor, "find_gpus", lambda: (Gpu("NVIDIA H200", 143771),) * count)
    monkeypatch.setattr(doctor, "BACKENDS", ())
    run(["doctor"])
    said = capfd.readouterr().out
    assert said.count("GPU: NVIDIA H200, 140 GiB\n") == count
    assert ("vllm serve MODEL --tensor-parallel-size 2" in said) == bool(count)
    run(["doctor", "--json"])
    machine = json.loads(capfd.readouterr().out)["machine"]
    assert machine["gpus"] == [{"name": "NVIDIA H200", "memory_mb": 143771}] * count
    assert len(machine["serving"]) == (3 if count else 0)
