"""`solve bench`: run a benchmark, compare two runs, or plan with them. Comes into `solve` through its entry point.

Exit codes are those of `agent.commands`; 0 means that the run is complete, whatever its figures.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from agent.commands import EXIT_INTERRUPTED, EXIT_SOLVED
from agent.commands.asking import asking_options, strategy_option
from agent.commands.model_options import SamplerOptions, model_options
from agent.commands.options import (
    DEFAULTS,
    SandboxOptions,
    collect,
    common_options,
    language_option,
    print_json,
    sampling_options,
    sandbox_options,
)
from agent.profile import Wishes
from agent.terminal.failures import Failure
from agent.types import SolveOptions

_HELPERS = ("--tests", "--generators", "--checkers")
_MODEL_OPTIONS = ("--model", "--base-url", "--samples", "--strategy", *_HELPERS, "--verifier", "--max-cost")
_ASKING_OPTIONS = ("--temperature", "--top-p", "--max-tokens", "--reasoning", "--answer-form", "--system")


class _BenchGroup(click.Group):
    """A group whose default is to run the set named first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front, unless a command or `--help` leads."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = [str(run_command.name), *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the default command's options as the group's own."""
        options = (param for param in run_command.get_params(ctx) if isinstance(param, click.Option))
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


_EPILOG = """\b
Examples:
  solve bench humaneval -n 20 --out runs/he         sample, choose, grade; again to go on after a stop
  solve bench mbpp+ -m openai:NAME -n 100           any model that `solve` takes
  solve bench humaneval+ --completions FILE.jsonl   grade programs you have; no model is loaded
  solve bench problems.jsonl --score-only ...       your own tasks
  solve bench compare runs/a runs/b                 the difference over the same tasks
  solve bench plan runs/a runs/b --seconds 60       which model, and how many samples of a problem
"""


@click.group("bench", cls=_BenchGroup, epilog=_EPILOG, subcommand_metavar="NAME|PATH | COMMAND [ARGS]...")
def bench() -> None:
    """Measure a model, or stored completions, on a benchmark.

    Sets: humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, codecontests, apps, livecodebench, or the path of a
    file or folder of tasks in the schema of one of them.
    """


@bench.command("run", hidden=True)
@click.argument("name", metavar="NAME|PATH")
@model_options
@click.option(
    "-n", "--samples", "n", type=click.IntRange(1, 100_000), default=1, show_default=True, help="Per task."
)
@strategy_option()
@click.option("--limit", type=click.IntRange(1), help="Only the first K tasks.", metavar="K")
@sampling_options
@asking_options
@language_option(DEFAULTS.language, "What programs are in; C++ is for sets that read standard input.")
@click.option("--select", default=DEFAULTS.method, show_default=True, help="How `selected@1` is chosen.")
@click.option(
    "--completions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Replay this file instead of sampling: rows of task_id and completion, or solution.",
)
@click.option("--score-only", is_flag=True, help="Only run the hidden tests: pass@k, and no selection.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Result folder, to go on in and to report into. Default: one under runs/ when sampling, else none.",
)
@click.option("--ray", metavar="ADDRESS", help="Run on this Ray cluster (extra `ray`); `local` starts one here.")
@sandbox_options
@common_options
@click.pass_context
@collect(wishes=Wishes, options=SolveOptions, sampler=SamplerOptions, sandbox=SandboxOptions)
def run_command(
    ctx: click.Context, /, wishes: Wishes, out: Path | None, quiet: bool, as_json: bool, **rest: Any
) -> int:
    """Run a benchmark."""
    from agent.models.profiles import choose
    from benchmarks.session import Request, Session
    from benchmarks.types import TaskError

    _check(ctx)
    request = Request(**rest)
    if request.completions is None:
        request = replace(request, options=request.options.asked_by(choose(request.sampler.model, wishes).profile))
    try:
        if out is None and request.completions is not None:
            with tempfile.TemporaryDirectory(prefix="alphasolve-bench-") as scratch:
                session = Session(request, Path(scratch), keep=False, quiet=quiet)
                complete = session.run()
        else:
            session = Session(request, out or request.default_folder(), keep=True, quiet=quiet)
            complete = session.run()
    except TaskError as error:
        raise Failure(str(error), remedy="`solve bench run --help` says what is read, with examples") from error
    if as_json:
        print_json(session.result())
    else:
        click.echo("\n".join(session.lines()))
    return EXIT_SOLVED if complete else EXIT_INTERRUPTED


