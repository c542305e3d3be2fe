"""How small an input is: fewest tokens first, then the fewest characters, then the smallest numbers.

Not covered: making inputs smaller (`agent.hacking.shrinking`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput

Size = tuple[int, int, str]
_SCALARS = re.compile(r"[^\s,\[\](){}:]+")


def simpler_numbers(value: int, goal: int) -> Iterator[int]:
    """Numbers between `value` and the simplest, `goal`, at distances that double; the nearest to it first."""
    distance = abs(value - goal)
    sign = 1 if value > goal else -1
    yield from (goal + sign * (distance >> shift) for shift in range(distance.bit_length(), 0, -1))
    if distance > 1:
        yield value - sign


def tokens_of(item: GeneratedInput) -> int:
    """Words of a standard input, or scalars of the arguments of a call."""
    if item.args or item.kwargs:
        return len(_SCALARS.findall(repr((item.args, dict(item.kwargs)))))
    return len(item.stdin.split())


def size_of(item: GeneratedInput) -> Size:
    """Smaller for smaller inputs."""
    text = item.stdin if not (item.args or item.kwargs) else repr((item.args, sorted(item.kwargs.items())))
    return tokens_of(item), len(text), text
