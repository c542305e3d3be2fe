"""The problem of `solve`, once, or again whenever its file is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from agent.addresses import local_path
from agent.commands.options import find_problem
from problems import Problem, ProblemError


def problem_versions(path: str, *, watch: bool, note: Callable[[str], None]) -> Iterator[Problem]:
    """The problem in `path`, and with `watch` every later version of it that can be read.

    Args:
        path: a Markdown file, or "-" for standard input.
        watch: wait for later versions, without end.
        note: told, in one line, that a version is waited for or cannot be read.

    Raises:
        ProblemError: the first version cannot be read.
        click.UsageError: standard input cannot be watched.
    """
    if not watch:
        yield find_problem(path)
        return
    if path == "-":
        raise click.UsageError("--watch goes with a file, not with standard input.")
    saves = _saves(Path(local_path(path)))
    yield find_problem(path)
    for _ in saves:
        try:
            yield find_problem(path)
        except ProblemError as error:
            note(f"{error}; waiting for the next version")


def _saves(path: Path) -> Iterator[None]:
    """Once per burst of changes of the file."""
    import watchfiles

    # The folder, because editors put a new file in the old one's place.

    target = path.resolve()
    changes = watchfiles.watch(
        target.parent,
        watch_filter=lambda change, name: Path(name) == target and change != watchfiles.Change.deleted,
        recursive=False,
    )
    return (None for _ in changes)
