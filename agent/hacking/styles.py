"""How an input is drawn: how large counts may be, how numbers are chosen, and the shape of trees.

Not covered: drawing it (`agent.hacking.writer`).
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.hacking.edges import Shape

VALUES = ("any", "small", "equal", "two", "edges", "ascending", "descending", "low", "high")
"""How the numbers of an input are chosen."""


@dataclass(frozen=True, slots=True)
class Style:
    """How an input is drawn."""

    size: int | None
    """The most that a count is, where the ranges allow; None takes the largest everywhere."""
    values: str
    """One of `VALUES`, or of `COLLISIONS`: a table in which they collide."""
    shape: Shape | None = None
    """Of what is a tree in the input; drawn for each where None."""
