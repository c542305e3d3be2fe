"""Mutated standard inputs that keep the shape which all samples show.

A sample is seen as lines of tokens. An integer token that equals, in every sample, the number of tokens on
another line, the number of lines that follow, or the length of a word is a tie; mutations that change a length
change its tie with it, and a mutation that breaks another tie is dropped. Numbers stay within the ranges that the
statement's constraints give, or else on the side of zero where the samples are.

Not covered: constraints that relate values (permutations, trees, sorted lists), except that a line which is
sorted or a permutation in every sample stays so.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.inputs.ranges import stated_ranges
from agent.inputs.types import GeneratedInput

Lines = list[list[str]]

_INTEGER = re.compile(r"-?[0-9]+")
_LONGEST_LINE = 40
_MOST_LINES = 40
_CEILING = 10**6


@dataclass(frozen=True, slots=True)
class Tie:
    """The integer at (line, token) is a length."""

    line: int
    token: int
    kind: str
    """What it counts: the "tokens" of a line, the "lines" after its own, or the characters of a "word"."""
    target: int
    """The line whose tokens or word are counted; for "lines" the number of lines per counted item."""


def mutated_texts(samples: Sequence[str], statement: str, draw: random.Random) -> Iterator[GeneratedInput]:
    """Endless mutations of the sample inputs; nothing if there are none."""
    texts = [_split(sample) for sample in samples]
    texts = [lines for lines in texts if lines]
    if not texts:
        return
    shape = _Shape(texts, statement)
    while True:
        base = draw.choice(texts)
        lines = [list(line) for line in base]
        for _ in range(draw.choice((1, 2, 2, 3, 4))):
            other = shape.mutation(lines, draw)
            if other is not None:
                lines = other
        yield GeneratedInput(
            stdin="\n".join(" ".join(line) for line in lines) + "\n",
            reason="keeps the lengths, ranges and kinds of token that all samples share",
        )


def _split(sample: str) -> Lines:
    return [line.split(" ") for line in sample.rstrip("\n").split("\n")]


class _Shape:
    """What all samples have in common."""

    def __init__(self, samples: list[Lines], statement: str) -> None:
        self._samples = samples
        self._ties = [tie for tie in _candidate_ties(samples[0]) if all(_holds(tie, lines) for lines in samples)]
        self._ranges = stated_ranges(statement)
        integers = [int(t) for lines in samples for line in lines for t in line if _INTEGER.fullmatch(t)]
        self._low = min(integers, default=0)
        self._high = max(integers, default=10)
        self._alphabet = sorted(
            {c for lines in samples for line in lines for t in line if not _INTEGER.fullmatch(t) for c in t}
        )
        self._sorted = self._lines_where(lambda line: line == sorted(line))
        self._permuted = self._lines_where(lambda line: sorted(line) == list(range(1, len(line) + 1)))

    def mutation(self, lines: Lines, draw: random.Random) -> Lines | None:
        """One change; None when it would break what all samples show."""
        copy = [list(line) for line in lines]
        moves: list[Callable[[Lines, random.Random], bool]] = [self._change_token, self._change_token]
        moves += [self._resize_line, self._resize_rows, self._shuffle_line, self._resize_word]
        if not draw.choice(moves)(copy, draw):
            return None
        for number, line in enumerate(copy):
            self._restore(number, line)
        return copy if all(_holds(tie, copy) for tie in self._ties) else None

    def _has_tie(self, line: int, token: int) -> bool:
        return any(tie.line == line and tie.token == token for tie in self._ties)

    def _change_token(self, lines: Lines, draw: random.Random) -> bool:
        line = draw.randrange(len(lines))
        token = draw.randrange(len(lines[line]))
        if self._has_tie(line, token):
            return False
        lines[line][token] = self._new_token(lines[line][token], draw)
        return True

    def _new_token(self, old: str, draw: random.Random) -> str:
        if _INTEGER.fullmatch(old):
            return str(self._new_integer(int(old), draw))
        try:
            return f"{float(old) + draw.choice((-1, -0.5, 0.5, 1)):.{len(old.partition('.')[2])}f}"
        except ValueError:
            return "".join(draw.choice(self._alphabet) if draw.random() < 0.4 else c for c in old)

    def _new_integer(self, old: int, draw: random.Random) -> int:
        low, high = self._limits(old)
        near = draw.choice(
            (old + 1, old - 1, old + draw.randint(-5, 5), old * 2, draw.randint(self._low, self._high))
        )
        far = draw.choice((low, high, draw.randint(low, high), draw.randint(low, min(high, low + 10))))
        value = near if draw.random() < 0.7 else far
        return min(max(value, low), high)

    def _limits(self, old: int) -> tuple[int, int]:
        """The narrowest stated range that holds `old`, capped so that programs stay quick."""
        fitting = [(low, high) for low, high in self._ranges if low <= old <= high]
        if fitting:
            low, high = min(fitting, key=lambda pair: pair[1] - pair[0])
            return max(low, -_CEILING), min(high, max(_CEILING, old))
        low = self._low - 5 if self._low < 0 else (1 if self._low >= 1 else 0)
        return low, max(self._high * 2, 10)

    def _resize_line(self, lines: Lines, draw: random.Random) -> bool:
        """Add or drop a token of a line whose length is tied, and count it."""
        tokens = [tie for tie in self._ties if tie.kind == "tokens" and tie.target < len(lines)]
        if not tokens:
            return False
        tie = draw.choice(tokens)
        length = len(lines[tie.target]) + draw.choice((-2, -1, 1, 1, 2, 3))
        if not 1 <= length <= _LONGEST_LINE:
            return False
        for other in tokens:
            if (other.line, other.token) == (tie.line, tie.token):
                _fit(lines[other.target], length, lambda old: self._new_token(old, draw), draw)
        lines[tie.line][tie.token] = str(length)
        return self._is_in_range(length)

    def _resize_rows(self, lines: Lines, draw: random.Random) -> bool:
        """Add or drop one of the lines that are counted, and count it."""
        rows = [tie for tie in self._ties if tie.kind == "lines"]
        if not rows:
            return False
        tie = draw.choice(rows)
        count = int(lines[tie.line][tie.token]) + draw.choice((-1, 1, 1))
        begin = tie.line + 1
        if not 1 <= count <= _MOST_LINES or begin >= len(lines):
            return False
        size = tie.target
        at = begin + size * draw.randrange((len(lines) - begin) // size)
        if count < int(lines[tie.line][tie.token]):
            del lines[at : at + size]
        else:
            block = [
                [self._new_token(t, draw) if draw.random() < 0.3 and size == 1 else t for t in line]
                for line in lines[at : at + size]
            ]
            lines[at:at] = block
        lines[tie.line][tie.token] = str(count)
        return self._is_in_range(count)

    def _is_in_range(self, count: int) -> bool:
        return not self._ranges or any(low <= count <= high for low, high in self._ranges)

    def _shuffle_line(self, lines: Lines, draw: random.Random) -> bool:
        long = [
            n for n, line in enumerate(lines) if len(line) > 2 and not any(tie.line == n for tie in self._ties)
        ]
        if not long:
            return False
        draw.shuffle(lines[draw.choice(long)])
        return True

    def _resize_word(self, lines: Lines, draw: random.Random) -> bool:
        """Lengthen or shorten a word, and what counts its letters."""
        words = [
            (n, m) for n, line in enumerate(lines) for m, t in enumerate(line) if t and t[0] in self._alphabet
        ]
        if not words or not self._alphabet:
            return False
        line, token = draw.choice(words)
        characters = list(lines[line][token])
        _fit(
            characters,
            max(1, len(characters) + draw.choice((-1, 1, 2, 5))),
            lambda _: draw.choice(self._alphabet),
            draw,
        )
        lines[line][token] = "".join(characters)
        for tie in self._ties:
            if tie.kind == "word" and tie.target == line:
                lines[tie.line][tie.token] = str(len(characters))
        return True

    def _lines_where(self, test: Callable[[list[int]], bool]) -> frozenset[int]:
        """Numbers of the lines that are longer than two integers somewhere and pass `test` in every sample."""
        numbers = set()
        for number in range(min(map(len, self._samples))):
            lines = [lines[number] for lines in self._samples]
            if any(len(line) > 2 for line in lines) and all(_INTEGER.fullmatch(t) for line in lines for t in line):
                if all(test([int(t) for t in line]) for line in lines):
                    numbers.add(number)
        return frozenset(numbers)

    def _restore(self, number: int, line: list[str]) -> None:
        if number in self._permuted and all(_INTEGER.fullmatch(token) for token in line):
            order = sorted(range(len(line)), key=lambda i: (int(line[i]), i))
            for rank, place in enumerate(order, 1):
                line[place] = str(rank)
        elif number in self._sorted and all(_INTEGER.fullmatch(token) for token in line):
            line.sort(key=int)


def _fit(items: list[str], length: int, new: Callable[[str], str], draw: random.Random) -> None:
    """Drop or add items until there are `length`."""
    while len(items) > length:
        del items[draw.randrange(len(items))]
    while len(items) < length:
        items.insert(draw.randrange(len(items) + 1), new(draw.choice(items)))


def _candidate_ties(lines: Lines) -> list[Tie]:
    ties = []
    for number, line in enumerate(lines[:3]):
        for place, token in enumerate(line[:4]):
            if not _INTEGER.fullmatch(token):
                continue
            for target in range(number + 1, min(len(lines), number + 5)):
                ties += [Tie(number, place, "tokens", target), Tie(number, place, "word", target)]
            ties += [Tie(number, place, "lines", size) for size in (1, 2, 3)]
    return ties


def _holds(tie: Tie, lines: Lines) -> bool:
    if tie.line >= len(lines) or tie.token >= len(lines[tie.line]):
        return False
    token = lines[tie.line][tie.token]
    if not _INTEGER.fullmatch(token):
        return False
    count = int(token)
    if tie.kind == "lines":
        return count > 0 and len(lines) - tie.line - 1 == count * tie.target
    if tie.target >= len(lines):
        return False
    line = lines[tie.target]
    if tie.kind == "tokens":
        return len(line) == count and line != [""]
    return len(line) == 1 and not _INTEGER.fullmatch(line[0]) and len(line[0]) == count
