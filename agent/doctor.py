"""What `solve doctor` finds: this machine, its sandboxes and their promises, and the models that are here.

Not covered: the probes themselves (`sandbox.doctor`); running a model.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from agent.gpus import Advice, Gpu, find_gpus, serving
from agent.models.weights import ModelRow, cache_dir, list_models
from sandbox import SandboxUnavailable, open_sandbox
from sandbox.doctor import Finding, Outcome, examine
from sandbox.toolchain import find_compiler

BACKENDS = ("docker", "bwrap")


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to compute with."""

    python: str
    system: str
    cores: int
    """Cores this process may use."""
    memory_bytes: int
    free_bytes: int
    """Memory that a program could have now."""
    cache: str
    """Where weights are kept."""
    models: tuple[ModelRow, ...]
    compiler: str
    """What compiles C++; "" where there is no g++."""
    gpus: tuple[Gpu, ...]
    """NVIDIA's, as their driver lists them."""
    serving: tuple[Advice, ...]
    """How a server uses them; empty where there are none."""


@dataclass(frozen=True, slots=True)
class BackendReport:
    """One kind of sandbox on this machine."""

    backend: str
    problem: str
    """Why it cannot be used; "" when it can."""
    findings: tuple[Finding, ...]
    remedy: str = ""
    """What to do where it cannot be used."""

    @property
    def available(self) -> bool:
        """Whether it could be started."""
        return not self.problem

    @property
    def sound(self) -> bool:
        """Whether it could be started and nothing that it promises was broken."""
        return self.available and all(finding.outcome is not Outcome.BROKEN for finding in self.findings)


def look_at_machine() -> Machine:
    """Facts about this machine; loads no model."""
    memory, gpus = psutil.virtual_memory(), find_gpus()
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return Machine(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cores=cores,
        memory_bytes=memory.total,
        free_bytes=memory.available,
        cache=str(cache_dir()),
        models=tuple(list_models()),
        compiler=_compiler(),
        gpus=gpus,
        serving=serving(len(gpus)) if gpus else (),
    )


def _compiler() -> str:
    try:
        return str(find_compiler())
    except SandboxUnavailable:
        return ""


def look_at_backend(
    backend: str,
    *,
    image: str | None = None,
    packages: Sequence[str] = (),
    listener: Callable[[Finding], None] | None = None,
) -> BackendReport:
    """Start a sandbox of one slot and try to break every promise.

    Args:
        backend: "docker" or "bwrap".
        image: a container image to use; Docker only.
        packages: what programs may import besides the standard library.
        listener: hears of every finding as it comes; None for nobody.
    """
    findings = []
    try:
        with open_sandbox(backend, slots=1, image=image, notice=_hear_nothing, packages=packages) as box:
            for finding in examine(box):
                findings.append(finding)
                if listener is not None:
                    listener(finding)
    except SandboxUnavailable as error:
        return BackendReport(backend, error.reason, (), error.remedy)
    return BackendReport(backend, "", tuple(findings))


def _hear_nothing(line: str) -> None:
    """What a sandbox says while it starts is not a finding."""
    del line
