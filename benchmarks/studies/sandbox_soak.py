"""Long use of one sandbox: what grew on the host, in the slots and on disk.

Looks at this process's resident memory, descriptors and threads; at the slots' resident memory and, where the
container's control group can be read, its charged memory; and at the files that Docker keeps for the containers.

Not covered: Docker daemons on other machines (their files are not seen).
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import psutil

from benchmarks.studies.sandbox_peers import quiet
from sandbox import RunJob, Sandbox, Status, open_sandbox

_LABEL = "alphasolve.slot"
_SUPERVISOR = 'space["serve"](program)'
_DOCKER_FILES = Path("/var/lib/docker/containers")
_GROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
_CHARGE_FILES = ("memory.usage_in_bytes", "memory.current")


@dataclass(frozen=True, slots=True)
class Footprint:
    """What is held at one moment; KiB unless named otherwise."""

    host_kib: int
    descriptors: int
    threads: int
    slots_kib: int
    """Resident memory of the supervisors."""
    charged_kib: int
    """Memory that the slots' own control groups are charged for; 0 without such groups, as with bwrap."""
    docker_files_kib: int
    """Files that Docker keeps for all containers, logs included; 0 where they cannot be read."""


def soak(runs: int, backend: str) -> Iterator[str]:
    """Run `runs` programs; yields a table, a line per tenth of the way."""
    names = [field.name for field in fields(Footprint)]
    with open_sandbox(backend, slots=2, notice=quiet) as box:
        _run(box, range(500))
        slots = _supervisors(backend)
        yield f"{'runs':>8} {'runs/s':>7} " + " ".join(f"{name:>16}" for name in names)
        yield _line(0, 0.0, footprint(slots))
        step = max(1, runs // 10)
        for count in range(0, runs, step):
            part = range(count, min(runs, count + step))
            begin = time.perf_counter()
            _run(box, part)
            gc.collect()
            yield _line(part.stop, len(part) / (time.perf_counter() - begin), footprint(slots))
        same_slots = _supervisors(backend) == slots
        yield "the slots are those of the first run" if same_slots else "slots were replaced"


def _run(box: Sandbox, numbers: range) -> None:
    results = box.run_many(RunJob("print(int(input()) * 2)", f"{number}\n") for number in numbers)
    for number, result in zip(numbers, results, strict=True):
        assert (result.status, result.stdout) == (Status.OK, f"{2 * number}\n"), result


def _line(count: int, rate: float, footprint: Footprint) -> str:
    return f"{count:>8} {rate:>7.0f} " + " ".join(
        f"{getattr(footprint, field.name):>16}" for field in fields(footprint)
    )


def footprint(slots: set[int]) -> Footprint:
    """What this process, those supervisors and Docker's files take now."""
    me = psutil.Process()
    return Footprint(
        host_kib=me.memory_info().rss // 1024,
        descriptors=me.num_fds(),
        threads=threading.active_count(),
        slots_kib=sum(psutil.Process(pid).memory_info().rss for pid in slots) // 1024,
        charged_kib=sum(map(_memory_charge, slots)) // 1024,
        docker_files_kib=sum(path.stat().st_size for path in _docker_files()) // 1024,
    )


def _docker_files() -> Iterator[Path]:
    for folder, _, names in os.walk(_DOCKER_FILES):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                if (path := Path(folder, name)).stat():
                    yield path


def _memory_charge(pid: int) -> int:
    """Bytes that the process's control group is charged for, cached files included."""
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        _, kinds, place = line.split(":", 2)
        if kinds in ("memory", "") and "docker" in place:
            for root, name in itertools.product(_GROUPS, _CHARGE_FILES):
                path = root / place.lstrip("/") / name
                if path.is_file():
                    return int(path.read_text())
    return 0


def _supervisors(backend: str) -> set[int]:
    """The first process of each slot of this program."""
    if backend == "docker":
        return set(map(int, _docker("inspect", "--format", "{{.State.Pid}}", *_containers())))
    me = psutil.Process()
    return {
        child.pid
        for launcher in me.children()
        for child in launcher.children()
        if _SUPERVISOR in " ".join(child.cmdline())
    }


def _containers() -> list[str]:
    """Ids of our slots: a slot's label names the process that it belongs to."""
    rows = _docker(
        "ps", "--no-trunc", "--filter", f"label={_LABEL}", "--format", f'{{{{.ID}}}} {{{{.Label "{_LABEL}"}}}}'
    )
    return [row.split()[0] for row in rows if row.split()[2] == str(os.getpid())]


def _docker(*words: str) -> list[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.splitlines()
