"""Sample inputs and outputs of programs that read standard input, however the site lays them out.

Not covered: samples shown only as pictures or in prose, and columns pasted as lines, whose cells cannot be told
apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from problems.cursor import PROSE, Cursor, is_label, without_quotes
from problems.document import Code, Item, Line, Table
from problems.labels import LANGUAGES, begins_note, inline_label, label_of
from problems.types import ProblemError, TestCase

LOOKED_FOR = (
    f"No example was found. Looked for: labels such as `Sample Input` and `Sample Output` in {LANGUAGES}"
    " languages, lines such as `Input: 4` and `Output: 8`, tables with these columns; for a function, doctests,"
    " asserts and lines such as `f(4) == 8`."
)
"""For a statement without an example."""

_NO_INPUT = re.compile(
    r"\bno (?:standard )?input\b|not (?:take|read|have|receive) any input|input is empty|"
    r"empty input|without input|入力は(?:ありません|与えられません|ない)|没有输入|无输入|入力なし|"
    r"입력이 없|입력은 없|нет входных|no hay entrada|"
    r"não há entrada|keine eingabe",
    re.IGNORECASE,
)
_FUNCTION_COLUMN = re.compile(r"\s*STDIN\s{2,}FUNCTION\s*", re.IGNORECASE)
_COLUMN_GAP = re.compile(r"\s{2,}|\t")
_C_ARRAY = re.compile(r"^\s*\w+\s*\[\s*\w*\s*\]\s*=", re.MULTILINE)


def find_samples(items: Sequence[Item], path: str) -> list[TestCase]:
    """Every sample in the statement, in order.

    Raises:
        ProblemError: an input without its output.
    """
    return _Samples(_open_blocks(items), path).collect()


def _open_blocks(items: Sequence[Item]) -> list[Item]:
    """The items, with every code block that holds labelled samples itself turned into lines."""
    result: list[Item] = []
    for item in items:
        if isinstance(item, Code):
            inner = [Line(text, item.number + 1 + n) for n, text in enumerate(item.content.split("\n"))]
            if any(_side(line.text) == "input" for line in inner) and any(
                _side(line.text) == "output" for line in inner
            ):
                result += [Line("Example", item.number), *inner, Line("", item.number)]
                continue
        result.append(item)
    return result


def _side(text: str) -> str | None:
    """Either "input" or "output": which of them a label is for, with or without a value after its colon."""
    label = label_of(text) or (inline_label(text) or (None,))[0]
    return label.kind if label and label.kind in ("input", "output") else None


class _Samples:
    """Collects the samples that the items hold, in order."""

    def __init__(self, items: list[Item], path: str) -> None:
        self._cursor = Cursor(items)
        self._path = path
        self._in_samples = False
        self._cases: list[TestCase] = []
        self._may_be_empty = any(isinstance(item, Line) and _NO_INPUT.search(item.raw) for item in items)

    def collect(self) -> list[TestCase]:
        while (item := self._cursor.peek()) is not None:
            if isinstance(item, Table):
                self._take_table(item)
                self._cursor.step()
            elif isinstance(item, Line):
                self._take_line(item)
            elif self._in_samples and self._pair_of_code():
                continue
            else:
                self._cursor.step()
        return self._cases

    def _take_line(self, line: Line) -> None:
        label = label_of(line.text)
        if label is not None and label.kind == "input":
            self._take_sample(line, certain=self._in_samples or label.sample)
            return
        if label is not None and label.kind == "both" and self._take_columns(line):
            return
        if label is not None and label.kind in ("samples", "both"):
            self._in_samples = True
        elif label is None and (inline := inline_label(line.text)) and inline[0].kind == "input":
            self._take_inline(line, inline[1])
        elif label is None and line.is_heading and not begins_note(line.text):
            self._in_samples = False
        self._cursor.step()

    def _take_sample(self, label: Line, *, certain: bool) -> None:
        """At a label: take what is under it and under the output's label after it."""
        self._cursor.step()
        beside = self._cursor.peek()
        if certain and isinstance(beside, Line) and is_label(beside.text, "output") and not self._may_be_empty:
            self._take_labels_in_a_row(label)
            return
        has_fence = self._cursor.is_at_code()
        stdin = self._cursor.code() if has_fence else (self._cursor.lines() if certain else None)
        if stdin is None:
            return
        stdout = self._cursor.output()
        if stdout is None:
            if certain and stdin:
                raise ProblemError(
                    "sample input has no sample output after it", path=self._path, line=label.number
                )
            return
        if not stdin and not has_fence and not self._may_be_empty:
            raise self._inseparable(label)
        self._add(stdin, stdout, label)

    def _take_labels_in_a_row(self, label: Line) -> None:
        """`Input`, `Output`, then all values: two blocks of code are one each, lines cannot be told apart."""
        self._cursor.step()
        if not self._cursor.is_at_code():
            raise self._inseparable(label)
        stdin = self._cursor.code()
        if not self._cursor.is_at_code():
            raise self._inseparable(label)
        self._add(stdin, self._cursor.code(), label)

    def _inseparable(self, label: Line) -> ProblemError:
        return ProblemError(
            "sample input and output cannot be told apart: both labels come before the values; put each value"
            " under its own label",
            path=self._path,
            line=label.number,
        )

    def _add(self, stdin: str, stdout: str, label: Line) -> None:
        if array := _C_ARRAY.search(stdin):
            line = stdin[array.start() :].split("\n")[0].strip()
            raise ProblemError(
                f"expected an input as a program reads it, found {line[:60]!r}; a function needs its signature",
                path=self._path,
                line=label.number,
            )
        self._cases.append(TestCase(_without_function_column(stdin), stdout))

    def _take_columns(self, header: Line) -> bool:
        """Rows with one tab under a header with one: an input and its output each. False for anything else."""
        if header.raw.strip().count("\t") != 1:
            return False
        is_swap = is_label(header.raw.strip().split("\t")[0], "output")
        rows: list[list[str]] = []
        at = 1
        while isinstance(item := self._cursor.peek(at), Line) and item.raw.strip():
            rows.append([cell.strip() for cell in item.raw.strip("\n").split("\t")])
            at += 1
        if not rows:
            return False
        if any(len(row) != 2 or not all(row) for row in rows):
            raise self._inseparable(header)
        for row in rows:
            stdin, stdout = reversed(row) if is_swap else row
            self._cases.append(TestCase(stdin + "\n", stdout + "\n"))
        self._cursor.step(at)
        return True

    def _take_inline(self, line: Line, stdin: str) -> None:
        """`Input: 5`, when `Output: 25` follows at once; otherwise it was a sentence."""
        for offset in range(1, 4):
            later = self._cursor.peek(offset)
            if not isinstance(later, Line):
                continue
            inline = inline_label(later.text)
            if inline is not None and inline[0].kind == "output":
                self._cases.append(TestCase(without_quotes(stdin) + "\n", without_quotes(inline[1]) + "\n"))
                self._cursor.step(offset)
                return
        if self._in_samples and not PROSE.search(stdin):
            raise ProblemError("example input has no output after it", path=self._path, line=line.number)

    def _take_table(self, table: Table) -> None:
        """Columns headed as inputs and outputs; a header row may also be the labels of a single row."""
        inputs = [n for n, head in enumerate(table.header) if is_label(head, "input")]
        outputs = [n for n, head in enumerate(table.header) if is_label(head, "output")]
        for row in table.rows:
            for n, m in zip(inputs, outputs, strict=False):
                if max(n, m) < len(row) and (row[n] or row[m]):
                    self._cases.append(TestCase(row[n] + "\n", row[m] + "\n"))

    def _pair_of_code(self) -> bool:
        """Two code blocks in a row under `Examples`, without labels: input, then output."""
        here = self._cursor.at
        first = self._cursor.code()
        if self._cursor.is_at_code():
            self._cases.append(TestCase(first, self._cursor.code()))
            return True
        self._cursor.at = here
        return False


def _without_function_column(stdin: str) -> str:
    """The first column of HackerRank's table of `STDIN` and `Function`; any other input as it is."""
    head, *rows = stdin.split("\n")
    if not _FUNCTION_COLUMN.fullmatch(head):
        return stdin
    if rows and not rows[0].strip("- \t"):
        rows = rows[1:]
    return "\n".join(_COLUMN_GAP.split(row.strip())[0] for row in rows if row.strip()) + "\n"
