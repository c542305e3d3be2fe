"""CPU time and memory of everything that serves a measurement: this process, what it started, and Docker.

Docker's processes are those of the whole machine: on a machine where others use the same daemon, their work is
counted too. A container that lives for less than a tenth of a second may be missed, which flatters whoever
starts one per run.

Not covered: kernel threads, machines without /proc.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import psutil

_SHIM = "containerd-shim"
_DAEMONS = ("dockerd", "containerd")
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used between two moments."""

    own_s: float
    """CPU time of this process and all it started, seconds."""
    inside_s: float
    """CPU time of processes inside containers, seconds."""
    daemon_s: float
    """CPU time of dockerd, containerd and the shims, seconds."""
    peak_mb: float
    """Largest proportional set size of this process, its children and what runs in containers, MiB."""

    @property
    def cpu_s(self) -> float:
        """CPU time of all of them, seconds."""
        return self.own_s + self.inside_s + self.daemon_s


class UsageRecorder:
    """Measures a `with` block; `usage` holds afterwards."""

    usage: Usage

    def __enter__(self) -> Self:
        self._first: dict[int, tuple[float, float]] = {}
        self._last: dict[int, tuple[float, float]] = {}
        self._others: set[int] = set()
        self._peak = 0
        self._stop = threading.Event()
        self._look()
        self._first = dict(self._last)
        self._begin = _own()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        end = _own()
        self._stop.set()
        self._watcher.join()
        self._look()
        growth = [
            (daemon - self._first.get(pid, (0.0, 0.0))[0], inside - self._first.get(pid, (0.0, 0.0))[1])
            for pid, (daemon, inside) in self._last.items()
        ]
        self.usage = Usage(
            own_s=end - self._begin,
            inside_s=sum(inside for _, inside in growth),
            daemon_s=sum(daemon for daemon, _ in growth),
            peak_mb=self._peak / (1 << 20),
        )

    def _watch(self) -> None:
        count = 0
        while not self._stop.wait(_LOOK_SECONDS):
            self._look()
            if count % 10 == 0:
                self._peak = max(self._peak, _memory())
            count += 1

    def _look(self) -> None:
        """Note Docker's processes as they are; one that has gone keeps what it was last seen with."""
        for pid in set(psutil.pids()) - self._others:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                name = process.name()
                if name.startswith(_SHIM):
                    times = process.cpu_times()
                    children = times.children_user + times.children_system
                    inside = sum(_total(child) for child in process.children(recursive=True))
                    self._last[pid] = (times.user + times.system, children + inside)
                elif name in _DAEMONS:
                    self._last[pid] = (_total(process), 0.0)
                else:
                    self._others.add(pid)


def _own() -> float:
    return sum(_total(process) for process in _tree())


def _total(process: psutil.Process) -> float:
    """CPU time of a process and of the children that it has reaped; 0 when it is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _tree() -> Iterator[psutil.Process]:
    me = psutil.Process()
    yield me
    yield from me.children(recursive=True)


def _memory() -> int:
    """Bytes of this process, its children and what runs in containers, shared pages divided by their users."""
    total = 0
    shims = [process for process in psutil.process_iter(["name"]) if process.info["name"].startswith(_SHIM)]
    inside = [child for shim in shims for child in _children(shim)]
    for process in [*_tree(), *inside]:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []
