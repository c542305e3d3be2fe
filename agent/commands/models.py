"""`solve models`: list, fetch and remove model weights, and show how a model is asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_SOLVED
from agent.commands.asking import asking_options, lines, record
from agent.commands.options import collect, print_json
from agent.profile import Wishes

if TYPE_CHECKING:
    from agent.models.config import Source

EXAMPLES = """\b
Examples:
  solve models                               what is known, and what is here
  solve models list --json                   the same as one object
  solve models show qwen2.5-coder-0.5b       how it is asked, and why so
  solve models fetch qwen2.5-coder-0.5b      download and verify it now
  solve models remove qwen2.5-coder-0.5b     free the disk

\b
ALPHASOLVE_CACHE is the folder that holds weights. A model outside this list needs no fetching here: name a
hub id, a folder, a .gguf file or a server's model with `solve problem.md --model`.
"""


_SHOW_EXAMPLES = """\b
Examples:
  solve models show openai:gpt-oss-20b           a server's model, by its name alone
  solve models show ./folder --reasoning off     a model on this machine, by its own files
  solve models show team --json                  a name of your own
"""


@click.group("models", invoke_without_command=True, epilog=EXAMPLES)
@click.pass_context
def models_group(ctx: click.Context) -> None:
    """List the known models; fetch or remove their weights."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command, as_json=False)


@models_group.command("list", epilog="\b\nExample:\n  solve models list --json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
def list_command(as_json: bool) -> int:
    """List the known models, and what each takes on this disk."""
    from agent.models.config import config_file, read_config
    from agent.models.weights import cache_dir, list_models

    rows = list_models()
    config = read_config()
    if as_json:
        print_json(
            {
                "cache": str(cache_dir()),
                "models": [
                    {"name": row.name, "download_bytes": row.download_bytes, "cached_bytes": row.cached_bytes}
                    for row in rows
                ],
                "default": config.model,
                "verifier": config.verifier,
                "currency": config.currency,
                "named": {name: asdict(source) for name, source in config.models.items()},
            }
        )
        return EXIT_SOLVED
    for row in rows:
        state = f"{row.cached_bytes / 1e9:.2f} GB here" if row.cached_bytes else "not fetched"
        click.echo(f"{row.name:24} {row.download_bytes / 1e9:6.2f} GB to fetch   {state}")
    for name, source in config.models.items():
        click.echo(f"{name:24} {source.model}{_whereabouts(source, config.currency)}")
    click.echo(
        f"default: {config.model}" + (f", verifier: {config.verifier}" if config.verifier else ""), err=True
    )
    click.echo(f"cache: {cache_dir()}", err=True)
    if (file := config_file()) is not None:
        click.echo(f"your own names: {file}" + ("" if file.exists() else " (not there)"), err=True)
    return EXIT_SOLVED


@models_group.command("show", epilog=_SHOW_EXAMPLES)
@click.argument("name")
@asking_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@collect(wishes=Wishes)
def show_command(name: str, wishes: Wishes, as_json: bool) -> int:
    """Show how the model NAME is asked, and why so; no server is asked."""
    from agent.models import runs_here
    from agent.models.profiles import choose

    choice = choose(name, wishes)
    numbers = _numbers() if runs_here(name) else None
    if as_json:
        print_json({"name": name, "profile": record(choice), "precision": numbers})
        return EXIT_SOLVED
    click.echo("\n".join(lines(choice)))
    if numbers is not None:
        click.echo(f"{'layers':12} {numbers['numbers']}  ({numbers['why']})")
    return EXIT_SOLVED


def _numbers() -> dict[str, str] | None:
    """In which numbers a model is multiplied on this processor, and why; None where a GPU does it."""
    from agent.engine.devices import choose_device
    from agent.engine.precision import dtype_on, precision_for

    if choose_device("auto") != "cpu":
        return None
    precision = precision_for(dtype_on("cpu"))
    return {"numbers": precision.words, "why": precision.why}


def _whereabouts(source: Source, currency: str) -> str:
    """Where a model is, and what it costs, so far as the user's file says that."""
    where = f" at {source.base_url}" if source.base_url else ""
    if source.prompt_price is None or source.completion_price is None:
        return where
    prices = f"{source.prompt_price:g} and {source.completion_price:g} {currency}"
    return f"{where}, {prices} for a million tokens of prompts and of answers"


@models_group.command("fetch", epilog="\b\nExample:\n  solve models fetch qwen2.5-coder-0.5b")
@click.argument("name")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def fetch_command(name: str, quiet: bool) -> int:
    """Fetch and verify the weights of NAME."""
    from agent.models.weights import fetch
    from agent.terminal.console import Console

    with Console(quiet=quiet) as console:
        folder = fetch(name, progress=console.transfer)
        console.note(f"{name} is in {folder}")
    return EXIT_SOLVED


@models_group.command("remove", epilog="\b\nExample:\n  solve models remove qwen2.5-coder-0.5b")
@click.argument("name")
def remove_command(name: str) -> int:
    """Delete the weights of NAME from the cache."""
    from agent.models.weights import remove

    click.echo(f"freed {remove(name) / 1e9:.2f} GB", err=True)
    return EXIT_SOLVED
