"""`solve judge PROBLEM.md PROGRAM`: a verdict per example and why, no model involved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NoReturn

import click

from agent.commands import EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.options import (
    common_options,
    find_problem,
    language_option,
    open_box,
    print_json,
    sandbox_options,
    scale_time,
    time_scale_option,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.languages import Language
    from agent.terminal.console import Console
    from agent.types import Execution
    from problems import Problem
    from sandbox import Sandbox

_MOST_CHARACTERS = 4000
_NOT_JUDGED = "not judged"

EXAMPLES = """\b
Examples:
  solve judge problem.md mine.py              a line per example, with the reason
  solve judge problem.md mine.cpp             C++, compiled in the sandbox
  solve judge problem.md mine.py --json       the same as one object, with inputs, outputs, times and memory
  solve judge problem.md mine.py --fail-fast  stop at the first failure
  solve judge problem.md mine.py --time-scale 2
                                              this machine is slower than the site's
  cat problem.md | solve judge - mine.py      the statement from standard input
  cat mine.py | solve judge problem.md - --language python
                                              the program from standard input

\b
Verdicts: AC accepted, WA wrong answer, RTE runtime error, TLE time, MLE memory, OLE output limit.
Exit codes: 0 every example is accepted, 1 not, 2 usage, unreadable file or nothing judged, 3 no sandbox.
"""


@click.command("judge", epilog=EXAMPLES)
@click.argument("problem_path", metavar="PROBLEM.md")
@click.argument("program_path", metavar="PROGRAM")
@click.option("--fail-fast", is_flag=True, help="Stop at the first case that is not accepted.")
@language_option(None, "What PROGRAM is written in; told by its suffix where not given.")
@time_scale_option
@sandbox_options
@common_options
def judge_command(
    problem_path: str,
    program_path: str,
    fail_fast: bool,
    language: str | None,
    time_scale: float,
    backend: str,
    image: str | None,
    packages: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> int:
    """Judge PROGRAM on the examples of PROBLEM.md: one verdict per case."""
    from agent.judging.judge import judge
    from agent.languages import language_for
    from agent.terminal.console import Console

    name, source = _program(problem_path, program_path, language)
    problem = scale_time(find_problem(problem_path), time_scale)
    chosen_language = language_for(problem, name)
    if not problem.cases:
        _nothing_judged(problem, as_json=as_json)
    with Console(quiet=quiet) as console:
        for note in problem.notes:
            console.note(f"Note: {note}")
        with open_box(backend, image, console, chosen_language.name, packages) as box:
            (executions,) = judge(chosen_language.runner(box), problem, [source], fail_fast=fail_fast)
            advice = _advice(box, chosen_language, problem, source, executions)
        _explain(executions, advice, console)
    return _deliver(problem, executions, advice, time_scale, as_json=as_json)


def _program(problem_path: str, program_path: str, language: str | None) -> tuple[str, str]:
    """Language and text of the program."""
    from agent.languages import language_of
    from agent.programs import ProgramError, read_program

    if problem_path == program_path == "-":
        raise click.UsageError("the problem and the program cannot both come from standard input")
    path = PurePath("<stdin>" if program_path == "-" else program_path)
    try:
        if language is None and path.suffix:
            language = language_of(path)
        source = read_program(program_path)
        return language or language_of(path, source), source
    except (ProgramError, ValueError) as error:
        raise click.UsageError(str(error)) from None


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


def _advice(
    box: Sandbox, language: Language, problem: Problem, source: str, executions: Sequence[Execution]
) -> list[list[str]]:
    """Hints for each case."""
    from agent.judging.hints import Run, hints

    advice = [
        list(hints(Run(problem, problem.cases[index], execution, source)))
        for index, execution in enumerate(executions)
    ]
    # One case is enough to tell what kind of slow it is.
    slow = next((index for index, execution in enumerate(executions) if execution.result.status == "TLE"), None)
    if slow is not None:
        alone = replace(problem, cases=problem.cases[slow : slow + 1])
        advice[slow] += _with_more_time(box, language, alone, source)
    return advice


def _with_more_time(box: Sandbox, language: Language, problem: Problem, source: str) -> list[str]:
    """Whether a program that was stopped ends within twice the limit of its only case."""
    from agent.judging.judge import judge
    from agent.types import Verdict

    ((again,),) = judge(language.runner(box), scale_time(problem, 2), [source])
    if again.verdict is Verdict.TLE:
        return []
    cpu_s, limit = again.result.cpu_s, problem.time_limit_s
    return [
        f"it needed {cpu_s:.1f} s of {limit:g} s here ({again.verdict}); sites' machines differ: --time-scale 2"
    ]


def _explain(executions: Sequence[Execution], advice: Sequence[Sequence[str]], console: Console) -> None:
    """Show what the first run that died had to say (a traceback, a compiler's complaint), and each hint once."""
    from agent.terminal.display import cut
    from agent.types import Verdict

    crash = next((e for e in executions if e.verdict is Verdict.RTE and e.result.stderr.strip()), None)
    if crash is not None:
        console.note(cut(crash.result.stderr.rstrip(), _MOST_CHARACTERS))
    for words in dict.fromkeys(words for row in advice for words in row):
        numbers = [number for number, row in enumerate(advice, 1) if words in row]
        console.note(f"hint ({_cases(numbers)}): {words}")


def _cases(numbers: Sequence[int]) -> str:
    words = ", ".join(map(str, numbers[:5])) + (" ..." if len(numbers) > 5 else "")
    return f"case{'s' * (len(numbers) > 1)} {words}"


def _deliver(
    problem: Problem,
    executions: Sequence[Execution],
    advice: Sequence[Sequence[str]],
    time_scale: float,
    *,
    as_json: bool,
) -> int:
    """Print the verdicts; returns the exit code they are worth."""
    from agent.judging.judge import accepted
    from agent.terminal.console import executions_record
    from agent.types import Verdict

    passed = accepted(problem, executions)
    if as_json:
        records = executions_record(problem, executions)
        record: dict[str, Any] = {
            "accepted": passed,
            "verdict": next((e.verdict for e in executions if e.verdict is not Verdict.AC), Verdict.AC),
            "notes": list(problem.notes),
            "time_scale": time_scale,
            "cases": [each | {"hints": list(words)} for each, words in zip(records, advice, strict=True)],
        }
        print_json(record)
    else:
        for number, execution in enumerate(executions):
            click.echo(_case_line(problem, number, execution))
    return EXIT_SOLVED if passed else EXIT_UNSOLVED


def _case_line(problem: Problem, index: int, execution: Execution) -> str:
    from agent.judging.explain import explanation
    from agent.judging.judge import limits_of

    result = execution.result
    line = f"case {index + 1}: {execution.verdict:3}  {result.cpu_s:7.3f} s  {result.max_rss_mb:6.1f} MiB"
    why = explanation(problem, problem.cases[index], execution, limits_of(problem))
    return f"{line}  {why}" if why else line
