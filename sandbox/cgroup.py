"""Control groups for bubblewrap's slots: the kernel counts all memory that a slot causes, its own included.

A container has one anyway. Here each slot gets one where this process may make it: as root nearly everywhere, as
an ordinary user where a part of the tree was handed over, as systemd does for a user's own programs. The kernel's
versions 1 and 2 are known.

Not covered: places where no group can be made, which `find_parents` says; a slot does without one then.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import time
from pathlib import Path

_CONTROLLERS = ("memory", "pids")
_NAME = "alphasolve-"
_REMOVE_SECONDS = 2.0
_CHARGE = ("memory.usage_in_bytes", "memory.current")
_MEMORY_LIMITS = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max")
"""In this order: version 1 refuses memory and swap together below memory alone."""


class Group:
    """A slot's control group: give `command` a program to start in it, `close` when all of that is over."""

    def __init__(self, folders: list[Path], memory_bytes: int, processes: int) -> None:
        """Make it.

        Args:
            folders: where each controller's groups are made, as `find_parents` gives them.
            memory_bytes: what everything in it may hold together.
            processes: how many processes and threads there may be.

        Raises:
            OSError: it cannot be made.
        """
        name = f"{_NAME}{os.getpid()}-{secrets.token_hex(4)}"
        self._folders = [folder / name for folder in folders]
        self.charge = -1
        try:
            for folder in self._folders:
                folder.mkdir()
            for folder in self._folders:
                for limit in _MEMORY_LIMITS:
                    _write(folder / limit, memory_bytes)
                _write(folder / "memory.swap.max", 0)
                _write(folder / "pids.max", processes)
            charge = next(path for path in _files(self._folders, _CHARGE) if path.exists())
            self.charge = os.open(charge, os.O_RDONLY | os.O_CLOEXEC)
            """A file that tells how many bytes the group is charged for, however often it is read."""
        except BaseException:
            self.close()
            raise

    def command(self, program: list[str]) -> list[str]:
        """What to start for `program` to be in the group from its first instruction."""
        enter = 'until [ "$1" = -- ]; do echo 0 > "$1" || exit; shift; done; shift; exec "$@"'
        return [
            "/bin/sh",
            "-c",
            enter,
            "sh",
            *map(str, self._members()),
            "--",
            *program,
        ]

    def settings(self) -> dict[str, int]:
        """What the kernel says of the group, in Docker's names; nothing where nobody is in it.

        Keys are "PidsLimit", and in bytes "Memory" and "MemorySwap" (both together), where limited.
        """
        if not all(map(_words, self._members())):
            return {}
        limits = {
            "PidsLimit": _read(self._folders, "pids.max"),
            "Memory": _read(self._folders, "memory.max", "memory.limit_in_bytes"),
            "MemorySwap": _read(self._folders, "memory.memsw.limit_in_bytes"),
        }
        swap = _read(self._folders, "memory.swap.max")
        if limits["Memory"] is not None and swap is not None:
            limits["MemorySwap"] = limits["Memory"] + swap
        return {name: limit for name, limit in limits.items() if limit is not None}

    def _members(self) -> list[Path]:
        return [folder / "cgroup.procs" for folder in self._folders]

    def close(self) -> None:
        """Remove it, once everything in it has ended; never raises, idempotent."""
        if self.charge >= 0:
            os.close(self.charge)
            self.charge = -1
        deadline = time.monotonic() + _REMOVE_SECONDS
        for folder in self._folders:
            while not _remove(folder) and time.monotonic() < deadline:
                time.sleep(0.005)


def find_parents() -> list[Path]:
    """Where groups for memory and processes can be made, one folder or two; none where that is not possible.

    Groups that dead programs left there are removed.
    """
    try:
        folders = [*dict.fromkeys(filter(None, map(_parent, _CONTROLLERS)))]
        if not folders or _parent("memory") is None:
            return []
        for folder in folders:
            _sweep(folder)
        trial = Group(folders, 1 << 30, 64)
        try:
            # Making one is not enough: a process must be allowed in, too.
            status = subprocess.run(
                trial.command(["/bin/sh", "-c", ":"]), check=False, capture_output=True
            ).returncode
        finally:
            trial.close()
    except (OSError, StopIteration, ValueError):
        return []
    return folders if status == 0 else []


def _parent(controller: str) -> Path | None:
    """The folder in which a group of that controller may be made for processes of ours."""
    own: dict[str, str] = {}
    for line in _own_groups().splitlines():
        _, names, path = line.split(":", 2)
        own |= dict.fromkeys(names.split(","), path)
    for line in _mounts().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, place = before.split(" ")[3:5]
        if kind == "cgroup" and controller in options.split(",") and controller in own:
            return _writable([_inside(place, root, own[controller])])
        if kind == "cgroup2" and controller not in own and "" in own:
            folder = _inside(place, root, own[""])
            # A group that holds processes hands nothing on, but may have a neighbour with what is handed to both.
            near = [folder, *[folder.parent] * (str(folder) != place)]
            parent = _writable([each for each in near if controller in _words(each / "cgroup.subtree_control")])
            if parent is not None:
                return parent
    return None


def _own_groups() -> str:
    return Path("/proc/self/cgroup").read_text(encoding="utf-8")


def _mounts() -> str:
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def _inside(place: str, root: str, path: str) -> Path:
    """The folder of group `path` in a tree of which `root` and what is below are mounted at `place`."""
    return Path(place, os.path.relpath(path, root)) if path.startswith(root) else Path(place)


def _writable(folders: list[Path]) -> Path | None:
    return next((folder for folder in folders if os.access(folder, os.W_OK)), None)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError:
        return []


def _files(folders: list[Path], names: tuple[str, ...]) -> list[Path]:
    return [folder / name for folder in folders for name in names]


def _read(folders: list[Path], *names: str) -> int | None:
    """The number in the first of these files that there is; None for no such file, and for "max"."""
    words = next((words for path in _files(folders, names) if (words := _words(path))), ["max"])
    return None if words == ["max"] else int(words[0])


def _write(path: Path, value: int) -> None:
    """Set a limit, where this version and kernel have it."""
    if path.exists():
        path.write_text(str(value), encoding="utf-8")


def _remove(folder: Path) -> bool:
    """Whether the group is gone now."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _sweep(folder: Path) -> None:
    """Remove the groups of programs that are no more; one that is in use cannot be removed."""
    for path in folder.glob(f"{_NAME}*"):
        owner = path.name.removeprefix(_NAME).partition("-")[0]
        if not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                path.rmdir()
