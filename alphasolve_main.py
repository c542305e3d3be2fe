"""The console script `solve`: checks that the packages beside it are ours, then runs `agent.cli`.

`agent`, `problems` and `benchmarks` are names that people use too. A folder of such a name on PYTHONPATH comes
before ours, and would be imported, that is executed, in its place.

Not covered: packages put in place of ours where we are installed.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

EXIT_UNAVAILABLE = 3
"""`agent.commands` has the same; that package is what is in doubt here."""

PACKAGES = ("agent", "benchmarks", "problems", "sandbox")


def main() -> None:
    """Run the command line; one line and exit code 3 when a package of ours is hidden by another one."""
    stranger = hidden_package(Path(__file__).resolve().parent)
    if stranger is not None:
        name, place = stranger
        sys.stderr.write(
            f"solve: the package {name!r} at {place} hides the one of alphasolve; take its folder off PYTHONPATH\n"
        )
        sys.exit(EXIT_UNAVAILABLE)
    from agent.cli import main as run

    run()


def hidden_package(home: Path) -> tuple[str, str] | None:
    """The first of our packages whose name leads somewhere else, and where to.

    Nothing is imported: importing a stranger would run it.

    Args:
        home: the folder that our packages lie in.
    """
    for name in PACKAGES:
        place = _place(name)
        if place is None or place.parent != home:
            return name, str(place or "no place at all")
    return None


def _place(name: str) -> Path | None:
    """The folder that `import name` would take; the file, for a module that is no folder."""
    # An editable install answers through a finder of its own, behind the path's.
    spec = PathFinder.find_spec(name) or find_spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None
