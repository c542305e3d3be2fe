"""Smaller versions of a standard input, along its layout: what is counted shrinks together with its count.

Every token has a number, by the order of reading. A cut takes a stretch out of all that one count counts: tokens
of rows, blocks of lines, letters of words.

Not covered: nodes of a graph taken out with their edges; whether what comes out is valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.hacking.measure import simpler_numbers
from agent.inputs.form import Field, Form
from agent.inputs.grammar import FixedLine, Item, Node, Repeat, Row, read
from agent.inputs.places import Path

_MOST_PIECES = 16
_MOST_SINGLE = 400  # tokens that are looked at one by one


@dataclass(frozen=True, slots=True)
class Cut:
    """What is taken out."""

    count: int
    """The number of the token that counts."""
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an input."""

    number: int
    text: str
    field: Field
    is_size: bool
    """Whether lengths depend on it."""


@dataclass(slots=True)
class _Text:
    """An input as it is written anew."""

    form: Form
    changes: Mapping[int, str]
    cut: Cut | None
    lines: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    counts: set[int] = field(default_factory=set)

    def write(
        self, layout: Sequence[Item], nodes: Sequence[Node], path: Path, scope: list[int], show: bool
    ) -> None:
        """Go over all items; `scope` holds the numbers of the tokens that may count."""
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Repeat):
                self._count(scope[item.count.variable])
                for at, block in enumerate(node.blocks):
                    shown = show and not self._is_cut(item.count.variable, scope, at)
                    self.write(item.body, block, here, list(scope), shown)
            elif isinstance(item, FixedLine):
                texts = [
                    self._token((*here, -1 - column), token, scope, is_integer=item.integers[column])
                    for column, token in enumerate(node.tokens)
                ]
                self._end(texts, show)
            else:
                self._end(self._row(item, node, here, scope), show)

    def _row(self, item: Item, node: Node, here: Path, scope: list[int]) -> list[str]:
        if isinstance(item, Row):
            self._count(scope[item.count.variable])
        counted = self.form.fields[here].is_counted if here in self.form.fields else False
        start = len(self.tokens)
        texts = [self._token(here, token, scope, is_integer=False) for token in node.tokens]
        if isinstance(item, Row):
            return [t for at, t in enumerate(texts) if not self._is_cut(item.count.variable, scope, at)]
        if self.cut is not None and self.cut.count == start:  # the row's own first token stands for the row
            first = int(counted)
            stretch = slice(first + self.cut.start, first + self.cut.start + self.cut.length)
            del texts[stretch]
            return [str(len(texts) - 1), *texts[1:]] if counted else texts
        return texts

    def _end(self, texts: Sequence[str], show: bool) -> None:
        if show:
            self.lines.append(" ".join(texts))

    def _count(self, number: int) -> None:
        self.counts.add(number)

    def _is_cut(self, variable: int, scope: Sequence[int], at: int) -> bool:
        cut = self.cut
        return cut is not None and scope[variable] == cut.count and cut.start <= at < cut.start + cut.length

    def _token(self, path: Path, token: str, scope: list[int], *, is_integer: bool) -> str:
        """The token as it is written; notes it."""
        number = len(self.tokens)
        known = self.form.fields[path]
        self.tokens.append(Token(number, token, known, path in self.form.sizes))
        text = self.changes.get(number, token)
        if is_integer:
            scope.append(number)
            if self.cut is not None and self.cut.count == number:
                text = str(int(token) - self.cut.length)
        elif known.tied is not None and known.kind == "word":
            self._count(scope[known.tied])
            if self.cut is not None and scope[known.tied] == self.cut.count:
                text = text[: self.cut.start] + text[self.cut.start + self.cut.length :]
        return text


def edits(form: Form, text: str) -> Iterator[str]:
    """Smaller versions, those that leave out most first; may be invalid, or equal to each other."""
    layout = form.layout or ()
    tree = read(layout, text)
    if tree is None:
        return

    def again(changes: Mapping[int, str] | None = None, cut: Cut | None = None) -> str:
        sheet = _Text(form, changes or {}, cut)
        sheet.write(layout, tree, (), [], show=True)
        return "\n".join(sheet.lines) + "\n"

    whole = _Text(form, {}, None)
    whole.write(layout, tree, (), [], show=True)
    counts = sorted(whole.counts, key=lambda number: -int(whole.tokens[number].text))[:_MOST_SINGLE]
    lengths = {number: int(whole.tokens[number].text) for number in counts}
    lengths |= _free_rows(layout, whole.tokens)
    for size in range(_MOST_PIECES * 4):
        for number, length in lengths.items():
            yield from (again(cut=Cut(number, *stretch)) for stretch in _stretches(length, size))
    yield from (again(changes) for changes in _changes(whole.tokens, set(counts)))


