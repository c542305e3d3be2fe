"""What all samples of a standard input show at each place of its layout.

Not covered: which numbers are counts, and drawing new inputs (`agent.inputs.stdin`, `agent.hacking.sketch`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.inputs.grammar import INTEGER

Path = tuple[int, ...]
"""A place in the layout: item numbers from the outside in; for a token of a fixed line also its column."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of tokens as a sample has it, with the numbers in scope."""

    tokens: tuple[str, ...]
    scope: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Traits:
    """What all samples show at one place."""

    tokens: tuple[str, ...]
    """Every token seen."""
    ordered: bool
    """All lines are ascending."""
    strict: bool
    """No line repeats a token."""
    permutation: bool
    """All lines are permutations of 1 to their length."""
    tops: tuple[int, ...]
    """The numbers in scope that no token exceeds, if the samples are many enough to tell."""
    words: int | None
    """The number in scope that is the length of every word."""

    def top(self, scope: Sequence[int]) -> int | None:
        """What no token may exceed; None if there is no such number."""
        return min((scope[variable] for variable in self.tops if variable < len(scope)), default=None)


def traits_of_lines(lines: Sequence[Line]) -> Traits:
    """What all lines of one place show; at least one."""
    tokens = tuple(token for line in lines for token in line.tokens)
    numbers = bool(tokens) and all(INTEGER.fullmatch(token) for token in tokens)
    several = [line for line in lines if len(line.tokens) > 1]
    integers = [[int(token) for token in line.tokens] for line in several] if numbers else []
    enough = sum(map(len, integers)) >= 4
    return Traits(
        tokens,
        ordered=enough and all(all(a <= b for a, b in pairwise(row)) for row in integers),
        strict=enough and all(len(set(row)) == len(row) for row in integers),
        permutation=any(len(row) > 2 for row in integers)
        and all(sorted(row) == list(range(1, len(row) + 1)) for row in integers),
        tops=_variables(lines, _within) if numbers and len(tokens) >= 3 else (),
        words=max(_variables(lines, as_long), default=None) if tokens and not numbers else None,
    )


def _variables(lines: Sequence[Line], test: Callable[[Line, int], bool]) -> tuple[int, ...]:
    """The numbers in scope for which `test` holds on every line."""
    count = min(len(line.scope) for line in lines)
    return tuple(v for v in range(count) if all(test(line, v) for line in lines))


def _within(line: Line, variable: int) -> bool:
    return all(0 <= int(token) <= line.scope[variable] for token in line.tokens)


def as_long(line: Line, variable: int) -> bool:
    """Whether every token is as long as a number in scope says."""
    return all(len(token) == line.scope[variable] for token in line.tokens)
