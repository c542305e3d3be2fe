"""What of ours runs on this machine, as the machine itself sees it, and waiting until that changes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import docker
import psutil

from sandbox import docker_slot


def slot_processes(host: int, backend: str) -> set[psutil.Process]:
    """Every process of the slots that process `host` of this machine has started, supervisors included."""
    if backend == "bwrap":
        return set(psutil.Process(host).children(recursive=True))
    result: set[psutil.Process] = set()
    for container in slot_containers(host):
        with contextlib.suppress(psutil.NoSuchProcess):  # not started yet, or gone by now
            top = psutil.Process(container.attrs["State"]["Pid"])
            result |= {top, *top.children(recursive=True)}
    return result


def slot_containers(host: int) -> list[Any]:
    client = docker.from_env()
    try:
        result = client.containers.list(all=True, ignore_removed=True, filters={"label": docker_slot._LABEL})
        return [container for container in result if container.labels[docker_slot._LABEL].split()[1] == str(host)]
    finally:
        client.close()


def alive(processes: set[psutil.Process]) -> set[psutil.Process]:
    survivors = set()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                survivors.add(process)
    return survivors


def eventually(condition: Callable[[], bool], *, within_s: float = 20) -> bool:
    """Whether it holds soon; measured times belong in benchmarks, a loaded machine must not fail a test."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
