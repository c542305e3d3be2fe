"""The calls that show what a function does, however a statement writes them.

Values come from the statement, which is the user's own text, and are read as Python literals; JSON's true, false
and null count as theirs.

Not covered: calls whose arguments are expressions rather than literals, exceptions as expected outcomes, and
strings without quotes.
"""

from __future__ import annotations

import ast
import builtins
import doctest
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from problems.document import Code, Item, Line, Table
from problems.signatures import Signature
from problems.types import CallCase, ProblemError, Value

_INPUT = re.compile(r"^(?:(?:sample|example)\s*\d*\s*)?input\s*\d*\s*[:：]\s*(\S.*)$", re.IGNORECASE)
_OUTPUT = re.compile(
    r"^(?:(?:sample|example)\s*\d*\s*)?(?:output|returns?)\s*\d*\s*[:：]\s*(\S.*)$", re.IGNORECASE
)
_ASSIGNED = re.compile(r"\s*(\w+)\s*=(?!=)\s*")
_RESULT = re.compile(
    r"\s*`?\s*(?:#\s*)?"
    r"(?:=+>|-+>|==|→|➞|⇒|➜|(?:should|must)\s+(?:return|be|give)|returns?|gives|evaluates to|is|=)\s*:?\s*`?\s*"
)
_INPUT_ALONE = re.compile(r"^(?:(?:sample|example)\s*\d*\s*)?inputs?\s*\d*\s*[:：]?$", re.IGNORECASE)
_NAMED = re.compile(r"^[-*]?\s*`?(\w+)`?\s*[:=]\s*(.+)$")
_GIVEN = re.compile(r"\b(?:for|if|when|given|with)\s+", re.IGNORECASE)
_OUTCOME = re.compile(
    r"\b(?:should|must)\s+(?:be|return|equal|give)\b\s*:?\s*`?"
    r"|\b(?:output|result|answer|value|function|it)\s+(?:is|returns|will\s+be|will\s+return|would\s+be)\s*:?\s*`?"
    r"|(?:=+>|-+>|→|⇒|\breturns?\b)\s*`?",
    re.IGNORECASE,
)
_CLOSING_QUOTES = re.compile(r"""^(.*)(?:\"{3}|'{3})\s*$""", re.MULTILINE)
_GOES_ON = re.compile(r"\s*(?:[-+*/%^]\s*[\w(]|=(?!=*>))")
"""After a value: it is the first term of a calculation, such as `19 - 5 - 6 = 8`."""
_OTHER_NAME = re.compile(r"(?<![\w.])([^\W\d]\w*)\(")
_JSON_WORDS = {"true": "True", "false": "False", "null": "None"}
_LONGEST_VALUE = 100_000
_LONGEST_LEADING = 2000
_MOST_NAMES = 20


def find_calls(items: Sequence[Item], signature: Signature, path: str) -> list[CallCase]:
    """Every example call in the statement, in order, each once.

    Raises:
        ProblemError: an example that is cut, or a value that is not a literal.
    """
    lines = list(_lines(items))
    found = [
        *_doctests(lines, signature),
        *_labelled(lines, signature, path),
        *_statements(lines, signature),
        *_described(lines, signature),
        *_tables(items, signature),
    ]
    # A call may occur twice, and equality of cases is not that of dictionary keys: lists are in them.
    return [case for n, case in enumerate(found or _misnamed(lines, signature)) if case not in found[:n]]


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
        examples = doctest.DocTestParser().get_examples(_CLOSING_QUOTES.sub(r"\1", text))
    except ValueError:
        return
    for example in examples:
        if example.exc_msg is not None:
            continue
        source, want = example.source, example.want
        if want.strip() in ("", "True"):
            source, want = _sides(source) or (source, want)
        if (call := _call(source, signature.name)) and (wanted := _literal(want)):
            yield CallCase(call[0], wanted[0], call[1])


