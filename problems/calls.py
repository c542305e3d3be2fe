"""Function-style statements: the function to write, and the calls that show what it does.

Values come from the statement, which is the user's own text, and are read as Python literals; JSON's true, false
and null count as theirs.

Not covered: calls whose arguments are expressions rather than literals, and exceptions as expected outcomes.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from problems.document import Code, Item, Line, Table
from problems.types import CallCase, ProblemError, Value

_DEF = re.compile(r"^(\s*)(?:async\s+)?def\s+(\w+)\s*\(", re.MULTILINE)
_MENTION = re.compile(
    r"(?:function|method)\s+(?:(?:called|named|that is called)\s+)?[`*]*(\w+)[`*]*\s*\(([^)]*)\)"
    r"|(?:function|method)\s+(?:called|named)\s+[`*]*(\w+)|`(\w+)\(([\w\s,:\[\]]*)\)`",
    re.IGNORECASE,
)
_INPUT = re.compile(r"^(?:(?:sample|example)\s*\d*\s*)?input\s*\d*\s*[:：]\s*(\S.*)$", re.IGNORECASE)
_OUTPUT = re.compile(
    r"^(?:(?:sample|example)\s*\d*\s*)?(?:output|returns?)\s*\d*\s*[:：]\s*(\S.*)$", re.IGNORECASE
)
_ASSIGNED = re.compile(r"\s*(\w+)\s*=(?!=)\s*")
_RESULT = re.compile(
    r"\s*`?\s*(?:#\s*)?(?:==|=>|->|→|➞|⇒|➜|should\s+return|must\s+return|returns?|evaluates to|is|=)\s*:?\s*`?\s*"
)
_JSON_WORDS = {"true": "True", "false": "False", "null": "None"}
_LONGEST_VALUE = 100_000


@dataclass(frozen=True, slots=True)
class Signature:
    """The function to write."""

    name: str
    parameters: tuple[str, ...] | None
    """Without self; None when the statement gives only a name."""
    starter: str = ""
    """Code that the answer starts from."""


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
    """Sites show signatures without a body, which is not yet Python: give them one."""
    found = list(_DEF.finditer(code))
    if not found:
        return None
    completed = re.sub(r"^(\s*)(.*def\s.*:)\s*$", r"\1\2\n\1    pass", code.rstrip(), flags=re.MULTILINE)
    for attempt in (code.rstrip() + "\n" + found[-1][1] + "    pass\n", completed):
        try:
            ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        inner = _from_code(attempt)
        return inner and Signature(inner.name, inner.parameters, code)
    return None


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, code: str) -> Signature:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return Signature(node.name, tuple(name for name in names if name not in ("self", "cls")), code)


def _bare_definition(items: Sequence[Item]) -> str:
    """A definition pasted without a fence: from its first line to the next line that is not indented."""
    lines: list[str] = []
    for item in items:
        if lines and isinstance(item, Line) and item.raw.strip() and not item.raw.startswith((" ", "\t")):
            break
        if lines or (isinstance(item, Line) and re.match(r"(?:def \w+\(|class Solution\b)", item.raw)):
            lines.append(item.raw if isinstance(item, Line) else _indented(item))
    return "\n".join(lines)


def _indented(item: Item) -> str:
    return "\n".join("    " + line for line in item.content.split("\n")) if isinstance(item, Code) else ""


def _from_asserts(text: str) -> Signature | None:
    found = re.search(r"^\s*(?:>>>|assert)\s+(\w+)\(", text, re.MULTILINE)
    return Signature(found[1], None) if found and found[1] not in ("print", "sorted", "list", "set") else None


def _from_mention(text: str) -> Signature | None:
    found = _MENTION.search(text)
    if not found:
        return None
    name = found[1] or found[3] or found[4]
    listed = found[2] if found[1] else found[5]
    if listed is None:
        return Signature(name, None)
    parameters = [part.split(":")[0].split("=")[0].strip() for part in listed.split(",")]
    plain = all(part.isidentifier() for part in parameters if part)
    return Signature(name, tuple(part for part in parameters if part) if plain else None)


def find_calls(items: Sequence[Item], signature: Signature, path: str) -> list[CallCase]:
    """Every example call in the statement, in order, each once.

    Raises:
        ProblemError: an example that is cut, or a value that is not a literal.
    """
    found: list[CallCase] = []
    lines = list(_lines(items))
    for case in (
        *_doctests(lines, signature),
        *_labelled(lines, signature, path),
        *_statements(lines, signature),
        *_tables(items, signature),
    ):
        if case not in found:
            found.append(case)
    return found


def has_assigned_inputs(items: Sequence[Item]) -> bool:
    """Whether examples read `Input: nums = [2, 7], target = 9`, which only functions have."""
    return any(
        (found := _INPUT.match(line.text)) and _ASSIGNED.match(found[1].strip("` ")) for line in _lines(items)
    )


def _lines(items: Sequence[Item]) -> Iterator[Line]:
    """All lines, those inside code blocks included."""
    for item in items:
        if isinstance(item, Line):
            yield item
        elif isinstance(item, Code):
            yield from (Line(raw, item.number + 1 + n) for n, raw in enumerate(item.content.split("\n")))


def _doctests(lines: list[Line], signature: Signature) -> Iterator[CallCase]:
    text = "\n".join(line.raw for line in lines)
    try:
        examples = doctest.DocTestParser().get_examples(re.sub(r'^(.*)"""\s*$', r"\1", text, flags=re.MULTILINE))
    except ValueError:
        return
    for example in examples:
        if example.exc_msg is None and (call := _call(example.source, signature.name)):
            wanted = _literal(example.want)
            if wanted is not None:
                yield CallCase(call[0], wanted[0], call[1])


