"""`solve judge PROBLEM.md PROGRAM`: a verdict per example, no model involved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.options import (
    common_options,
    find_problem,
    language_option,
    open_box,
    print_json,
    sandbox_options,
)

if TYPE_CHECKING:
    from agent.console import Console
    from agent.types import Execution

_EXPLAINED = 4000

EXAMPLES = """\b
Examples:
  solve judge problem.md mine.py              a line per example
  solve judge problem.md mine.cpp             C++, compiled in the sandbox
  solve judge problem.md mine.py --json       the same as one object, with times and memory
  solve judge problem.md mine.py --fail-fast  stop at the first failure
  cat problem.md | solve judge - mine.py      the statement from standard input

\b
Verdicts: AC accepted, WA wrong answer, RTE runtime error, TLE time, MLE memory, OLE output limit.
Exit codes: 0 every example is accepted, 1 not, 2 usage or unreadable file, 3 no sandbox.
"""


@click.command("judge", epilog=EXAMPLES)
@click.argument("problem_path", metavar="PROBLEM.md")
@click.argument("program_path", metavar="PROGRAM", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--fail-fast", is_flag=True, help="Stop at the first case that is not accepted.")
@language_option(None, "What PROGRAM is written in; told by its suffix where not given.")
@sandbox_options
@common_options
def judge_command(
    problem_path: str,
    program_path: Path,
    fail_fast: bool,
    language: str | None,
    backend: str,
    image: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Judge PROGRAM on the examples of PROBLEM.md: one verdict per case."""
    from agent.console import Console, executions_record
    from agent.judge import accepted, judge
    from agent.languages import language_for, language_of

    problem = find_problem(problem_path)
    written = language_for(problem, language or language_of(program_path))
    source = program_path.read_bytes().decode("utf-8", "surrogateescape")
    with Console(quiet=quiet) as console:
        if not problem.cases:
            console.note(f"{problem.path} shows no example: there is nothing to judge by.")
        with open_box(backend, image, console, written.name) as box:
            (executions,) = judge(written.runner(box), problem, [source], fail_fast=fail_fast)
        _explain(executions, console)
    passed = accepted(problem, executions)
    if as_json:
        print_json({"accepted": passed, "cases": executions_record(executions)})
    else:
        for number, execution in enumerate(executions, 1):
            click.echo(_case_line(number, execution.verdict, execution.result.cpu_s, execution.result.max_rss_mb))
    return EXIT_SOLVED if passed else EXIT_UNSOLVED


def _explain(executions: tuple[Execution, ...], console: Console) -> None:
    """Show what the first run that died had to say: a traceback, or a compiler's complaint."""
    from agent.shown import cut
    from agent.types import Verdict

    died = next((e for e in executions if e.verdict is Verdict.RTE and e.result.stderr.strip()), None)
    if died is not None:
        console.note(cut(died.result.stderr.rstrip(), _EXPLAINED))


def _case_line(number: int, verdict: str, cpu_s: float, rss_mb: float) -> str:
    return f"case {number}: {verdict:3}  {cpu_s:7.3f} s  {rss_mb:6.1f} MiB"
