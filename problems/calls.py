"""The calls that show what a function does, however a statement writes them.

Values come from the statement, which is the user's own text, and are read as literals (`problems.literals`).

Not covered: calls whose arguments are expressions rather than literals, exceptions as expected outcomes.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from problems.document import Item, Line, Table, all_lines
from problems.labelled import LabelledExample
from problems.labelled_calls import labelled_calls
from problems.literals import LONGEST_VALUE, Allowance, Literal, literal, literal_at
from problems.signatures import Signature
from problems.types import CallCase, Value

_RESULT = re.compile(
    r"[\s;)`]*(?:(?:\#+|//+|--|/\*|%|;)[\s`]*)?"
    r"(?:(?:=+>|-+>|==+|→|➞|⇒|➜|(?:should|must)\s+(?:return|be|give|equal)|returns?|gives|equals|evaluates to|is"
    r"|=)"
    r"\s*:?\s*)+`?\s*"
)
_COMMENT = re.compile(r"[\s;)`]*(?:\#+|//+|/\*)\s*`?")
"""A result may stand in a comment without another word: `f(2)  # 4`."""
_PRINT = re.compile(r"[\s`\-*>]*(?:(?:print|puts|echo|console\.log|System\.out\.println)\b\s*\(?\s*)?")
"""What may stand before a call whose result is in a comment alone."""
_ENDS_CALL = re.compile(r"[ \t;)]*$")
_ENDS_COMMENT = re.compile(r"\s*(?:\*/)?\s*$")
_EQUALITY_ASSERTION = re.compile(
    r"\bassert_?(?:_?deep_?)?(?:equals?|eq|similar|same)\w*\(\s*$|\bexpect\(\s*$", re.IGNORECASE
)
_EQUALS = re.compile(
    r"\s*\)?\s*(?:,|\.to(?:_?[Bb]e|_?[Ee]qual|[Ss]trict[Ee]qual)\w*\(|\.to\.(?:deep\.)?(?:eq|eql|equal)\()\s*"
)
_FOR = re.compile(r"\b(?:for|if|when|given|with)\s+", re.IGNORECASE)
_OUTCOME = re.compile(
    r"\b(?:should|must)\s+(?:be|return|equal|give)\b\s*:?\s*`?"
    r"|\b(?:output|result|answer|value|function|it)\s+(?:is|returns|will\s+be|will\s+return|would\s+be)\s*:?\s*`?"
    r"|(?:=+>|-+>|→|⇒|\breturns?\b)\s*`?",
    re.IGNORECASE,
)
_CLOSING_QUOTES = re.compile(r"""^(.*)(?:\"{3}|'{3})\s*$""", re.MULTILINE)
_GOES_ON = re.compile(r"[`\s]*(?:[-+*/%^]\s*[\w(]|=(?!=*>))")
"""After a value: it is the first term of a calculation, such as `19 - 5 - 6 = 8`."""
_TUPLE = re.compile(r"\s*,\s*[^\s`]")
_ASSERT = re.compile(r"\s*(?:assert|self\.assert)\b")
_KEYWORD = re.compile(r"\s*([A-Za-z_]\w*)\s*[=:](?!=)")
_AFTER_ARGUMENT = re.compile(r"\s*(?:,|(?=\)))")
_CLOSING = re.compile(r"\s*\)")
_OTHER_NAME = re.compile(r"(?<![\w.])([^\W\d]\w*)\(")
_MOST_NAMES = 20
_LOOKS = 1_200_000
"""Characters looked at for one statement, over all places where a value might begin."""
_LOOK = 100
"""What a try costs beside the characters that it looks at."""


@dataclass(frozen=True, slots=True)
class _Call:
    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    end: int
    """Where its closing bracket's successor is."""


