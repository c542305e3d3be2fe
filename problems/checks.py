"""Test code turned into data: what is called, with what, and what must come out.

HumanEval's `check` functions, MBPP's asserts and EvalPlus's loops are programs; run beside a candidate they can be
cheated by it. Nearly all of them only compare calls with values, so they are rewritten to *record* their
comparisons instead of making them, and run once without any candidate. What is left (loops that use an answer,
helpers applied to it) is driven from a slot of its own, with the candidate's answers handed in.

Stdlib-only and self-contained: this file's source is sent into a slot and runs there, because test code comes from
data sets and nothing of theirs runs on the host.

Covered: `call == value`, `is`, bare and negated calls, `abs(call - value) < tolerance`, `math.isclose`, `and`, and
these with plain functions such as `set(...)` or `round(..., 2)` around the call, and EvalPlus's
`assertion(call, value, tolerance)`. Not covered: comparing values
(`problems.suites`), running candidates (`agent.grade`).
"""

from __future__ import annotations

import ast
import copy
import random
from typing import Any

VIEWS = (
    "tuple",
    "list",
    "set",
    "frozenset",
    "sorted",
    "len",
    "round",
    "str",
    "int",
    "float",
    "bool",
    "abs",
    "sum",
)
"""Functions that may stand around the call; the host applies them to the value that came back."""
_RECORD = "alphasolve_record__"
_ISCLOSE_REL_TOL = 1e-9
# What EvalPlus (Liu et al., 2023) allows where a test gives no tolerance of its own.
_PLUS_ABS_TOL, _PLUS_REL_TOL = 1e-6, 1e-7


class Unreadable(Exception):
    """The test code does more than compare calls with values."""


def collect(reference: str, code: str, target: str) -> list[tuple[Any, ...]] | None:
    """The comparisons that test code makes.

    Args:
        reference: a right program, which also brings the helpers that the problem text defines.
        code: asserts, or a function `check(candidate)` that makes them.
        target: the function under test; a `check` calls it by the name of its parameter.

    Returns:
        For each comparison (views, args, kwargs, expected, absolute tolerance, relative tolerance), where views
        are (name, further arguments...) from the outermost; or None where only driving it will do.
    """
    records: list[tuple[Any, ...]] = []

    def record(views: Any, args: Any, kwargs: Any, expected: Any, abs_tol: float, rel_tol: float) -> None:
        records.append(copy.deepcopy((views, args, kwargs, expected, abs_tol, rel_tol)))

    try:
        tree = _rewritten(code, target, as_text=False)
    except Unreadable:
        return None
    _execute(reference, tree, {_RECORD: record}, None)
    return records


def collect_expressions(reference: str, code: str, target: str) -> list[tuple[Any, ...]] | None:
    """As `collect`, for calls whose arguments only the candidate's own classes can make.

    Returns:
        For each comparison (views, source text of the call, expected, absolute tolerance, relative tolerance).
    """
    records: list[tuple[Any, ...]] = []

    def record(views: Any, text: str, expected: Any, abs_tol: float, rel_tol: float) -> None:
        records.append(copy.deepcopy((views, text, expected, abs_tol, rel_tol)))

    try:
        tree = _rewritten(code, target, as_text=True)
    except Unreadable:
        return None
    _execute(reference, tree, {_RECORD: record}, None)
    return records


def drive(
    reference: str, code: str, target: str, known: list[tuple[Any, ...]] | None
) -> tuple[str, list[tuple[Any, ...]]]:
    """Run test code as it is, with a stand-in that answers from `known` for the function under test.

    Args:
        reference: as in `collect`.
        code: as in `collect`.
        target: as in `collect`.
        known: (args, kwargs, answer) of the calls so far, the answer a list of one value, or empty where the call
            failed; None lets the reference answer, which shows what will be asked.

    Returns:
        "passed", "failed", "crashed" (after a call that failed) or "asked" (a call that `known` does not hold
        comes last), and the calls made, as (args, kwargs).
    """
    calls: list[tuple[Any, ...]] = []
    right: dict[str, Any] = {}

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        number = len(calls)
        calls.append(copy.deepcopy((args, kwargs)))
        if known is None:
            return right["function"](*args, **kwargs)
        if number >= len(known) or known[number][:2] != calls[number]:
            raise _Asked
        if not known[number][2]:
            raise _Crashed
        return copy.deepcopy(known[number][2][0])

    try:
        _execute(reference, ast.parse(code), {}, (target, stand_in, right))
    except _Asked:
        return "asked", calls
    except _Crashed:
        return "crashed", calls
    except Exception:
        if known is None:
            raise
        return "failed", calls
    return "passed", calls


class _Asked(BaseException):
    """Past every `except Exception` of the test code."""


class _Crashed(BaseException):
    """Likewise."""


def _execute(reference: str, tree: ast.Module, added: dict[str, Any], stand_in: Any) -> None:
    """Run the reference, then the tests in a copy of its names, always with the same random numbers."""
    names: dict[str, Any] = {"__name__": "reference"}
    exec(compile(reference, "reference.py", "exec"), names)
    outer = {**names, **added, "__name__": "tests"}
    candidate = None
    if stand_in is not None:
        target, candidate, right = stand_in
        right["function"] = names[target]
        outer[target] = names[target] if _check_function(tree) else candidate
    random.seed(0)
    exec(compile(tree, "tests.py", "exec"), outer)
    if _check_function(tree):
        outer["check"](candidate)


def _check_function(tree: ast.Module) -> ast.FunctionDef | None:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    return found[-1] if found else None


