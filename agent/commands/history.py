"""`solve history` and `solve show ID`: what was solved before."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.options import print_json, write_text

if TYPE_CHECKING:
    from agent.history import History, PastSolve

HISTORY_EXAMPLES = """\b
Examples:
  solve history             what was solved, newest first
  solve history --json      the same as one object, with programs and evidence
  solve history --clear     forget all of it
  solve show last           the newest program to standard output, its evidence to standard error

\b
Every `solve` leaves a record, its report and its samples in ALPHASOLVE_HISTORY, or in the state folder of the
user. `--no-history` and ALPHASOLVE_HISTORY=0 leave nothing. The oldest go after 200 records or 256 MiB.
"""

SHOW_EXAMPLES = """\b
Examples:
  solve show last                       the newest
  solve show 3f2a                       the one whose ID begins so
  solve show 3f2a --report page.html    and its report, as it was then
  solve show 3f2a --json                the whole record

\b
Exit codes: 0 the program passes every example, 1 it does not or there is none, 2 no such record.
"""


@click.command("history", epilog=HISTORY_EXAMPLES)
@click.option("--clear", is_flag=True, help="Forget everything: records, reports and samples.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
def history_command(clear: bool, as_json: bool) -> int:
    """List what was solved before."""
    from agent.terminal.display import visible

    if clear and as_json:
        raise click.UsageError("--clear prints nothing that --json could show")
    history = _open()
    if clear:
        click.echo(f"forgot {history.clear()} solves", err=True)
        return EXIT_SOLVED
    records = history.records()[::-1]
    if as_json:
        print_json({"folder": str(history.folder), "solves": [asdict(record) for record in records]})
        return EXIT_SOLVED
    width = max((len(record.model) for record in records), default=0)
    if records:
        click.echo(f"{'id':8}  {'when (UTC)':16}  passes  P(right)  {'model':{width}}  title")
    for record in records:
        when = record.when[:16].replace("T", " ")
        passes = "yes" if record.solved else "no"
        figures = f"{record.id:8}  {when:16}  {passes:6}  {record.confidence:8.2f}"
        click.echo(visible(f"{figures}  {record.model:{width}}  {' '.join(record.title.split())}"))
    click.echo(f"{len(records)} solves in {history.folder}", err=True)
    return EXIT_SOLVED


@click.command("show", epilog=SHOW_EXAMPLES)
@click.argument("name", metavar="ID")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the page about the answer here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
def show_command(name: str, report: Path | None, as_json: bool) -> int:
    """Print the program of an earlier solve: ID, the beginning of one, or "last"."""
    from agent.terminal.display import visible

    history = _open()
    record = history.find(name)
    if report is not None:
        write_text(report, history.page(record))
    code = EXIT_SOLVED if record.solved else EXIT_UNSOLVED
    if as_json:
        print_json(asdict(record))
        return code
    for line in _evidence(record):
        click.echo(visible(" ".join(line.split())), err=True)
    if record.program is not None:
        text = visible(record.program) if sys.stdout.isatty() else record.program
        click.echo(text, nl=not record.program.endswith("\n"), color=True)
    return code


def _open() -> History:
    """The records of this user.

    Raises:
        click.UsageError: none are kept.
    """
    from agent.history import History, history_folder

    folder = history_folder()
    if folder is None:
        raise click.UsageError("ALPHASOLVE_HISTORY=0: nothing is kept, and nothing is looked up")
    return History(folder)


def _evidence(record: PastSolve) -> list[str]:
    """What was known of the program when it was found, in a few lines."""
    from agent.terminal.costs import recorded_lines

    claim = "passes every example" if record.solved else "does not pass every example"
    figures = {
        "samples": "samples",
        "tokens": "tokens",
        "candidates": "distinct",
        "survivors": "pass the examples",
    }
    counts = ", ".join(f"{record.evidence.get(name)} {words}" for name, words in figures.items())
    agreement = f"clusters {record.evidence.get('clusters')} on {record.evidence.get('inputs')} generated inputs"
    return [
        f"{record.title} ({record.path})",
        f"{record.when.replace('T', ' ').replace('Z', ' UTC')}, {record.model}, {record.language}",
        f"{claim if record.program is not None else 'no program'}; P(right) about {record.confidence:.2f}",
        f"{counts}; {agreement}; {record.cost.get('wall_s')} s",
        *recorded_lines(record.cost),
    ]
