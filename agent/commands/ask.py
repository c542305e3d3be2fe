"""`--ask`: a person says which of two outputs is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from agent.rivals import Answer, Question
from agent.terminal.display import cut, visible

if TYPE_CHECKING:
    from agent.interrupts import Interrupt
    from problems import Problem

_ANSWERS = {"1": Answer.FIRST, "2": Answer.SECOND, "n": Answer.NEITHER, "?": Answer.UNSURE}


class Person:
    """An `Arbiter` at the terminal; questions go to standard error, answers come from standard input."""

    def __init__(self, pause: Callable[[], None], interrupt: Interrupt) -> None:
        """Call `pause` before each question, so that nothing else is drawn on the terminal."""
        self._pause = pause
        self._interrupt = interrupt

    def answer(self, problem: Problem, question: Question) -> Answer:
        """See `Arbiter`. After a first Ctrl-C nothing is asked; the end of the input ends the program."""
        if self._interrupt.came:
            return Answer.UNSURE
        self._pause()
        click.echo(f"Programs that pass the examples of {problem.title} disagree. For", err=True)
        _block(question.shown)
        click.echo("which output is right? 1:", err=True)
        _block(question.first)
        click.echo("or 2:", err=True)
        _block(question.second)
        try:
            with self._interrupt.breakable():
                choice = click.prompt(
                    "1, 2, n for neither, ? for no idea", type=click.Choice(list(_ANSWERS)), err=True
                )
        except click.Abort:
            if self._interrupt.came:
                return Answer.UNSURE
            raise
        return _ANSWERS[choice]


def _block(text: str) -> None:
    """Candidate text, indented, with control characters made harmless."""
    for line in visible(cut(text)).rstrip("\n").split("\n"):
        click.echo(f"    {line}", err=True)
