"""Mutated call lists for classes that a statement asks for.

The constructor stays the first call; the calls after it are repeated, left out, exchanged and given arguments that
the examples show for the same method, so that types and ranges stay theirs.

Not covered: preconditions between calls, such as that something was put before it is taken.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from agent.inputs.types import GeneratedInput
from problems import CallCase

_MOST_CALLS = 40
_STEPS = (1, 1, 2, 3, 5)


def mutated_call_lists(cases: Sequence[CallCase], draw: random.Random) -> Iterator[GeneratedInput]:
    """Endless mutations of the example call lists; they may repeat."""
    histories = [list(zip(*case.args, strict=True)) for case in cases]
    arguments: dict[str, list[Any]] = defaultdict(list)
    for history in histories:
        for name, values in history:
            arguments[name].append(values)
    while True:
        first, *calls = draw.choice(histories)
        for _ in range(draw.choice(_STEPS)):
            _mutate(calls, arguments, draw)
        names, values = zip(first, *calls[:_MOST_CALLS], strict=True)
        yield GeneratedInput(
            (list(names), [list(row) for row in values]),
            {},
            reason="keeps the constructor, and calls with arguments that the examples show",
        )


def _mutate(calls: list[tuple[str, Any]], arguments: dict[str, list[Any]], draw: random.Random) -> None:
    """One step: a call is added, left out, exchanged with its neighbour, or given other arguments."""
    if not calls:
        return
    place = draw.randrange(len(calls))
    name, _ = calls[place]
    step = draw.randrange(4)
    if step == 0:
        calls.insert(place, draw.choice(calls))
    elif step == 1 and len(calls) > 1:
        del calls[place]
    elif step == 2 and place:
        calls[place - 1], calls[place] = calls[place], calls[place - 1]
    else:
        calls[place] = (name, draw.choice(arguments[name]))