def find_calls(
    items: Sequence[Item], examples: Sequence[LabelledExample], signature: Signature, path: str
) -> list[CallCase]:
    """Every example call in the statement, in order, each once.

    Args:
        items: the statement.
        examples: what stands under labels in it.
        signature: of the function.
        path: where the statement came from, for messages.

    Raises:
        ProblemError: an example that is cut, or a value that is not a literal.
    """
    lines = all_lines(items)
    allowance = Allowance(_LOOKS)
    cases = [
        *_doctests(lines, signature, allowance),
        *labelled_calls(examples, signature, path, allowance),
        *_statements(lines, signature, allowance),
        *_descriptions(lines, signature, allowance),
        *_tables(items, signature, allowance),
    ]
    return _each_once(cases or _calls_of_another(lines, signature, allowance))


def _each_once(cases: Iterable[CallCase]) -> list[CallCase]:
    # Lists are in them, which are no keys of a dictionary.
    return list({repr(case): case for case in cases}.values())


def _doctests(lines: Sequence[Line], signature: Signature, allowance: Allowance) -> Iterator[CallCase]:
    text = "\n".join(line.raw for line in lines)
    if ">>>" not in text:
        return
    import doctest  # which brings a debugger with it

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
        call, result = _whole_call(source, signature.name, allowance), literal(want, allowance)
        if call and result:
            yield CallCase(call.args, result.value, call.kwargs)


