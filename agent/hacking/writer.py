"""New standard inputs of a form, of any size: tiny ones, ones of few different values, the worst at the limits.

One input has one style: how large counts may be, and how values are chosen. Edges of a graph become chains, stars
and random trees with edges on top.

Not covered: whether what was written is valid in all respects, which `agent.inputs.validity` says.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from agent.hacking.collisions import COLLISIONS, colliding
from agent.hacking.edges import edges_of
from agent.hacking.numbers import anywhere, narrowed
from agent.hacking.styles import VALUES, Style
from agent.hacking.words import spliced
from agent.inputs.form import Field, Form
from agent.inputs.grammar import FixedLine, Item, Node, Repeat, Row
from agent.inputs.places import Path

_ROOM = 400_000  # tokens, or letters of words: what is larger takes longer to send than most programs to run
_REDRAWS = 6  # of a line, all but the first in no style
_SPLICED = 0.7  # words of many letters that are put together of pieces of the samples


class Writer:
    """Writes one input.

    Attributes:
        has_collisions: whether it has many numbers that collide in the table of its style.
    """

    def __init__(self, form: Form, style: Style, draw: random.Random) -> None:
        """Prepare to write in a style."""
        self._form = form
        self._style = style
        self._draw = draw
        self._names: dict[str, int] = {}
        self._fixed: dict[Path, list[int]] = {}
        self._modes: dict[Path, str] = {}
        self._ranges: dict[object, tuple[int, int]] = {}
        self._room = _ROOM
        self._is_free = False
        self._is_deep = draw.random() < 0.5 or style.values in COLLISIONS
        self.has_collisions = False
        self._size = None if style.size is None else draw.randint(max(1, style.size // 2), style.size)

    def text(self) -> str | None:
        """The input; None where a length cannot be met."""
        lines: list[str] = []
        layout = self._form.layout or ()
        return (
            "\n".join(lines) + "\n"
            if self._walk(layout, self._draw.choice(self._form.trees), (), [], lines)
            else None
        )

    def _walk(
        self, layout: Sequence[Item], nodes: Sequence[Node], path: Path, scope: list[int], lines: list[str]
    ) -> bool:
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Repeat):
                if not self._blocks(item, node, here, scope, lines):
                    return False
            elif isinstance(item, FixedLine):
                lines.append(" ".join(self._line(item, here, scope)))
            else:
                lines.append(" ".join(self._row(item, node, here, scope)))
        return True

    def _blocks(self, item: Repeat, node: Node, here: Path, scope: list[int], lines: list[str]) -> bool:
        count = item.count.of(scope)
        if not 0 <= count <= _ROOM:
            return False
        donors = node.blocks or self._any_blocks(here)
        if count and not donors:
            return False
        start = len(lines)
        outer, self._room = self._room, max(1, self._room // max(count, 1))
        is_unique = here in self._form.unique_blocks and len(item.body) == 1
        there: set[str] = set()
        for _ in range(count):
            if not self._walk(item.body, self._draw.choice(donors), here, list(scope), lines):
                return False
            if is_unique:
                self._make_new(item.body[0], here, scope, lines, there)
        self._room = outer
        if len(item.body) == 1 and isinstance(item.body[0], FixedLine) and count:
            lines[start:] = self._mended(item.body[0], here, scope, [line.split(" ") for line in lines[start:]])
        return True

    def _make_new(self, item: Item, here: Path, scope: list[int], lines: list[str], there: set[str]) -> None:
        """Draw the last line again while it is one of those that are there."""
        for _ in range(_REDRAWS):
            if lines[-1] not in there or not isinstance(item, FixedLine):
                break
            self._is_free = True
            lines[-1] = " ".join(self._drawn(item, self._fields(item, (*here, 0)), list(scope)))
            self._is_free = False
        there.add(lines[-1])

    def _any_blocks(self, here: Path) -> Sequence[tuple[Node, ...]]:
        """Blocks that some sample has at a place of the outermost level."""
        trees = [tree[here[0]].blocks for tree in self._form.trees if len(here) == 1]
        return next((blocks for blocks in trees if blocks), ())

    def _mended(self, item: FixedLine, here: Path, scope: list[int], rows: list[list[str]]) -> list[str]:
        """Lines of a repetition with what holds between them: edges, columns in order or without repetition."""
        graph = self._form.graphs.get(here)
        if graph is not None:
            nodes = len(rows) + 1 if graph.is_tree else self._form.nodes_of(here, scope)
            for row, edge in zip(
                rows, edges_of(graph, nodes, len(rows), self._draw, self._style.shape), strict=False
            ):
                row[:2] = map(str, edge)
        for column in range(0 if graph is None else 2, len(item.integers)):
            field = self._form.fields[(*here, 0, -1 - column)]
            if field.kind == "integer":
                values = self._in_order(field, [int(row[column]) for row in rows], scope)
                for row, value in zip(rows, values, strict=True):
                    row[column] = str(value)
        return [" ".join(row) for row in rows]

    def _line(self, item: FixedLine, here: Path, scope: list[int]) -> list[str]:
        """The tokens of a line, drawn again while what the statement says of them does not hold."""
        fields = self._fields(item, here)
        start = len(scope)
        for attempt in range(_REDRAWS):
            del scope[start:]
            self._is_free = attempt > 0
            tokens = self._drawn(item, fields, scope)
            if all(
                each.holds(self._names)
                for field in fields
                for each in self._form.by_name.get(field.name or "", ())
            ):
                break
        self._is_free = False
        return tokens

    def _fields(self, item: FixedLine, here: Path) -> list[Field]:
        return [self._form.fields[(*here, -1 - column)] for column in range(len(item.integers))]

    def _drawn(self, item: FixedLine, fields: Sequence[Field], scope: list[int]) -> list[str]:
        for field in fields:
            self._names.pop(field.name or "", None)
        tokens = []
        for field, is_integer in zip(fields, item.integers, strict=True):
            token = self._token(field, scope)
            tokens.append(token)
            if is_integer:
                scope.append(int(token))
        return tokens

    def _row(self, item: Item, node: Node, here: Path, scope: Sequence[int]) -> list[str]:
        field = self._form.fields.get(here)
        if field is None:
            return []
        if field.lines:
            return list(self._draw.choice(field.lines))
        if isinstance(item, Row):
            length = item.count.of(scope)
        else:
            length = (
                self._draw.randint(1, min(self._size or 30, 30)) if self._draw.random() < 0.7 else len(node.tokens)
            )
        length = max(field.fewest, min(length, _ROOM))
        if field.kind == "integer":
            low, high = self._bounds(field, scope)  # once for all of them: a row has a hundred thousand
            numbers = [self._integer(field, low, high) for _ in range(length)]
            tokens = list(map(str, self._in_order(field, numbers, scope)))
        else:
            tokens = [self._token(field, scope) for _ in range(length)]
        return [str(length), *tokens] if field.is_counted else tokens

    def _in_order(self, field: Field, values: list[int], scope: Sequence[int]) -> list[int]:
        """The values as the field demands them, or as the style has them."""
        if field.is_permutation:
            values = list(range(1, len(values) + 1))
            self._draw.shuffle(values)
        elif field.is_distinct and len(set(values)) < len(values):
            low, high = self._bounds(field, scope)
            if high - low + 1 >= len(values):
                values = self._draw.sample(range(low, min(high, low + 8 * len(values)) + 1), len(values))
        mode = self._mode(field)
        if mode in COLLISIONS and not (field.is_permutation or field.is_ordered):
            low, high = self._bounds(field, scope)
            collision = colliding(mode, len(values), low, high, self._draw, is_distinct=field.is_distinct)
            self.has_collisions |= collision is not None
            return collision or values
        if field.is_ordered or mode == "ascending":
            return sorted(values)
        return sorted(values, reverse=True) if mode == "descending" else values

    def _mode(self, field: Field) -> str:
        """How this field's values are chosen throughout the input: mostly as the style has it."""
        if self._is_free:
            return "any"
        if field.path not in self._modes:
            own = self._style.values in COLLISIONS or self._draw.random() < 0.75
            self._modes[field.path] = self._style.values if own else self._draw.choice(VALUES)
        return self._modes[field.path]

    def _token(self, field: Field, scope: Sequence[int]) -> str:
        if field.kind == "integer":
            value = self._integer(field, *self._bounds(field, scope))
            if field.name:
                self._names[field.name] = value
            return str(value)
        if field.kind == "decimal":
            digits = max(len(token.partition(".")[2]) for token in field.tokens)
            return f"{self._draw.uniform(field.low, field.high):.{digits}f}"
        if field.keywords:
            return self._draw.choice(field.keywords)
        length = scope[field.tied] if field.tied is not None else self._length(field)
        letters = field.letters or "a"
        kinds = {"equal": 1, "low": 1, "high": 1, "two": 2, "small": 3}.get(self._mode(field), len(letters))
        if field.path not in self._fixed:
            self._fixed[field.path] = self._draw.sample(range(len(letters)), min(kinds, len(letters)))
        length = max(0, min(length, _ROOM))
        if kinds == len(letters) and self._draw.random() < _SPLICED:
            return spliced(field, self._form.words, length, self._draw)
        return "".join(self._draw.choices([letters[n] for n in self._fixed[field.path]], k=length))

    def _length(self, field: Field) -> int:
        """Of a word."""
        high = min(field.high, self._room)
        if self._size is None:
            return high
        # Words of a few letters hold little: they may be longer than counts are large.
        return self._draw.randint(field.low, max(field.low, min(high, self._draw.choice((1, 3)) * self._size)))

    def _integer(self, field: Field, low: int, high: int) -> int:
        """A number of a range, as the style has it."""
        if low >= high:
            return high if low > high else low
        if field.path in self._form.sizes:
            return self._count(field, low, high)
        draw = self._draw
        mode = self._mode(field)
        if field.path not in self._fixed:
            self._fixed[field.path] = [anywhere(low, high, draw) for _ in range(2)]
        fixed = self._fixed[field.path]
        match mode:
            case "small":
                middle = max(low, min(0, high))
                return draw.randint(max(low, middle - 3), min(high, max(middle, low) + 4))
            case "equal" | "two":
                value = fixed[0] if mode == "equal" else draw.choice(fixed)
                return max(low, min(high, value))
            case "low":
                return low
            case "high":
                return high
            case "edges":
                return draw.choice((low, high, min(low + 1, high), max(high - 1, low)))
        return anywhere(low, high, draw)

    def _count(self, field: Field, low: int, high: int) -> int:
        is_outer = field.path in self._form.outer
        room = max(1, self._room)
        if self._size is None:
            if is_outer and self._is_deep:
                return low if low > 0 else min(1, high)
            return max(low, min(high, room))
        top = max(low, min(high, self._size, room))
        return top if self._draw.random() < 0.3 else self._draw.randint(low, top)

    def _bounds(self, field: Field, scope: Sequence[int]) -> tuple[int, int]:
        """The range of a field, given what was drawn before."""
        low, high = field.low, field.high
        for top in field.tops:
            if top < len(scope):
                high = min(high, scope[top])
        if field.name is None:
            return low, high
        constraints = self._form.by_name[field.name]
        if not constraints:
            return low, high
        names = {name: value for name, value in self._names.items() if name != field.name}
        key = (field.path, low, high, *(names.get(name) for each in constraints for name in each.names))
        if key not in self._ranges:
            for constraint in constraints:
                if constraint.names <= {*names, field.name}:
                    low, high = narrowed(constraint, field.name, names, low, high)
            self._ranges[key] = low, high
        return self._ranges[key]
