"""What a search for a flaw came to, delivered: lines or an object, the input, a page, and an exit code.

Not covered: the search (`agent.commands.hunting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from agent.commands import EXIT_INTERRUPTED, EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.options import print_json, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.hacking.record import Names
    from agent.hacking.types import Hacking, Program
    from problems import Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """A search, and what a delivery of it needs."""

    problem: Problem
    hacking: Hacking
    names: Names
    programs: tuple[Program, ...]
    """The one in question first."""
    sandbox: str
    """Which kind of slot ran them."""
    seed: int
    is_interrupted: bool = False
    """Whether Ctrl-C ended it."""

    def record(self) -> dict[str, Any]:
        """What `--json` prints."""
        from agent.hacking.record import record_of

        return record_of(self.problem, self.hacking, self.names, self.seed)

    def lines(self) -> Iterator[str]:
        """The same for people."""
        from agent.hacking.record import lines_of
        from agent.terminal.display import visible

        return map(visible, lines_of(self.problem, self.hacking, self.names, self.seed))

    def page(self) -> str:
        """The same as a page."""
        from agent.report import render_hacking

        return render_hacking(
            self.problem,
            self.hacking,
            self.names,
            self.record(),
            programs=self.programs,
            sandbox=self.sandbox,
        )

    def write(self, output: Path | None, report: Path | None) -> None:
        """Write the files that were asked for.

        Args:
            output: for the input, which is written only where there is a flaw.
            report: for the page.

        Raises:
            Failure: one cannot be written.
        """
        from agent.terminal.display import shown_input

        if self.hacking.flaw is not None and output is not None:
            text = shown_input(self.hacking.flaw.item, self.problem.entry_point)
            write_text(output, text if text.endswith("\n") else f"{text}\n")
        if report is not None:
            write_text(report, self.page())

    def deliver(self, output: Path | None, report: Path | None, *, as_json: bool) -> int:
        """Write and print all of it; returns the exit code that it is worth."""
        self.write(output, report)
        if as_json:
            print_json(self.record())
        else:
            for line in self.lines():
                click.echo(line)
        return self.code

    @property
    def code(self) -> int:
        """The exit code that it is worth."""
        if self.is_interrupted:
            return EXIT_INTERRUPTED
        return EXIT_SOLVED if self.hacking.flaw is None else EXIT_UNSOLVED