def _free_rows(layout: Sequence[Item], tokens: Sequence[Token]) -> dict[int, int]:
    """Rows of any length: the number of their first token, and how many there are to cut."""
    rows: dict[int, int] = {}
    start = 0
    for number, token in enumerate(tokens):
        if token.field.path[-1] >= 0 and (number == 0 or tokens[number - 1].field.path != token.field.path):
            start = number
        if token.field.path[-1] >= 0 and not _is_counted_elsewhere(layout, token.field.path):
            rows[start] = number - start + 1 - token.field.is_counted
    return {number: length for number, length in rows.items() if length > 0}


def _is_counted_elsewhere(layout: Sequence[Item], path: Path) -> bool:
    item = layout[path[0]]
    for number in path[1:]:
        assert isinstance(item, Repeat)
        item = item.body[number]
    return isinstance(item, Row)


def _stretches(length: int, size: int) -> Iterator[tuple[int, int]]:
    """Starts and lengths of cuts of `length` things; the larger `size`, the shorter they are."""
    long = length >> size
    if long == 0:
        return
    starts = list(range(0, length - long + 1, long))
    if len(starts) > _MOST_PIECES:
        starts = starts[:: len(starts) // _MOST_PIECES]
    yield from ((start, long) for start in reversed(starts))


def _changes(tokens: Sequence[Token], counts: set[int]) -> Iterator[dict[int, str]]:
    """Simpler tokens: all at once, by halves, and each by itself."""
    movable = [token for token in tokens if token.number not in counts]
    simple = {token.number: text for token in movable if (text := _simplest(token)) != token.text}
    numbers = list(simple)
    parts = 1
    while parts <= min(len(numbers), _MOST_SINGLE):
        long = -(-len(numbers) // parts)
        yield from ({n: simple[n] for n in numbers[at : at + long]} for at in range(0, len(numbers), long))
        parts *= 2
    yield from _together(movable)
    for token in movable[:_MOST_SINGLE]:
        for text in _simpler(token):
            yield {token.number: text}
            if token.is_size:
                yield {token.number: text} | _clamped(movable, int(text))


def _together(tokens: Sequence[Token]) -> Iterator[dict[int, str]]:
    """Tokens that are equal stay so: one simpler text for all of them."""
    alike: dict[str, list[Token]] = {}
    for token in tokens:
        alike.setdefault(token.text, []).append(token)
    for group in list(alike.values())[:_MOST_SINGLE]:
        if len(group) > 1:
            yield from ({token.number: text for token in group} for text in _simpler(group[0]))


def _clamped(tokens: Sequence[Token], most: int) -> dict[int, str]:
    """All numbers that another one may bound, at most that."""
    return {
        token.number: str(most)
        for token in tokens
        if token.field.kind == "integer" and not token.is_size and int(token.text) > most
    }


def _simplest(token: Token) -> str:
    known, text = token.field, token.text
    if known.kind == "integer":
        return str(max(known.low, min(0, known.high)))
    if known.kind == "decimal" or known.keywords:
        return text
    letters = known.letters or text
    return letters[0] * len(text)


def _simpler(token: Token) -> Iterator[str]:
    """Simpler texts for one token, the simplest first."""
    known, text = token.field, token.text
    if known.kind == "integer":
        value, goal = int(text), max(known.low, min(0, known.high))
        yield from map(str, simpler_numbers(value, goal))
        if value < 0 <= known.high:
            yield str(-value)
    elif known.keywords:
        yield from (word for word in known.keywords if len(word) < len(text))
    elif known.kind == "word":
        if known.tied is None:
            for size in range(8):
                yield from (text[:at] + text[at + long :] for at, long in _stretches(len(text), size))
        for at in range(min(len(text), 40)):
            if text[at] != known.letters[:1]:
                yield text[:at] + known.letters[:1] + text[at + 1 :]
