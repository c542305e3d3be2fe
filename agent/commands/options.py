"""What several commands share: options, the records that collect them, and opening a sandbox."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields, replace
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from agent.terminal.failures import Failure
from agent.types import SolveOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import TypeAlias

    from agent.terminal.console import Console
    from problems import Problem
    from sandbox import Sandbox

    Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


def collect(**records: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand options to a command as a few records instead of one by one.

    Args:
        records: for each of the command's parameters, a dataclass. It gets the options that are called like its
            fields; a field that the command has no option for keeps its default.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def call(*args: Any, **options: Any) -> Any:
            values = {}
            for name, record in records.items():
                own = [field.name for field in fields(record) if field.name in options]
                values[name] = record(**{field: options.pop(field) for field in own})
            return command(*args, **options, **values)

        return call

    return decorate


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Where programs run."""

    backend: str
    image: str | None
    packages: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what does not go together, before anything is read or started."""
        if self.image and self.backend == "bwrap":
            raise click.UsageError("--image goes with Docker, not with --sandbox bwrap")

    def open(self, console: Console, language: str, *, slots: int | None = None) -> Sandbox:
        """A sandbox, its notices shown on `console`, with what programs in `language` need.

        Args:
            console: shows notices.
            language: what programs are written in.
            slots: how many run at once; None means one per usable core.

        Raises:
            SandboxError: none can be started.
        """
        return self.find(console, language, slots=slots)()

    def find(self, console: Console, language: str, *, slots: int | None = None) -> Callable[[], Sandbox]:
        """What starts a sandbox that can be had here; arguments as for `open`.

        Raises:
            SandboxUnavailable: none can be had.
        """
        from agent.languages import LANGUAGES
        from sandbox import find_sandbox

        compiled = LANGUAGES[language].compiled
        return find_sandbox(
            self.backend,
            slots=slots,
            image=self.image,
            notice=console.note,
            cpp=compiled,
            packages=self.packages,
        )


@dataclass(frozen=True, slots=True)
class StatementOptions:
    """Which problem, under which clock."""

    problem_path: str
    """A file, or "-" for standard input."""
    time_scale: float

    def scale(self, problem: Problem) -> Problem:
        """The problem with its time limit as it holds on this machine."""
        return scale_time(problem, self.time_scale)


DEFAULTS = SolveOptions()
"""Values of options that are not set."""


def together(*options: Decorator) -> Decorator:
    """Options that go together as one; help lists the last one first, as with decorators below each other."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        return reduce(lambda decorated, option: option(decorated), options, command)

    return decorate


def refuse_given(names: Collection[str], words: str) -> None:
    """Refuse options that are on the command line and have no meaning there.

    Args:
        names: of the parameters.
        words: what is said, with `{}` for the option.

    Raises:
        UsageError: there is one.
    """
    context = click.get_current_context()
    for param in context.command.params:
        if param.name in names and context.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(words.format(param.opts[-1]))


def generators_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--generators`."""
    return click.option(
        "--generators",
        type=click.IntRange(0, 20),
        default=DEFAULTS.generators,
        show_default=True,
        help="Let the model write this many generators of inputs, and validators, for standard input.",
    )(command)


sampling_options = together(
    click.option(
        "--checkers",
        type=click.IntRange(0, 20),
        default=DEFAULTS.checkers,
        show_default=True,
        help="Let the model write this many checkers, as votes, where any valid answer is accepted.",
    ),
    generators_option,
    click.option(
        "--tests",
        type=click.IntRange(0, 100),
        default=DEFAULTS.tests,
        show_default=True,
        help="Let the model write tests this many times, as votes.",
    ),
    click.option(
        "--seed",
        type=int,
        default=DEFAULTS.seed,
        show_default=True,
        help="Seeds sampling and generated inputs.",
    ),
)
"""`--seed`, `--tests`, `--generators` and `--checkers`."""


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--store`."""
    return click.option(
        "--store",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Keep every completion in this file, and read from it what it has.",
    )(command)


budget_options = together(
    click.option(
        "--max-tokens-total",
        type=click.IntRange(min=1),
        help="Ask for nothing more after this many tokens.",
    ),
    click.option(
        "--max-seconds",
        type=click.FloatRange(min=0, min_open=True),
        help="Stop sampling after this long; 120, or an hour for a server's model or one that thinks.",
    ),
)
"""`--max-seconds` and `--max-tokens-total`."""


def language_option(default: str | None, wording: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--language`, explained by `wording`."""
    return click.option(
        "--language", type=click.Choice(["python", "cpp"]), default=default, show_default=True, help=wording
    )


def time_scale_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--time-scale`."""
    return click.option(
        "--time-scale",
        type=click.FloatRange(min=0.01, max=1000),
        default=1.0,
        show_default=True,
        help="Multiply the time limit: stated limits are those of the site's machine.",
    )(command)


def scale_time(problem: Problem, factor: float) -> Problem:
    """The problem with `factor` times its time limit."""
    return replace(problem, time_limit_s=problem.time_limit_s * factor)


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Names of packages, checked before anything is fetched or started.

    Raises:
        PackageError: one is not installed.
    """
    del ctx, param
    names = tuple(filter(None, map(str.strip, (value or "").split(","))))
    if names:
        from sandbox.packages import find_packages

        find_packages(names)
    return names


sandbox_options = together(
    click.option(
        "--packages",
        envvar="ALPHASOLVE_PACKAGES",
        callback=_names,
        metavar="NAME,NAME",
        help="Installed packages of this Python that programs may import, such as numpy,sortedcontainers.",
    ),
    click.option(
        "--image", help="Container image with python3 (and g++ for C++), instead of one made from this Python."
    ),
    click.option(
        "--sandbox",
        "backend",
        envvar="ALPHASOLVE_SANDBOX",
        type=click.Choice(["auto", "docker", "bwrap"]),
        default="auto",
        show_default=True,
        help="Where candidates run.",
    ),
)
"""`--sandbox`, `--image` and `--packages`."""


common_options = together(
    click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."),
    click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output."),
)
"""`--json`, `--quiet` and `--debug`."""


def find_problem(path: str) -> Problem:
    """The problem in the file at `path`, which may be a `file:` URL; "-" reads standard input.

    Raises:
        ProblemError: see `problems.load_problem`, and `agent.addresses`.
    """
    from agent.addresses import local_path
    from problems import load_problem, read_problem

    return load_problem(local_path(path)) if path != "-" else read_problem(sys.stdin.buffer, path="<stdin>")


def print_json(record: dict[str, Any]) -> None:
    """One object on one line of standard output, pure ASCII."""
    click.echo(json.dumps(record, ensure_ascii=True))


def check_folders(*paths: Path | None) -> None:
    """Find out before any work that a file cannot be written.

    Raises:
        Failure: there is no folder for one of them.
    """
    for path in filter(None, paths):
        if not path.parent.is_dir():
            raise Failure(f"cannot write {path}: no such folder", remedy=f"make {path.parent}, or name another")


def write_text(path: Path, text: str) -> None:
    """Write a file that the user named.

    Raises:
        Failure: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror or error}", remedy="name another file") from None