@bench.command("compare")
@click.argument("left", type=click.Path(file_okay=False, path_type=Path))
@click.argument("right", type=click.Path(file_okay=False, path_type=Path))
@common_options
def compare_command(left: Path, right: Path, quiet: bool, as_json: bool) -> int:
    """Compare two result folders over the tasks that both have done."""
    from benchmarks.compare import compare, lines
    from benchmarks.types import TaskError

    del quiet  # there is nothing but the figures to show
    try:
        comparison = compare(left, right)
    except TaskError as error:
        raise Failure(str(error), remedy="name two folders that `solve bench run` has written") from error
    if as_json:
        print_json(comparison)
    else:
        click.echo("\n".join(lines(comparison)))
    return EXIT_SOLVED


@bench.command("plan")
@click.argument(
    "folders", metavar="RUN...", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--seconds", type=click.FloatRange(0, min_open=True), help="Of sampling, for each problem.", metavar="S"
)
@click.option(
    "--tokens", type=click.IntRange(1), help="Instead: written by the model, for each problem.", metavar="T"
)
@click.option("--select", default=DEFAULTS.method, show_default=True, help="How `selected@1` is chosen.")
@common_options
def plan_command(
    folders: tuple[Path, ...], seconds: float | None, tokens: int | None, select: str, quiet: bool, as_json: bool
) -> int:
    """Predict which model, with how many samples, does best for a budget.

    RUN is a folder that `solve bench` has written, at least one for each model, of the same set.
    """
    from benchmarks.plan import Budget, lines, plan
    from benchmarks.types import TaskError

    del quiet  # there is nothing but the figures to show
    if (seconds is None) == (tokens is None):
        raise click.UsageError("give the budget of a problem, as --seconds or as --tokens")
    _check_method(select)
    budget = Budget(float(tokens), "tokens") if tokens else Budget(seconds or 0.0, "seconds")
    try:
        figures = plan(folders, budget, method=select)
    except TaskError as error:
        raise Failure(str(error), remedy="name folders that `solve bench run -n 21` has written") from error
    if as_json:
        print_json(figures)
    else:
        click.echo("\n".join(lines(figures)))
    return EXIT_SOLVED


def _check_method(name: str) -> None:
    from agent.select import METHODS

    if name not in METHODS:
        raise click.UsageError(f"--select: {name!r} is none of {', '.join(METHODS)}")


def _check(ctx: click.Context) -> None:
    """Refuse combinations that mean nothing.

    Raises:
        click.UsageError: there is one.
    """
    flags = {
        flag
        for param in ctx.command.params
        if ctx.get_parameter_source(str(param.name)) is click.core.ParameterSource.COMMANDLINE
        for flag in param.opts
    }
    if ctx.params["completions"] is not None:
        for flag in sorted(flags & {*_MODEL_OPTIONS, *_ASKING_OPTIONS}):
            raise click.UsageError(f"{flag} is for sampling, --completions replays a file")
    if "--verifier" in flags and not any(ctx.params[flag.removeprefix("--")] for flag in _HELPERS):
        raise click.UsageError("--verifier writes tests, generators or checkers: ask for some, as with --tests 4")
    if ctx.params["score_only"] and "--select" in flags:
        raise click.UsageError("--select chooses among programs, --score-only does not")
    _check_method(ctx.params["select"])
    if ctx.params["temperature"] == 0 and ctx.params["n"] > 1:
        raise click.UsageError("at temperature 0 all samples are the same: use -n 1")
