"""`solve PROBLEM.md`: what the program is for."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.options import (
    DEFAULTS,
    common_options,
    language_option,
    model_options,
    open_box,
    open_sampler,
    open_store,
    print_json,
    sampling_options,
    sandbox_options,
    scale_time,
    time_scale_option,
)

if TYPE_CHECKING:
    from agent.languages import Language
    from agent.types import Sampler, Solution, SolveOptions
    from problems import Problem


_NO_CHECKER = (
    "Note: no checker is asked of the model. It is where a program reads standard input, the statement accepts any"
    " valid answer, and no checker is in it."
)


@click.command("problem", hidden=True)
@click.argument("problem_path", metavar="PROBLEM.md")
@model_options
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep every completion in this file, and read from it what it has.",
)
@click.option(
    "-n",
    "--samples",
    type=click.IntRange(1, 100_000),
    default=DEFAULTS.n,
    show_default=True,
    help="Programs to sample, at most.",
)
@language_option(DEFAULTS.language, "What to write programs in; C++ is for problems that read standard input.")
@sampling_options
@time_scale_option
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULTS.max_seconds,
    show_default=True,
    help="Stop sampling after this long.",
)
@click.option(
    "--max-tokens-total", type=click.IntRange(min=1), help="Ask for nothing more after this many tokens."
)
@click.option(
    "--repairs",
    type=click.IntRange(0, 2),
    default=DEFAULTS.repair_rounds,
    show_default=True,
    help="Rounds of showing the model what fails, where nothing passes.",
)
@click.option(
    "--ask", is_flag=True, help="Be asked which of two outputs is right where programs that pass disagree."
)
@click.option(
    "--submissions",
    type=click.IntRange(1, 1000),
    default=DEFAULTS.submissions,
    show_default=True,
    help="Print this many programs, each of another behaviour while there are such.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=DEFAULTS.min_confidence,
    help="Print nothing unless the program is right with at least this probability.",
)
@click.option("--best-effort", is_flag=True, help="Print the best program even if no public case passes.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the program here.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page about the answer here: why this program, its rivals, every candidate on every case.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more: every round, every cluster, the cost.")
@click.option("--watch", is_flag=True, help="Solve again whenever the file is saved, until Ctrl-C.")
@click.option("--show-prompt", is_flag=True, help="Print what the model would be asked, and stop.")
@sandbox_options
@common_options
def solve_command(
    problem_path: str,
    model: str,
    base_url: str | None,
    store: Path | None,
    samples: int,
    language: str,
    seed: int,
    temperature: float,
    time_scale: float,
    max_seconds: float,
    max_tokens_total: int | None,
    tests: int,
    generators: int,
    checkers: int,
    repairs: int,
    ask: bool,
    submissions: int,
    min_confidence: float,
    best_effort: bool,
    output: Path | None,
    report: Path | None,
    verbose: bool,
    watch: bool,
    show_prompt: bool,
    backend: str,
    image: str | None,
    packages: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> int:
    """Solve one problem."""
    from agent.checkers import may_need_checkers
    from agent.commands.ask import Person
    from agent.commands.watch import problem_versions
    from agent.languages import language_for
    from agent.solve import solve
    from agent.terminal.console import Console
    from agent.types import SolveOptions

    if ask and problem_path == "-":
        raise click.UsageError("--ask reads answers from standard input, where the problem is")
    delivery = _Delivery(output, report, best_effort=best_effort, as_json=as_json)
    delivery.check()
    options = SolveOptions(
        n=samples,
        language=language,
        seed=seed,
        temperature=temperature,
        max_seconds=max_seconds,
        max_tokens_total=max_tokens_total,
        tests=tests,
        generators=generators,
        checkers=checkers,
        repair_rounds=repairs,
        submissions=submissions,
        min_confidence=min_confidence,
    )
    code = EXIT_UNSOLVED
    with Console(quiet=quiet, verbose=verbose) as console:
        problems = problem_versions(problem_path, watch=watch, note=console.note)
        versions = (scale_time(problem, time_scale) for problem in problems)
        first = next(versions)
        written_in = language_for(first, language)
        if show_prompt:
            return _show_prompt(first, written_in, as_json=as_json)
        console.problem(first)
        person = Person(console.pause) if ask else None
        with ExitStack() as stack:
            # First, because without a sandbox a gigabyte of weights would be fetched for nothing.
            box = stack.enter_context(open_box(backend, image, console, language, packages))
            sampler: Sampler
            if store is None:
                sampler = open_sampler(model, base_url, console)
            else:
                sampler = stack.enter_context(open_store(store, model, base_url, console))
            for problem in chain([first], versions):
                if problem is not first:
                    console.problem(problem)
                if checkers and not may_need_checkers(problem):
                    console.note(_NO_CHECKER)
                console.start(options)
                solution = solve(problem, sampler, box, options=options, events=console, arbiter=person)
                console.solution(problem, solution)
                code = delivery.deliver(_Answer(problem, solution, sampler.name, box.backend, options, time_scale))
    return code


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found, and by what."""

    problem: Problem
    solution: Solution
    model: str
    sandbox: str
    options: SolveOptions
    time_scale: float
    """What the stated time limit was multiplied by."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Where answers go."""

    output: Path | None
    report: Path | None
    best_effort: bool
    as_json: bool

    def check(self) -> None:
        """Find out before any work that a file cannot be written."""
        for path in (self.output, self.report):
            if path is not None and not path.parent.is_dir():
                raise click.ClickException(f"cannot write {path}: no such folder")

    def deliver(self, answer: _Answer) -> int:
        """Write and print the answer; returns the exit code it is worth."""
        from agent.languages import LANGUAGES

        solution = answer.solution
        is_answer = solution.solved and not solution.abstained
        programs = _programs(solution) if is_answer or self.best_effort else []
        if self.output is not None:
            for number, program in enumerate(programs, 1):
                path = self.output if number == 1 else self.output.with_stem(f"{self.output.stem}_{number}")
                path.write_text(program, encoding="utf-8")
        if self.report is not None:
            _write_report(self.report, answer)
        if self.as_json:
            _print_record(answer, programs)
        elif self.output is None:
            _print_programs(programs, LANGUAGES[answer.options.language].comment)
        return EXIT_SOLVED if is_answer else EXIT_UNSOLVED


