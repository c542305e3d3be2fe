"""Slots made by Docker: one hardened, long-lived container each. The only file that knows docker-py.

Covered: no network, read-only root, no capabilities but those that changing user and killing take, no new
privileges, an allow-list of system calls, limits on memory, processes and scratch space, one core per slot, no
log. The supervisor speaks over the attach stream, and when that stream ends it ends.
Not covered: rootless and remote daemons are used as they are; exploits of the kernel (`runtime="runsc"` puts
gVisor in between).

After a candidate ran in a container, no API call touches it but kill, remove and a look at the daemon's own record
of its settings, which only `solve doctor` asks for.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import docker
import docker.errors
import requests

from sandbox.docker_image import own_image, with_packages
from sandbox.packages import Package
from sandbox.rootfs import PYTHON
from sandbox.slot import BOOTSTRAP, Slot, supervisor_program
from sandbox.types import SandboxError, SandboxUnavailable

_LABEL = "alphasolve.slot"
_DEFAULT_IMAGE = "python:3.12-slim"
_CONNECT_SECONDS = 5
_CALL_SECONDS = 120
_MEMORY_BYTES = 2560 << 20
_PROCESSES = 256
_SCRATCH = "size=64m,nr_inodes=16k,mode=1777,nosuid,nodev"
# Docker's own list, and what counts processes of the whole host.
_MASKED = (
    "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/loadavg", "/proc/sched_debug", "/proc/scsi", "/proc/stat", "/proc/timer_list", "/proc/timer_stats",
    "/sys/devices/virtual/powercap", "/sys/firmware",
)  # fmt: skip
# What a control group of version 2 counts over all runs. Of version 1 the supervisor shuts the whole folder.
_GROUP_COUNTS = (
    "cgroup.stat", "cpu.pressure", "cpu.stat", "cpu.stat.local", "io.pressure", "io.stat", "irq.pressure",
    "memory.events", "memory.events.local", "memory.numa_stat", "memory.peak", "memory.pressure", "memory.stat",
    "memory.swap.events", "memory.swap.peak", "pids.events", "pids.events.local", "pids.peak",
)  # fmt: skip
_ERRORS = (docker.errors.DockerException, requests.RequestException, OSError)


class DockerBackend:
    """Starts container slots."""

    name = "docker"

    def __init__(
        self,
        *,
        image: str | None,
        runtime: str | None,
        notice: Callable[[str], None],
        cpp: bool = False,
        packages: Sequence[Package] = (),
    ) -> None:
        """Find the daemon, clear up what dead programs left, and make the image if it is not there.

        Args:
            image: any image with python3, pulled if the daemon lacks it; None makes one of this Python.
            runtime: the daemon's name of another container runtime.
            notice: told, in one line, of work that takes a while.
            cpp: have g++ in the image that is made.
            packages: have these in it, or in a copy of the named one.

        Raises:
            PackageError: they do not fit the Python of the named image.
            SandboxUnavailable: no daemon answers, or the image cannot be had.
        """
        self._runtime = runtime
        self._left: set[str] = set()
        self._client = _connect()
        self._api = self._client.api
        try:
            self._sweep()
            self._python = "python3" if image else PYTHON
            if image:
                self._image = self._named_image(image, notice, packages)
            else:
                self._image = own_image(self._api, notice, cpp=cpp, packages=packages)
        except _ERRORS as error:
            self._client.close()
            raise SandboxUnavailable(
                f"Docker cannot provide an image: {_first_line(error)}",
                remedy="name an image that Docker has or can pull, or leave out --image" if image else "",
            ) from error
        except BaseException:
            self._client.close()
            raise

    def start(self, cpu: int | None) -> Slot:
        """A new, warm slot on core `cpu`.

        Raises:
            SandboxUnavailable: the daemon does not answer.
            SandboxError: it did not come up.
        """
        if (reason := _unreachable()) is not None:
            raise SandboxUnavailable(f"the Docker daemon does not answer ({reason})", remedy="start Docker")
        for container in list(self._left):
            self._remove(container)
        try:
            container = self._create(cpu)
        except _ERRORS as error:
            raise self._failure("create", error) from error
        try:
            stream = self._api.attach_socket(container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            self._api.start(container)
        except _ERRORS as error:
            self._remove(container)
            raise self._failure("start", error) from error
        link = _AttachLink(stream, lambda: self._settings(container), lambda: self._remove(container))
        return Slot(link, supervisor_program(own_users=True, cpu=None, yielding=True))

    def close(self) -> None:
        """Forget the connection; the slots are closed one by one."""
        self._client.close()

    def _create(self, cpu: int | None) -> str:
        profile = json.loads(resources.files("sandbox").joinpath("seccomp.json").read_text(encoding="utf-8"))
        host_config = self._api.create_host_config(
            network_mode="none",
            dns=["127.0.0.1"],  # or the host's own name servers would be there to read
            dns_search=["."],
            read_only=True,
            cap_drop=["ALL"],
            cap_add=["KILL", "SETGID", "SETUID"],
            security_opt=["no-new-privileges", f"seccomp={json.dumps(profile)}"],
            mem_limit=_MEMORY_BYTES,
            memswap_limit=_MEMORY_BYTES,
            pids_limit=_PROCESSES,
            tmpfs={"/tmp": _SCRATCH},
            ipc_mode="none",
            log_config={"type": "none"},
            cpuset_cpus=None if cpu is None else str(cpu),
            init=False,
            auto_remove=True,
            runtime=self._runtime,
            ulimits=[docker.types.Ulimit(name="core", soft=0, hard=0)],
        )
        host_config["MaskedPaths"] = [*_MASKED, *(f"/sys/fs/cgroup/{name}" for name in _GROUP_COUNTS)]
        container = self._api.create_container(
            self._image,
            entrypoint=[self._python, "-s", "-c", BOOTSTRAP],
            command=[],
            user="0:0",
            working_dir="/tmp",
            hostname="slot",
            environment={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": "/tmp",
                "LANG": "C.UTF-8",
                "PYTHONHASHSEED": "0",
            },
            stdin_open=True,
            labels={_LABEL: _owner()},
            host_config=host_config,
        )
        return str(container["Id"])

    def _failure(self, action: str, error: Exception) -> SandboxError:
        """What to raise: a daemon that is going down may still answer, with an error of its own."""
        text = f"Docker cannot {action} a slot: {_first_line(error)}"
        is_alive = isinstance(error, docker.errors.APIError) and _unreachable() is None
        return SandboxError(text) if is_alive else SandboxUnavailable(text)

    def _remove(self, container: str) -> None:
        """Remove a container, now or, when the daemon is away, before the next one is made."""
        self._left.add(container)
        if _unreachable() is not None:
            return
        with contextlib.suppress(*_ERRORS):
            with contextlib.suppress(docker.errors.APIError):  # it is gone, or going
                self._api.remove_container(container, force=True, v=True)
            self._left.discard(container)

    def _settings(self, container: str) -> Mapping[str, Any]:
        try:
            record: Mapping[str, Any] = self._api.inspect_container(container)["HostConfig"]
        except _ERRORS as error:
            raise self._failure("describe", error) from error
        return record

    def _sweep(self) -> None:
        """Remove slots of programs that died on this host without clearing up."""
        for container in self._api.containers(all=True, filters={"label": _LABEL}):
            owner = container["Labels"][_LABEL]
            if _is_dead(owner):
                self._remove(container["Id"])

    def _named_image(self, image: str, notice: Callable[[str], None], packages: Sequence[Package]) -> str:
        try:
            self._api.inspect_image(image)
        except docker.errors.ImageNotFound:
            notice(f"Pulling {image}.")
            self._client.images.pull(image)
        if packages:
            return with_packages(self._client, image, packages, notice, {_LABEL: _owner()})
        return image


def default_image() -> str | None:
    """The image to use where none is named: on Linux one made of this Python, elsewhere a public one."""
    import sys

    return None if sys.platform == "linux" else _DEFAULT_IMAGE


class _AttachLink:
    """A supervisor at the other end of a container's attach stream, which carries 8 bytes before each piece."""

    def __init__(self, stream: Any, settings: Callable[[], Mapping[str, Any]], remove: Callable[[], None]) -> None:
        self._stream = stream
        self._socket: socket.socket = getattr(stream, "_sock", stream)
        self._settings = settings
        self._remove = remove
        self._ready = bytearray()
        self._raw = bytearray()
        self._complaint = bytearray()
        self._closed = False

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(_CALL_SECONDS)
            self._socket.sendall(data)
        except OSError as error:
            raise SandboxError(f"the slot is gone: {error}") from error

    def receive(self, size: int, timeout_s: float) -> bytes:
        while len(self._ready) < size:
            self._pump(timeout_s)
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def _pump(self, timeout_s: float) -> None:
        """Take in what the socket has, and sort whole and partial pieces."""
        try:
            self._socket.settimeout(timeout_s)
            part = self._socket.recv(1 << 18)
        except TimeoutError:
            raise SandboxError("the slot does not answer") from None
        except OSError as error:
            raise SandboxError(f"the slot is gone: {error}") from error
        if not part:
            lines = self._complaint[-300:].decode("utf-8", "replace").strip().splitlines()
            raise SandboxError(f"the slot is gone{': ' + lines[-1] if lines else ''}")
        self._raw += part
        for kind, piece in self._pieces():
            (self._ready if kind == 1 else self._complaint).extend(piece)
        del self._complaint[:-4096]

    def _pieces(self) -> Iterator[tuple[int, bytes]]:
        while len(self._raw) >= 8:
            length = int.from_bytes(self._raw[4:8], "big")
            if len(self._raw) < 8 + length:
                return
            yield self._raw[0], bytes(self._raw[8 : 8 + length])
            del self._raw[: 8 + length]

    def settings(self) -> Mapping[str, Any]:
        return self._settings()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for end in (self._stream, self._socket):
            with contextlib.suppress(OSError):
                end.close()
        self._remove()