def _sides(source: str) -> tuple[str, str] | None:
    """`f(1)` and `2` of `f(1) == 2`, as some write in place of a doctest with an answer."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.Is):
        return ast.unparse(node.left), ast.unparse(node.comparators[0])
    return None


def _statements(lines: Sequence[Line], signature: Signature, allowance: Allowance) -> Iterator[CallCase]:
    """`assert f(1) == 2`, `f(1) -> 2`, "`f(1)` should return `2`" and their like, anywhere in a line."""
    opening = re.compile(rf"(?<![\w.])(?:(?:Solution\(\)|[A-Z]\w*)\.)?{re.escape(signature.name)}(?=\()")
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line.raw.lstrip().startswith((">>>", "def ", "function ", "func ")):
            continue
        at = 0
        while (match := opening.search(line.raw, at)) and allowance.spend(_LOOK):
            at = match.end()
            call = _call(line.raw, at, allowance)
            if call is None:
                continue
            at = call.end
            result = _stated_result(line.raw, match.start(), at, allowance) or (
                _result_below(line.raw, at, following, allowance)
            )
            if result is not None:
                yield CallCase(call.args, result.value, call.kwargs)


def _stated_result(text: str, start: int, end: int, allowance: Allowance) -> Literal | None:
    """What a line says of the call in it from `start` to `end`."""
    if _EQUALITY_ASSERTION.search(text, max(0, start - 40), start):
        equals = _EQUALS.match(text, end)
        return literal_at(text, equals.end(), allowance) if equals else None
    if match := _RESULT.match(text, end):
        return _leading(text, match.end(), allowance)
    if (comment := _COMMENT.match(text, end)) and _PRINT.fullmatch(text, 0, start):
        value = literal_at(text, comment.end(), allowance)
        return value if value and _ENDS_COMMENT.match(text, value.end) else None
    return None


def _result_below(text: str, at: int, following: Line | None, allowance: Allowance) -> Literal | None:
    """`// => 4` under the line that ends with the call, which ends at `at`."""
    if following is None or not _ENDS_CALL.match(text, at):
        return None
    match = _RESULT.match(following.raw)
    arrow = match is not None and following.raw.strip()[:1] in ("#", "/", "=", "-", "→", "➞", "⇒", "➜")
    return _leading(following.raw, match.end(), allowance) if match and arrow else None


def _descriptions(lines: Sequence[Line], signature: Signature, allowance: Allowance) -> Iterator[CallCase]:
    """`For a = 1, b = "x" the result should be 2`: every parameter gets a value, and the last outcome counts."""
    if not signature.parameters:
        return
    names = "|".join(map(re.escape, signature.parameters))
    assignment = re.compile(rf"[\s,;]*(?:and\s+)?`?({names})\s*=(?!=)\s*`?")
    for line in lines:
        for opening in _FOR.finditer(line.raw):
            if not allowance.spend(_LOOK):
                return
            values, at = _assignments(line.raw, opening.end(), assignment, allowance)
            if len(values) < len(signature.parameters) or not allowance.spend(len(line.raw) - at):
                continue
            outcomes = reversed([match.end() for match in _OUTCOME.finditer(line.raw, at)])
            results = (_leading(line.raw, end, allowance) for end in outcomes if allowance.spend(_LOOK))
            if result := next(filter(None, results), None):
                yield CallCase(tuple(values[name] for name in signature.parameters), result.value)
                break


def _assignments(
    text: str, at: int, assignment: re.Pattern[str], allowance: Allowance
) -> tuple[dict[str, Value], int]:
    """The values of `a = 1, b = 2` from `at` on, and where they end."""
    values: dict[str, Value] = {}
    while (name := assignment.match(text, at)) and (value := _leading(text, name.end(), allowance)):
        values[name[1]] = value.value
        at = value.end + (text[value.end : value.end + 1] == "`")
    return values, at


def _calls_of_another(lines: Sequence[Line], signature: Signature, allowance: Allowance) -> list[CallCase]:
    """Calls of one other function, in a statement that never calls its own: it was renamed, its examples not."""
    text = "\n".join(line.raw for line in lines)
    others = set(_OTHER_NAME.findall(text)) - set(dir(builtins)) - set(re.findall(r"def (\w+)", text))
    if len(others) > _MOST_NAMES:  # each takes a look at the whole text
        return []
    cases_of = {}
    for name in sorted(others):
        other = replace(signature, name=name)
        cases = [*_doctests(lines, other, allowance), *_statements(lines, other, allowance)]
        if cases:
            cases_of[name] = cases
    if len(cases_of) != 1 or signature.parameters is None:
        return []
    (cases,) = cases_of.values()
    fits = all(len(case.args) == len(signature.parameters) and not case.kwargs for case in cases)
    return cases if fits else []


def _leading(text: str, at: int, allowance: Allowance) -> Literal | None:
    """The value at `at`, where it is not the first term of a calculation."""
    value = literal_at(text, at, allowance) if allowance.spend(_LOOK) else None
    if value is None or _GOES_ON.match(text, value.end):
        return None
    if _TUPLE.match(text, value.end) and not _ASSERT.match(text):
        rest, _, _ = text[at : at + LONGEST_VALUE].partition("`")
        return literal(rest.rstrip(" .;"), allowance) or value
    return value


def _tables(items: Sequence[Item], signature: Signature, allowance: Allowance) -> Iterator[CallCase]:
    """A table whose columns are the parameters, or calls, and then the result."""
    for item in items:
        if not isinstance(item, Table) or len(item.header) < 2:
            continue
        for row in item.rows:
            result = literal(_plain(row[-1]), allowance)
            call = _whole_call(_plain(row[0]), signature.name, allowance) if len(row) == 2 else None
            if result is None:
                continue
            if call is not None:
                yield CallCase(call.args, result.value, call.kwargs)
            elif signature.parameters is not None and len(row) - 1 == len(signature.parameters):
                values = [literal(_plain(cell), allowance) for cell in row[:-1]]
                literals = [value.value for value in values if value is not None]
                if len(literals) == len(values):
                    yield CallCase(tuple(literals), result.value)


def _call(text: str, at: int, allowance: Allowance) -> _Call | None:
    """The call whose opening bracket is at `at`, if its arguments are values."""
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    at += 1
    while not (closing := _CLOSING.match(text, at)):
        keyword = _KEYWORD.match(text, at)
        argument = literal_at(text, keyword.end() if keyword else at, allowance)
        after = argument and _AFTER_ARGUMENT.match(text, argument.end)
        if argument is None or not after or (kwargs and not keyword):
            return None
        if keyword:
            kwargs[keyword[1]] = argument.value
        else:
            args.append(argument.value)
        at = after.end()
    return _Call(tuple(args), kwargs, closing.end())


def _whole_call(source: str, name: str, allowance: Allowance) -> _Call | None:
    """The call of `name` that the whole of `source` is."""
    source = source.strip()
    call = _call(source, len(name), allowance) if source.startswith(f"{name}(") else None
    return call if call and call.end == len(source) else None


def _plain(text: str) -> str:
    """A cell without the signs of code around it."""
    return text.strip().strip("`").strip()
