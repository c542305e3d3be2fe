"""The NVIDIA GPUs of this machine, as its driver lists them, and how a server is started that uses all of them.

Not covered: what torch can use here (`agent.engine.devices`), and GPUs of other makers.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

_SECONDS = 10.0
_QUERY = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
ADDRESS = "http://localhost:8000/v1"
"""Where vLLM serves unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One of them."""

    name: str
    memory_mb: int
    """All of it, MiB."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A command, and what it is for."""

    purpose: str
    command: str


def find_gpus() -> tuple[Gpu, ...]:
    """Those that the driver lists; none where there is no driver, or it says something else."""
    try:
        process = subprocess.run(_QUERY, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    return tuple(_gpus(process.stdout))


def serving(count: int) -> tuple[Advice, ...]:
    """How vLLM serves a model on `count` GPUs, at least one, and how it is asked then.

    By vLLM's documentation of `vllm serve`: copies that share the requests, or one model spread over all.
    """
    ask = Advice("then", f"solve problem.md -m openai:MODEL --base-url {ADDRESS}")
    if count == 1:
        return Advice("a model behind a server", "vllm serve MODEL"), ask
    return (
        Advice("a model that fits into one of them", f"vllm serve MODEL --data-parallel-size {count}"),
        Advice("a larger one, spread over all", f"vllm serve MODEL --tensor-parallel-size {count}"),
        ask,
    )


def _gpus(text: str) -> Iterator[Gpu]:
    for line in text.splitlines():
        name, comma, memory = line.rpartition(",")
        if comma and memory.strip().isdecimal():
            yield Gpu(name.strip(), int(memory))