def _sides(source: str) -> tuple[str, str] | None:
    """`f(1)` and `2` of `f(1) == 2`, as some write in place of a doctest with an answer."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.Is):
        return ast.unparse(node.left), ast.unparse(node.comparators[0])
    return None


def _labelled(lines: list[Line], signature: Signature, path: str) -> Iterator[CallCase]:
    """`Input: a = 1, b = 2` and the `Output: 3` after it."""
    for index, line in enumerate(lines):
        found = _INPUT.match(line.text)
        if not found:
            if _INPUT_ALONE.match(line.text) and (case := _listed(lines, index + 1, signature, path)):
                yield case
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


def _listed(lines: list[Line], at: int, signature: Signature, path: str) -> CallCase | None:
    """`Input:` with a line `name: value` for each parameter under it, then `Output: 3`."""
    names: list[str] = []
    values: list[str] = []
    while at < len(lines) and (named := _NAMED.match(lines[at].text)) and not _OUTPUT.match(lines[at].text):
        names.append(named[1])
        values.append(named[2].strip("` ,"))
        at += 1
    if not names or at == len(lines) or not _OUTPUT.match(lines[at].text):
        return None
    pairs = zip(_renamed(names, signature.parameters or ()), values, strict=True)
    given = ", ".join(f"{name} = {value}" for name, value in pairs)
    return _labelled_case(signature, given, _continued(lines, at), path, lines[at - 1].number, lines[at].number)


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


def _renamed(named: list[str], parameters: Sequence[str]) -> list[str]:
    """The names that an example gives; where just one is not a parameter's, it stands for the one left over."""
    unknown, missing = set(named) - set(parameters), set(parameters) - set(named)
    if len(unknown) == len(missing) == 1 and len(named) == len(parameters):
        (left_over,) = missing
        return [left_over if name in unknown else name for name in named]
    return named


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


def _described(lines: list[Line], signature: Signature) -> Iterator[CallCase]:
    """`For a = 1, b = "x" the result should be 2`: every parameter gets a value, and the last outcome counts."""
    if not signature.parameters:
        return
    names = "|".join(map(re.escape, signature.parameters))
    assigned = re.compile(rf"[\s,;]*(?:and\s+)?`?({names})\s*=(?!=)\s*")
    for line in lines:
        for opening in _GIVEN.finditer(line.raw):
            values, at = _assigned(line.raw, opening.end(), assigned)
            if len(values) < len(signature.parameters):
                continue
            outcomes = [_leading_literal(line.raw[m.end() :]) for m in _OUTCOME.finditer(line.raw, at)]
            if wanted := next(filter(None, reversed(outcomes)), None):
                yield CallCase(tuple(values[name] for name in signature.parameters), wanted[0])
                break


def _assigned(text: str, at: int, assigned: re.Pattern[str]) -> tuple[dict[str, Value], int]:
    """The values of `a = 1, b = 2` from `at` on, and where they end."""
    values: dict[str, Value] = {}
    while found := assigned.match(text, at):
        length = _literal_length(text[found.end() :])
        if not length:
            break
        at = found.end() + length
        value = _literal(text[found.end() : at])
        assert value is not None
        values[found[1]] = value[0]
    return values, at


def _misnamed(lines: list[Line], signature: Signature) -> list[CallCase]:
    """Calls of one other function, in a statement that never calls its own: it was renamed, its examples not."""
    text = "\n".join(line.raw for line in lines)
    others = set(_OTHER_NAME.findall(text)) - set(dir(builtins)) - set(re.findall(r"def (\w+)", text))
    if len(others) > _MOST_NAMES:  # each takes a look at the whole text
        return []
    found = {}
    for name in others:
        renamed = replace(signature, name=name)
        cases = [*_doctests(lines, renamed), *_statements(lines, renamed)]
        if cases:
            found[name] = cases
    if len(found) != 1 or signature.parameters is None:
        return []
    (cases,) = found.values()
    fits = all(len(case.args) == len(signature.parameters) and not case.kwargs for case in cases)
    return cases if fits else []


def _leading_literal(text: str) -> tuple[Value] | None:
    """The longest beginning of `text` that is a literal and ends where a value may end."""
    return _literal(text[: _literal_length(text)])


def _literal_length(text: str) -> int:
    """How long that beginning is; 0 where there is none."""
    for end in range(min(len(text), _LONGEST_LEADING), 0, -1):
        if end == len(text) or not (text[end].isalnum() or text[end] == "_"):
            candidate = text[:end].rstrip("`., ;")
            if _literal(candidate):
                return 0 if _GOES_ON.match(text, len(candidate)) else len(candidate)
    return 0


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