def _unreachable() -> str | None:
    """Why nobody listens at the daemon's local socket; docker-py would leave its own open when finding out."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address.removeprefix("unix://"))
        except OSError as error:
            return f"{address}: {error.strerror or error}"
    return None


def _connect() -> Any:
    if (reason := _unreachable()) is not None:
        raise SandboxUnavailable(f"no Docker daemon answers ({reason})", remedy="start Docker")
    try:
        client = docker.from_env(timeout=_CONNECT_SECONDS)
        client.ping()
    except _ERRORS as error:
        raise SandboxUnavailable(
            f"no Docker daemon answers ({_first_line(error)})", remedy="start Docker"
        ) from error
    client.api.timeout = _CALL_SECONDS
    return client


def _owner() -> str:
    """This process, so that another can tell whether it is still there: host, boot, process and its start."""
    return f"{socket.gethostname()} {os.getpid()} {_start_time(os.getpid())}"


def _is_dead(owner: str) -> bool:
    """Whether a slot's owner ran on this host and does not any more; strangers are left alone."""
    host, pid, start = [*owner.split(" "), "", ""][:3]
    return host == socket.gethostname() and pid.isdigit() and _start_time(int(pid)) != start


def _start_time(pid: int) -> str:
    """When the process began, in a form that a later process of the same number does not share; "" if none."""
    import psutil

    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return ""


def _first_line(error: Exception) -> str:
    # What the daemon said, without the address it was asked at.
    explanation = error.explanation if isinstance(error, docker.errors.APIError) else None
    text = str(explanation or error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
