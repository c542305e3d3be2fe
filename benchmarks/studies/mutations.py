"""Mutants: Python programs with one small mistake each, as people make them.

An operator looks at one node of the syntax tree and gives what may stand in its place. The operators are those of
mutation testing (DeMillo, Lipton and Sayward, "Hints on Test Data Selection", 1978) that contestants know from
their own mistakes: off by one, a wrong comparison, a variable that is not reset, 32-bit integers.

Not covered: whether a mutant does anything else than its origin, which cannot be decided.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

New = ast.AST | list[ast.stmt]
"""What stands in a node's place; statements may become several."""

_NARROW = "_int32"
_HELPER = f"def {_NARROW}(value):\n    return (value + 2**31) % 2**32 - 2**31 if type(value) is int else value\n"
_BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Div,
    ast.Div: ast.FloorDiv,
}
_EXTREMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one mistake."""

    operator: str
    """A name in `OPERATORS`."""
    line: int
    """Of the origin, where the mistake is."""
    source: str


def mutants(source: str, seed: int, most: int) -> list[Mutant]:
    """At most `most` different mutants, of as many operators as there are; the same seed gives the same ones.

    Raises:
        SyntaxError: the program is no Python.
    """
    draw = random.Random(f"mutants/{seed}")
    by_operator: dict[str, list[Mutant]] = {}
    for each in all_mutants(source):
        by_operator.setdefault(each.operator, []).append(each)
    names = sorted(by_operator)
    draw.shuffle(names)
    for name in names:
        draw.shuffle(by_operator[name])
    chosen: dict[str, Mutant] = {}
    while len(chosen) < most and any(by_operator.values()):
        for name in names:
            if by_operator[name] and len(chosen) < most:
                each = by_operator[name].pop()
                chosen.setdefault(each.source, each)
    return list(chosen.values())


def all_mutants(source: str) -> Iterator[Mutant]:
    """Every mutant that compiles and is another text than the origin.

    Raises:
        SyntaxError: the program is no Python.
    """
    tree = ast.parse(source)
    origin = ast.unparse(tree)
    for place in list(_places(tree)):
        node = place.node
        for name, operator in OPERATORS.items():
            for new in operator(node):
                text = place.text_with(new, tree)
                if text != origin and _compiles(text):
                    yield Mutant(name, getattr(node, "lineno", 0), text)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs in its tree."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    def text_with(self, new: New, tree: ast.Module) -> str:
        """The program with something else in the node's place; the tree is left as it was."""
        old = getattr(self.parent, self.field)
        if self.index is None:
            changed: object = new
        else:
            changed = [*old[: self.index], *(new if isinstance(new, list) else [new]), *old[self.index + 1 :]]
        setattr(self.parent, self.field, changed)
        text = ast.unparse(ast.fix_missing_locations(tree))
        setattr(self.parent, self.field, old)
        return _HELPER + text if f"{_NARROW}(" in text else text


def _places(tree: ast.Module) -> Iterator[_Place]:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr | ast.stmt):
                yield _Place(parent, field, None, value)
            elif isinstance(value, list):
                for index, node in enumerate(value):
                    if isinstance(node, ast.expr | ast.stmt):
                        yield _Place(parent, field, index, node)


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _constant(node: ast.AST) -> Iterator[New]:
    """A number that is one too large or too small."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


def _range(node: ast.AST) -> Iterator[New]:
    """A range that begins or ends one too early or too late."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        for at in range(min(len(node.args), 2)):
            for new in _shifted(node.args[at]):
                changed = deepcopy(node)
                changed.args[at] = new
                yield changed


def _shifted(value: ast.expr) -> Iterator[ast.expr]:
    for operator in (ast.Add(), ast.Sub()):
        yield ast.BinOp(deepcopy(value), operator, ast.Constant(1))


def _boundary(node: ast.AST) -> Iterator[New]:
    """`<` where `<=` is meant, and the like."""
    yield from _compared(node, _BOUNDARY)


def _opposite(node: ast.AST) -> Iterator[New]:
    """`<` where `>` is meant, `==` where `!=` is."""
    yield from _compared(node, _OPPOSITE)


def _compared(node: ast.AST, others: dict[type[ast.cmpop], type[ast.cmpop]]) -> Iterator[New]:
    if isinstance(node, ast.Compare):
        for at, comparison in enumerate(node.ops):
            if type(comparison) in others:
                changed = deepcopy(node)
                changed.ops[at] = others[type(comparison)]()
                yield changed


