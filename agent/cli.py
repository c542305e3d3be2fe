"""The `solve` command. Programs go to standard output, everything else to standard error.

Exit codes: 0 all public cases pass, 1 no candidate did, 2 usage or unreadable problem, 3 sandbox or model
unavailable, 130 interrupted. Heavy imports happen inside commands: `solve --help` loads neither torch nor
docker.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.types import Sampler
    from problems import Problem
    from sandbox import Sandbox

EXIT_SOLVED = 0
EXIT_UNSOLVED = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 3
EXIT_INTERRUPTED = 130

_OWN_COMMAND = "problem"  # what `solve PROBLEM.md` runs; hidden, because nobody types it


_PLUG_INS = "alphasolve.commands"  # entry points: commands of packages that `agent` must not import


class _SolveGroup(click.Group):
    """A group whose default is to solve the file named first, and which other packages add commands to."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front, unless a command or a group option leads."""
        if args and args[0] not in {*self.list_commands(ctx), "--help", "--version"}:
            args = [_OWN_COMMAND, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Our own commands and the added ones, by name."""
        return sorted({*super().list_commands(ctx), *entry_points(group=_PLUG_INS).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Our own command of that name, or else an added one."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        added = entry_points(group=_PLUG_INS, name=cmd_name)
        return next((cast("click.Command", entry.load()) for entry in added), None)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the default command's options as the group's own."""
        own = self.commands[_OWN_COMMAND]
        records = [record for param in own.get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


def _model_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "-m",
        "--model",
        envvar="ALPHASOLVE_MODEL",
        default="qwen2.5-coder-1.5b",
        show_default=True,
        help="A name from `solve models`, a hub id, a local folder, a .gguf file, or openai:NAME.",
    )(command)


def _sandbox_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--image", help="Container image with python3, instead of one made from this Python."),
        click.option(
            "--sandbox",
            "backend",
            envvar="ALPHASOLVE_SANDBOX",
            type=click.Choice(["auto", "docker", "bwrap"]),
            default="auto",
            show_default=True,
            help="Where candidates run.",
        ),
    ):
        command = option(command)
    return command


def _common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."),
        click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output."),
    ):
        command = option(command)
    return command


