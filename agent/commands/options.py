"""What several commands share: options, reading a problem, opening a model and a sandbox."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from agent.models.catalog import DEFAULT_MODEL
from agent.types import SolveOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.models.store import StoredSampler
    from agent.terminal.console import Console
    from agent.types import Sampler
    from problems import Problem
    from sandbox import Sandbox


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--model`, and `--base-url` for one that a server runs."""
    for option in (
        click.option("--base-url", envvar="OPENAI_BASE_URL", help="Server of an openai:NAME model."),
        click.option(
            "-m",
            "--model",
            envvar="ALPHASOLVE_MODEL",
            default=DEFAULT_MODEL,
            show_default=True,
            help="A name from `solve models`, a hub id, a folder, a .gguf file, openai:NAME, or scripted:FILE.",
        ),
    ):
        command = option(command)
    return command


DEFAULTS = SolveOptions()
"""Values of options that are not set."""


def sampling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--seed`, `--temperature`, `--tests`, `--generators` and `--checkers`."""
    for option in (
        click.option(
            "--checkers",
            type=click.IntRange(0, 20),
            default=DEFAULTS.checkers,
            show_default=True,
            help="Let the model write this many checkers, as votes, where any valid answer is accepted.",
        ),
        click.option(
            "--generators",
            type=click.IntRange(0, 20),
            default=DEFAULTS.generators,
            show_default=True,
            help="Let the model write this many generators of inputs, and validators, for standard input.",
        ),
        click.option(
            "--tests",
            type=click.IntRange(0, 100),
            default=DEFAULTS.tests,
            show_default=True,
            help="Let the model write tests this many times, as votes.",
        ),
        click.option(
            "--temperature",
            type=click.FloatRange(0, 2),
            default=DEFAULTS.temperature,
            show_default=True,
            help="Sampling temperature.",
        ),
        click.option(
            "--seed",
            type=int,
            default=DEFAULTS.seed,
            show_default=True,
            help="Seeds sampling and generated inputs.",
        ),
    ):
        command = option(command)
    return command


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


def sandbox_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--sandbox`, `--image` and `--packages`."""
    for option in (
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
    ):
        command = option(command)
    return command


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, `--quiet` and `--debug`."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."),
        click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output."),
    ):
        command = option(command)
    return command


def find_problem(path: str) -> Problem:
    """The problem in the file at `path`; "-" reads standard input.

    Raises:
        ProblemError: see `problems.load_problem`.
    """
    from problems import load_problem, read_problem

    return load_problem(path) if path != "-" else read_problem(sys.stdin.buffer, path="<stdin>")


def open_sampler(model: str, base_url: str | None, console: Console) -> Sampler:
    """The model called `model`, its downloads shown on `console`."""
    from agent import models

    return models.open_sampler(model, base_url=base_url, progress=console.transfer)


def open_store(path: Path, model: str, base_url: str | None, console: Console) -> StoredSampler:
    """The completions in the file at `path`; the model called `model` is loaded only if something is missing.

    Raises:
        SamplerError: the file cannot be used.
    """
    from agent.models import fingerprint
    from agent.models.store import StoredSampler

    return StoredSampler(path, fingerprint(model), lambda: open_sampler(model, base_url, console), name=model)


def open_box(
    backend: str, image: str | None, console: Console, language: str = "python", packages: Sequence[str] = ()
) -> Sandbox:
    """A sandbox of that kind, its notices shown on `console`, with what programs in `language` need."""
    from agent.languages import LANGUAGES
    from sandbox import open_sandbox

    compiled = LANGUAGES[language].compiled
    return open_sandbox(backend, image=image, notice=console.note, cpp=compiled, packages=packages)


def print_json(record: dict[str, Any]) -> None:
    """One object on one line of standard output, pure ASCII."""
    click.echo(json.dumps(record, ensure_ascii=True))
