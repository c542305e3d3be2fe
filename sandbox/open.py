"""Choosing a backend: Docker if a daemon answers, else bubblewrap with one visible line, else a refusal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sandbox.packages import find_packages
from sandbox.toolchain import find_compiler
from sandbox.types import Limits, Sandbox, SandboxUnavailable, Status

if TYPE_CHECKING:
    from sandbox.packages import Package
    from sandbox.pool import Backend


def open_sandbox(
    backend: str = "auto",
    *,
    slots: int | None = None,
    image: str | None = None,
    runtime: str | None = None,
    notice: Callable[[str], None] | None = None,
    cpp: bool = False,
    packages: Iterable[str] = (),
) -> Sandbox:
    """Start a sandbox.

    Args:
        backend: "docker", "bwrap", or "auto": Docker if a daemon answers, else bubblewrap.
        slots: how many programs may run at once; None means one per usable core.
        image: a container image with python3, instead of one made of this Python. Docker only.
        runtime: the Docker daemon's name of another runtime, such as "runsc" for gVisor. Docker only.
        notice: told, in one line, what the user should know; None prints it to standard error.
        cpp: have g++ in the slots, as `sandbox.CppSandbox` needs it: this host's, or that of `image`.
        packages: installed distributions of this Python that candidates may import, with what they require.

    Raises:
        SandboxUnavailable: no such backend here; the message says what to install.
        PackageError: one of the packages is not installed, or not for the Python of `image`.
        ValueError: `backend` is unknown, `slots` is not positive, or an option is for the other backend.
    """
    start = find_sandbox(
        backend, slots=slots, image=image, runtime=runtime, notice=notice, cpp=cpp, packages=packages
    )
    return start()


def find_sandbox(
    backend: str = "auto",
    *,
    slots: int | None = None,
    image: str | None = None,
    runtime: str | None = None,
    notice: Callable[[str], None] | None = None,
    cpp: bool = False,
    packages: Iterable[str] = (),
) -> Callable[[], Sandbox]:
    """Find out where a sandbox can be started; calling the result starts it, which takes most of the time.

    Arguments and errors are those of `open_sandbox`; the result raises `SandboxError` where no slot comes up.
    """
    if backend not in ("auto", "docker", "bwrap"):
        raise ValueError(f"unknown backend {backend!r}: auto, docker or bwrap")
    if slots is not None and slots < 1:
        raise ValueError(f"slots must be positive, not {slots}")
    if backend == "bwrap" and (image or runtime):
        raise ValueError("image and runtime go with Docker, not with bwrap")
    from sandbox.pool import SlotPool

    if cpp and image is None and sys.platform == "linux":
        find_compiler()  # or no backend can have one

    to_carry = find_packages(packages)
    cores = _cores()
    count = slots or len(cores)
    cpus = [cores[index % len(cores)] for index in range(count)]
    maker = _start_backend(backend, image, runtime, notice or _to_stderr, cpp=cpp, packages=to_carry)

    def start() -> Sandbox:
        pool = SlotPool(maker, cpus)
        if cpp:
            _try_compiler(pool)
        return pool

    return start


def _try_compiler(pool: Sandbox) -> None:
    """Close the pool again unless a program compiles and runs in it."""
    from sandbox.cpp import CppSandbox

    try:
        with CppSandbox(pool) as compiling:
            result = compiling.run("int main() {}", limits=Limits(cpu_s=5))
        if result.status is not Status.OK:
            reason = (result.stderr.strip().splitlines() or [result.status.value])[-1]
            raise SandboxUnavailable(
                f"the sandbox's g++ does not work ({reason[:200]})", remedy="name another --image"
            )
    except BaseException:
        pool.close()
        raise


def _start_backend(
    backend: str,
    image: str | None,
    runtime: str | None,
    notice: Callable[[str], None],
    *,
    cpp: bool,
    packages: Sequence[Package],
) -> Backend:
    if backend == "bwrap":
        from sandbox.bwrap_slot import BwrapBackend

        return BwrapBackend(cpp=cpp, packages=packages)
    from sandbox.docker_slot import DockerBackend, default_image

    try:
        return DockerBackend(
            image=image or default_image(), runtime=runtime, notice=notice, cpp=cpp, packages=packages
        )
    except SandboxUnavailable as missing:
        if backend == "docker" or image or runtime:
            raise
        reason = missing
    try:
        fallback = _start_backend("bwrap", None, None, notice, cpp=cpp, packages=packages)
    except SandboxUnavailable as error:
        remedies = dict.fromkeys(filter(None, (reason.remedy, error.remedy)))
        raise SandboxUnavailable(f"{reason.reason}, and {error.reason}", remedy=", or ".join(remedies)) from error
    counts_memory = getattr(fallback, "counts_memory", True)
    less = "less" if counts_memory else "less, and here does not count the kernel's memory"
    notice(f"Docker does not answer: programs run in bubblewrap, which promises {less} (docs/security.md).")
    return fallback


def _cores() -> list[int | None]:
    """The cores that slots may be pinned to; one None per core where the host cannot pin."""
    if sys.platform == "linux":
        return [*sorted(os.sched_getaffinity(0))]
    return [None] * (os.cpu_count() or 1)


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
