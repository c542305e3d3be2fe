"""Packages of the Python that runs this program, for candidates that are to have them.

A package is the files that its installer recorded, and those of the packages it requires. They are copied; the
folder that they lie in, with everything else that is installed, is never shown to a slot. Nothing is imported.

Not covered: packages that are not installed here as files of their own (editable ones, those of the system).
"""

from __future__ import annotations

import functools
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib import metadata

# Of an installer's notes, those that programs read. The others name places of this host.
_NOTES = ("METADATA", "entry_points.txt", "top_level.txt")
# What an interpreter executes when it starts, which in a slot is process 1.
_AT_START = ("sitecustomize.py", "usercustomize.py")
_IMPORT_NAMES = {
    "atcoder": "ac-library-python",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "more_itertools": "more-itertools",
    "pil": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "z3": "z3-solver",
}
"""Distributions whose modules have another name, for the remedy where they are not installed."""

POINTER = "alphasolve.pth"
"""A file of this name beside the packages is read when an interpreter starts."""
ONE_THREAD = "import os; os.environ.update(dict.fromkeys(({}), '1'))\n".format(
    ", ".join(f"'{library}_NUM_THREADS'" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"))
)
"""A line for it. Numeric libraries start a thread per core otherwise, each a process of the run."""


class PackageError(ValueError):
    """A package cannot be had for the slots. `str(error)` is one line."""

    def __init__(self, reason: str, *, remedy: str = "") -> None:
        """Say why, and what to run or to pass instead."""
        super().__init__(reason)
        self.remedy = remedy
        """What to do about it, in a line."""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution."""

    name: str
    version: str
    folder: Path
    """Where it is installed, beside others."""
    files: tuple[Path, ...]
    """Its files, relative to that."""
    record: str
    """The installer's list of its files, with their hashes: two of one record have equal contents."""


def find_packages(names: Iterable[str]) -> tuple[Package, ...]:
    """The packages of those names and all that they require, by name.

    Args:
        names: of distributions, or of the modules that they bring ("PIL" for pillow).

    Raises:
        PackageError: one is not installed, or not in a way that can be copied.
    """
    roots = [*names]
    if not roots:
        return ()
    from packaging.utils import canonicalize_name

    packages: dict[str, Package] = {}
    visits: set[tuple[str, frozenset[str]]] = set()
    pending = [(name, frozenset[str](), name) for name in reversed(roots)]
    while pending:
        name, extras, requirer = pending.pop()
        distribution = _distribution(name, requirer)
        key = canonicalize_name(distribution.name)
        if (key, extras) not in visits:
            visits.add((key, extras))
            packages[key] = packages.get(key) or _package(distribution)
            pending += [(name, more, requirer) for name, more in _requirements(distribution, extras)]
    return tuple(package for _, package in sorted(packages.items()))


def install(packages: Iterable[Package], folder: Path) -> None:
    """Copy the files of the packages into `folder`, as bytes and without their modes."""
    for package in packages:
        for file in package.files:
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(package.folder / file, target)


@functools.cache
def provider(module: str) -> str | None:
    """The name of the installed distribution that brings a top-level module; None where none does, or several."""
    from importlib import metadata

    from packaging.utils import canonicalize_name

    names = {canonicalize_name(name) for name in metadata.packages_distributions().get(module, ())}
    return names.pop() if len(names) == 1 else None


def pip_install(name: str) -> str:
    """The command line that installs a distribution, or the one that is known to bring a module of that name."""
    return f"{shlex.quote(sys.executable)} -m pip install {shlex.quote(distribution_of(name))}"


def distribution_of(module: str) -> str:
    """The name of the distribution that is known to bring a module; mostly they are named alike."""
    return _IMPORT_NAMES.get(module.lower(), module)


def _distribution(name: str, requirer: str) -> metadata.Distribution:
    from importlib import metadata

    from packaging.utils import InvalidName, canonicalize_name

    try:
        return metadata.distribution(canonicalize_name(name, validate=True))
    except InvalidName:
        raise PackageError(
            f"{name!r} is not a package's name", remedy="--packages numpy,sortedcontainers"
        ) from None
    except metadata.PackageNotFoundError:
        if (other := provider(name)) is not None:
            return metadata.distribution(other)
    origin = "" if name == requirer else f", which {requirer} requires,"
    raise PackageError(
        f"the package {name}{origin} is not installed in the Python that runs solve",
        remedy=f"`{pip_install(name)}`",
    )


def _requirements(
    distribution: metadata.Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """What it requires on this machine: names, each with the extras that are asked for."""
    from packaging.requirements import Requirement

    for line in distribution.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or ("",)):
            yield requirement.name, frozenset(requirement.extras)


def _package(distribution: metadata.Distribution) -> Package:
    record = distribution.read_text("RECORD")
    folder = Path(str(distribution.locate_file(""))).resolve()
    files = () if record is None else tuple(_files(distribution, folder))
    if record is None or all(_is_note(file) for file in files):
        raise PackageError(
            f"the package {distribution.name} is not installed as files of its own"
            " (an editable install, links, or a package of the system)",
            remedy=f"`{pip_install(distribution.name)} --force-reinstall`",
        )
    return Package(distribution.name, distribution.version, folder, files, record)


def _files(distribution: metadata.Distribution, folder: Path) -> Iterator[Path]:
    """The recorded files that lie in `folder`, but no links and no notes of the installer."""
    for entry in distribution.files or ():
        file = Path(entry)
        whole = folder / file
        if not file.is_absolute() and whole.resolve() == whole and whole.is_file() and not _stays(file):
            yield file


def _stays(file: Path) -> bool:
    """Whether a file is none that a program imports or reads."""
    if _is_note(file):
        return file.name not in _NOTES
    runs_at_start = file.suffix == ".pth" or file.name in _AT_START or file.name.startswith("__editable__")
    return runs_at_start or "__pycache__" in file.parts


def _is_note(file: Path) -> bool:
    return file.parts[0].endswith(".dist-info")
