"""An answer cut into blocks: what stands between fences, tags and other marks that models put around code.

Every stretch between two marks is a block, even one that is outside of a fence by counting. So nothing is lost
where a model opened a fence twice, or where the prefilled answer had opened it already; which blocks are programs
is told later by their text. Where a fence stands inside a string, both readings are given: that it ends the block,
and that it does not.

Every line is looked at a bounded number of times, whatever the text. Not covered: which block is the program
(`agent.extraction.source`, `agent.extraction.cpp`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

LONGEST = 200_000
"""Characters of an answer that are looked at: half from its beginning, half from its end."""

# Possessive throughout: a line of blanks or marks is read once.
_FENCE = re.compile(
    r"(?P<lead>[ \t]*+(?:(?:>[ \t]?)++|(?:[-*+]|\d{1,3}[.)])[ \t]++)?[ \t]*+)"
    r"(?P<run>`{3,}+|~{3,}+)(?P<info>[^`]*+)$"
)
_GLUED_FENCE = re.compile(r"(?P<before>[^`]*+)(?P<run>`{3,}+)(?P<info>[\w+#.-]*+)[ \t]*+$")
_INFO = re.compile(r"[\s{.=:]*+(?:lang(?:uage)?[=-])?\"?([\w+#.-]*+)")
_WORDS = r"code|pre|python3?|py|cpp|answer|solution|program|tests?|output|result|completion"
_OPENING = re.compile(
    rf"[ \t]*+(?:<(?P<html>{_WORDS})(?:[ \t][^<>]*+)?>|\[(?P<square>PYTHON3?|CODE|SOLUTION|ANSWER|PROGRAM|CPP|"
    r"C\+\+|TESTS?|OUTPUT|RESULT|BEGIN|START)\](?=\s|$)"
    r"|\\begin\{(?P<latex>python|lstlisting|verbatim|minted|code)\}(?:[\[{][\w=]*+[\]}])*+(?=\s|$))"
)
_CLOSING = re.compile(
    rf"(?:</(?:{_WORDS})>|\[/(?:PYTHON3?|CODE|SOLUTION|ANSWER|PROGRAM|CPP|C\+\+|TESTS?|OUTPUT|RESULT|BEGIN|START|"
    r"INST)\]|\[(?:DONE|END|STOP)\]|\\end\{(?:python|lstlisting|verbatim|minted|code)\})[ \t]*+$"
)
_RULE = re.compile(
    r"[ \t]*+(?:#+|//+|=+|-+|\*+)?[ \t]*+(?P<what>BEGIN|START|END)[ \t]+(?:OF[ \t]+)?(?:YOUR[ \t]+)?"
    r"(?:SOLUTION|CODE|PROGRAM|ANSWER)[ \t]*+:?(?:#+|=+|-+|\*+)?[ \t]*+$"
)
_CLASS = re.compile(r"(?:language|lang)-([\w+#]+)")
_CLOSINGS = 4
"""At most so many closing tags are looked for at the end of a line."""
_FAILURES = 4
"""After so many strings that stay open to the end of the text, fences inside strings are not looked for."""

_PYTHON = re.compile(r"(?:python|py|ipython)[\d.]*$|.*\.py$")
_CPP = re.compile(r"(?:c\+\+|cpp|cc|cxx|c)[\d.]*$|.*\.(?:cpp|cc|cxx|h|hpp)$")
_NEUTRAL = frozenset(
    ("", "code", "pre", "answer", "solution", "program", "begin", "start", "completion", "plain", "lstlisting",
     "verbatim", "minted", "source", "editor", "copy", "default", "markdown", "md", "main", "tool_code")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an answer between two marks."""

    lines: tuple[str, ...]
    """Without the marks, and without quotation marks (`>`) before each line."""
    tag: str = ""
    """What the mark before it says it holds, in lower case: "python", "java", "output", or "" for nothing."""
    in_fence: bool = False
    """Counting marks from the beginning, it is inside a pair of them (or the last was never closed)."""
    place: int = 0
    """The number of the line it begins in."""

    @property
    def language(self) -> str:
        """Either "python", "cpp", "" where the mark does not say, "other" for any other language or none."""
        if self.tag in _NEUTRAL:
            return ""
        if _PYTHON.match(self.tag):
            return "python"
        return "cpp" if _CPP.match(self.tag) else "other"


