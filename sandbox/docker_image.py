"""Images for Docker's slots: made of this Python, or a named one with packages of this Python added.

Everything is sent to the daemon as one archive whose entries belong to root; no registry is asked.

Not covered: finding or pulling a named image, and whatever starts in one (`docker_slot`).
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from sandbox.packages import ONE_THREAD, POINTER, Package, PackageError, install
from sandbox.rootfs import content_key, ensure_rootfs, make_readable
from sandbox.types import SandboxUnavailable

_REPOSITORY = "alphasolve-slot"
_PACKAGES_REPOSITORY = "alphasolve-packages"
"""The folder of added packages, at the top of an image."""
_FACTS = (
    "import site; from importlib import machinery as m; print(m.EXTENSION_SUFFIXES[0], site.getsitepackages()[0])"
)


def own_image(api: Any, notice: Callable[[str], None], *, cpp: bool, packages: Sequence[Package]) -> str:
    """The image made of this Python; made now if the daemon lacks it.

    Args:
        api: docker-py's low-level client.
        notice: told, in one line, that it is made.
        cpp: have g++ in it.
        packages: have these in it.

    Raises:
        SandboxUnavailable: it cannot be made.
    """
    tag = f"{_REPOSITORY}:{content_key(cpp=cpp, packages=packages)}"
    if not api.images(tag):
        contents = ", ".join(["this Python", *["g++"] * cpp, *(package.name for package in packages)])
        notice(f"Making the sandbox's image from {contents} (once).")
        root = ensure_rootfs(cpp=cpp, packages=packages)
        with tempfile.TemporaryFile() as archive:
            _archive(archive, root, ".")
            answer = api.import_image_from_data(archive, repository=_REPOSITORY, tag=tag.partition(":")[2])
        if "error" in str(answer):
            raise SandboxUnavailable(f"Docker cannot import the sandbox's image: {str(answer).strip()[:300]}")
    return tag


def with_packages(
    client: Any, image: str, packages: Sequence[Package], notice: Callable[[str], None], labels: dict[str, str]
) -> str:
    """An image like `image`, in which its python3 also finds the packages; what it has itself comes first.

    Args:
        client: docker-py's client.
        image: one that the daemon has, with python3.
        packages: to be added.
        notice: told, in one line, that it is made.
        labels: of the container that is there in between and never runs.

    Raises:
        PackageError: they are of another Python than that of the image.
    """
    identity = client.api.inspect_image(image)["Id"]
    key = hashlib.sha256(repr((identity, *(package.record for package in packages))).encode()).hexdigest()[:16]
    tag = f"{_REPOSITORY}:{key}"
    if client.api.images(tag):
        return tag
    suffix, folder = client.containers.run(
        image, ["-c", _FACTS], entrypoint="python3", network_mode="none", remove=True, labels=labels
    ).split()
    _check(image, suffix.decode())
    notice(f"Adding {', '.join(package.name for package in packages)} to a copy of {image} (once).")
    container = client.api.create_container(image, entrypoint=["python3"], labels=labels)["Id"]
    try:
        with tempfile.TemporaryDirectory() as scratch:
            _send(
                client.api,
                container,
                _install(packages, Path(scratch, _PACKAGES_REPOSITORY)),
                _PACKAGES_REPOSITORY,
            )
            pointer = Path(scratch, POINTER)
            pointer.write_text(f"/{_PACKAGES_REPOSITORY}\n{ONE_THREAD}", encoding="utf-8")
            _send(client.api, container, pointer, f"{folder.decode().strip('/')}/{POINTER}")
        client.api.commit(container, repository=_REPOSITORY, tag=key)
    finally:
        client.api.remove_container(container, force=True, v=True)
    return tag


def _check(image: str, suffix: str) -> None:
    """See that extension modules of here work there: the suffix names version, machine and C library."""
    here = EXTENSION_SUFFIXES[0]
    if suffix != here:
        raise PackageError(
            f"packages of this Python ({here}) do not fit that of the image {image} ({suffix})",
            remedy="name an image that has the packages itself, and leave out --packages",
        )


def _install(packages: Sequence[Package], folder: Path) -> Path:
    """The folder, filled with the packages and compiled as if it lay at the top."""
    install(packages, folder)
    make_readable(folder)
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "-s", folder.parent, "-p", "/", folder],
        check=False,
        capture_output=True,
    )
    return folder


def _send(api: Any, container: str, path: Path, name: str) -> None:
    """Copy a file or a folder to the place `name` of a container that is not running."""
    with tempfile.TemporaryFile() as archive:
        _archive(archive, path, name)
        api.put_archive(container, "/", archive)


def _archive(file: Any, path: Path, name: str) -> None:
    """Write a folder into `file` and go back to its beginning."""
    with tarfile.open(fileobj=file, mode="w") as tar:
        tar.add(path, arcname=name, filter=_as_root)
    file.seek(0)


def _as_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Archive entries belong to root and carry no name of this host's users."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
