"""`solve PROBLEM.md`: what the program is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.options import (
    common_options,
    model_options,
    open_box,
    open_sampler,
    print_json,
    read_problem,
    sandbox_options,
)

if TYPE_CHECKING:
    from agent.types import Solution


@click.command("problem", hidden=True)
@click.argument("problem_path", metavar="PROBLEM.md")
@model_options
@click.option("-n", "--samples", type=click.IntRange(1, 100_000), default=32, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Seeds sampling and generated inputs.")
@click.option("--temperature", type=click.FloatRange(0, 2), default=0.8, show_default=True)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Stop sampling after this long.",
)
@click.option(
    "--submissions",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Print this many programs, each of another behaviour.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
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
@sandbox_options
@common_options
def solve_command(
    problem_path: str,
    model: str,
    base_url: str | None,
    samples: int,
    seed: int,
    temperature: float,
    max_seconds: float,
    submissions: int,
    min_confidence: float,
    best_effort: bool,
    output: Path | None,
    report: Path | None,
    verbose: bool,
    backend: str,
    image: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Solve one problem."""
    from agent.console import Console, solution_record
    from agent.solve import solve
    from agent.types import SolveOptions

    for path in (output, report):
        if path is not None and not path.parent.is_dir():
            raise click.ClickException(f"cannot write {path}: no such folder")
    problem = read_problem(problem_path)
    options = SolveOptions(
        n=samples,
        seed=seed,
        temperature=temperature,
        max_seconds=max_seconds,
        submissions=submissions,
        min_confidence=min_confidence,
    )
    with Console(quiet=quiet, verbose=verbose) as console:
        console.problem(problem)
        sampler = open_sampler(model, base_url, console)
        with open_box(backend, image, console) as box:
            console.start(options)
            solution = solve(problem, sampler, box, options=options, events=console)
            sandbox = box.backend
        console.solution(problem, solution)
    answered = solution.solved and not solution.abstained
    shown = _programs(solution) if answered or best_effort else []
    if output is not None:
        for number, program in enumerate(shown, 1):
            path = output if number == 1 else output.with_stem(f"{output.stem}_{number}")
            path.write_text(program, encoding="utf-8")
    if report is not None:
        from agent.report import render_report

        page = render_report(problem, solution, model=sampler.name, sandbox=sandbox, options=options)
        report.write_text(page, encoding="utf-8")
    if as_json:
        record = solution_record(problem, solution, sampler.name, sandbox)
        print_json(record | {"program": shown[0] if shown else None, "submissions": shown})
    elif output is None:
        for number, program in enumerate(shown, 1):
            if number > 1:
                click.echo(f"\n# ---- submission {number} of {len(shown)} ----\n")
            click.echo(program, nl=not program.endswith("\n"))
    return EXIT_SOLVED if answered else EXIT_UNSOLVED


def _programs(solution: Solution) -> list[str]:
    """What is printed: the programs to submit, or else the one that came furthest."""
    return list(solution.submissions) or ([] if solution.program is None else [solution.program])
