"""The function that a statement asks for: from its code, its asserts, or a mention in a sentence.

Not covered: the calls that show what it does (`problems.calls`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from problems.document import Code, Item, Line

_DEF = re.compile(r"^([ \t]*)(?:async\s+)?def\s+(\w+)\s*\(", re.MULTILINE)
_MENTION = re.compile(
    r"(?:function|method)\s+(?:(?:called|named|that is called)\s+)?[`*]*(\w+)[`*]*\s*\(([^)]*)\)"
    r"|(?:function|method)\s+(?:called|named)\s+[`*]*(\w+)|`(\w+)\(([\w\s,:\[\]]*)\)`",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """The function to write."""

    name: str
    parameters: tuple[str, ...] | None
    """Without self; None when the statement gives only a name."""
    starter: str = ""
    """Code that the answer starts from."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Of parameters that have one, as the code writes it."""
    result: str = ""
    """The annotation of what is returned; "" where there is none."""
    flexible: bool = False
    """Whether calls may have another number of arguments: defaults, `*args`."""


def find_signature(items: Sequence[Item], text: str) -> Signature | None:
    """The function that the statement asks for; None when it asks for a program."""
    for item in items:
        if isinstance(item, Code) and (signature := _from_code(item.content)):
            return signature
    bare = _bare_definition(items)
    if bare and (signature := _from_code(bare)):
        return signature
    return _from_asserts(text) or _from_mention(text)


def _from_code(code: str) -> Signature | None:
    """The last function at the outermost level, or the first public method of `Solution`; helpers come before."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _from_broken_code(code)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if functions:
        return _signature(functions[-1], code)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Solution":
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
            if methods:
                return _signature(methods[0], code)
    return None


def _from_broken_code(code: str) -> Signature | None:
    """The function of a signature without a body, which sites show and Python does not parse."""
    heads = list(_DEF.finditer(code))
    if not heads:
        return None
    with_bodies = re.sub(r"^(\s*)(.*def\s.*:)\s*$", r"\1\2\n\1    pass", code.rstrip(), flags=re.MULTILINE)
    for attempt in (code.rstrip() + "\n" + heads[-1][1] + "    pass\n", with_bodies):
        try:
            ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        inner = _from_code(attempt)
        return inner and replace(inner, starter=code)
    return None


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, code: str) -> Signature:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return Signature(
        name=node.name,
        parameters=tuple(argument.arg for argument in arguments if argument.arg not in ("self", "cls")),
        starter=code,
        annotations={
            argument.arg: ast.unparse(argument.annotation) for argument in arguments if argument.annotation
        },
        result=ast.unparse(node.returns) if node.returns else "",
        flexible=bool(node.args.defaults or node.args.kw_defaults or node.args.vararg or node.args.kwarg),
    )


def _bare_definition(items: Sequence[Item]) -> str:
    """A definition pasted without a fence: from its first line to the next line that is not indented."""
    lines: list[str] = []
    for item in items:
        if lines and isinstance(item, Line) and item.raw.strip() and not item.raw.startswith((" ", "\t")):
            break
        if lines or (isinstance(item, Line) and re.match(r"(?:def \w+\(|class Solution\b)", item.raw)):
            lines.append(item.raw if isinstance(item, Line) else _indent(item))
    return "\n".join(lines)


def _indent(item: Item) -> str:
    return "\n".join("    " + line for line in item.content.split("\n")) if isinstance(item, Code) else ""


def _from_asserts(text: str) -> Signature | None:
    match = re.search(r"^[ \t]*(?:>>>|assert)\s+(\w+)\(", text, re.MULTILINE)
    return Signature(match[1], None) if match and match[1] not in ("print", "sorted", "list", "set") else None


def _from_mention(text: str) -> Signature | None:
    match = _MENTION.search(text)
    if not match:
        return None
    name = match[1] or match[3] or match[4]
    names = match[2] if match[1] else match[5]
    if names is None:
        return Signature(name, None)
    parameters = [part.split(":")[0].split("=")[0].strip() for part in names.split(",")]
    plain = all(part.isidentifier() for part in parameters if part)
    return Signature(name, tuple(part for part in parameters if part) if plain else None)
