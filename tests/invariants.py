"""What must hold after every hostile program: the invariants I1 to I7 of docs/security.md, in one place.

`run_hostile` runs a job beside honest ones and asserts all of them. Not covered: noise of this machine, so times
are CPU times with room to spare.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import psutil

from sandbox import Job, Limits, RunJob, RunResult, Sandbox, Status, docker_slot

LIMITS = Limits(cpu_s=0.3, memory_mb=256, output_bytes=1 << 16, wall_s=20)
"""Enough for every hostile program to show itself."""
HONEST = "total = sum(n * n for n in range(20_000))\nprint(int(input()) * 2, total)"
HONEST_ANSWER = f"42 {sum(n * n for n in range(20_000))}\n"
ESCAPE = "alphasolve_escaped"
"""Hostile programs that try to leave a file somewhere begin its name so."""
SHARED: set[Sandbox] = set()
"""The sandboxes that stay open while other tests run; their slots are nobody's trace."""
_GROWTH = 8 << 20

# What an honest program sees of its slot. What it cannot see, nobody in the slot could have changed.
LOOK = """
import json, os, time

def others():
    return [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]

def read(path):
    try:
        return open(path).read()
    except OSError as error:
        return type(error).__name__

def listing(path):
    return sorted(os.listdir(path)) if os.path.isdir(path) else []

deadline = time.monotonic() + 0.2
while others() and time.monotonic() < deadline:
    time.sleep(0.01)
status = dict(line.split(":\\t", 1) for line in read("/proc/1/status").splitlines() if ":\\t" in line)
left = [name for name in listing("/dev") if name not in
        "console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split()]
print(json.dumps({
    "processes": others(),
    "scratch": listing("/tmp"),
    "devices": left,
    "ipc": [len(read("/proc/sysvipc/" + kind).splitlines()) for kind in ("shm", "sem", "msg")],
    "queues": listing("/dev/mqueue") + listing("/dev/shm"),
    "limits": read("/proc/1/limits"),
    "affinity": status["Cpus_allowed_list"].strip() and sorted(os.sched_getaffinity(1)),
    "nice": read("/proc/1/stat").rpartition(")")[2].split()[16],
    "ignored": status["SigIgn"],
    "umask": status.get("Umask"),
    "threads": status["Threads"],
}))
"""


@dataclass(frozen=True)
class Usual:
    """How a sandbox is when nobody hostile has been in it."""

    looks: frozenset[str]
    """What an honest program sees of each slot, as JSON."""
    honest_cpu_s: float
    """What the honest program takes."""


_usual: dict[int, Usual] = {}


def usual(box: Sandbox) -> Usual:
    """Observed once per sandbox, in every slot: one that is being replaced is waited for."""
    if id(box) not in _usual:
        runs = [*box.run_many([RunJob(HONEST, "21\n", LIMITS)] * 6)]
        assert {run.stdout for run in runs} == {HONEST_ANSWER}
        looks: frozenset[str] = frozenset()
        cores = min(box.slots, len(os.sched_getaffinity(0)))  # each slot is pinned to one of its own
        deadline = time.monotonic() + 30
        while len(looks) < cores:
            assert time.monotonic() < deadline, looks
            looks |= _look(box)
        _usual[id(box)] = Usual(looks, max(run.cpu_s for run in runs))
    return _usual[id(box)]


def run_hostile(box: Sandbox, job: Job, *, attempts: int = 1) -> RunResult:
    """Run `job` beside honest programs, then assert every invariant; returns what the hostile one did.

    Args:
        box: a sandbox of two slots.
        job: the hostile run.
        attempts: how often in a row.
    """
    before = usual(box)
    hostile: list[RunResult] = []
    with _no_growth():
        began = time.monotonic()
        for number, result in enumerate(box.run_many([job, RunJob(HONEST, "21\n", LIMITS)] * attempts)):
            if number % 2:  # I7: the other slot works on
                assert (result.status, result.stdout) == (Status.OK, HONEST_ANSWER), result
            else:
                hostile.append(result)
        seconds = time.monotonic() - began
        for result in hostile:
            _assert_true_cost(result, job.limits, seconds)
        assert_nothing_changed(box, before)
        del result
    assert len({result.status for result in hostile}) == 1, hostile
    return hostile[0]


def assert_nothing_changed(box: Sandbox, before: Usual) -> None:
    """I1 to I5: slots and host are as they were."""
    honest = [*box.run_many([RunJob(HONEST, "21\n", LIMITS)] * 4)]
    assert {(run.status, run.stdout) for run in honest} == {(Status.OK, HONEST_ANSWER)}, honest  # I1
    assert min(run.cpu_s for run in honest) <= 2 * before.honest_cpu_s + 0.02
    assert _look(box) <= before.looks  # I2, I3, I4
    _assert_host_is_clean(box)  # I5


def _look(box: Sandbox) -> frozenset[str]:
    """What honest programs see in both slots, less what differs from start to start."""
    slot_runs = [*box.run_many([RunJob(LOOK, limits=LIMITS)] * 2)]
    assert all(run.status is Status.OK for run in slot_runs), slot_runs
    for run in slot_runs:
        result = json.loads(run.stdout)
        assert result["processes"] == [], result
        assert result["scratch"] == result["devices"] == result["queues"] == [], result
        assert set(result["ipc"]) <= {0, 1}, result  # the heading, where there is a table at all
    return frozenset(run.stdout for run in slot_runs)


def _assert_true_cost(result: RunResult, limits: Limits, seconds: float) -> None:
    """I6, as far as a shared machine lets it be told: one slot has one core, and limits are noticed."""
    assert 0 <= result.cpu_s <= result.wall_s + 0.05, result
    assert result.wall_s <= seconds, result
    if result.status is Status.TLE:
        assert limits.cpu_s <= result.cpu_s, result
    if result.status is Status.IDLE:
        assert limits.wall_limit_s <= result.wall_s, result


def _assert_host_is_clean(box: Sandbox) -> None:
    places = {Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/"), Path.home(), Path.cwd()}
    assert not [path for place in places for path in place.glob(f"{ESCAPE}*")]
    # As many again for trusted jobs, started when first needed.
    limit = sum(2 * other.slots for other in {*SHARED, box} if other.backend == box.backend)
    deadline = time.monotonic() + 5
    while (slots := _slots_on_host(box)) > limit and time.monotonic() < deadline:
        time.sleep(0.05)  # one that is being replaced takes a moment to go
    assert slots <= limit


def _slots_on_host(box: Sandbox) -> int:
    """Containers, or processes, that belong to this process."""
    if box.backend == "docker":
        mine = {"label": f"{docker_slot._LABEL}={docker_slot._owner()}"}
        with closing(docker.from_env()) as client:
            return len(client.api.containers(all=True, quiet=True, filters=mine))
    return sum("bwrap" in child.name() for child in psutil.Process().children())


@contextmanager
def _no_growth() -> Iterator[None]:
    """I5: this process does not hold on to more afterwards; garbage and what is kept for later do not count."""
    # What was there before is no garbage of ours. To search all of it takes longer than the hostile run.
    gc.freeze()
    before = _host_memory()
    yield
    gc.collect()
    assert _host_memory() - before < _GROWTH


def _host_memory() -> int:
    """Bytes that this process holds; what the allocator merely keeps for later is returned first."""
    ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


def honest_run_is_right(box: Sandbox) -> None:
    """The invariants, after something that `run_hostile` could not run."""
    assert_nothing_changed(box, usual(box))