def _arithmetic(node: ast.AST) -> Iterator[New]:
    """`-` where `+` is meant, and the like."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _ARITHMETIC:
        changed = deepcopy(node)
        changed.op = _ARITHMETIC[type(node.op)]()
        yield changed


def _logic(node: ast.AST) -> Iterator[New]:
    """`or` where `and` is meant; a `not` that is forgotten."""
    if isinstance(node, ast.BoolOp):
        changed = deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield deepcopy(node.operand)


def _extreme(node: ast.AST) -> Iterator[New]:
    """`min` where `max` is meant, `any` where `all` is."""
    if isinstance(node, ast.Name) and node.id in _EXTREMES:
        yield ast.Name(_EXTREMES[node.id], node.ctx)


def _statement(node: ast.AST) -> Iterator[New]:
    """A statement that is forgotten; printing is not, which anybody would notice."""
    is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if isinstance(node, ast.AugAssign) or (is_call and "print" not in ast.unparse(node)):
        yield ast.Pass()


def _guard(node: ast.AST) -> Iterator[New]:
    """A condition that is forgotten, so that a branch is always taken, or a case that is."""
    if isinstance(node, ast.If):
        yield deepcopy(node.body)
        yield deepcopy(node.orelse) or [ast.Pass()]


def _reset(node: ast.AST) -> Iterator[New]:
    """A variable that is set once before a loop instead of in each turn."""
    if isinstance(node, ast.For | ast.While):
        for at, inner in enumerate(node.body):
            if isinstance(inner, ast.Assign) and _is_start(inner.value):
                changed = deepcopy(node)
                changed.body[at] = ast.Pass()
                yield [deepcopy(inner), changed]


def _is_start(value: ast.expr) -> bool:
    """Whether it is what variables begin with: a constant, an empty container, or one that repeats a constant."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return all(map(_is_start, value.elts))
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("list", "set", "dict") and not value.args
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return isinstance(value.left, ast.List) and _is_start(value.left)
    return isinstance(value, ast.Constant)


def _int32(node: ast.AST) -> Iterator[New]:
    """A product or a sum that is kept in 32 bits."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Mult):
        total = ast.BinOp(deepcopy(node.target), node.op, deepcopy(node.value))
        yield ast.Assign([deepcopy(node.target)], _narrowed(total))
    is_product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
    is_sum = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum"
    if isinstance(node, ast.expr) and (is_product or is_sum):
        yield _narrowed(deepcopy(node))


def _narrowed(value: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(_NARROW, ast.Load()), [value], [])


def _index(node: ast.AST) -> Iterator[New]:
    """The neighbour of the element that is meant; a slice that ends one too early or too late."""
    if not isinstance(node, ast.Subscript):
        return
    if not isinstance(node.slice, ast.Slice):
        if not (isinstance(node.slice, ast.Tuple) or _is_text(node.slice)):
            for new in _shifted(node.slice):
                yield ast.Subscript(deepcopy(node.value), new, node.ctx)
        return
    for bound in ("lower", "upper"):
        value = getattr(node.slice, bound)
        for new in _shifted(value) if value is not None else ():
            changed = deepcopy(node)
            setattr(changed.slice, bound, new)
            yield changed


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not isinstance(value.value, int)


def _exit(node: ast.AST) -> Iterator[New]:
    """A loop that is left too early, or goes on where it should be left."""
    if isinstance(node, ast.For | ast.While):
        for at, inner in enumerate(node.body):
            if isinstance(inner, ast.If) and not isinstance(inner.body[-1], ast.Break | ast.Return):
                changed = deepcopy(node)
                branch = changed.body[at]
                assert isinstance(branch, ast.If)
                branch.body.append(ast.Break())
                yield changed
    if isinstance(node, ast.Break):
        yield ast.Pass()
    if isinstance(node, ast.Continue):
        yield ast.Break()


def _order(node: ast.AST) -> Iterator[New]:
    """What is not sorted, and should be."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sorted":
        yield ast.Call(ast.Name("list", ast.Load()), [deepcopy(node.args[0])], [])


OPERATORS: dict[str, Callable[[ast.AST], Iterator[New]]] = {
    "constant": _constant,
    "range": _range,
    "boundary": _boundary,
    "opposite": _opposite,
    "arithmetic": _arithmetic,
    "logic": _logic,
    "extreme": _extreme,
    "statement": _statement,
    "guard": _guard,
    "reset": _reset,
    "int32": _int32,
    "index": _index,
    "exit": _exit,
    "order": _order,
}
"""By name; each gives what may stand in a node's place, and leaves the node as it is."""
