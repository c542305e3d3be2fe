"""A place in a statement, and what is read from there on: a block of code, pasted lines, the value under a label.

Not covered: which of these make a sample (`problems.samples`).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from problems.document import Code, Item, Line
from problems.labels import begins_note, inline_label, is_footer, label_of

_BLANK = re.compile(r"[\s>]*+(?:copy|复制|複製|복사|コピー)?\s*+", re.IGNORECASE)
"""A line that holds nothing, or the words of a button."""
PROSE = re.compile(r"[^\W\d_]{2,}(?:\W+[^\W\d_]{2,}){3,}")
"""Four words in a row."""
_SENTENCE_END = re.compile(r"[.。．!;]\s*$")
_CJK_PROSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af ]{3}")
_EQUATION = re.compile(r"=|→|⇒")
_REMARKS = (_SENTENCE_END, _EQUATION, _CJK_PROSE)
_WORDED_HEADING = re.compile(r"[\s>]*(?:#{1,6}\s+|\*\*|__)\s*[^\W\d_]{2}")


class Cursor:
    """A place among the items of a statement; reading moves it on."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self.at = 0
        """How many items lie before it."""

    def step(self, count: int = 1) -> None:
        """Move on by `count` items."""
        self.at += count

    def peek(self, offset: int = 0) -> Item | None:
        """The item `offset` places on; None past the end."""
        place = self.at + offset
        return self._items[place] if place < len(self._items) else None

    def is_at_code(self) -> bool:
        """Move past blank lines; whether a block of code follows."""
        self._skip_blank()
        return isinstance(self.peek(), Code)

    def _skip_blank(self) -> None:
        while isinstance(item := self.peek(), Line) and _BLANK.fullmatch(item.raw):
            self.at += 1

    def code(self) -> str:
        """The block of code that is here."""
        item = self.peek()
        assert isinstance(item, Code)
        self.at += 1
        return item.content

    def lines(self) -> str:
        """Pasted lines up to the next label, heading or paragraph of prose."""
        lines: list[str] = []
        while isinstance(item := self.peek(), Line) and not _ends_lines(item, lines):
            lines.append(item.raw.rstrip())
            self.at += 1
        text = textwrap.dedent("\n".join(lines)).strip("\n")
        return text + "\n" if text else ""

    def output(self) -> str | None:
        """What is under the output's label at the cursor, or behind its colon; None when there is none."""
        self._skip_blank()
        item = self.peek()
        if not isinstance(item, Line):
            return None
        if is_label(item.text, "output"):
            self.at += 1
            return self.code() if self.is_at_code() else _without_remarks(self.lines())
        if (inline := inline_label(item.text)) and inline[0].kind == "output":
            self.at += 1
            return without_quotes(inline[1]) + "\n"
        return None


def _ends_lines(line: Line, lines: list[str]) -> bool:
    text = line.text
    if label_of(text) or begins_note(text) or _WORDED_HEADING.match(line.raw):
        return True
    if (inline := inline_label(text)) and inline[0].kind == "output":
        return True
    after_blank = bool(lines) and not lines[-1]
    return after_blank and (is_footer(text) or bool(PROSE.search(text)))


def is_label(text: str, kind: str) -> bool:
    """Whether the line is a label of that kind, such as "input"."""
    label = label_of(text)
    return label is not None and label.kind == kind


def _without_remarks(output: str) -> str:
    """The output up to a paragraph about it: one with a sentence or a sum, where the first paragraph has none."""
    first, *rest = output.rstrip("\n").split("\n\n")
    paragraphs = [first]
    for paragraph in rest:
        if any(sign.search(paragraph) and not sign.search(first) for sign in _REMARKS):
            break
        paragraphs.append(paragraph)
    text = "\n\n".join(paragraphs).rstrip("\n")
    return text + "\n" if text else ""


def without_quotes(text: str) -> str:
    """The text without backticks around it."""
    return text.strip().strip("`").strip()
