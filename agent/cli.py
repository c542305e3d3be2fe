"""The `solve` command. Programs go to standard output, everything else to standard error.

The commands themselves are in `agent.commands`, one per file; other packages add theirs by entry point. Heavy
imports happen inside commands: `solve --help` loads neither torch nor docker.
"""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from click.shell_completion import CompletionItem

from agent.commands import EXIT_INTERRUPTED, EXIT_SOLVED
from agent.commands.completion import completion_command
from agent.commands.doctor import doctor_command
from agent.commands.hack import hack_command, stress_command
from agent.commands.history import history_command, show_command
from agent.commands.judge import judge_command
from agent.commands.models import models_group
from agent.commands.new import new_command
from agent.commands.serve import serve_command
from agent.commands.solve import solve_command
from agent.terminal.failures import report_failure

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_WORD = re.compile(r"[A-Za-z][\w-]*")
"""A file of a statement has a suffix, or a folder before its name, or is there."""
_PLUG_INS = "alphasolve.commands"  # entry points: commands of packages that `agent` must not import


def _added() -> dict[str, EntryPoint]:
    """The commands that other packages add, by name."""
    from importlib.metadata import entry_points  # a tenth of what `solve judge` would import, and it needs none

    return {entry.name: entry for entry in entry_points(group=_PLUG_INS)}


class _SolveGroup(click.Group):
    """A group whose default is to solve the file named first, and which other packages add commands to."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front, unless a command or a group option leads."""
        if args and args[0] not in {*self.commands, "--help", "--version"} and args[0] not in _added():
            if _WORD.fullmatch(args[0]) and not Path(args[0]).exists():
                near = get_close_matches(args[0], self.list_commands(ctx), n=1)
                hint = f": did you mean `solve {near[0]}`?" if near else ""
                raise click.UsageError(f"no such command or file: {args[0]}{hint}", ctx)
            args = [str(solve_command.name), *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Our own commands and the added ones, by name."""
        return sorted({*super().list_commands(ctx), *_added()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Our own command of that name, or else an added one."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        return cast("click.Command", added.load()) if (added := _added().get(cmd_name)) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, and what the default command takes: its options, and files."""
        items = [*super().shell_complete(ctx, incomplete), *solve_command.shell_complete(ctx, incomplete)]
        return [*items, CompletionItem(incomplete, type="file")]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the default command's options as the group's own."""
        params = (*solve_command.get_params(ctx), *self.get_params(ctx))
        options = {param.name: param for param in params if isinstance(param, click.Option)}.values()
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


_HELP = """Solve the programming problem in PROBLEM.md ("-" reads standard input).

Many candidate programs are sampled from a code model, run in a sandbox on the statement's examples, grouped by
behaviour on generated inputs, and the best one is printed, with the probability that it is right.
"""

_EPILOG = """\b
Examples:
  solve problem.md                        print the best program
  solve problem.md -n 64 -o answer.py     try harder, write it to a file
  solve problem.md --report answer.html   and a page that shows why
  solve problem.md --watch                again whenever you save the statement
  solve problem.md -m openai:NAME --base-url http://localhost:8000/v1
  cat problem.md | solve -                read the statement from standard input
  solve page.html                         a page saved from a site; also file:///home/me/page.html
  solve judge problem.md mine.py          a verdict per example for your own program
  solve hack problem.md mine.py --against brute.py
                                          the smallest input that breaks your program
  solve stress problem.md a.py b.py       an input on which two programs differ
  solve history                           what was solved before
  solve show last                         the newest answer again
  solve problem.md --more                 go on from the samples of last time
  solve new my_problem                    write a statement to fill in
  solve serve                             all of this over HTTP, on this machine
  solve doctor                            what works here, and is the sandbox tight?

\b
Exit codes:
  0  the printed program passes every example
  1  no candidate did, or none was sure enough for --min-confidence
  2  wrong usage, or a statement that cannot be read
  3  no sandbox, or no model
  70 a mistake in this program
  130 interrupted; the program printed, if any, is the best until then

\b
Environment:
  ALPHASOLVE_MODEL, ALPHASOLVE_SANDBOX    defaults of --model and --sandbox
  ALPHASOLVE_PACKAGES, ALPHASOLVE_DEVICE  defaults of --packages and --device
  ALPHASOLVE_CACHE                        folder that holds weights
  ALPHASOLVE_CONFIG                       file of your own names for models; 0 reads none
  ALPHASOLVE_HISTORY                      folder of `solve history`; 0 keeps nothing
  ALPHASOLVE_OFFLINE=1                    fetch nothing
  OPENAI_BASE_URL, OPENAI_API_KEY         server of an openai:NAME model
  NO_COLOR=1                              no colours
"""


@click.group(
    cls=_SolveGroup,
    help=_HELP,
    epilog=_EPILOG,
    subcommand_metavar="PROBLEM.md | COMMAND [ARGS]...",
    context_settings={"help_option_names": ["--help"], "max_content_width": 100},
)
@click.version_option(package_name="alphasolve", prog_name="solve")
def cli() -> None:
    """The group; what it says is in `_HELP`."""


for command in (
    solve_command, judge_command, hack_command, stress_command, history_command, show_command, models_group,
    new_command, serve_command, doctor_command, completion_command,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Console entry point: run the command and turn every expected failure into one line and an exit code."""
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run the command line `args`; returns the exit code."""
    try:
        if any("\0" in arg for arg in args):
            # No shell can pass one, but who calls this function can, and no file may be named so.
            raise click.UsageError("an argument holds a NUL character")
        code = cli.main(args, prog_name="solve", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        click.echo("solve: interrupted", err=True)
        return EXIT_INTERRUPTED
    except Exception as error:
        if "--debug" in args:
            raise
        return report_failure(error)
    return code if isinstance(code, int) else EXIT_SOLVED


if __name__ == "__main__":
    main()
