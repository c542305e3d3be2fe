"""Sample inputs and outputs of programs that read standard input, however the site lays them out.

Not covered: samples shown only as pictures or in prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from problems.document import Code, Item, Line, Table
from problems.types import ProblemError, TestCase

_NUMBER = r"(?:\s*[#(]?\d+[).]?)?"
_LABEL = (
    r"^(?:(?:sample|example|test)s?\b[\s:]*)?(?:case\b)?{n}[\s:.]*(?:standard\s*|std)?{word}s?{n}"
    r"(?:\s*(?:sample|example|data)s?)?{n}\s*(?:copy)?\s*[:：]?$"
)
_INPUT = re.compile(_LABEL.format(n=_NUMBER, word="in(?:put)?"), re.IGNORECASE)
_OUTPUT = re.compile(_LABEL.format(n=_NUMBER, word="out(?:put)?"), re.IGNORECASE)
_INPUT_JA = re.compile(r"^(?:入力例|サンプル入力)\s*\d*\s*(?:copy)?$", re.IGNORECASE)
_OUTPUT_JA = re.compile(r"^(?:出力例|サンプル出力)\s*\d*\s*(?:copy)?$", re.IGNORECASE)
_INLINE_INPUT = re.compile(r"^(?:(?:sample|example)\s*)?input\s*\d*\s*[:：]\s*(\S.*)$", re.IGNORECASE)
_INLINE_OUTPUT = re.compile(r"^(?:(?:sample|example)\s*)?output\s*\d*\s*[:：]\s*(\S.*)$", re.IGNORECASE)
_SAMPLES = re.compile(
    r"^(?:samples?|examples?)\b(?:\s*(?:tests?|cases?|runs?))?\s*#?\d*\s*[:：.]?$|^examples?inputcopy",
    re.IGNORECASE,
)
_SAMPLE_WORD = re.compile(r"sample|example|\d|例|サンプル", re.IGNORECASE)
_AFTER = re.compile(
    r"^(?:notes?|explanations?|hints?|remarks?|constraints?|scoring|source|limits|説明|注)\b", re.IGNORECASE
)
_COPY = re.compile(r"^copy$", re.IGNORECASE)
_PROSE = re.compile(r"[^\W\d_]{2,}(?:\W+[^\W\d_]{2,}){3,}")


def find_samples(items: Sequence[Item], path: str) -> list[TestCase]:
    """Every sample in the statement, in order.

    Raises:
        ProblemError: an input without its output.
    """
    return _Samples(_opened(items), path).collect()


def _opened(items: Sequence[Item]) -> list[Item]:
    """The items, with every code block that holds labelled samples itself turned into lines."""
    opened: list[Item] = []
    for item in items:
        if isinstance(item, Code):
            inner = [Line(text, item.number + 1 + n) for n, text in enumerate(item.content.split("\n"))]
            if any(_is_input(line.text) or _INLINE_INPUT.match(line.text) for line in inner) and any(
                _is_output(line.text) or _INLINE_OUTPUT.match(line.text) for line in inner
            ):
                opened += [Line("Example", item.number), *inner, Line("", item.number)]
                continue
        opened.append(item)
    return opened


def _is_input(text: str) -> bool:
    return bool(_INPUT.match(text) or _INPUT_JA.match(text))


def _is_output(text: str) -> bool:
    return bool(_OUTPUT.match(text) or _OUTPUT_JA.match(text))


class _Samples:
    """A cursor over the items that collects samples."""

    def __init__(self, items: list[Item], path: str) -> None:
        self._items = items
        self._path = path
        self._at = 0
        self._in_samples = False
        self._cases: list[TestCase] = []

    def collect(self) -> list[TestCase]:
        while self._at < len(self._items):
            item = self._items[self._at]
            if isinstance(item, Table):
                self._take_table(item)
                self._at += 1
            elif isinstance(item, Line):
                self._take_line(item)
            elif self._in_samples and self._pair_of_code():
                continue
            else:
                self._at += 1
        return self._cases

    def _take_line(self, line: Line) -> None:
        text = line.text
        if _SAMPLES.match(text):
            self._in_samples = True
        elif _is_input(text):
            self._take_sample(line, self._in_samples or bool(_SAMPLE_WORD.search(text)))
            return
        elif found := _INLINE_INPUT.match(text):
            self._take_inline(line, found[1])
        elif line.is_heading and not _is_output(text) and not _AFTER.match(text):
            self._in_samples = False
        self._at += 1

    def _take_sample(self, label: Line, certain: bool) -> None:
        """A label was met at the cursor: take what is under it and under the output's label after it."""
        self._at += 1
        stdin = self._code() if self._next_is_code() else (self._raw() if certain else None)
        if stdin is None:
            return
        if not self._at_output():
            if certain and stdin:
                raise ProblemError(
                    "sample input has no sample output after it", path=self._path, line=label.number
                )
            return
        self._at += 1
        stdout = self._code() if self._next_is_code() else self._raw()
        self._cases.append(TestCase(stdin, stdout))

    def _take_inline(self, line: Line, stdin: str) -> None:
        """`Input: 5`, when `Output: 25` follows at once; otherwise it was a sentence."""
        for offset in range(1, 4):
            later = self._peek(offset)
            if isinstance(later, Line) and (found := _INLINE_OUTPUT.match(later.text)):
                self._cases.append(TestCase(_unquoted(stdin) + "\n", _unquoted(found[1]) + "\n"))
                self._at += offset
                return
        if self._in_samples and not _PROSE.search(stdin):
            raise ProblemError("example input has no output after it", path=self._path, line=line.number)

    def _take_table(self, table: Table) -> None:
        """Columns headed as inputs and outputs; a header row may also be the labels of a single row."""
        inputs = [n for n, head in enumerate(table.header) if _is_input(head)]
        outputs = [n for n, head in enumerate(table.header) if _is_output(head)]
        for row in table.rows:
            for n, m in zip(inputs, outputs, strict=False):
                if max(n, m) < len(row) and (row[n] or row[m]):
                    self._cases.append(TestCase(row[n] + "\n", row[m] + "\n"))

    def _pair_of_code(self) -> bool:
        """Two code blocks in a row under `Examples`, without labels: input, then output."""
        here = self._at
        first = self._code()
        if self._next_is_code():
            self._cases.append(TestCase(first, self._code()))
            return True
        self._at = here
        return False

    def _peek(self, offset: int) -> Item | None:
        place = self._at + offset
        return self._items[place] if place < len(self._items) else None

    def _skip_blank(self) -> None:
        while isinstance(item := self._peek(0), Line) and (not item.text or _COPY.match(item.text)):
            self._at += 1

    def _next_is_code(self) -> bool:
        self._skip_blank()
        return isinstance(self._peek(0), Code)

    def _at_output(self) -> bool:
        self._skip_blank()
        item = self._peek(0)
        return isinstance(item, Line) and _is_output(item.text)

    def _code(self) -> str:
        item = self._items[self._at]
        assert isinstance(item, Code)
        self._at += 1
        return item.content

    def _raw(self) -> str:
        """Pasted lines up to the next label, heading or paragraph of prose."""
        taken: list[str] = []
        while isinstance(item := self._peek(0), Line) and not self._ends_raw(item, taken):
            taken.append(item.raw.strip())
            self._at += 1
        text = "\n".join(taken).strip("\n")
        return text + "\n" if text else ""

    def _ends_raw(self, line: Line, taken: list[str]) -> bool:
        text = line.text
        if _is_input(text) or _is_output(text) or _SAMPLES.match(text) or _AFTER.match(text) or line.is_heading:
            return True
        return bool(taken) and not taken[-1] and bool(_PROSE.search(text))


def _unquoted(text: str) -> str:
    return text.strip().strip("`").strip()
