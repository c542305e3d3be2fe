"""`solve hack` and `solve stress`: the smallest input on which a program fails, or two programs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.commands.hunting import Hunt, hunt_options, program_at, search_options
from agent.commands.model_options import SamplerOptions
from agent.commands.options import (
    SandboxOptions,
    StatementOptions,
    check_folders,
    collect,
    common_options,
    find_problem,
    language_option,
    sandbox_options,
    time_scale_option,
)
from agent.options import CouncilOptions
from agent.profile import Wishes

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

HACK_EXAMPLES = """\b
Examples:
  solve hack problem.md mine.py                        what is right is what most programs of a model agree on
  solve hack problem.md mine.py -m openai:NAME -n 32 --store pool.jsonl
                                                       kept, so that the next time takes seconds
  solve hack problem.md mine.py --against brute.py     brute.py is slow and right: no model is asked
  solve hack problem.md mine.cpp --against brute.py    the two need not be in one language
  solve hack problem.md mine.py --against brute.py -o input.txt --seconds 300
  solve hack problem.md mine.py --against brute.py --json
  solve hack problem.md mine.py --against brute.py --report why.html

\b
Every input says why it is believed valid; one on which brute.py fails itself does not count.
An example that fails, and a checker in the statement that needs no right output, need no model either.
Ctrl-C ends the search, or the shrinking, and shows what there is by then.
Exit codes: 0 nothing was found, 1 broken, 2 usage or unreadable file, 3 no sandbox or no model, 130 interrupted.
"""
STRESS_EXAMPLES = """\b
Examples:
  solve stress problem.md a.py b.py
  solve stress problem.md a.cpp b.py --seconds 300 -o input.txt

\b
Neither is held to be right: that one of them fails is a difference, too.
Exit codes: 0 no difference was found, 1 they differ, 2 usage or unreadable file, 3 no sandbox, 130 interrupted.
"""


@click.command("hack", epilog=HACK_EXAMPLES)
@click.argument("problem_path", metavar="PROBLEM.md")
@click.argument("program_path", metavar="PROGRAM")
@hunt_options
@language_option(None, "What PROGRAM is written in; told by its suffix where not given.")
@time_scale_option
@sandbox_options
@common_options
@collect(
    statement=StatementOptions,
    sandbox=SandboxOptions,
    council=CouncilOptions,
    sampler=SamplerOptions,
    wishes=Wishes,
)
def hack_command(
    statement: StatementOptions,
    sandbox: SandboxOptions,
    program_path: str,
    right_path: str | None,
    language: str | None,
    **options: Any,
) -> int:
    """Find the smallest input on which PROGRAM fails: a wrong answer, a crash, too much time or memory."""
    hunt = Hunt.asked(statement.problem_path, (program_path, language), right_path, options)
    return _hunted(statement, sandbox, hunt, **options)


@click.command("stress", epilog=STRESS_EXAMPLES)
@click.argument("problem_path", metavar="PROBLEM.md")
@click.argument("first_path", metavar="A")
@click.argument("second_path", metavar="B")
@search_options
@time_scale_option
@sandbox_options
@common_options
@collect(statement=StatementOptions, sandbox=SandboxOptions)
def stress_command(
    statement: StatementOptions, sandbox: SandboxOptions, first_path: str, second_path: str, **options: Any
) -> int:
    """Run A and B against each other until they differ, and show the smallest input on which they do."""
    from agent.hacking.referee import differing
    from agent.hacking.types import HackOptions

    first, second = (program_at(statement.problem_path, path, None) for path in (first_path, second_path))
    search = HackOptions(options.pop("seconds"), options.pop("seed"), min_confidence=0.0)  # any difference counts
    return _hunted(statement, sandbox, Hunt(first, search, second, differing), **options)


def _hunted(
    statement: StatementOptions,
    sandbox: SandboxOptions,
    hunt: Hunt,
    *,
    quiet: bool,
    output: Path | None,
    report: Path | None,
    as_json: bool,
) -> int:
    """Search, deliver, and return the exit code."""
    from agent.terminal.console import Console

    check_folders(output, report)
    problem = statement.scale(find_problem(statement.problem_path))
    hunt.check(problem)
    with Console(quiet=quiet) as console:
        for note in problem.notes:
            console.note(f"Note: {note}")
        with sandbox.open(console, hunt.language) as box:
            outcome = hunt.outcome(problem, box, console)
    return outcome.deliver(output, report, as_json=as_json)
