"""`solve completion SHELL`: what makes Tab work, by click's own mechanism."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from agent.commands import EXIT_SOLVED

EXAMPLES = """\b
Examples:
  solve completion bash >> ~/.bashrc
  solve completion zsh >> ~/.zshrc
  solve completion fish > ~/.config/fish/completions/solve.fish
"""


@click.command("completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> int:
    """Print the script that lets SHELL complete commands, options and files of `solve`."""
    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(ctx.find_root().command, {}, "solve", "_SOLVE_COMPLETE").source())
    return EXIT_SOLVED
