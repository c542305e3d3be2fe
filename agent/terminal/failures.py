"""What a person is told when `solve` fails: one line what happened, one line what to do, and an exit code.

The messages themselves are written where the failure is known; here is only what to do about each kind.
"""

from __future__ import annotations

import errno
import os
import sys

import click
from click.exceptions import NoArgsIsHelpError

from agent.commands import EXIT_INTERNAL, EXIT_UNAVAILABLE, EXIT_UNSOLVED, EXIT_USAGE


class Failure(click.ClickException):
    """What was asked for cannot be done, as what to do about it says better than the help."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


_WORDS = {
    " is not a valid integer range.": " is not a whole number.",
    " is not a valid float range.": " is not a number.",
}
"""How click calls values, and what they are called."""


def report_failure(error: Exception) -> int:
    """Tell of `error` on standard error; returns the exit code it is worth."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output went away; keep the interpreter's exit from complaining about it too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNSOLVED
    if isinstance(error, NoArgsIsHelpError):
        error.show()  # the help itself
        return EXIT_USAGE
    code, message, todo = explanation(error)
    click.echo(f"solve: {_one_line(message)}\ntry: {todo}", err=True)
    return code


def explanation(error: Exception) -> tuple[int, str, str]:
    """Exit code, what happened, and what to do about it."""
    from agent.history import HistoryError
    from agent.types import SamplerError
    from problems import ProblemError
    from sandbox import PackageError, SandboxError, SandboxUnavailable

    if isinstance(error, ProblemError):
        return (
            EXIT_USAGE,
            str(error),
            error.remedy or "`solve new NAME` writes a statement that works, to compare with",
        )
    if isinstance(error, (PackageError, Failure)):
        return EXIT_USAGE, str(error), error.remedy
    if isinstance(error, HistoryError):
        return EXIT_USAGE, str(error), "`solve history` lists what is kept, `solve history --clear` forgets it all"
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path.removesuffix(" problem") if error.ctx else "solve"
        return EXIT_USAGE, _plainly(error.format_message()), f"`{path} --help` shows every option, with examples"
    if isinstance(error, click.ClickException):
        return EXIT_USAGE, error.format_message(), "`solve --help` shows every option, with examples"
    if isinstance(error, SamplerError):
        return EXIT_UNAVAILABLE, str(error), error.remedy
    if isinstance(error, SandboxUnavailable):
        doctor = "`solve doctor` checks what this machine has and what it lacks"
        return EXIT_UNAVAILABLE, error.reason, error.remedy or doctor
    if isinstance(error, SandboxError):
        return EXIT_UNAVAILABLE, str(error), "run it again; if it stays so, `solve doctor` checks this machine"
    if isinstance(error, OSError):
        return EXIT_UNAVAILABLE, str(error), _about_the_system(error)
    message = f"a mistake in this program: {type(error).__name__}: {error}"
    return EXIT_INTERNAL, message, "--debug shows where; please report it with that"


def _about_the_system(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some disk space, or let ALPHASOLVE_CACHE name a folder that has some"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "check who may read and write there"
    return "--debug shows where it came from"


def _plainly(message: str) -> str:
    for ours, plain in _WORDS.items():
        message = message.replace(ours, plain)
    return message


def _one_line(text: str) -> str:
    from agent.terminal.display import visible

    return visible(" ".join(text.split()))
