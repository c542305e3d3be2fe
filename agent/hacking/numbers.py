"""Numbers of a range, and the part of a range in which a constraint holds.

Not covered: which range a place of an input has (`agent.hacking.writer`).
"""

from __future__ import annotations

import random

from agent.inputs.constraints import Constraint

_HALVINGS = 64
_EXACT = 1 << 50  # below it a float tells all whole numbers apart, and is drawn much faster


def anywhere(low: int, high: int, draw: random.Random) -> int:
    """A number of the range: any, or one of few digits above the least."""
    span = high - low
    if draw.random() < 0.5:
        return low + int(draw.random() * (span + 1)) if span < _EXACT else draw.randint(low, high)
    few = min(span, 10 ** int(draw.random() * (1 + len(str(span)))))
    return low + int(draw.random() * (few + 1)) if few < _EXACT else low + draw.randint(0, few)


def narrowed(constraint: Constraint, name: str, names: dict[str, int], low: int, high: int) -> tuple[int, int]:
    """The part of a range in which a constraint holds, as far as it holds from one end on."""
    if low > high:
        return low, high

    def holds(value: int) -> bool:
        return constraint.holds({**names, name: value})

    if constraint.sign == "!=":
        return low, high
    if constraint.sign == "==":
        zero, one = (_gap(constraint, {**names, name: value}) for value in (0, 1))
        root = -zero // (one - zero) if one != zero else low
        return (root, root) if holds(root) else (low, high)
    at_low, at_high = holds(low), holds(high)
    if at_low == at_high:
        return low, high
    right, wrong = (low, high) if at_low else (high, low)
    for _ in range(_HALVINGS):
        middle = (right + wrong) // 2
        if middle in (right, wrong):
            break
        right, wrong = (middle, wrong) if holds(middle) else (right, middle)
    return (low, right) if at_low else (right, high)


def _gap(constraint: Constraint, names: dict[str, int]) -> int:
    return (constraint.left.value(names) or 0) - (constraint.right.value(names) or 0)
