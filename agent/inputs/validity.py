"""Whether a standard input is believed valid: it has the form that the samples and the statement show.

Not covered: what only words say (`Form.unread`).
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.inputs.constraints import Constraint
from agent.inputs.form import DECIMAL, Field, Form, traits_hold
from agent.inputs.grammar import INTEGER, FixedLine, Item, Node, Repeat, Row, read
from agent.inputs.places import Path


def accepts(form: Form, text: str) -> bool:
    """Whether a text has the layout, the ranges, the relations and the shared properties of a form."""
    return _Reader(form).accepts(text)


def form_of(samples: Sequence[str], statement: str) -> Form | None:
    """The form that all samples have; None where none is found.

    A constraint that a sample breaks was read or bound wrongly, and is left out.
    """
    form = Form(samples, statement)
    while form.layout is not None:
        broken = [reader.broken for sample in samples if not (reader := _Reader(form)).accepts(sample)]
        if not broken:
            return form
        if broken[0] is None:
            return None
        form.leave_out(broken[0])
    return None


class _Reader:
    """Reads one input, with the names whose numbers are known so far."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._names: dict[str, int] = {}
        self.broken: Constraint | None = None
        """The first that did not hold."""

    def accepts(self, text: str) -> bool:
        """See `accepts`."""
        layout = self._form.layout or ()
        tree = read(layout, text)
        return tree is not None and self.fits(layout, tree, (), [])

    def fits(self, layout: Sequence[Item], nodes: Sequence[Node], path: Path, scope: list[int]) -> bool:
        """Whether every item does; extends `scope`."""
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Repeat):
                fits = self._blocks(item, node, here, scope)
            elif isinstance(item, FixedLine):
                fits = self._line(item, node.tokens, here, scope)
            else:
                fits = self._row(item, node.tokens, here, scope)
            if not fits:
                return False
        return True

    def _blocks(self, item: Repeat, node: Node, here: Path, scope: list[int]) -> bool:
        if here in self._form.graphs and not self._is_graph(here, node, scope):
            return False
        for number, inner in enumerate(item.body):
            if isinstance(inner, FixedLine):
                lines = [block[number].tokens for block in node.blocks]
                if here in self._form.unique_blocks and len(item.body) == 1 and len(set(lines)) < len(lines):
                    return False
                for column in range(len(inner.integers)):
                    field = self._form.fields.get((*here, number, -1 - column))
                    if field and not traits_hold(field, [line[column] for line in lines]):
                        return False
        return all(self.fits(item.body, block, here, list(scope)) for block in node.blocks)

    def _is_graph(self, here: Path, node: Node, scope: Sequence[int]) -> bool:
        graph = self._form.graphs[here]
        edges = [(int(block[0].tokens[0]), int(block[0].tokens[1])) for block in node.blocks]
        nodes = len(edges) + 1 if graph.is_tree else self._form.nodes_of(here, scope)
        return graph.accepts(edges, nodes)

    def _line(self, item: FixedLine, tokens: Sequence[str], here: Path, scope: list[int]) -> bool:
        fields = [self._form.fields.get((*here, -1 - column)) for column in range(len(tokens))]
        for name in (field.name for field in fields if field is not None and field.name):
            self._names.pop(name, None)  # of the line before
        for column, token in enumerate(tokens):
            field = fields[column]
            if field is not None and not self._token(field, token, scope):
                return False
            if item.integers[column]:
                scope.append(int(token))
        return True

    def _row(self, item: Item, tokens: Sequence[str], here: Path, scope: Sequence[int]) -> bool:
        field = self._form.fields.get(here)
        if field is None:
            return not tokens
        if field.lines:
            return tuple(tokens) in field.lines
        if field.is_counted:
            if len(tokens) <= field.fewest or tokens[0] != str(len(tokens) - 1):
                return False
            tokens = tokens[1:]
        elif not isinstance(item, Row) and field.kind == "integer" and not tokens:
            return False
        if field.kind == "integer" and all(INTEGER.fullmatch(token) for token in tokens) and tokens:
            ends = (min(tokens, key=int), max(tokens, key=int))  # constraints bound from one side
            return traits_hold(field, tokens) and all(self._token(field, token, scope) for token in ends)
        return traits_hold(field, tokens) and all(self._token(field, token, scope) for token in tokens)

    def _token(self, field: Field, token: str, scope: Sequence[int]) -> bool:
        if field.kind == "decimal":
            return bool(DECIMAL.fullmatch(token)) and field.low <= float(token) <= field.high
        if field.kind == "integer":
            return bool(INTEGER.fullmatch(token)) and self._number(field, int(token), scope)
        if field.tied is not None and len(token) != scope[field.tied]:
            return False
        if field.keywords:
            return token in field.keywords
        has_length = field.tied is not None or field.low <= len(token) <= field.high
        if field.name:
            self._names[field.name] = len(token)
        return has_length and set(token) <= set(field.letters)

    def _number(self, field: Field, value: int, scope: Sequence[int]) -> bool:
        if not field.low <= value <= field.high:
            return False
        if any(value > scope[top] for top in field.tops if top < len(scope)):
            return False
        if field.name is None:
            return True
        self._names[field.name] = value
        return all(self._holds(each) for each in self._form.by_name[field.name])

    def _holds(self, constraint: Constraint) -> bool:
        holds = constraint.holds(self._names)
        self.broken = self.broken if holds else constraint
        return holds
