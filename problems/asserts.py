"""Asserts that a model wrote, read as data: the call, its arguments and the expected value.

Stdlib-only and self-contained: this file's source is sent into a slot and runs there, because the text comes from
a model, and nothing of a model's is parsed or evaluated on the host.

Covered: `assert f(...) == value`, `is`, bare and negated calls, `abs(f(...) - value) < tolerance` and
`math.isclose(f(...), value)`, with expressions of plain values as arguments. Not covered: anything else, which is
left out; whether what they say is true.
"""

from __future__ import annotations

import ast
import math
from typing import Any

_LONGEST = 2000


def read_asserts(text: str, name: str, most: int) -> list[tuple[tuple[Any, ...], dict[str, Any], Any]]:
    """The first `most` asserts about the function `name` in `text` that can be read.

    Returns:
        (positional arguments, keyword arguments, expected value) for each, in order.
    """
    calls = []
    for part in ("\n" + text).split("\nassert ")[1:]:
        test = _parse("assert " + part)
        read = None if test is None else _read(test, name)
        if read is not None:
            calls.append(read)
        if len(calls) == most:
            break
    return calls


def _parse(text: str) -> ast.expr | None:
    """The first statement of `text`; only its first line where the rest is no Python."""
    for attempt in (text[:_LONGEST], text[:_LONGEST].split("\n", 1)[0]):
        try:
            body = ast.parse(attempt).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if body and isinstance(body[0], ast.Assert):
            return body[0].test
    return None


def _read(test: ast.expr, name: str) -> tuple[tuple[Any, ...], dict[str, Any], Any] | None:
    call, expected = _sides(test, name)
    if not _calls(call, name):
        return None
    assert isinstance(call, ast.Call)
    try:
        args = tuple(map(_value, call.args))
        kwargs = {str(word.arg): _value(word.value) for word in call.keywords}
        return args, kwargs, _value(expected)
    except Exception:
        return None


def _sides(test: ast.expr, name: str) -> tuple[ast.expr, ast.expr]:
    """The call and what it is compared with; a bare call must give True, a negated one False."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand, ast.Constant(value=False)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.Eq | ast.Is):
            return _call_first(test.left, test.comparators[0], name)
        if isinstance(test.ops[0], ast.Lt | ast.LtE):
            return _distance(test.left, name)
    if isinstance(test, ast.Call) and ast.unparse(test.func) in ("math.isclose", "isclose") and len(test.args) > 1:
        return _call_first(test.args[0], test.args[1], name)
    return test, ast.Constant(value=True)


def _distance(node: ast.expr, name: str) -> tuple[ast.expr, ast.expr]:
    """The sides of `abs(a - b)`."""
    inner = node.args[0] if isinstance(node, ast.Call) and ast.unparse(node.func) == "abs" and node.args else None
    if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
        return _call_first(inner.left, inner.right, name)
    return node, node


def _call_first(left: ast.expr, right: ast.expr, name: str) -> tuple[ast.expr, ast.expr]:
    return (right, left) if _calls(right, name) else (left, right)


def _calls(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _value(node: ast.expr) -> Any:
    """The value of an expression of plain values; the slot's limits hold for it."""
    expression = ast.fix_missing_locations(ast.Expression(node))
    return eval(compile(expression, "asserts.py", "eval"), {"math": math})
