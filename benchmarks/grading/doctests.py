"""Doctests as test code: `>>> f(2)` and the `4` under it become `assert f(2) == 4`.

What `benchmarks.grading.checks` then makes of the asserts is up to it. Values that are not literals are compared
by how they print, as doctest itself does.

Not covered: doctest's options (ELLIPSIS and the like), and what an exception says, only which it is.
"""

from __future__ import annotations

import ast
import doctest
import re

_EXCEPTION = re.compile(r"(\w+)")


def doctest_code(text: str) -> str:
    """The doctests in `text` as asserts, in order; "" where there are none.

    Raises:
        ValueError: a doctest is malformed.
    """
    parts = []
    for example in doctest.DocTestParser().get_examples(_without_closing_quotes(text)):
        source, want = example.source.rstrip(), example.want.rstrip()
        if example.exc_msg is not None:
            parts.append(_raising(source, example.exc_msg))
        elif want:
            parts.append(_assert(source, want))
        else:
            parts.append(source)
    return "".join(part + "\n" for part in parts)


def _without_closing_quotes(text: str) -> str:
    """A docstring's end, and the code after it, would count as part of the last value."""
    return re.sub(r"""(?:\"{3}|'{3})[ \t]*$""", "\n", text, flags=re.MULTILINE)


def _assert(source: str, want: str) -> str:
    try:
        node = ast.parse(source, mode="eval").body
    except SyntaxError:
        raise ValueError(f"not an expression, but it has an answer: {source[:80]!r}") from None
    if (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "print"
        and len(node.args) == 1
        and not node.keywords
    ):
        return f"assert str({ast.unparse(node.args[0])}) == {want!r}"
    try:
        ast.literal_eval(want)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return f"assert repr({ast.unparse(node)}) == {want!r}"
    return f"assert {ast.unparse(node)} == {want.strip()}"


def _raising(source: str, message: str) -> str:
    name = _EXCEPTION.match(message.rpartition(".")[2] if "." in message.partition(":")[0] else message)
    inside = "".join(f"    {line}\n" for line in source.split("\n"))
    return f"try:\n{inside}except {name[1] if name else 'Exception'}:\n    pass\nelse:\n    assert False"
