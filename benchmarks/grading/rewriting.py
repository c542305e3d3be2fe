"""Test code that records its comparisons instead of making them, as a syntax tree.

Stdlib-only and self-contained: it travels into a slot with `benchmarks.grading.checks`, which runs what comes out.

Covered: `call == value`, `is`, `in (value, value)`, bare and negated calls, `abs(call - value) < tolerance`,
`math.isclose`, `and`, and these with plain functions such as `set(...)` or `round(..., 2)` around the call, and
EvalPlus's `assertion(call, value, tolerance)`. Not covered: running it (`benchmarks.grading.checks`).
"""

from __future__ import annotations

import ast
from typing import Any, TypeGuard

_VIEWS = (
    "tuple",
    "list",
    "set",
    "frozenset",
    "sorted",
    "len",
    "round",
    "str",
    "repr",
    "int",
    "float",
    "bool",
    "abs",
    "sum",
)
"""Functions that may stand around the call; the host applies them to the value that came back."""
RECORD = "alphasolve_record__"
"""What the rewritten code calls for each comparison, with rule, views, call, expected value and two tolerances."""
_ISCLOSE_REL_TOL = 1e-9


class Unreadable(Exception):
    """The test code does more than compare calls with values."""


def rewrite(reference: str, code: str, target: str, *, as_text: bool) -> tuple[ast.Module, str]:
    """The test code with records in place of asserts, and what EvalPlus's `assertion` in it does to a value.

    Raises:
        Unreadable: it uses the function under test in another way.
    """
    tree = ast.parse(code)
    check = check_function(tree)
    name = check.args.args[0].arg if check is not None else target
    names = _outer_bindings(ast.parse(reference)) | _bindings(tree)
    plus_view = _plus_view(tree)
    rewriter = _Rewriter(name, as_text=as_text, plain=frozenset(_VIEWS) - names, is_plus=plus_view is not None)
    result: ast.Module = rewriter.visit(tree)
    if _uses(result, name):
        raise Unreadable(f"{name} is used outside of an assert")
    return ast.fix_missing_locations(result), plus_view or ""


def check_function(tree: ast.Module) -> ast.FunctionDef | None:
    """HumanEval's `check(candidate)`; None where the asserts stand by themselves."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    return functions[-1] if functions else None


def _outer_bindings(tree: ast.Module) -> set[str]:
    """The names that a program gives a meaning of its own, but for those inside of its functions."""
    definitions = ast.FunctionDef | ast.ClassDef
    return {node.name for node in tree.body if isinstance(node, definitions)}.union(
        *(_bindings(node) for node in tree.body if not isinstance(node, definitions))
    )


def _bindings(tree: ast.AST) -> set[str]:
    """The names that code gives a meaning of its own."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


def _uses(node: ast.AST, name: str) -> bool:
    """Whether `name` is read anywhere but in functions that have a variable of that name themselves."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, ast.FunctionDef) and node.name != "check" and name in _bindings(node) - {node.name}:
        return False
    return any(_uses(inner, name) for inner in ast.iter_child_nodes(node))


def _plus_view(tree: ast.Module) -> str | None:
    """What EvalPlus's `assertion` does to a value before it compares, "" for nothing; None if it is not there."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "assertion"]
    if not functions:
        return None
    text = ast.unparse(functions[-1])
    return "set" if "out = set(out)" in text else "found" if "out is not None" in text else ""