class LineScanner(Protocol):
    """Knows whether the next line begins inside a string of the language that a block is in."""

    @property
    def in_string(self) -> bool:
        """Whether it does, after the lines so far."""

    def feed(self, line: str) -> object:
        """Take the next line."""


@dataclass(frozen=True, slots=True)
class _Mark:
    kind: str
    """The fence's character, "inline" for a block of one line, "tag", or "rule" for a line of words."""
    tag: str
    closes: bool
    """It may end a block; any other begins one."""
    quotes: int = 0
    """How many quotation marks (`>`) stand before it."""
    text: str = ""
    """Of an inline block."""


def blocks_of(text: str, scanner: Callable[[], LineScanner]) -> list[Block]:
    """The blocks of an answer, in the order they begin, and those that run over a fence in a string."""
    lines, marks = _lines_and_marks(_window(text).split("\n"))
    places = [place for place, mark in enumerate(marks) if mark]
    blocks = _strict(lines, marks, places)
    return sorted([*blocks, *_joint_blocks(lines, marks, places, scanner)], key=lambda block: block.place)


def _window(text: str) -> str:
    """The text with ends of lines as one character; of a long one both ends, as if a fence parted them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST // 2] + "\n```\n" + text[-LONGEST // 2 :]


def _lines_and_marks(lines: Sequence[str]) -> tuple[list[str], list[_Mark | None]]:
    """The lines, and for each the mark that it is; code that shares its line with a mark gets its own."""
    out: list[str] = []
    marks: list[_Mark | None] = []
    for line in lines:
        for part, mark in _parts(line):
            out.append(part)
            marks.append(mark)
    return out, marks


def _parts(line: str) -> list[tuple[str, _Mark | None]]:
    if "```" in line or "~~~" in line:
        return _fence_parts(line)
    if "<" in line or "[" in line or "\\" in line:
        return _tag_parts(line)
    rule = _RULE.match(line)
    return [(line, _Mark("rule", "", closes=rule["what"] == "END") if rule else None)]


def _fence_parts(line: str) -> list[tuple[str, _Mark | None]]:
    if fence := _FENCE.match(line):
        closes = not fence["info"].strip()
        return [(line, _Mark(fence["run"][0], _tag(fence["info"]), closes, fence["lead"].count(">")))]
    bare = line.strip()
    if bare.startswith("```") and bare.endswith("```") and bare.count("```") == 2 and len(bare) > 6:
        first, _, rest = bare[3:-3].partition(" ")
        language = _PYTHON.match(first) or _CPP.match(first)
        return [
            (line, _Mark("inline", first if language else "", closes=False, text=rest if language else bare[3:-3]))
        ]
    if match := _GLUED_FENCE.match(line):
        mark = _Mark("`", _tag(match["info"]), closes=not match["info"])
        return [(match["before"], None), ("```" + match["info"], mark)]
    return [(line, None)]


def _tag_parts(line: str) -> list[tuple[str, _Mark | None]]:
    parts: list[tuple[str, _Mark | None]] = []
    at = 0
    while opening := _OPENING.match(line, at):
        name = (opening["html"] or opening["square"] or opening["latex"]).lower()
        tag_class = _CLASS.search(opening[0])
        parts.append((opening[0], _Mark("tag", tag_class[1].lower() if tag_class else name, closes=False)))
        at = opening.end()
    rest = line[at:]
    ends: list[tuple[str, _Mark | None]] = []
    while len(ends) < _CLOSINGS and (closing := _last_closing(rest)):
        ends.append((closing[0], _Mark("tag", "", closes=True)))
        rest = rest[: closing.start()]
    if rest.strip() or not (parts or ends):
        parts.append((rest, None))
    return parts + ends[::-1]


def _last_closing(line: str) -> re.Match[str] | None:
    """The closing mark at the end of a line, if there is one."""
    start = max(line.rfind("<"), line.rfind("["), line.rfind("\\"))
    if start < 0 or (line[start] == "[" and start > 0 and line[start - 1] not in " \t)"):
        return None  # an item of a list whose index is a constant
    return _CLOSING.match(line, start)


def _tag(info: str) -> str:
    word = _INFO.match(info)
    assert word is not None  # it may match nothing
    attribute = info[word.end() : word.end() + 1] == "="
    return "" if attribute else word[1].lower().strip(".-")


def _strict(lines: Sequence[str], marks: Sequence[_Mark | None], places: Sequence[int]) -> list[Block]:
    """Every stretch between two marks."""
    blocks: list[Block] = []
    opening: _Mark | None = None
    start, quotes, tag = 0, 0, ""
    for place in [*places, len(lines)]:
        mark = marks[place] if place < len(lines) else None
        if mark and mark.kind == "rule" and opening and opening.kind in "`~":
            continue  # a comment of the program
        _append(blocks, lines[start:place], Block((), tag, opening is not None, start), quotes)
        if mark is None:
            break
        if mark.kind == "inline":
            blocks.append(Block((mark.text,), mark.tag, in_fence=True, place=place))
        opening = None if mark.kind == "inline" or _ends(mark, opening) else mark
        tag = opening.tag if opening else ""
        start, quotes = place + 1, mark.quotes
    return blocks


def _ends(mark: _Mark, opening: _Mark | None) -> bool:
    """Whether a mark ends what is open, rather than begin something."""
    return mark.closes and (mark.kind in ("tag", "rule") or (opening is not None and opening.kind == mark.kind))


def _joint_blocks(
    lines: Sequence[str], marks: Sequence[_Mark | None], places: Sequence[int], scanner: Callable[[], LineScanner]
) -> list[Block]:
    """Stretches that go on over marks inside their strings, up to a mark outside."""
    blocks: list[Block] = []
    failures = 0
    index = -1  # the beginning of the text counts as a mark
    while index < len(places) - 1 and failures < _FAILURES:
        mark = marks[places[index]] if index >= 0 else None
        start = places[index] + 1 if index >= 0 else 0
        end = _end_outside_strings(lines, places, index, scanner(), mark.quotes if mark else 0)
        if end is None:
            failures += 1
            index += 1
        else:
            if end > index + 1:
                tag, quotes = (mark.tag, mark.quotes) if mark else ("", 0)
                stop = places[end] if end < len(places) else len(lines)
                _append(blocks, lines[start:stop], Block((), tag, mark is not None, start), quotes)
            index = end
    return blocks


def _end_outside_strings(
    lines: Sequence[str], places: Sequence[int], index: int, state: LineScanner, quotes: int
) -> int | None:
    """The number of the first mark after mark `index` that is in no string; None when one stays open."""
    at = places[index] + 1 if index >= 0 else 0
    for number in range(index + 1, len(places) + 1):
        stop = places[number] if number < len(places) else len(lines)
        for line in lines[at:stop]:
            state.feed(_without_quotes(line, quotes))
        at = stop
        if not state.in_string:
            return number
    return None


def _append(blocks: list[Block], lines: Sequence[str], block: Block, quotes: int) -> None:
    if not any(line.strip() for line in lines):
        return
    plain = [_without_quotes(line, quotes) for line in lines]
    if block.tag in ("code", "pre") and any("&" in line for line in plain):
        plain = [html.unescape(line) for line in plain]
    blocks.append(replace(block, lines=tuple(plain)))


def _without_quotes(line: str, quotes: int) -> str:
    for _ in range(min(quotes, 8)):
        bare = line.lstrip(" \t")
        if not bare.startswith(">"):
            break
        line = bare[2:] if bare[1:2] == " " else bare[1:]
    return line
