"""Examples under labels, however a statement lays them out: the text of each input and of its output.

`Input: a = 1`, labels on lines of their own with values below, in fences or not, several languages
(`problems.labels`), both labels in one line, tables with a column for each.

Not covered: what the texts mean (`problems.labelled_calls` reads values); examples without labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from problems.document import Item, Line, Table, all_lines
from problems.labels import begins_note, inline_label, is_footer, label_of

_LEAD = re.compile(r"[\s>]*(?:#{1,6}\s+|[-*+•]\s+|\d{1,3}[.)]\s+)?[*_`]{0,3}")
_EMPHASIS = re.compile(r"\s*(?:\*\*|__|[*_](?=\s))?\s*")
_COLON = re.compile(r"[:：]")
_LONGEST_HEAD = 60
_EMPTY = re.compile(r"([^:：]{1,60}[:：])[*_`\s]*([\[({][\s,\[\](){}]*[\])}])`?\s*$")
"""An empty list behind a label; its brackets could be decoration as well."""
_RESULT = re.compile(
    r"(?:expected(?: (?:result|value))?|return(?:s|ed)?(?: value)?|result|返回值?|结果|結果|戻り値|결과|반환값?)"
    r"[*_`\s]*[:：](.*)",
    re.IGNORECASE,
)
"""What heads an output, but only below an input: elsewhere these words begin sentences."""
_INNER = re.compile(r"(?<=[\s,，;；|。.)\]}\"'`>→])([^\W\d_][^\W\d_]*(?: [^\W\d_]+)?)[*_`]{0,3}[:：]")
_JOINT = re.compile(r"[\s,，;；|。.→⇒*_]+$|\s[-=]>\s*$")


@dataclass(frozen=True, slots=True)
class LabelledExample:
    """An input and its output, as text."""

    input_text: str
    """What stands behind the label and below it, line by line, without blank lines around it."""
    output_text: str
    """Likewise; "" where no output follows."""
    input_line: int
    """Where the input's label is, from 1."""
    output_line: int
    """Where the output's label is; the input's where there is none."""
    inline: bool
    """Whether the input begins on the line of its label, as in `Input: n = 4`."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A label, and what its line says behind it."""

    kind: str
    rest: str


def labelled_examples(items: Sequence[Item]) -> Iterator[LabelledExample]:
    """Every labelled example in the statement: those of lines and of code in order, then those of tables.

    A section that describes the input in prose is among them as well; its texts are no values.
    """
    lines = all_lines(items)
    marks = [_mark(line.raw) for line in lines]
    at = 0
    while at < len(lines):
        mark = marks[at]
        if mark is not None and mark.kind == "input":
            example, at = _example(lines, marks, at, mark)
            yield example
        else:
            at += 1
    for item in items:
        if isinstance(item, Table):
            yield from _rows(item)


def _example(
    lines: Sequence[Line], marks: Sequence[_Mark | None], start: int, mark: _Mark
) -> tuple[LabelledExample, int]:
    """The example whose input's label is at `start`, and where to look for the next."""
    number = lines[start].number
    rest, inner = _inner_output(mark.rest)
    if inner is not None:
        output, at = _output(lines, marks, start + 1, inner)
        return LabelledExample(rest, output, number, number, inline=True), at
    body, at = [rest], start + 1
    while at < len(lines) and marks[at] is None and not lines[at].raw.lstrip("> ").startswith("#"):
        if match := _RESULT.match(_bare(lines[at].raw)):
            output, end = _output(lines, marks, at + 1, _without_marks(match[1]))
            return LabelledExample(_join(body), output, number, lines[at].number, inline=bool(rest)), end
        body.append(lines[at].raw)
        at += 1
    following = marks[at] if at < len(lines) else None
    if following is None or following.kind != "output":
        return LabelledExample(_join(body), "", number, number, inline=bool(rest)), at
    output, end = _output(lines, marks, at + 1, following.rest)
    return LabelledExample(_join(body), output, number, lines[at].number, inline=bool(rest)), end


def _output(lines: Sequence[Line], marks: Sequence[_Mark | None], at: int, rest: str) -> tuple[str, int]:
    """What belongs to an output: up to a blank line, a label, a note or a footer."""
    body = [rest]
    while at < len(lines) and marks[at] is None:
        line = lines[at]
        if not line.raw.strip(" \t>"):
            if any(body):
                break
        elif begins_note(line.text) or is_footer(line.text) or line.raw.lstrip("> ").startswith("#"):
            break
        else:
            body.append(line.raw)
        at += 1
    return _join(body), at


def _mark(raw: str) -> _Mark | None:
    """The label that a line is or begins with."""
    bare = _bare(raw)
    if (empty := _EMPTY.match(bare)) and (label := label_of(empty[1])):
        return _Mark(label.kind, empty[2])
    if label := label_of(bare):
        return _Mark(label.kind, "")
    at = 0
    for colon in list(_COLON.finditer(bare[:_LONGEST_HEAD]))[:2]:  # `Example 1: Input: 4` has two
        pair = inline_label(_bare(bare[at:]))
        if pair is not None:
            return _Mark(pair[0].kind, _without_marks(pair[1]))
        at = colon.end()
    return None


def _inner_output(text: str) -> tuple[str, str | None]:
    """`n = 4` and `8` of `n = 4, Output: 8`: both labels are in one line."""
    for match in _INNER.finditer(text):
        label = label_of(match[1])
        if label is not None and label.kind == "output":
            return _JOINT.sub("", text[: match.start()]), _without_marks(text[match.end() :])
    return text, None


def _rows(table: Table) -> Iterator[LabelledExample]:
    kinds = [label.kind if (label := label_of(head)) else "" for head in table.header]
    if kinds.count("input") != 1 or kinds.count("output") != 1:
        return
    stdin, expected = kinds.index("input"), kinds.index("output")
    for n, row in enumerate(table.rows):
        if max(stdin, expected) < len(row):
            number = table.number + 2 + n
            yield LabelledExample(row[stdin], row[expected], number, number, inline=True)


def _bare(raw: str) -> str:
    """A line without quote marks, heading marks, bullets and opening emphasis."""
    return raw[_LEAD.match(raw).end() :]  # type: ignore[union-attr]  # it matches nothing as well


def _without_marks(text: str) -> str:
    """Without the emphasis that closes a label, and without that around a value."""
    text = text[_EMPHASIS.match(text).end() :].rstrip()  # type: ignore[union-attr]
    if text.startswith("`") and text.count("`") == 2:
        return text.strip("`").strip()
    return text[:-1] if text.endswith("`") and text.count("`") == 1 else text  # it was opened before the label


def _join(lines: list[str]) -> str:
    """Lines without blank ones around them."""
    return "\n".join(line.rstrip() for line in lines).strip("\n")