def _rewritten(code: str, target: str, *, as_text: bool) -> ast.Module:
    """The test code with records in place of asserts.

    Raises:
        Unreadable: it uses the function under test in another way.
    """
    tree = ast.parse(code)
    check = _check_function(tree)
    name = check.args.args[0].arg if check is not None else target
    changed: ast.Module = _Rewriter(name, as_text=as_text, plus_view=_plus_view(tree)).visit(tree)
    if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(changed)):
        raise Unreadable(f"{name} is used outside of an assert")
    return ast.fix_missing_locations(changed)


def _plus_view(tree: ast.Module) -> str:
    """What EvalPlus's `assertion` does to both sides before it compares them."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "assertion"]
    text = ast.unparse(found[-1]) if found else ""
    return "set" if "out = set(out)" in text else "found" if "out is not None" in text else ""


class _Rewriter(ast.NodeTransformer):
    """Replaces each assert about the target by records of what it compares."""

    def __init__(self, target: str, *, as_text: bool, plus_view: str) -> None:
        self._target = target
        self._as_text = as_text
        self._plus_view = plus_view

    def visit_Import(self, node: ast.Import) -> Any:
        """EvalPlus imports numpy for comparisons that are not made here."""
        return None if [alias.name for alias in node.names] == ["numpy"] else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        """`assertion(call, value, tolerance)`."""
        call = node.value
        if not (isinstance(call, ast.Call) and _function_name(call) == "assertion" and len(call.args) == 3):
            return self.generic_visit(node)
        side, expected, tolerance = call.args
        abs_tol = ast.BoolOp(ast.Or(), [tolerance, ast.Constant(_PLUS_ABS_TOL)])
        views: list[ast.expr] = []
        if self._plus_view:
            views.append(ast.Tuple([ast.Constant(self._plus_view)], ast.Load()))
        if self._plus_view == "set":
            expected = ast.Call(ast.Name("set", ast.Load()), [expected], [])
        return ast.Expr(self._recorded(views, side, expected, abs_tol, ast.Constant(_PLUS_REL_TOL)))

    def visit_Assert(self, node: ast.Assert) -> Any:
        """An assert that does not mention the target stays."""
        if not self._mentions(node.test):
            return node
        parts = node.test.values if _is_and(node.test) else [node.test]  # type: ignore[attr-defined]
        return [ast.Expr(self._record(part)) for part in parts]

    def _record(self, test: ast.expr) -> ast.expr:
        side, expected, abs_tol, rel_tol = self._comparison(test)
        views: list[ast.expr] = []
        while isinstance(side, ast.Call) and not self._is_target(side):
            name = side.func.id if isinstance(side.func, ast.Name) else ""
            if name not in VIEWS or not side.args or side.keywords or any(map(self._mentions, side.args[1:])):
                raise Unreadable("the call is inside of something else")
            views.append(ast.Tuple([ast.Constant(name), *side.args[1:]], ast.Load()))
            side = side.args[0]
        return self._recorded(views, side, expected, abs_tol, rel_tol)

    def _recorded(
        self, views: list[ast.expr], side: ast.expr, expected: ast.expr, abs_tol: ast.expr, rel_tol: ast.expr
    ) -> ast.expr:
        """The call of the recorder for the call `side`."""
        if (
            not isinstance(side, ast.Call)
            or not self._is_target(side)
            or any(map(self._mentions, _arguments(side)))
        ):
            raise Unreadable("not a plain call")
        made = [ast.Constant(ast.unparse(side))] if self._as_text else _argument_values(side)
        return ast.Call(
            ast.Name(_RECORD, ast.Load()), [ast.Tuple(views, ast.Load()), *made, expected, abs_tol, rel_tol], []
        )

    def _comparison(self, test: ast.expr) -> tuple[ast.expr, ast.expr, ast.expr, ast.expr]:
        """The side with the call, the other side, and the absolute and relative tolerance."""
        zero = ast.Constant(0.0)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return _truth(test.operand), ast.Constant(value=False), zero, zero
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = test.left, test.comparators[0]
            if isinstance(test.ops[0], ast.Eq | ast.Is):
                return *self._sides(left, right), zero, zero
            if isinstance(test.ops[0], ast.Lt | ast.LtE) and not self._mentions(right):
                return *self._sides(*_difference(left)), right, zero
            raise Unreadable("a comparison of another kind")
        if isinstance(test, ast.Call) and _function_name(test) == "isclose" and len(test.args) >= 2:
            given = {word.arg: word.value for word in test.keywords}
            rel_tol = given.get("rel_tol", ast.Constant(_ISCLOSE_REL_TOL))
            return *self._sides(test.args[0], test.args[1]), given.get("abs_tol", zero), rel_tol
        return _truth(test), ast.Constant(value=True), zero, zero

    def _sides(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, ast.expr]:
        if self._mentions(left) == self._mentions(right):
            raise Unreadable("calls on both sides")
        return (left, right) if self._mentions(left) else (right, left)

    def _mentions(self, node: ast.AST) -> bool:
        return any(isinstance(inner, ast.Name) and inner.id == self._target for inner in ast.walk(node))

    def _is_target(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Name) and node.func.id == self._target


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


def _argument_values(call: ast.Call) -> list[ast.expr]:
    """Expressions for the tuple of positional and the dict of keyword arguments."""
    keys: list[ast.expr | None] = [None if word.arg is None else ast.Constant(word.arg) for word in call.keywords]
    return [ast.Tuple(call.args, ast.Load()), ast.Dict(keys, [word.value for word in call.keywords])]
