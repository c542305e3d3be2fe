"""`solve judge PROBLEM.md PROGRAM`: a verdict per example and why, no model involved."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

import click

from agent.commands import EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.hunting import Hunt, hunt_options, program_of, refuse_hunt_options
from agent.commands.model_options import SamplerOptions
from agent.commands.options import (
    SandboxOptions,
    StatementOptions,
    check_folders,
    collect,
    common_options,
    find_problem,
    language_option,
    print_json,
    sandbox_options,
    time_scale_option,
)
from agent.options import CouncilOptions
from agent.profile import Wishes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.judging.judgement import Judgement
    from agent.terminal.console import Console
    from problems import Problem

_MOST_CHARACTERS = 4000
_NOT_JUDGED = "not judged"
_ONE_SLOT = 4
"""Up to this many examples are judged in one slot: another takes longer to start than most programs to run."""

EXAMPLES = """\b
Examples:
  solve judge problem.md mine.py              a line per example, with the reason
  solve judge problem.md mine.cpp             C++, compiled in the sandbox
  solve judge problem.md mine.py --json       the same as one object, with inputs, outputs, times and memory
  solve judge problem.md mine.py --fail-fast  stop at the first failure
  solve judge problem.md mine.py --hack --against brute.py
                                              where the examples pass, an input that breaks it all the same
  solve judge problem.md mine.py --time-scale 2
                                              this machine is slower than the site's
  cat problem.md | solve judge - mine.py      the statement from standard input
  cat mine.py | solve judge problem.md - --language python
                                              the program from standard input

\b
Verdicts: AC accepted, WA wrong answer, RTE runtime error, TLE time, MLE memory, OLE output limit.
Exit codes: 0 every example is accepted, and --hack finds nothing, 1 not, 2 usage, unreadable file or nothing
judged, 3 no sandbox, or no model for --hack, 130 interrupted.
"""


@click.command("judge", epilog=EXAMPLES)
@click.argument("problem_path", metavar="PROBLEM.md")
@click.argument("program_path", metavar="PROGRAM")
@click.option("--fail-fast", is_flag=True, help="Stop at the first case that is not accepted.")
@click.option(
    "--hack",
    "is_hacked",
    is_flag=True,
    help="Where every example is accepted, look for an input that breaks it, as `solve hack` does.",
)
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
def judge_command(
    statement: StatementOptions,
    sandbox: SandboxOptions,
    program_path: str,
    fail_fast: bool,
    language: str | None,
    is_hacked: bool,
    right_path: str | None,
    quiet: bool,
    as_json: bool,
    output: Path | None,
    report: Path | None,
    **options: Any,
) -> int:
    """Judge PROGRAM on the examples of PROBLEM.md: one verdict per case."""
    from agent.judging.judgement import judged
    from agent.languages import language_for
    from agent.terminal.console import Console

    if not is_hacked:
        refuse_hunt_options()
    hunt = Hunt.asked(statement.problem_path, (program_path, language), right_path, options) if is_hacked else None
    name, source = _program(hunt, statement.problem_path, program_path, language)
    problem = statement.scale(find_problem(statement.problem_path))
    chosen_language = language_for(problem, name)
    if not problem.cases:
        _nothing_judged(problem, as_json=as_json)
    if hunt:
        check_folders(output, report)
        hunt.check(problem)
    with Console(quiet=quiet) as console:
        for note in problem.notes:
            console.note(f"Note: {note}")
        slots = 1 if hunt is None and len(problem.cases) <= _ONE_SLOT else None
        opened = chosen_language.name if hunt is None else hunt.language
        with sandbox.open(console, opened, slots=slots) as box:
            judgement = judged(box, problem, chosen_language, source, fail_fast=fail_fast)
            is_next = hunt is not None and judgement.is_accepted
            outcome = hunt.outcome(problem, box, console) if hunt and is_next else None
        _explain(judgement, console)
        if hunt and not is_next:
            console.note("no other input was tried, because an example fails already")
    if outcome is not None:
        outcome.write(output, report)
    if as_json:
        hacking = {"hack": outcome.record() if outcome else None} if hunt else {}
        print_json(judgement.record(statement.time_scale) | hacking)
    else:
        for line in chain(judgement.lines(), outcome.lines() if outcome else ()):
            click.echo(line)
    if outcome is not None:
        return outcome.code
    return EXIT_SOLVED if judgement.is_accepted else EXIT_UNSOLVED


def _program(hunt: Hunt | None, problem_path: str, program_path: str, language: str | None) -> tuple[str, str]:
    """Language and text of the program; without a search, nothing of what it takes is imported."""
    from agent.addresses import local_path

    if hunt is not None:
        return hunt.program.language, hunt.program.source
    return program_of(problem_path, local_path(program_path), language)


def _nothing_judged(problem: Problem, *, as_json: bool) -> NoReturn:
    """Refuse to judge without an example: that is neither accepted nor rejected.

    Raises:
        ProblemError: always, with what was looked for.
    """
    from agent.terminal.console import NO_EXAMPLE
    from problems import ProblemError

    if as_json:
        reason = f"{problem.path}: {NO_EXAMPLE}: nothing was judged"
        print_json(
            {"accepted": None, "verdict": _NOT_JUDGED, "reason": reason, "notes": list(problem.notes), "cases": []}
        )
    raise ProblemError(" ".join([f"{NO_EXAMPLE}: nothing was judged.", *problem.notes]), path=problem.path)


def _explain(judgement: Judgement, console: Console) -> None:
    """Show what the first run that died had to say (a traceback, a compiler's complaint), and each hint once."""
    from agent.terminal.display import cut
    from agent.types import Verdict

    crash = next((e for e in judgement.executions if e.verdict is Verdict.RTE and e.result.stderr.strip()), None)
    if crash is not None:
        console.note(cut(crash.result.stderr.rstrip(), _MOST_CHARACTERS))
    for words in dict.fromkeys(words for row in judgement.hints for words in row):
        numbers = [number for number, row in enumerate(judgement.hints, 1) if words in row]
        console.note(f"hint ({_cases(numbers)}): {words}")


def _cases(numbers: Sequence[int]) -> str:
    words = ", ".join(map(str, numbers[:5])) + (" ..." if len(numbers) > 5 else "")
    return f"case{'s' * (len(numbers) > 1)} {words}"
