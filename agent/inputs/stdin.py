"""New standard inputs of an inferred layout.

An input is made by walking the layout with one sample as donor: lengths are redrawn and everything that they
count is resized with them, so that ties hold by construction; other tokens are kept, changed a little, or drawn
anew. What all samples show at one place of the layout is kept: range of values up to the constraints that the
statement gives, alphabet, length of words, order, distinctness, permutations, numbers that never exceed a length.

Not covered: constraints that span several lines (connected graphs, sums over all blocks).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from agent.inputs.grammar import INTEGER, FixedLine, Item, Node, Repeat, Row, infer, read
from agent.inputs.places import Line, Path, Traits, as_long, traits_of_lines
from agent.inputs.ranges import Ranges
from agent.inputs.types import GeneratedInput

_LONGEST = 30
_MOST_MISSES = 50
_MOST_LINES = 200
_CALM = 0.6  # tokens kept as the donor has them; else every input would be noise
_REASON = "read by the layout inferred from all samples; stays in the stated ranges and keeps shared properties"


class Generator:
    """Draws inputs of the layout that the samples share.

    Attributes:
        layout: the inferred layout; None when there is none, and then nothing can be drawn.
    """

    def __init__(self, samples: Sequence[str], statement: str) -> None:
        self.layout = infer(samples, statement) if samples else None
        self._trees = [tree for sample in samples if (tree := read(self.layout or (), sample)) is not None]
        self._ranges = Ranges(statement)
        self._counts: set[Path] = set()
        lines_at: dict[Path, list[Line]] = {}
        for tree in self._trees:
            self._collect(self.layout or (), tree, (), [], [], lines_at)
        self._traits = {path: traits_of_lines(lines) for path, lines in lines_at.items()}

    def draw(self, random_source: random.Random) -> Iterator[GeneratedInput]:
        """Inputs without end, unless there is no layout or its lengths cannot be met."""
        misses = 0
        while self.layout is not None and misses < _MOST_MISSES:
            donor = random_source.choice(self._trees)
            lines: list[str] = []
            misses += 1
            if self._walk(self.layout, donor, (), [], lines, random_source):
                misses = 0
                yield GeneratedInput(stdin="\n".join(lines) + "\n", origin="grammar", reason=_REASON)

    def accepts(self, text: str) -> bool:
        """Whether `text` has the layout and, place by place, what all samples share."""
        tree = read(self.layout or (), text)
        if tree is None:
            return False
        lines_at: dict[Path, list[Line]] = {}
        self._collect(self.layout or (), tree, (), [], [], lines_at)
        return all(self._fits(line, self._traits[path]) for path, lines in lines_at.items() for line in lines)

    def _fits(self, line: Line, traits: Traits) -> bool:
        """Whether a line has what `traits` say of its place."""
        if all(INTEGER.fullmatch(token) for token in traits.tokens):
            if not all(INTEGER.fullmatch(token) for token in line.tokens):
                return False
            numbers = [int(token) for token in line.tokens]
            low, high = self._ranges.around(0, [int(token) for token in traits.tokens])
            top = traits.top(line.scope)
            return (
                all(low <= number <= high and (top is None or number <= top) for number in numbers)
                and not (traits.ordered and numbers != sorted(numbers))
                and not (traits.strict and len(set(numbers)) < len(numbers))
                and not (traits.permutation and sorted(numbers) != list(range(1, len(numbers) + 1)))
            )
        letters = {character for token in traits.tokens for character in token}
        return all(set(token) <= letters for token in line.tokens) and (
            traits.words is None or as_long(line, traits.words)
        )

    def _collect(
        self,
        layout: Sequence[Item],
        nodes: Sequence[Node],
        path: Path,
        scope: list[int],
        places: list[Path],
        lines_at: dict[Path, list[Line]],
    ) -> None:
        """Gather what the samples show at each place, and which places are counts."""
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Row | Repeat):
                self._counts.add(places[item.count.variable])
            if isinstance(item, Repeat):
                for block in node.blocks:
                    self._collect(item.body, block, here, list(scope), list(places), lines_at)
                continue
            if isinstance(item, FixedLine):
                for column, token in enumerate(node.tokens):
                    lines_at.setdefault((*here, -1 - column), []).append(Line((token,), tuple(scope)))
                    if item.integers[column]:
                        scope.append(int(token))
                        places.append((*here, -1 - column))
            lines_at.setdefault(here, []).append(Line(node.tokens, tuple(scope)))

    def _walk(
        self,
        layout: Sequence[Item],
        nodes: Sequence[Node],
        path: Path,
        scope: list[int],
        lines: list[str],
        draw: random.Random,
    ) -> bool:
        """Append lines for the items; False when a length cannot be met."""
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Repeat):
                if not self._blocks(item, node, here, scope, lines, draw):
                    return False
            elif isinstance(item, FixedLine):
                tokens = self._fixed_line(item, node.tokens, here, scope, draw)
                lines.append(" ".join(tokens))
            else:
                length = item.count.of(scope) if isinstance(item, Row) else _near(len(node.tokens), draw)
                if not 0 <= length <= 4 * _LONGEST:
                    return False
                lines.append(" ".join(self._row(node.tokens, length, here, scope, draw)))
        return len(lines) <= _MOST_LINES

    def _blocks(
        self, item: Repeat, node: Node, here: Path, scope: list[int], lines: list[str], draw: random.Random
    ) -> bool:
        count = item.count.of(scope)
        if count < 0 or (count > 0 and not node.blocks) or count > 4 * _LONGEST:
            return False
        blocks = list(node.blocks)
        while len(blocks) > count:
            del blocks[draw.randrange(len(blocks))]
        while len(blocks) < count:
            blocks.insert(draw.randrange(len(blocks) + 1), draw.choice(node.blocks))
        return len(lines) <= _MOST_LINES and all(
            self._walk(item.body, block, here, list(scope), lines, draw) for block in blocks
        )

    def _fixed_line(
        self, item: FixedLine, tokens: Sequence[str], here: Path, scope: list[int], draw: random.Random
    ) -> list[str]:
        result = []
        before = tuple(scope)
        for column, token in enumerate(tokens):
            place = (*here, -1 - column)
            if place in self._counts:
                new = str(self._length(int(token), self._traits[place], draw))
            else:
                new = self._token(token, self._traits[place], scope, draw)
            result.append(new)
            if item.integers[column]:
                scope.append(int(new))
        if not any((*here, -1 - column) in self._counts for column in range(len(tokens))):
            result = self._restore(result, self._traits[here], before)
            scope[len(before) :] = [int(t) for t, integer in zip(result, item.integers, strict=True) if integer]
        return result

    def _row(
        self, tokens: Sequence[str], length: int, here: Path, scope: list[int], draw: random.Random
    ) -> list[str]:
        traits = self._traits[here]
        result = [self._token(token, traits, scope, draw) for token in tokens]
        if draw.random() < 0.3:
            draw.shuffle(result)
        while len(result) > length:
            del result[draw.randrange(len(result))]
        source = traits.tokens or ("1",)
        while len(result) < length:
            result.insert(draw.randrange(len(result) + 1), self._token(draw.choice(source), traits, scope, draw))
        return self._restore(result, traits, scope)

    def _restore(self, tokens: list[str], traits: Traits, scope: Sequence[int]) -> list[str]:
        """Put back the order and distinctness that all samples show."""
        if traits.permutation:
            order = sorted(range(len(tokens)), key=lambda i: (int(tokens[i]), i))
            ranks = {place: str(rank) for rank, place in enumerate(order, 1)}
            return [ranks[place] for place in range(len(tokens))]
        numbers = all(INTEGER.fullmatch(token) for token in tokens)
        if numbers and traits.strict:
            tokens = _distinct(tokens, traits.top(scope))
        return sorted(tokens, key=int) if numbers and traits.ordered else tokens

    def _length(self, old: int, traits: Traits, draw: random.Random) -> int:
        lengths = [int(token) for token in traits.tokens]
        low, high = self._ranges.stated(lengths) or (min(1, *lengths, old), max(lengths) + 3)
        length = draw.choice((old, old, old + 1, old - 1, old + 2, draw.randint(1, 6), draw.randint(1, _LONGEST)))
        return max(min(low, old), min(length, high, max(_LONGEST, old)))

    def _token(self, old: str, traits: Traits, scope: Sequence[int], draw: random.Random) -> str:
        if INTEGER.fullmatch(old) and all(INTEGER.fullmatch(token) for token in traits.tokens):
            value = int(old) if draw.random() < _CALM else self._integer(int(old), traits, draw)
            top = traits.top(scope)
            return str(value if top is None else min(value, top))
        if traits.words is not None or draw.random() >= _CALM:
            return self._word(old, traits, scope, draw)
        return old

    def _integer(self, old: int, traits: Traits, draw: random.Random) -> int:
        values = [int(token) for token in traits.tokens]
        low, high = self._ranges.around(old, values)
        inside = draw.randint(min(values), max(values))
        small, any_size = draw.randint(low, min(high, low + 10)), draw.randint(low, high)
        value = draw.choice((old + 1, old - 1, draw.choice(values), inside, low, high, small, any_size))
        return max(low, min(value, high))

    def _word(self, old: str, traits: Traits, scope: Sequence[int], draw: random.Random) -> str:
        """A word over the alphabet of the samples; one of theirs where the words are few."""
        kinds = set(traits.tokens)
        if traits.words is None and (2 * len(kinds) <= len(traits.tokens) or "." in old):
            return draw.choice(traits.tokens)
        alphabet = sorted({c for token in kinds for c in token})
        lengths = {len(token) for token in kinds}
        if traits.words is not None:
            length = scope[traits.words]
        elif len(lengths) == 1 and len(traits.tokens) > 2:
            length = len(old)
        else:
            length = max(1, _near(len(old), draw))
        characters = [c if draw.random() < 0.7 else draw.choice(alphabet) for c in old[:length]]
        return "".join(characters + [draw.choice(alphabet) for _ in range(length - len(characters))])


def _near(length: int, draw: random.Random) -> int:
    return max(1, min(length + draw.choice((-2, -1, 0, 0, 1, 2, 4)), max(length, _LONGEST)))


def _distinct(tokens: Sequence[str], top: int | None) -> list[str]:
    """Move repeated integers to the nearest free value, upwards and then downwards from `top`."""
    used_values: set[int] = set()
    result = []
    for token in tokens:
        value = int(token)
        while value in used_values:
            value += 1
        if top is not None and value > top:
            value = int(token)
            while value in used_values and value > 1:
                value -= 1
        used_values.add(value)
        result.append(str(value))
    return result
