"""Test code turned into data: what is called, with what, and what must come out.

HumanEval's `check` functions, MBPP's asserts and EvalPlus's loops are programs; run beside a candidate they can be
cheated by it. Nearly all of them only compare calls with values, so they are rewritten to *record* their
comparisons instead of making them, and run once without any candidate (Level A). What is left (loops that use an
answer, helpers applied to it) is driven from a slot of its own, with the candidate's answers handed in (Level B).

Stdlib-only and self-contained: this file's source is sent into a slot and runs there, because test code comes from
data sets and nothing of theirs runs on the host.

Covered: `call == value`, `is`, bare and negated calls, `abs(call - value) < tolerance`, `math.isclose`, `and`, and
these with plain functions such as `set(...)` or `round(..., 2)` around the call, and EvalPlus's
`assertion(call, value, tolerance)`. Not covered: comparisons with values longer than 15 MiB, which are left out
(Mbpp/255 of MBPP+ has some); doctests (`problems.doctests`), comparing values (`problems.suites`), running
candidates (`agent.grade`).
"""

from __future__ import annotations

import ast
import builtins
import copy
import math
import random
from collections.abc import Iterable
from typing import Any, TypeGuard

VIEWS = (
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
_RECORD = "alphasolve_record__"
# A slot returns 16 MiB at most, so a program could not answer with more.
_LONGEST = 15 << 20
_UNCHANGING = (type(None), bool, int, float, complex, str, bytes)
_ISCLOSE_REL_TOL = 1e-9
# What EvalPlus (Liu et al., 2023) allows between floats where a test gives no tolerance of its own.
_PLUS_ABS_TOL, _PLUS_REL_TOL = 1e-6, 1e-7


class Unreadable(Exception):
    """The test code does more than compare calls with values."""


def collect(
    reference: str, code: str, target: str, *, as_text: bool, start: int, most: int
) -> tuple[list[tuple[Any, ...]], bool] | None:
    """The comparisons that test code makes, from number `start` on.

    Args:
        reference: a right program, which also brings the helpers that the problem text defines.
        code: asserts, or a function `check(candidate)` that makes them.
        target: the function under test; a `check` calls it by the name of its parameter.
        as_text: give each call as source text, for arguments that only the candidate's own classes can make.
        start: how many comparisons to leave out.
        most: stop once the answer is about this long, bytes.

    Returns:
        For each comparison (views, call, expected, absolute tolerance, relative tolerance, size of the call and of
        the expected value in bytes), where views are (name, further arguments...) from the outermost and a call is
        (args, kwargs) or text; and whether these are the last. None where only driving it will do.
    """
    try:
        tree, plus_view = _rewritten(reference, code, target, as_text=as_text)
    except Unreadable:
        return None
    pages = _Recorder(plus_view, start, most)
    try:
        _execute(reference, tree, {_RECORD: pages.record}, None)
    except _Full:
        return pages.records, False
    return pages.records, True


class _Full(BaseException):
    """Past every `except Exception` of the test code."""


class _Recorder:
    """Takes in comparisons in the order in which the test code makes them."""

    def __init__(self, plus_view: str, start: int, most: int) -> None:
        self.records: list[tuple[Any, ...]] = []
        self._plus_view = plus_view
        self._skip = start
        self._left = most

    def record(
        self, rule: str, views: tuple[Any, ...], call: Any, expected: Any, abs_tol: float, rel_tol: float
    ) -> None:
        """Keep one comparison."""
        if _size(expected, _LONGEST) > _LONGEST:
            return
        if self._skip:
            self._skip -= 1
            return
        if rule == "plus":
            views, expected, abs_tol, rel_tol = self._as_plus(expected, abs_tol)
        elif rule == "is":
            views, expected = (("typed",), *views), (type(expected).__name__, expected)
        elif rule != "equal":
            # A distance is a matter of floats, whatever the test spells the value as.
            expected = _as_float(expected)
            abs_tol = math.nextafter(abs_tol, -math.inf) if rule == "below" else abs_tol
        size = int(_size(call) + _size(expected))
        if self.records and self._left < size:
            raise _Full
        self._left -= size
        self.records.append(
            (_copied(views), _copied(call), _copied(expected), float(abs_tol), float(rel_tol), size)
        )

    def _as_plus(self, expected: Any, tolerance: float) -> tuple[tuple[Any, ...], Any, float, float]:
        """What EvalPlus's `assertion` does with its arguments."""
        abs_tol = tolerance or (_PLUS_ABS_TOL if _is_floats(expected) else 0.0)
        views = ((self._plus_view,),) if self._plus_view else ()
        return views, set(expected) if self._plus_view == "set" else expected, abs_tol, abs_tol and _PLUS_REL_TOL


def _copied(value: Any) -> Any:
    """A deep copy; `copy.deepcopy` remembers every object it meets, which large answers cannot afford."""
    if type(value) is list:
        return list(map(_copied, value))
    if type(value) is tuple:
        return tuple(map(_copied, value))
    if type(value) is dict:
        return {key: _copied(item) for key, item in value.items()}
    return value if type(value) in _UNCHANGING else copy.deepcopy(value)


def _as_float(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, int) else value
    except OverflowError:
        return value


def _is_floats(value: Any) -> bool:
    return isinstance(value, float) or (
        isinstance(value, list | tuple) and all(isinstance(item, float) for item in value)
    )


def _size(value: Any, most: float = math.inf) -> float:
    """About how many bytes a value takes when it is sent; more than `most` is not counted to the end."""
    if isinstance(value, dict):
        return _sizes((part for pair in value.items() for part in pair), most)
    if isinstance(value, list | tuple | set | frozenset):
        return _sizes(value, most)
    if isinstance(value, int):
        return 6 + value.bit_length() // 8
    if isinstance(value, str):
        return 5 + len(value) * (1 if value.isascii() else 4)
    return 5 + len(value) if isinstance(value, bytes) else 9


def _sizes(values: Iterable[Any], most: float) -> float:
    total = 5.0
    for value in values:
        total += _size(value, most - total)
        if total > most:
            break
    return total


def drive(
    reference: str, code: str, target: str, known: list[tuple[Any, ...]] | None
) -> tuple[str, list[tuple[Any, ...]]]:
    """Run test code as it is, with a stand-in that answers from `known` for the function under test.

    Args:
        reference: as in `collect`.
        code: as in `collect`.
        target: as in `collect`.
        known: (args, kwargs, outcome) of the calls so far, where an outcome is ("value", the answer), ("raised",
            name of a built-in exception), or () where the call ended in another way; None lets the reference
            answer, which shows what will be asked.

    Returns:
        "passed", "failed", "crashed" (by an exception that a call raised) or "asked" (a call that `known` does not
        hold comes last), and the calls made, as (args, kwargs).
    """
    calls: list[tuple[Any, ...]] = []
    raised: list[BaseException] = []
    right: dict[str, Any] = {}

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        number = len(calls)
        calls.append(copy.deepcopy((args, kwargs)))
        if known is None:
            return right["function"](*args, **kwargs)
        if number >= len(known) or known[number][:2] != calls[number]:
            raise _Asked
        outcome = known[number][2]
        if outcome and outcome[0] == "value":
            return copy.deepcopy(outcome[1])
        raised.append(_exception(outcome))
        raise raised[-1]

    try:
        _execute(reference, ast.parse(code), {}, (target, stand_in, right))
    except _Asked:
        return "asked", calls
    except (Exception, _Crashed) as error:
        if known is None:
            raise
        return "crashed" if error in raised else "failed", calls
    return "passed", calls


def _exception(outcome: tuple[Any, ...]) -> BaseException:
    """What a failed call raises in the test code: its built-in exception, or what no test code catches."""
    kind = getattr(builtins, outcome[1], None) if outcome else _Crashed
    return kind() if isinstance(kind, type) and issubclass(kind, Exception | _Crashed) else Exception()


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


def _rewritten(reference: str, code: str, target: str, *, as_text: bool) -> tuple[ast.Module, str]:
    """The test code with records in place of asserts, and what EvalPlus's `assertion` in it does to a value.

    Raises:
        Unreadable: it uses the function under test in another way.
    """
    tree = ast.parse(code)
    check = _check_function(tree)
    name = check.args.args[0].arg if check is not None else target
    taken = _bound_outside(ast.parse(reference)) | _bound(tree)
    plus_view = _plus_view(tree)
    rewriter = _Rewriter(name, as_text=as_text, plain=frozenset(VIEWS) - taken, is_plus=plus_view is not None)
    changed: ast.Module = rewriter.visit(tree)
    if _uses(changed, name):
        raise Unreadable(f"{name} is used outside of an assert")
    return ast.fix_missing_locations(changed), plus_view or ""


def _bound_outside(tree: ast.Module) -> set[str]:
    """The names that a program gives a meaning of its own, but for those inside of its functions."""
    definitions = ast.FunctionDef | ast.ClassDef
    return {node.name for node in tree.body if isinstance(node, definitions)}.union(
        *(_bound(node) for node in tree.body if not isinstance(node, definitions))
    )


def _bound(tree: ast.AST) -> set[str]:
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
    if isinstance(node, ast.FunctionDef) and node.name != "check" and name in _bound(node) - {node.name}:
        return False
    return any(_uses(inner, name) for inner in ast.iter_child_nodes(node))


def _plus_view(tree: ast.Module) -> str | None:
    """What EvalPlus's `assertion` does to a value before it compares, "" for nothing; None if it is not there."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "assertion"]
    if not found:
        return None
    text = ast.unparse(found[-1])
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
        return ast.Expr(self._recorded("plus", [], side, expected, tolerance, ast.Constant(0.0)))

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
        return self._recorded(rule, views, side, expected, abs_tol, rel_tol)

    def _recorded(
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
        made = ast.Constant(ast.unparse(side)) if self._as_text else _argument_values(side)
        given = [ast.Constant(rule), ast.Tuple(views, ast.Load()), made, expected, abs_tol, rel_tol]
        return ast.Call(ast.Name(_RECORD, ast.Load()), given, [])

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
            if rule and not self._mentions(right):
                return rule, *self._sides(*_difference(left)), right, zero
            raise Unreadable("a comparison of another kind")
        if _is_isclose(test):
            given = {word.arg: word.value for word in test.keywords}
            rel_tol = given.get("rel_tol", ast.Constant(_ISCLOSE_REL_TOL))
            return "close", *self._sides(test.args[0], test.args[1]), given.get("abs_tol", zero), rel_tol
        return "equal", _truth(test), ast.Constant(value=True), zero, zero

    def _sides(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, ast.expr]:
        if self._mentions(left) == self._mentions(right):
            raise Unreadable("calls on both sides")
        return (left, right) if self._mentions(left) else (right, left)

    def _mentions(self, node: ast.AST) -> bool:
        return any(isinstance(inner, ast.Name) and inner.id == self._target for inner in ast.walk(node))

    def _is_target(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Name) and node.func.id == self._target


_RULES: dict[type[ast.cmpop], str] = {ast.Eq: "equal", ast.Is: "is", ast.Lt: "below", ast.LtE: "within"}


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
