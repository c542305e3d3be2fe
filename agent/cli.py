"""The `solve` command. Programs go to standard output, everything else to standard error.

The commands themselves are in `agent.commands`, one per file; other packages add theirs by entry point. Heavy
imports happen inside commands: `solve --help` loads neither torch nor docker.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import cast

import click

from agent.commands import EXIT_INTERRUPTED, EXIT_SOLVED, EXIT_UNAVAILABLE, EXIT_UNSOLVED, EXIT_USAGE
from agent.commands.judge import judge_command
from agent.commands.models import models_group
from agent.commands.solve import solve_command

_PLUG_INS = "alphasolve.commands"  # entry points: commands of packages that `agent` must not import


class _SolveGroup(click.Group):
    """A group whose default is to solve the file named first, and which other packages add commands to."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front, unless a command or a group option leads."""
        if args and args[0] not in {*self.list_commands(ctx), "--help", "--version"}:
            args = [str(solve_command.name), *args]
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
        records = [record for param in solve_command.get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


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


for command in (solve_command, judge_command, models_group):
    cli.add_command(command)


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


if __name__ == "__main__":
    main()
