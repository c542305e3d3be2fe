"""`solve models`: list, fetch and remove model weights."""

from __future__ import annotations

import click

from agent.commands import EXIT_SOLVED
from agent.commands.options import print_json

EXAMPLES = """\b
Examples:
  solve models                               what is known, and what is here
  solve models list --json                   the same as one object
  solve models fetch qwen2.5-coder-0.5b      download and verify it now
  solve models remove qwen2.5-coder-0.5b     free the disk

\b
ALPHASOLVE_CACHE is the folder that holds weights. A model outside this list needs no fetching here: name a
hub id, a folder, a .gguf file or a server's model with `solve problem.md --model`.
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
    from agent.models.weights import cache_dir, list_models

    rows = list_models()
    if as_json:
        print_json(
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