def _programs(solution: Solution) -> list[str]:
    """What is printed: the programs to submit, or else the one that came furthest."""
    return list(solution.submissions) or ([] if solution.program is None else [solution.program])


def _print_programs(programs: list[str], comment: str) -> None:
    from agent.terminal.display import visible

    for number, program in enumerate(programs, 1):
        if number > 1:
            click.echo(f"\n{comment} ---- submission {number} of {len(programs)} ----\n")
        # A terminal obeys no control character of a program; a file or a pipe gets the program as it is.
        text = visible(program) if sys.stdout.isatty() else program
        click.echo(text, nl=not program.endswith("\n"), color=True)


def _print_record(answer: _Answer, sources: list[str]) -> None:
    from agent.terminal.console import solution_record

    record = solution_record(answer.problem, answer.solution, answer.model, answer.sandbox)
    programs = {"program": sources[0] if sources else None, "submissions": sources}
    print_json(record | {"time_scale": answer.time_scale} | programs)


def _write_report(path: Path, answer: _Answer) -> None:
    from agent.report import render_report

    page = render_report(
        answer.problem,
        answer.solution,
        model=answer.model,
        sandbox=answer.sandbox,
        options=answer.options,
    )
    path.write_text(page, encoding="utf-8")


def _show_prompt(problem: Problem, language: Language, *, as_json: bool) -> int:
    """Print the chat turn that asks for a program; no model and no sandbox is needed for it."""
    from agent.prompts import build_prompt

    prompt = build_prompt(problem, language)
    if as_json:
        print_json(asdict(prompt))
    else:
        click.echo(f"[system]\n{prompt.system}\n\n[user]\n{prompt.user}\n\n[assistant begins]\n{prompt.prefill}")
    return EXIT_SOLVED
