"""A Python as somebody has it who installed the wheel: ours, what it depends on, and nothing of development.

The wheel is built from this tree and installed by pip. What it depends on is linked from the environment that runs
the tests, so that nothing is fetched: exactly the distributions that a resolver would take for the wheel's
requirements, and not one more. A dependency that is imported but not declared is therefore missing here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def build_wheel(folder: Path) -> Path:
    """A wheel of this tree as it is on disk, built in `folder`; what git ignores is left out."""
    copy = folder / "source"
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listing.stdout.split("\n")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=copy, check=True, capture_output=True, env=_environ())
    (wheel,) = folder.glob("*.whl")
    return wheel


def requirements(wheel: Path) -> list[Requirement]:
    """What the wheel needs here, extras left out."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    return _wanted(metadata.get_all("Requires-Dist") or [], frozenset())


def install(wheel: Path, folder: Path) -> Path:
    """A fresh environment in `folder` with the wheel and what it needs; returns its `bin`."""
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for dependency in _closure(requirements(wheel)):
        _link(dependency, site, folder / "bin")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "--quiet"]
    command = [*pip, "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, env=_environ())
    return folder / "bin"


def _environ() -> dict[str, str]:
    """Ours without PYTHONPATH: pip takes a tree on the path for one that is installed, and does nothing."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _wanted(lines: list[str], extras: frozenset[str]) -> list[Requirement]:
    every = [Requirement(line) for line in lines]
    return [
        one
        for one in every
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in (extras or {""}))
    ]


def _closure(first: list[Requirement]) -> list[Distribution]:
    """The distributions of the requirements `first`, and theirs, and so on."""
    known_set: dict[tuple[str, frozenset[str]], Distribution] = {}
    waiting = list(first)
    while waiting:
        one = waiting.pop()
        key = re.sub(r"[-_.]+", "-", one.name).lower(), frozenset(one.extras)
        if key not in known_set:
            known_set[key] = distribution(one.name)
            waiting += _wanted(known_set[key].requires or [], key[1])
    return list({one.metadata["Name"]: one for one in known_set.values()}.values())


def _link(dependency: Distribution, site: Path, scripts: Path) -> None:
    """Put a distribution's files into `site` and `scripts`; its bytecode is left to Python.

    Hard links, because `solve --packages` takes a symbolic link for a package that is somewhere else.
    """
    for file in dependency.files or ():
        source = Path(str(dependency.locate_file(file)))
        outside = file.parts[0] == ".."
        target = scripts / file.name if outside else site / file
        if "__pycache__" in file.parts or not source.is_file() or (outside and source.parent.name != "bin"):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(source)
        except OSError:  # another file system
            shutil.copy2(source, target)
