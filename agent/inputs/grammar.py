"""The layout of a standard input, inferred from samples: which number counts which lines, tokens or blocks.

A layout is a list of items that are read in order: a line of a fixed number of tokens, a row of as many tokens as
a number read before says, a block repeated as often as such a number says, a line of any length. Candidate layouts
are guided by the longest sample and must read every sample to its end; the cheapest one wins, where explaining a
length by a number that was read costs less than taking it as fixed.

Not covered: inputs that end with a marker or with the file, counts that are products or sums of two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Lines: TypeAlias = list[list[str]]

INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,300})")
_ELLIPSIS = re.compile(r"\.\.\.|…|\\l?dots|\\cdots|⋯")
_MOST_ITEMS = 5
_LONGEST_BLOCK = 3
_BUDGET = 30_000
_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Count:
    """A length that is a number read before, plus an offset."""

    variable: int
    """Which number in scope, by the order of reading."""
    offset: int = 0

    def of(self, scope: Sequence[int]) -> int:
        """The length, where `scope` holds the numbers read so far."""
        return scope[self.variable] + self.offset


@dataclass(frozen=True, slots=True)
class FixedLine:
    """A line of a fixed number of tokens."""

    integers: tuple[bool, ...]
    """For each token, whether it is an integer; those enter the scope."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line whose number of tokens was read before."""

    count: Count


@dataclass(frozen=True, slots=True)
class Free:
    """A line of any number of tokens, at least one."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A block that occurs as often as was read before; numbers read inside go out of scope at its end."""

    count: Count
    body: tuple[Item, ...]


Item: TypeAlias = FixedLine | Row | Free | Repeat


@dataclass(frozen=True, slots=True)
class Node:
    """What one item read: the tokens of a line, or the blocks of a repetition."""

    tokens: tuple[str, ...] = ()
    blocks: tuple[tuple[Node, ...], ...] = ()


def split(text: str) -> Lines:
    """Lines of tokens, without blank lines at the end."""
    return [line.split() for line in text.rstrip().split("\n")]


def read(layout: Sequence[Item], text: str) -> tuple[Node, ...] | None:
    """What each item of the layout reads of `text`; None if it does not read it to its end."""
    lines = split(text)
    result = _read(layout, lines, 0, [])
    return result[0] if result and result[1] == len(lines) else None


def infer(samples: Sequence[str], statement: str) -> tuple[Item, ...] | None:
    """The cheapest layout that reads all samples; None when none is found.

    Args:
        samples: sample inputs; at least one.
        statement: consulted for "..." in lists, which makes short rows believable.
    """
    texts = sorted(map(split, samples), key=len, reverse=True)
    if not texts or len(texts[0]) > _MOST_LINES or not texts[-1]:
        return None
    search = _Search(lists=bool(_ELLIPSIS.search(statement)))
    for depth in (1, 2):
        search.run([_State(lines) for lines in texts], depth)
    return search.best


@dataclass(frozen=True, slots=True)
class _State:
    """How far a sample has been read."""

    lines: Lines
    at: int = 0
    scope: tuple[int, ...] = ()

    def after(self, item: Item) -> _State | None:
        scope = list(self.scope)
        result = _read((item,), self.lines, self.at, scope)
        return _State(self.lines, result[1], tuple(scope)) if result else None