@click.group(cls=_SolveGroup, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(package_name="alphasolve", prog_name="solve")
def cli() -> None:
    r"""Solve the programming problem in PROBLEM.md ("-" reads standard input).

    Many candidate programs are sampled from a code model, run in a sandbox on the statement's examples,
    grouped by behaviour on generated inputs, and the best one is printed.

    \b
    solve problem.md                     print the best program
    solve problem.md -n 64 -o answer.py  try harder, write it to a file
    solve judge problem.md mine.py       verdict per example for your own program
    solve models                         the models that are known, and which are here

    Exit codes: 0 all public cases pass, 1 no candidate did, 2 usage or unreadable problem, 3 sandbox or
    model unavailable.
    """


@cli.command(_OWN_COMMAND, hidden=True)
@click.argument("problem_path", metavar="PROBLEM.md")
@_model_option
@click.option("--base-url", envvar="OPENAI_BASE_URL", help="Server of an openai:NAME model.")
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
@click.option("--best-effort", is_flag=True, help="Print the best program even if no public case passes.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the program here.")
@_sandbox_options
@_common_options
def solve_command(
    problem_path: str,
    model: str,
    base_url: str | None,
    samples: int,
    seed: int,
    temperature: float,
    max_seconds: float,
    best_effort: bool,
    output: Path | None,
    backend: str,
    image: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Solve one problem."""
    from agent.console import Console, solution_record
    from agent.solve import solve
    from agent.types import SolveOptions

    if output is not None and not output.parent.is_dir():
        raise click.ClickException(f"cannot write {output}: no such folder")
    problem = _read_problem(problem_path)
    options = SolveOptions(n=samples, seed=seed, temperature=temperature, max_seconds=max_seconds)
    with Console(quiet=quiet) as console:
        console.problem(problem)
        sampler = _open_sampler(model, base_url, console)
        with _open_box(backend, image, console) as box:
            solution = solve(problem, sampler, box, options=options, events=console)
            sandbox = box.backend
        console.solution(problem, solution)
    shown = solution.program if solution.solved or best_effort else None
    if output is not None and shown is not None:
        output.write_text(shown, encoding="utf-8")
    if as_json:
        _print_json(solution_record(problem, solution, sampler.name, sandbox) | {"program": shown})
    elif shown is not None and output is None:
        click.echo(shown, nl=not shown.endswith("\n"))
    return EXIT_SOLVED if solution.solved else EXIT_UNSOLVED


@cli.command("judge")
@click.argument("problem_path", metavar="PROBLEM.md")
@click.argument("program_path", metavar="PROGRAM.py", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--fail-fast", is_flag=True, help="Stop at the first case that is not accepted.")
@_sandbox_options
@_common_options
def judge_command(
    problem_path: str,
    program_path: Path,
    fail_fast: bool,
    backend: str,
    image: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Judge PROGRAM.py on the examples of PROBLEM.md: one verdict per case."""
    from agent.console import Console, executions_record
    from agent.judge import accepted, judge

    problem = _read_problem(problem_path)
    source = program_path.read_bytes().decode("utf-8", "surrogateescape")
    with Console(quiet=quiet) as console:
        if not problem.cases:
            console.note(f"{problem.path} shows no example: there is nothing to judge by.")
        with _open_box(backend, image, console) as box:
            (executions,) = judge(box, problem, [source], fail_fast=fail_fast)
    passed = accepted(problem, executions)
    if as_json:
        _print_json({"accepted": passed, "cases": executions_record(executions)})
    else:
        for number, execution in enumerate(executions, 1):
            click.echo(_case_line(number, execution.verdict, execution.result.cpu_s, execution.result.max_rss_mb))
    return EXIT_SOLVED if passed else EXIT_UNSOLVED


@cli.group("models", invoke_without_command=True)
@click.pass_context
def models_group(ctx: click.Context) -> None:
    """List the known models; fetch or remove their weights."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command, as_json=False)


@models_group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_command(as_json: bool) -> int:
    """List the known models, and what each takes on this disk."""
    from agent.weights import cache_dir, list_models

    rows = list_models()
    if as_json:
        _print_json(
            {
                "cache": str(cache_dir()),
                "models": [
                    {"name": row.name, "download_bytes": row.download_bytes, "cached_bytes": row.cached_bytes}
                    for row in rows
                ],
            }
        )
        return EXIT_SOLVED
    for row in rows:
        state = f"{row.cached_bytes / 1e9:.2f} GB here" if row.cached_bytes else "not fetched"
        click.echo(f"{row.name:24} {row.download_bytes / 1e9:6.2f} GB to fetch   {state}")
    click.echo(f"cache: {cache_dir()}", err=True)
    return EXIT_SOLVED


@models_group.command("fetch")
@click.argument("name")
@click.option("-q", "--quiet", is_flag=True)
def fetch_command(name: str, quiet: bool) -> int:
    """Fetch and verify the weights of NAME."""
    from agent.console import Console
    from agent.weights import fetch

    with Console(quiet=quiet) as console:
        folder = fetch(name, progress=console.transfer)
        console.note(f"{name} is in {folder}")
    return EXIT_SOLVED


@models_group.command("remove")
@click.argument("name")
def remove_command(name: str) -> int:
    """Delete the weights of NAME from the cache."""
    from agent.weights import remove

    click.echo(f"freed {remove(name) / 1e9:.2f} GB", err=True)
    return EXIT_SOLVED


def main() -> None:
    """Console entry point: run the command and turn every expected failure into one line and an exit code."""
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run the command line `args`; returns the exit code."""
    from agent.types import SamplerError
    from problems import ProblemError
    from sandbox import SandboxError

    try:
        code = cli.main(args, prog_name="solve", standalone_mode=False)
    except (ProblemError, click.ClickException, SamplerError, SandboxError, OSError) as error:
        if "--debug" in args:
            raise
        return _report(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("solve: interrupted", err=True)
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else EXIT_SOLVED


def _report(error: Exception) -> int:
    """Print one line about an expected failure and give its exit code."""
    from problems import ProblemError

    if isinstance(error, BrokenPipeError):
        # The reader of our output went away; keep the interpreter's exit from complaining about it too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNSOLVED
    if isinstance(error, click.UsageError):
        error.show()
        return EXIT_USAGE
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    click.echo(f"solve: {message}", err=True)
    return EXIT_USAGE if isinstance(error, ProblemError | click.ClickException) else EXIT_UNAVAILABLE


def _read_problem(path: str) -> Problem:
    from problems import load_problem, parse_problem

    if path != "-":
        return load_problem(path)
    data = sys.stdin.buffer.read()
    return parse_problem(data.decode("utf-8", "replace"), path="<stdin>")


def _open_sampler(model: str, base_url: str | None, console: Any) -> Sampler:
    from agent.models import open_sampler

    return open_sampler(model, base_url=base_url, progress=console.transfer)


def _open_box(backend: str, image: str | None, console: Any) -> Sandbox:
    from sandbox import open_sandbox

    return open_sandbox(backend, image=image, notice=console.note)


def _case_line(number: int, verdict: str, cpu_s: float, rss_mb: float) -> str:
    return f"case {number}: {verdict:3}  {cpu_s:7.3f} s  {rss_mb:6.1f} MiB"


def _print_json(record: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps(record, ensure_ascii=True))


if __name__ == "__main__":
    main()