def _labelled(lines: list[Line], signature: Signature, path: str) -> Iterator[CallCase]:
    """`Input: a = 1, b = 2` and the `Output: 3` after it."""
    for index, line in enumerate(lines):
        found = _INPUT.match(line.text)
        if not found:
            continue
        given, at = found[1], index + 1
        while at < len(lines) and not _OUTPUT.match(lines[at].text):
            if not lines[at].text or _INPUT.match(lines[at].text) or at > index + 12:
                at = len(lines)
                break
            given += " " + lines[at].text
            at += 1
        blank = index + 1 < len(lines) and not lines[index + 1].text
        if at >= len(lines) and blank and index + 2 < len(lines) and _OUTPUT.match(lines[index + 2].text):
            at = index + 2
        if at >= len(lines):
            raise ProblemError("example input has no output after it", path=path, line=line.number)
        yield _labelled_case(signature, given, _continued(lines, at), path, line.number, lines[at].number)


def _continued(lines: list[Line], at: int) -> str:
    """The value after `Output:`, with further lines while its brackets are open."""
    found = _OUTPUT.match(lines[at].text)
    assert found
    value = found[1]
    while value.count("[") > value.count("]") and at + 1 < len(lines) and lines[at + 1].text:
        at += 1
        value += " " + lines[at].text
    return value


def _labelled_case(
    signature: Signature, given: str, expected: str, path: str, input_line: int, output_line: int
) -> CallCase:
    wanted = _literal(_plain(expected))
    if wanted is None:
        raise ProblemError(
            f"expected a Python or JSON value, found {expected[:60]!r}", path=path, line=output_line
        )
    named, values = _arguments(_plain(given))
    if values is None:
        raise ProblemError(
            f"expected values such as `a = 1, b = [2]`, found {given[:60]!r}", path=path, line=input_line
        )
    if not all(named):
        return CallCase(tuple(values), wanted[0])
    if signature.parameters is not None:
        if set(named) != set(signature.parameters):
            raise ProblemError(
                f"example names {', '.join(named)}, but {signature.name} takes {', '.join(signature.parameters)}",
                path=path,
                line=input_line,
            )
        values = [values[named.index(name)] for name in signature.parameters]
    return CallCase(tuple(values), wanted[0])


