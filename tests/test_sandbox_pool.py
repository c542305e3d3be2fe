"""Whose fault a wait is: a program is not blamed for its neighbours, on our slots or on the host's cores."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from sandbox import Limits, RunJob, RunResult, Sandbox, Status, open_sandbox, wire
from sandbox.pool import SlotPool
from sandbox.slot import Slot

SLOW = "# too slow, with neighbours or without"
EVEN_ALONE = SLOW.encode()
STARVED = "# gets no core the first time"
SLEEPY = "# sleeps"
IDLE_LIMITS = Limits(cpu_s=1, wall_s=2)


class Machine:
    """Where programs pass their CPU limit beside each other, and `SLOW` always."""

    name = "crowded"

    def __init__(self) -> None:
        self.busy: set[Core] = set()
        self.runs: list[bool] = []
        """Of each run in the order they ended, whether there was another beside it."""
        self.starved = False
        """Whether `STARVED` had its first time."""

    def end(self, program: bytes, crowded: bool) -> tuple[int, float]:
        """The status of a run, and its wall time."""
        if SLEEPY.encode() in program:
            return wire.IDLE, 2.02
        if STARVED.encode() in program and not self.starved:
            self.starved = True
            return wire.IDLE, 2.0 + wire.MAX_STARVED_SECONDS
        return (wire.TLE if crowded or EVEN_ALONE in program else wire.OK), 1.0

    def start(self, cpu: int | None) -> Slot:
        return Slot(Core(self), b"")

    def close(self) -> None:
        pass


class Core:
    """The other end of a slot, which answers at once."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._readable = os.eventfd(1)
        self._out = wire.HELLO.pack(wire.HELLO_MAGIC, 1, False)
        self.crowded = False
        self._program = b""

    def send(self, data: bytes) -> None:
        if not data:  # the supervisor's program, of which we have no need
            return
        self._program = data
        self._machine.busy.add(self)
        for core in self._machine.busy:
            core.crowded = len(self._machine.busy) > 1

    def receive(self, size: int, timeout_s: float) -> bytes:
        if self in self._machine.busy:
            self._machine.busy.remove(self)
            self._machine.runs.append(self.crowded)
            status, wall_s = self._machine.end(self._program, self.crowded)
            self._out = wire.REPLY.pack(wire.REPLY_MAGIC, status, False, 0, 0, 1.0, wall_s, 0, 0, 0, 0)
        chunk, self._out = self._out[:size], self._out[size:]
        return chunk

    def fileno(self) -> int:
        return self._readable

    def close(self) -> None:
        os.close(self._readable)


@contextmanager
def crowded(slots: int) -> Iterator[tuple[Machine, SlotPool]]:
    machine = Machine()
    pool = SlotPool(machine, [None] * slots)
    try:
        yield machine, pool
    finally:
        pool.close()


def test_a_run_over_its_limit_beside_others_is_repeated_alone_before_it_counts() -> None:
    with crowded(slots=2) as (machine, pool):
        results = list(pool.run_many([RunJob("1"), RunJob(SLOW), RunJob("3")]))
    assert [result.status for result in results] == [Status.OK, Status.TLE, Status.OK]
    assert machine.runs.count(False) == 3, "each of them ran alone in the end"


def test_a_run_over_its_limit_alone_counts_at_once() -> None:
    with crowded(slots=1) as (machine, pool):
        results = list(pool.run_many([RunJob(SLOW), RunJob("2")]))
    assert [result.status for result in results] == [Status.TLE, Status.OK]
    assert machine.runs == [False, False]


def test_a_run_that_lost_wall_time_is_repeated_alone_before_it_counts() -> None:
    with crowded(slots=1) as (machine, pool):
        results = list(pool.run_many([RunJob(STARVED, limits=IDLE_LIMITS), RunJob("2")]))
    assert [result.status for result in results] == [Status.OK, Status.OK]
    assert machine.runs == [False] * 3


def test_a_run_that_loses_wall_time_even_alone_counts_then() -> None:
    with crowded(slots=1) as (machine, pool):
        machine.end = lambda program, crowded: (wire.IDLE, 17.0)  # type: ignore[method-assign]
        assert pool.run(STARVED, limits=IDLE_LIMITS).status is Status.IDLE
    assert machine.runs == [False] * 2


def test_a_sleeper_counts_at_once() -> None:
    with crowded(slots=1) as (machine, pool):
        assert pool.run(SLEEPY, limits=IDLE_LIMITS).status is Status.IDLE
    assert machine.runs == [False]


NEIGHBOUR = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); print(flush=True)\nwhile True: pass"
BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint('done')"
AMONG_OTHERS = Limits(cpu_s=5, wall_s=0.45)


@pytest.mark.each_backend
def test_time_spent_waiting_for_a_core_is_not_in_the_wall_limit(backend: str) -> None:
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        result = run_among_neighbours(box)
    assert (result.status, result.stdout) == (Status.OK, "done\n")
    assert result.wall_s > AMONG_OTHERS.wall_limit_s, "it did wait: its neighbours had the core"


def run_among_neighbours(box: Sandbox) -> RunResult:
    """What becomes of `BURN` on a core that two others would like to have, too."""
    core = box.run("import os; print(*os.sched_getaffinity(0))").stdout.split()[0]
    with ExitStack() as neighbours:
        for _ in range(2):
            process = neighbours.enter_context(
                subprocess.Popen([sys.executable, "-c", NEIGHBOUR, core], stdout=subprocess.PIPE)
            )
            neighbours.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == b"\n"
        return box.run(BURN, limits=AMONG_OTHERS)