class _Rewriter(ast.NodeTransformer):
    """Replaces each assert about the target by records of what it compares."""

    def __init__(self, target: str, *, as_text: bool, plain: frozenset[str], is_plus: bool) -> None:
        self._target = target
        self._as_text = as_text
        self._plain = plain
        self._is_plus = is_plus

    def visit_Import(self, node: ast.Import) -> Any:
        """EvalPlus imports numpy for comparisons that are not made here."""
        return None if self._is_plus and [alias.name for alias in node.names] == ["numpy"] else node

    def visit_Try(self, node: ast.Try | ast.With) -> Any:
        """What may be caught is not yet a failure."""
        if self._mentions(node):
            raise Unreadable("the call is inside of a try")
        return node

    def visit_With(self, node: ast.With) -> Any:
        """`with raises(ValueError)` catches as well."""
        return self.visit_Try(node)

    def visit_Expr(self, node: ast.Expr) -> Any:
        """`assertion(call, value, tolerance)`."""
        call = node.value
        if not (
            self._is_plus
            and isinstance(call, ast.Call)
            and _function_name(call) == "assertion"
            and len(call.args) == 3
        ):
            return self.generic_visit(node)
        side, expected, tolerance = call.args
        return ast.Expr(self._recording("plus", [], side, expected, tolerance, ast.Constant(0.0)))

    def visit_Assert(self, node: ast.Assert) -> Any:
        """An assert that does not mention the target stays."""
        if not self._mentions(node.test):
            return node
        parts = node.test.values if _is_and(node.test) else [node.test]  # type: ignore[attr-defined]
        return [ast.Expr(self._record(part)) for part in parts]

    def _record(self, test: ast.expr) -> ast.expr:
        rule, side, expected, abs_tol, rel_tol = self._comparison(test)
        views: list[ast.expr] = []
        while isinstance(side, ast.Call) and not self._is_target(side):
            name, more = _function_name(side), side.args[1:]
            plain = isinstance(side.func, ast.Name) and name in self._plain and not side.keywords
            if not plain or not side.args or any(map(self._mentions, more)):
                raise Unreadable("the call is inside of something else")
            views.append(ast.Tuple([ast.Constant(name), *more], ast.Load()))
            side = side.args[0]
        return self._recording(rule, views, side, expected, abs_tol, rel_tol)

    def _recording(
        self,
        rule: str,
        views: list[ast.expr],
        side: ast.expr,
        expected: ast.expr,
        abs_tol: ast.expr,
        rel_tol: ast.expr,
    ) -> ast.expr:
        """The call of the recorder for the call `side`."""
        if (
            not isinstance(side, ast.Call)
            or not self._is_target(side)
            or any(map(self._mentions, _arguments(side)))
        ):
            raise Unreadable("not a plain call")
        call = ast.Constant(ast.unparse(side)) if self._as_text else _argument_values(side)
        arguments = [ast.Constant(rule), ast.Tuple(views, ast.Load()), call, expected, abs_tol, rel_tol]
        return ast.Call(ast.Name(RECORD, ast.Load()), arguments, [])

    def _comparison(self, test: ast.expr) -> tuple[str, ast.expr, ast.expr, ast.expr, ast.expr]:
        """The rule, the side with the call, the other side, and the absolute and relative tolerance."""
        zero = ast.Constant(0.0)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return "equal", _truth(test.operand), ast.Constant(value=False), zero, zero
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = test.left, test.comparators[0]
            rule = _RULES.get(type(test.ops[0]), "")
            if rule in ("equal", "is"):
                return rule, *self._sides(left, right), zero, zero
            if rule == "among" and _has_items(right) and not self._mentions(right):
                return rule, left, right, zero, zero
            if rule in ("below", "within") and not self._mentions(right):
                return rule, *self._sides(*_difference(left)), right, zero
            raise Unreadable("a comparison of another kind")
        if _is_isclose(test):
            keywords = {word.arg: word.value for word in test.keywords}
            rel_tol = keywords.get("rel_tol", ast.Constant(_ISCLOSE_REL_TOL))
            return "close", *self._sides(test.args[0], test.args[1]), keywords.get("abs_tol", zero), rel_tol
        return "equal", _truth(test), ast.Constant(value=True), zero, zero

    def _sides(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, ast.expr]:
        if self._mentions(left) == self._mentions(right):
            raise Unreadable("calls on both sides")
        return (left, right) if self._mentions(left) else (right, left)

    def _mentions(self, node: ast.AST) -> bool:
        return any(isinstance(inner, ast.Name) and inner.id == self._target for inner in ast.walk(node))

    def _is_target(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Name) and node.func.id == self._target


_RULES: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.Is: "is",
    ast.In: "among",
    ast.Lt: "below",
    ast.LtE: "within",
}


def _has_items(node: ast.expr) -> bool:
    """Whether it lists values; `in` means something else for text and other containers."""
    return isinstance(node, ast.Tuple | ast.List | ast.Set) and bool(node.elts)


def _is_isclose(test: ast.expr) -> TypeGuard[ast.Call]:
    """`math.isclose(a, b, rel_tol=..., abs_tol=...)`; numpy's function of that name has other defaults."""
    if not isinstance(test, ast.Call) or len(test.args) != 2:
        return False
    plain = ast.unparse(test.func) in ("isclose", "math.isclose")
    return plain and all(word.arg in ("rel_tol", "abs_tol") for word in test.keywords)


def _is_and(test: ast.expr) -> bool:
    return isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)


def _truth(test: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("bool", ast.Load()), [test], [])


def _difference(node: ast.expr) -> tuple[ast.expr, ast.expr]:
    """A and b of `abs(a - b)`."""
    if isinstance(node, ast.Call) and _function_name(node) in ("abs", "fabs") and len(node.args) == 1:
        inner = node.args[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            return inner.left, inner.right
    raise Unreadable("less than, but not a distance")


def _function_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(word.value for word in call.keywords)]


def _argument_values(call: ast.Call) -> ast.expr:
    """An expression for the tuple of positional and the dict of keyword arguments."""
    keys: list[ast.expr | None] = [None if word.arg is None else ast.Constant(word.arg) for word in call.keywords]
    words = ast.Dict(keys, [word.value for word in call.keywords])
    return ast.Tuple([ast.Tuple(call.args, ast.Load()), words], ast.Load())