def _arguments(text: str) -> tuple[list[str], list[Value] | None]:
    """Names (empty where there are none) and values of `a = 1, b = 2`; None for values that are not literals."""
    names: list[str] = []
    values: list[Value] = []
    for part in _split_top(text):
        assigned = _ASSIGNED.match(part)
        found = _literal(part[assigned.end() :] if assigned else part)
        if found is None:
            return [], None
        names.append(assigned[1] if assigned else "")
        values.append(found[0])
    return names, values


def _split_top(text: str) -> list[str]:
    """Split at commas outside of brackets and quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[at - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _statements(lines: list[Line], signature: Signature) -> Iterator[CallCase]:
    """`assert f(1) == 2`, `f(1) -> 2`, "`f(1)` should return `2`" and their like, anywhere in a line."""
    opening = re.compile(rf"(?<![\w.]){re.escape(signature.name)}\(")
    for line in lines:
        if line.raw.lstrip().startswith((">>>", "def ")):
            continue
        for found in opening.finditer(line.raw):
            case = _stated(line.raw[found.start() :], signature.name)
            if case is not None:
                yield case


def _stated(text: str, name: str) -> CallCase | None:
    for end in (m.end() for m in re.finditer(r"\)", text)):
        call = _call(text[:end], name)
        if call is None:
            continue
        result = _RESULT.match(text, end)
        wanted = _leading_literal(text[result.end() :]) if result else None
        return CallCase(call[0], wanted[0], call[1]) if wanted else None
    return None


def _leading_literal(text: str) -> tuple[Value] | None:
    """The longest beginning of `text` that is a literal and ends where a value may end."""
    for end in range(min(len(text), 2000), 0, -1):
        if (end == len(text) or not (text[end].isalnum() or text[end] == "_")) and (
            found := _literal(text[:end].rstrip("`., ;"))
        ):
            return found
    return None


def _tables(items: Sequence[Item], signature: Signature) -> Iterator[CallCase]:
    """A table whose columns are the parameters, or calls, and then the result."""
    for item in items:
        if not isinstance(item, Table) or len(item.header) < 2:
            continue
        for row in item.rows:
            wanted = _literal(_plain(row[-1]))
            call = _call(_plain(row[0]), signature.name) if len(row) == 2 else None
            values = [_literal(_plain(cell)) for cell in row[:-1]]
            if wanted is None:
                continue
            if call is not None:
                yield CallCase(call[0], wanted[0], call[1])
            elif signature.parameters is not None and len(values) == len(signature.parameters):
                known = [value[0] for value in values if value is not None]
                if len(known) == len(values):
                    yield CallCase(tuple(known), wanted[0])


def _call(source: str, name: str) -> tuple[tuple[Value, ...], dict[str, Value]] | None:
    """Arguments of a call of `name` with literals only."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    if not (isinstance(function, ast.Name) and function.id == name) or any(k.arg is None for k in node.keywords):
        return None
    try:
        args = tuple(ast.literal_eval(argument) for argument in node.args)
        kwargs = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return args, kwargs


def _literal(text: str) -> tuple[Value] | None:
    """The one value that `text` spells, in a tuple; None when it spells none."""
    text = text.strip()
    if not text or len(text) > _LONGEST_VALUE:
        return None
    for spelled in (text, re.sub(r"\b(?:true|false|null)\b", lambda word: _JSON_WORDS[word[0]], text)):
        try:
            return (ast.literal_eval(spelled),)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _plain(text: str) -> str:
    return (
        text.strip().strip("`").strip().rstrip(".")
        if text.strip().endswith("`.")
        else text.strip().strip("`").strip()
    )
