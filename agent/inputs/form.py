"""What a standard input must look like to be believed valid: layout, ranges, relations, what all samples share.

The layout is inferred from the samples (`agent.inputs.grammar`); names of the statement are bound to its places
(`agent.inputs.binding`), and with them their constraints. Order and distinctness that all samples show are
demanded where the statement has a word for it, or chance would seldom show them.

Not covered: what only words say; `Form.unread` quotes it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.inputs.binding import Mention, Place, bind
from agent.inputs.constraints import Constraint, constraints_of, doubts, input_part
from agent.inputs.grammar import INTEGER, FixedLine, Item, Node, Repeat, Row, infer, read
from agent.inputs.graphs import Graph, graph_of
from agent.inputs.habits import (
    DISTINCT,
    are_distinct,
    are_ordered,
    bound_of,
    fewest_counted,
    is_counted,
    keywords_of,
    letters_of,
    marked_lines,
)
from agent.inputs.places import Line, Path, traits_of_lines
from agent.inputs.ranges import Ranges

DECIMAL = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
_WORD = re.compile(r"\b(?!(?:the|of|and|is|to|in|that|are|for|it|be|with|on|as|by|line|an)\b)\w{2,12}\b")
_OFTEN = 3


@dataclass(frozen=True, slots=True)
class Field:
    """A place of the layout: a token of a line, all of a row, or a line of any tokens."""

    path: Path
    kind: str
    """"integer", "decimal" or "word"."""
    is_count: bool
    low: int
    """Smallest number, or length of a word."""
    high: int
    is_stated: bool
    """Whether the statement gives the range."""
    name: str | None
    """By which the statement calls it."""
    tokens: tuple[str, ...]
    """All that samples show there."""
    letters: str
    """What words are made of."""
    keywords: tuple[str, ...]
    """The only words there are; empty where any are allowed."""
    tied: int | None
    """The number in scope that is the length of every word."""
    tops: tuple[int, ...]
    """Numbers in scope that none exceeds."""
    is_distinct: bool
    is_ordered: bool
    is_permutation: bool
    is_counted: bool = False
    """Of a line of any tokens: whether the first says how many follow."""
    fewest: int = 0
    """How many follow at least."""
    lines: tuple[tuple[str, ...], ...] = ()
    """The only lines there are, where marks between words have a meaning that nobody knows; empty elsewhere."""


class Form:
    """What inputs look like.

    Attributes:
        layout: None when there is none: then nothing is accepted.
        fields: by place.
        unread: sentences of the statement that may demand more.
    """

    def __init__(self, samples: Sequence[str], statement: str) -> None:
        """Infer it."""
        self.layout = infer(samples, statement) if samples else None
        self.trees = [tree for sample in samples if (tree := read(self.layout or (), sample)) is not None]
        self.part = input_part(statement)
        self.words = tuple(word for word, count in Counter(_WORD.findall(statement)).items() if count >= _OFTEN)
        """Words that the statement repeats: what words of the input may be about."""
        self.unread = doubts(statement)
        self.counts: set[Path] = set()
        self.places: dict[Path, list[Line]] = {}
        self.columns: dict[Path, list[tuple[str, ...]]] = {}
        """Per place in a repeated line, what each repetition of it holds, top to bottom."""
        for tree in self.trees:
            self._gather(self.layout or (), tree, (), [], [])
        self._said = said = constraints_of(self.part)
        self.mentions = bind(self._bindable(), said, self.part)
        names = {mention.name for mention in self.mentions.values()}
        self._ranges = Ranges(self.part)
        self.fields = {path: self._field(path, lines) for path, lines in self.places.items()}
        self.relations = [each for each in said if len(each.names) > 1 and each.names <= names]
        self.by_name = {name: [each for each in self.relations if name in each.names] for name in names}
        self.unique_blocks = {path for path in self._repeats(self.layout or (), ()) if self._are_unique(path)}
        self.graphs: dict[Path, Graph] = {}
        for path, repeat in self._repeats(self.layout or (), ()).items():
            graph = graph_of(repeat, self._edges(path), statement)
            if graph is not None and all(self._is_node(self.fields[(*path, 0, -1 - end)]) for end in (0, 1)):
                self.graphs[path] = graph

    @cached_property
    def sizes(self) -> frozenset[Path]:
        """Places of numbers that say how large the rest is: counts, lengths of words, numbers of nodes."""
        order = [path for path in self.places if path[-1] < 0 and self.fields[path].kind == "integer"]
        tied = {field.tied for field in self.fields.values() if field.tied is not None}
        places = {order[variable] for variable in tied if variable < len(order)}
        for path in self.graphs:
            field = self.fields[(*path, 0, -1)]
            names = {name for each in self.by_name.get(field.name or "", ()) for name in each.names}
            places |= {place for place in order if self.fields[place].name in names - {field.name}}
        return frozenset(self.counts | places)

    @cached_property
    def outer(self) -> frozenset[Path]:
        """Counts of blocks that hold counts themselves."""
        inner = {path[:-2] for path in self.counts if len(path) > 2}
        return frozenset(path for path in self.counts if len(path) == 2 and any(inner))

    def leave_out(self, constraint: Constraint) -> None:
        """Forget a constraint between names."""
        self.relations.remove(constraint)
        for name in constraint.names:
            self.by_name[name].remove(constraint)

    def _gather(
        self, layout: Sequence[Item], nodes: Sequence[Node], path: Path, scope: list[int], places: list[Path]
    ) -> None:
        """What the samples show at each place, and which places are counts."""
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Row | Repeat):
                self.counts.add(places[item.count.variable])
            if isinstance(item, Repeat):
                for block in node.blocks:
                    self._gather(item.body, block, here, list(scope), list(places))
                self._gather_columns(item, node, here)
            elif isinstance(item, FixedLine):
                for column, token in enumerate(node.tokens):
                    place = (*here, -1 - column)
                    self.places.setdefault(place, []).append(Line((token,), tuple(scope)))
                    if item.integers[column]:
                        scope.append(int(token))
                        places.append(place)
            else:
                self.places.setdefault(here, []).append(Line(node.tokens, tuple(scope)))

    def _gather_columns(self, item: Repeat, node: Node, here: Path) -> None:
        for number, inner in enumerate(item.body):
            lines = [block[number].tokens for block in node.blocks]
            if isinstance(inner, FixedLine) and lines:
                for column in range(len(inner.integers)):
                    tokens = tuple(line[column] for line in lines)
                    self.columns.setdefault((*here, number, -1 - column), []).append(tokens)

    def _repeats(self, layout: Sequence[Item], path: Path) -> dict[Path, Repeat]:
        found: dict[Path, Repeat] = {}
        for number, item in enumerate(layout):
            if isinstance(item, Repeat):
                found[(*path, number)] = item
                found |= self._repeats(item.body, (*path, number))
        return found

    def nodes_of(self, path: Path, scope: Sequence[int]) -> int:
        """How many nodes the graph at a place has: the number in scope that bounds its ends, or else the first."""
        field = self.fields[(*path, 0, -1)]
        if field.tops:
            return scope[field.tops[0]]
        names = {name for each in self.by_name.get(field.name or "", ()) for name in each.names} - {field.name}
        order = [place for place in self.places if place[-1] < 0 and self.fields[place].kind == "integer"]
        at = next((n for n, place in enumerate(order) if self.fields[place].name in names), 0)
        return scope[at] if at < len(scope) else 0

    def _is_node(self, field: Field) -> bool:
        """Whether its numbers are bounded by another number of the input."""
        mention = self.mentions.get(field.path)
        related = mention is not None and any(len(each.names) > 1 for each in mention.constraints)
        return field.kind == "integer" and (related or bool(field.tops))

    def _edges(self, path: Path) -> list[list[tuple[str, ...]]]:
        """For each repetition of a single line its lines."""
        columns = [self.columns[place] for place in sorted(self.columns, reverse=True) if place[:-2] == path]
        return [list(zip(*lines, strict=True)) for lines in zip(*columns, strict=True)]

    def _are_unique(self, path: Path) -> bool:
        blocks = self._edges(path)
        return bool(DISTINCT.search(self.part)) and all(len(set(lines)) == len(lines) for lines in blocks)

    def _is_of_several(self, path: Path) -> bool:
        return path[-1] < 0 and any(other[:-1] == path[:-1] and other != path for other in self.places)

    def _says_distinct(self, mention: Mention | None, *, is_of_several: bool) -> bool:
        """Whether a sentence about distinct values names what is mentioned, or none names anything.

        Args:
            mention: of the field.
            is_of_several: whether other fields are on its line; then all of the line may be meant.
        """
        sentences = [each for each in self.unread if DISTINCT.search(each)]
        bases = {m.name.partition("_")[0] for m in self.mentions.values() if not m.name.startswith("between")}
        about = {base for base in bases if any(re.search(rf"\b{base}(?:_|\b)", each) for each in sentences)}
        own = mention.name.partition("_")[0] if mention else None
        return bool(sentences) and (own in about or (not about and not is_of_several))

    def _bindable(self) -> list[Place]:
        """Places in the order of reading, with the numbers or lengths that samples show."""
        result = []
        for path, lines in self.places.items():
            tokens = [token for line in lines for token in line.tokens]
            if tokens:
                is_word = not all(INTEGER.fullmatch(token) for token in tokens)
                values = tuple(len(t) if is_word else int(t) for t in tokens)
                result.append(Place(path, path[:-1] if path[-1] < 0 else path, values, is_word))
        return result

    def _field(self, path: Path, lines: Sequence[Line]) -> Field:
        traits = traits_of_lines(lines)
        tokens = traits.tokens
        kind = "word"
        if all(INTEGER.fullmatch(token) for token in tokens):
            kind = "integer"
        elif all(DECIMAL.fullmatch(token) for token in tokens) and any("." in token for token in tokens):
            kind = "decimal"
        mention = self.mentions.get(path)
        low, high, is_stated = self._limits(path, kind, tokens, mention)
        is_tied = traits.words is not None
        keywords = keywords_of(tokens, self.part, is_tied=is_tied) if kind == "word" else ()
        sequences = self.columns.get(path) or [line.tokens for line in lines]
        rows = [[int(t) for t in each] for each in sequences] if kind == "integer" else []
        span = high - low + 1
        counted = [line.tokens for line in lines] if path[-1] >= 0 else []
        has_count = is_counted(counted)
        return Field(
            path,
            kind,
            path in self.counts,
            low,
            high,
            is_stated,
            mention.name if mention else None,
            tokens,
            letters_of(tokens, self.part) if kind == "word" else "",
            keywords,
            None if keywords else traits.words,
            () if is_stated else traits.tops,
            are_distinct(sequences, span, self._says_distinct(mention, is_of_several=self._is_of_several(path))),
            are_ordered(rows, self.part),
            traits.permutation,
            is_counted=has_count,
            fewest=fewest_counted(counted, self._said, self.part) if has_count else 0,
            lines=marked_lines([line.tokens for line in lines]) if path[-1] >= 0 and kind == "word" else (),
        )

    def _limits(
        self, path: Path, kind: str, tokens: Sequence[str], mention: Mention | None
    ) -> tuple[int, int, bool]:
        """Range of numbers, or of the lengths of words, and whether the statement gives it."""
        if kind == "decimal":
            return math.floor(min(map(float, tokens))), math.ceil(max(map(float, tokens))), False
        values = [int(token) if kind == "integer" else len(token) for token in tokens] or [0]
        lows = [bound_of(each, mention.name, ">") for each in mention.constraints] if mention else []
        highs = [bound_of(each, mention.name, "<") for each in mention.constraints] if mention else []
        low = max((value for value in lows if value is not None), default=None)
        high = min((value for value in highs if value is not None), default=None)
        if mention and (low is not None or high is not None):
            is_related = any(len(each.names) > 1 for each in mention.constraints)
            top = high if high is not None else (10**9 if is_related else max(values))
            return (min(1, *values) if low is None else low), top, high is not None or is_related
        if kind == "integer":
            stated = self._ranges.stated(values) if path in self.counts or len(set(values)) > 1 else None
            return stated[0] if stated else min(1, *values), stated[1] if stated else max(values), bool(stated)
        return min(1, *values), max(values), False


def traits_hold(field: Field, tokens: Sequence[str]) -> bool:
    """Whether tokens that follow one another have the order and distinctness that the field demands."""
    if field.is_distinct and len(set(tokens)) < len(tokens):
        return False
    if field.kind != "integer" or not (field.is_ordered or field.is_permutation):
        return True
    numbers = [int(token) for token in tokens]
    if field.is_permutation and sorted(numbers) != list(range(1, len(numbers) + 1)):
        return False
    return not field.is_ordered or numbers == sorted(numbers)