class _Search:
    """Depth-first search with a bound, over layouts that read the beginnings of all samples."""

    def __init__(self, *, lists: bool) -> None:
        self.best: tuple[Item, ...] | None = None
        self._bound = float("inf")
        self._left = 0
        self._depth = 0
        self._lists = lists

    def run(self, states: list[_State], depth: int) -> None:
        """Improve on `best` with layouts whose repetitions nest at most `depth` deep."""
        self._left, self._depth = _BUDGET, depth
        self.extend((), states, 0.0)

    def extend(self, layout: tuple[Item, ...], states: list[_State], cost: float) -> None:
        """Try every way to go on from `layout`, which leaves the samples at `states`."""
        if all(state.at == len(state.lines) for state in states):
            self._bound, self.best = cost, layout
            return
        if len(layout) == _MOST_ITEMS or self._left < 0 or states[0].at == len(states[0].lines):
            return
        for item in self._items(states[0], self._depth):
            total = cost + self._cost(item, states)
            if total >= self._bound:
                continue
            after = [self._after(state, item) for state in states]
            if all(after):
                self.extend((*layout, item), [state for state in after if state], total)

    def _items(self, state: _State, depth: int) -> Iterator[Item]:
        """What may begin at the next line of the guiding sample."""
        tokens = state.lines[state.at]
        integers = tuple(bool(INTEGER.fullmatch(token)) for token in tokens)
        if depth > 0:
            bodies = list(self._bodies(state, depth - 1, _LONGEST_BLOCK))
            for count in _counts(state.scope, None):
                if 0 < count.of(state.scope) <= len(state.lines) - state.at:
                    yield from (Repeat(count, body) for body in bodies)
        yield from (Row(count) for count in _counts(state.scope, len(tokens)))
        if tokens:
            yield FixedLine(integers)
            if any(integers):
                yield FixedLine((False,) * len(tokens))
        if len(tokens) > 1:
            yield Free()

    def _bodies(self, state: _State, depth: int, items: int) -> Iterator[tuple[Item, ...]]:
        """Blocks of at most `items` items that may begin at the next line."""
        if items == 0 or state.at >= len(state.lines) or self._left < 0:
            return
        for item in self._items(state, depth):
            after = self._after(state, item)
            if after is not None and after.at > state.at:
                yield (item,)
                yield from ((item, *rest) for rest in self._bodies(after, depth, items - 1))

    def _after(self, state: _State, item: Item) -> _State | None:
        """What is left when `item` has read on, paid for from the budget."""
        after = state.after(item)
        self._left -= 1 + (after.at - state.at if after else 0)
        return after

    def _cost(self, item: Item, states: Sequence[_State]) -> float:
        """How little the item explains of what it reads."""
        if isinstance(item, FixedLine):
            width = len(item.integers)
            return 0.9 + 0.1 * width + 0.7 * max(0, width - 3) + 0.05 * item.integers.count(False)
        if isinstance(item, Row):
            return 0.9 + 0.4 * abs(item.count.offset) + (0.0 if self._lists else 0.7)
        if isinstance(item, Free):
            return 3.0
        lone = all(item.count.variable < len(s.scope) and item.count.of(s.scope) <= 1 for s in states)
        body = sum(self._cost(inner, states) for inner in item.body)
        return 0.2 + body + 0.4 * abs(item.count.offset) + (0.5 if lone else 0.0)


def _read(layout: Sequence[Item], lines: Lines, at: int, scope: list[int]) -> tuple[tuple[Node, ...], int] | None:
    """The nodes of the items and the line after them; extends `scope`."""
    nodes = []
    for item in layout:
        if isinstance(item, Repeat):
            result = _read_blocks(item, lines, at, scope)
            if result is None:
                return None
            node, at = result
        else:
            if at >= len(lines) or not _fits(item, lines[at], scope):
                return None
            node = Node(tuple(lines[at]))
            if isinstance(item, FixedLine):
                scope += [int(t) for t, integer in zip(lines[at], item.integers, strict=True) if integer]
            at += 1
        nodes.append(node)
    return tuple(nodes), at


def _read_blocks(item: Repeat, lines: Lines, at: int, scope: list[int]) -> tuple[Node, int] | None:
    count = item.count.of(scope)
    if not 0 <= count <= len(lines):
        return None
    blocks = []
    for _ in range(count):
        result = _read(item.body, lines, at, list(scope))
        if result is None:
            return None
        nodes, at = result
        blocks.append(nodes)
    return Node(blocks=tuple(blocks)), at


def _fits(item: FixedLine | Row | Free, tokens: list[str], scope: Sequence[int]) -> bool:
    if isinstance(item, FixedLine):
        return len(tokens) == len(item.integers) and all(
            INTEGER.fullmatch(token) for token, integer in zip(tokens, item.integers, strict=True) if integer
        )
    if isinstance(item, Row):
        return len(tokens) == item.count.of(scope)
    return bool(tokens)


def _counts(scope: Sequence[int], length: int | None) -> Iterator[Count]:
    """Numbers in scope, newest first, that give `length` (any if None) as they are or by one more or less."""
    for offset in (0, -1, 1):
        for variable in range(len(scope) - 1, -1, -1):
            count = Count(variable, offset)
            if length is None or count.of(scope) == length:
                yield count
