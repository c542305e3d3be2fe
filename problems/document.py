"""A Markdown statement as a flat list of lines and code blocks, with their line numbers.

markdown-it decides what is a code block and what is a table; everything else stays the raw line that the author
wrote, because pasted statements are only half Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from problems.types import ProblemError

if TYPE_CHECKING:
    from markdown_it.token import Token

_FENCE_END = re.compile(r"^[\s>]*(`{3,}|~{3,})\s*$")
_MARKUP = re.compile(r"^[\s>]*(?:#{1,6}\s*|[-*+]\s+(?=\*\*|__|`))?|[*_`]{1,3}(?=\W|$)|(?<!\w)[*_`]{1,3}")
_HEADING = re.compile(r"^[\s>]*(?:#{1,6}\s|\*\*[^*]+\*\*:?\s*$|__[^_]+__:?\s*$)")
_COMMENTS = re.compile(r"(?:\s*<!--(?:(?!-->)[\s\S])*-->)+\s*")
_CELL_MARKUP = re.compile(r"[*_`\\<&!\[\]]")
_LONGEST_CELL = 10_000
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line outside of code."""

    raw: str
    number: int
    """Its place in the file, from 1."""

    @property
    def text(self) -> str:
        """The words, without heading marks and emphasis."""
        return _MARKUP.sub("", self.raw).strip()

    @property
    def is_heading(self) -> bool:
        """Whether it reads as a heading: marked as one, or bold and nothing else."""
        return bool(_HEADING.match(self.raw))


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced or indented code block."""

    content: str
    language: str
    number: int
    """The line before its content: that of its first mark, from 1; 0 for indented code at the top."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its cells as text with line breaks kept."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    number: int


Item = Line | Code | Table


def without_comments(text: str) -> str:
    """The text with empty lines in place of HTML comments that stand alone, so that line numbers stay."""
    if "<!--" not in text:
        return text
    lines = text.split("\n")
    for token in MarkdownIt("commonmark").disable(["inline", "text_join"]).parse(text):
        if token.type == "html_block" and token.map and _COMMENTS.fullmatch(token.content):
            start, end = token.map
            lines[start:end] = [""] * (end - start)
    return "\n".join(lines)


def read_document(text: str, path: str) -> list[Item]:
    """Split a statement into items, in order.

    Raises:
        ProblemError: a code fence is never closed.
    """
    lines = text.split("\n")
    items: list[Item] = []
    at = 0
    for start, end, item in _blocks(text, lines, path):
        items += [Line(lines[n], n + 1) for n in range(at, start)]
        items.append(item)
        at = max(at, end)
    items += [Line(lines[n], n + 1) for n in range(at, len(lines))]
    return items


def all_lines(items: Sequence[Item]) -> list[Line]:
    """All lines, those of code included, with an empty line where a block begins and where it ends."""
    lines: list[Line] = []
    for item in items:
        if isinstance(item, Line):
            lines.append(item)
        elif isinstance(item, Code):
            inner = item.content.removesuffix("\n").split("\n")
            lines.append(Line("", item.number))
            lines += [Line(raw, item.number + 1 + n) for n, raw in enumerate(inner)]
            lines.append(Line("", item.number + 1 + len(inner)))
    return lines


def _blocks(text: str, lines: list[str], path: str) -> Iterator[tuple[int, int, Item]]:
    # Blocks only: reading emphasis and links of a megabyte takes many seconds, and nobody asks for them.
    tokens = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"]).parse(text)
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        start, end = token.map
        if token.type == "fence":
            if end - start < 2 or not _FENCE_END.match(lines[end - 1]):
                raise ProblemError("code fence is opened here and never closed", path=path, line=start + 1)
            yield start, end, Code(token.content, token.info.strip().lower(), start + 1)
        elif token.type == "code_block":
            yield start, end, Code(token.content, "", start)
        elif token.type == "table_open":
            yield start, end, _table(tokens, index, start + 1)


def _table(tokens: list[Token], index: int, number: int) -> Table:
    inline = MarkdownIt("commonmark")
    rows: list[list[str]] = []
    for token in islice(tokens, index, None):
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_cell(token, inline))
    header, *body = rows or [[]]
    return Table(tuple(header), tuple(tuple(row) for row in body), number)


def _cell(token: Token, inline: MarkdownIt) -> str:
    if not _CELL_MARKUP.search(token.content):
        return token.content.strip()
    parts = []
    for child in inline.parseInline(token.content[:_LONGEST_CELL])[0].children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or _BREAK.fullmatch(child.content):
            parts.append("\n")
    return "".join(parts).strip()
