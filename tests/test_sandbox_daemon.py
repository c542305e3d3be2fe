"""A daemon that goes away in the middle: a fake one in every run, a second real one where dockerd is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from sandbox import RunJob, Sandbox, SandboxError, SandboxUnavailable, open_sandbox, pool
from sandbox.bwrap_slot import BwrapBackend
from sandbox.pool import SlotPool
from sandbox.slot import Slot

pytestmark = pytest.mark.bwrap


class Flickering:
    """A backend whose daemon is away when `away` is set, and takes its slots with it."""

    name = "flickering"

    def __init__(self) -> None:
        self.away = threading.Event()
        self.refused = 0
        self._real = BwrapBackend()
        self._slots: list[Slot] = []

    def start(self, cpu: int | None) -> Slot:
        if self.away.is_set():
            self.refused += 1
            raise SandboxUnavailable("no daemon answers")
        self._slots.append(self._real.start(cpu))
        return self._slots[-1]

    def go(self) -> None:
        """End every slot without telling the pool, as a daemon does that is stopped."""
        self.away.set()
        for slot in self._slots:
            for process in psutil.Process(slot._link._process.pid).children(recursive=True):  # type: ignore[attr-defined]
                with suppress(psutil.NoSuchProcess):  # a run may end at any time
                    process.kill()

    def close(self) -> None:
        self._real.close()


@pytest.fixture
def flickering() -> Flickering:
    try:
        return Flickering()
    except SandboxUnavailable as error:
        if os.environ.get("ALPHASOLVE_REQUIRE_BWRAP") == "1":
            raise
        pytest.skip(str(error))


def doubled(box: Sandbox, count: int, at: int, action: object) -> list[str]:
    """Double `count` numbers, doing `action` once `at` of them are there."""
    outcome = []
    program = "import time; time.sleep(0.02); print(int(input()) * 2)"
    for number, result in enumerate(box.run_many(RunJob(program, f"{n}\n") for n in range(count))):
        outcome.append(result.stdout)
        if number == at:
            action()  # type: ignore[operator]
    return outcome


def test_a_daemon_that_comes_back_costs_no_verdict(flickering: Flickering) -> None:
    with SlotPool(flickering, [None, None]) as box:

        def restart() -> None:
            flickering.go()
            threading.Timer(1.0, flickering.away.clear).start()

        assert doubled(box, 40, 10, restart) == [f"{2 * n}\n" for n in range(40)]
    assert flickering.refused


def test_a_daemon_that_stays_away_is_an_error(flickering: Flickering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "AWAY_SECONDS", 0.5)
    with SlotPool(flickering, [None, None]) as box:
        flickering.go()
        with pytest.raises(SandboxError, match=r"no slot came up for 0 s: no daemon answers"):
            box.run("print(1)")
        flickering.away.clear()
        assert box.run("print(2)").stdout == "2\n"


def test_closing_ends_the_wait(flickering: Flickering) -> None:
    box = SlotPool(flickering, [None])
    flickering.go()
    threading.Timer(0.5, box.close).start()
    with pytest.raises(SandboxError, match="closed"):
        box.run("print(1)")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Short, unlike tmp_path: containerd refuses socket paths of over 104 bytes."""
    with tempfile.TemporaryDirectory(prefix="dockerd-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def second_dockerd(folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A daemon of our own beside the one that others use; the list's last entry is the one that runs now."""
    running: list[subprocess.Popen[bytes]] = []
    start_dockerd(folder, running)
    try:
        yield running
    finally:
        running[-1].terminate()
        running[-1].wait()


def start_dockerd(folder: Path, running: list[subprocess.Popen[bytes]]) -> None:
    places = [f"--{name}={folder / name}" for name in ("data-root", "exec-root", "pidfile")]
    network = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]
    with (folder / "log").open("ab") as log:
        command = ["dockerd", f"--host=unix://{folder}/socket", *places, *network]
        running.append(subprocess.Popen(command, stdout=log, stderr=log))


@pytest.mark.docker
@pytest.mark.skipif(shutil.which("dockerd") is None, reason="dockerd is not installed here")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a second dockerd")
def test_dockerd_restarted_in_mid_run_costs_no_verdict(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{short_folder}/socket")
    with second_dockerd(short_folder) as running:
        box = opened(short_folder)
        with box:

            def restart() -> None:
                running[-1].terminate()
                running[-1].wait()
                threading.Timer(1.0, start_dockerd, (short_folder, running)).start()

            assert doubled(box, 60, 20, restart) == [f"{2 * n}\n" for n in range(60)]
        containers = subprocess.run(["docker", "ps", "-aq"], capture_output=True, text=True, check=True)
        assert containers.stdout == ""


def opened(folder: Path) -> Sandbox:
    """A sandbox on the second daemon, once that answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return open_sandbox("docker", slots=2, notice=lambda line: None)
        except SandboxUnavailable as error:
            if time.monotonic() > deadline:
                log = (folder / "log").read_text()[-2000:]
                raise AssertionError(f"the second daemon does not come up: {error}\n{log}") from error
            time.sleep(0.2)
