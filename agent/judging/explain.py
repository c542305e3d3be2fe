"""Why a run got its verdict, in words and figures: the first difference, the exception, the limit.

Everything here is for reading: verdicts are made in `agent.judging.judge`, and nothing of this reaches a slot.
Texts are compared token by token or line by line with the very rules that verdicts are made with, so a
difference that is shown is one that counted.

Not covered: what might be done about it (`agent.judging.hints`), and how it is laid out (`agent.commands.judge`).
"""

from __future__ import annotations

import re
import signal
from collections import Counter
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from agent.terminal.display import excerpt, shown_input, shown_value
from agent.types import Verdict
from problems import TestCase, accepts_output, accepts_value
from sandbox import CallResult, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.types import Execution
    from problems import CallCase, Comparator, Problem
    from sandbox import Limits, RunResult

_WIDTH = 60
_LONG = 200
_DEEPEST = 20
_BLANK = " \t\r\v\f"
_TOKEN = re.compile(f"[^{_BLANK}]+")
_BY_TOKENS = ("tokens", "caseless", "kattis")


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer first differs from the expected one."""

    expected: str | None
    """What should be there, shortened, as it is written; None where the expected answer has ended."""
    got: str | None
    """What is there instead, likewise; None where the answer has ended."""
    line: int | None = None
    """Of the output, from 1; None for a value."""
    token: int | None = None
    """Within that line, from 1; None where whole lines are compared, and for a value."""
    path: str = ""
    """Where in a value, as it would be indexed in Python; "" for all of it."""
    expected_line: str | None = None
    """The whole expected line, shortened around the difference; None where there is none."""
    got_line: str | None = None
    """Likewise of the output."""


@dataclass(frozen=True, slots=True)
class Place:
    """A token or a line, and where it stands."""

    text: str
    line: int
    """From 1."""
    token: int | None
    """Within its line, from 1; None for a whole line."""
    start: int
    """Within its line, characters."""


def first_difference(problem: Problem, case: TestCase | CallCase, result: RunResult) -> Difference | None:
    """Where the answer of a run that ended well parts from the expected one; None where no rule says where.

    The cost is linear in the answer's length; values are followed 20 levels deep.
    """
    if result.status is not Status.OK or problem.checker is not None:
        return None
    if isinstance(case, TestCase):
        return text_difference(problem.comparator, case.stdout, result.stdout)
    if isinstance(result, CallResult):
        return value_difference(problem.comparator, case.expected, result.value)
    return None


def text_difference(comparator: Comparator, expected: str, actual: str) -> Difference | None:
    """The first token, or else the first line, that the comparator does not take for the expected one."""
    if comparator.kind == "unordered-lines":
        return _unordered_difference(expected, actual)
    places = text_places(comparator, expected, actual)
    if places is not None:
        return _between(*places, expected.split("\n"), actual.split("\n"))
    ends = expected[len(_trim(expected)) :], actual[len(_trim(actual)) :]
    is_exact = comparator.kind == "exact" or comparator.space_change_sensitive
    if not is_exact or ends[0] == ends[1]:
        return None
    return Difference(excerpt(ends[0], _WIDTH), excerpt(ends[1], _WIDTH), _trim(actual).count("\n") + 1)


def text_places(comparator: Comparator, expected: str, actual: str) -> tuple[Place | None, Place | None] | None:
    """Where two texts part, in each of them; None in place of one that has ended, and where no token differs.

    Not for lines in any order.
    """
    are_blanks_alike = comparator.kind in _BY_TOKENS and not comparator.space_change_sensitive
    places = _tokens if are_blanks_alike else _lines
    for right, wrong in zip_longest(places(expected.split("\n")), places(actual.split("\n"))):
        if right and wrong and (right.text == wrong.text or accepts_output(comparator, right.text, wrong.text)):
            continue
        return right, wrong
    return None


def value_difference(comparator: Comparator, expected: object, actual: object, path: str = "") -> Difference:
    """The innermost item that makes two values differ, for lists and tuples of one length; else all of them."""
    inner = replace(comparator, unordered=False)
    for _ in range(_DEEPEST):
        index = None if comparator.unordered else _odd_item(inner, expected, actual)
        if index is None:
            break
        assert isinstance(expected, list | tuple)
        assert isinstance(actual, list | tuple)
        expected, actual, path = expected[index], actual[index], f"{path}[{index}]"
    return Difference(excerpt(shown_value(expected)), excerpt(shown_value(actual)), path=path)


def explanation(problem: Problem, case: TestCase | CallCase, execution: Execution, limits: Limits) -> str:
    """One line that says why: the first difference, the last line of the exception, or the limit; "" for AC."""
    result = execution.result
    if execution.verdict is Verdict.AC:
        return ""
    if execution.verdict is Verdict.WA:
        return _of_wrong(problem, case, result)
    return ending(result, limits)


def ending(result: RunResult, limits: Limits) -> str:
    """How a run that did not end well ended."""
    limit = {
        Status.TLE: f"over {limits.cpu_s:g} s of CPU time",
        Status.IDLE: f"not at its end after {limits.wall_limit_s:g} s of waiting",
        Status.MLE: f"over {limits.memory_mb} MiB of memory",
        Status.OLE: f"over {_size(limits.output_bytes)} of output",
    }.get(result.status)
    if limit is not None:
        return limit
    message = last_line(result.stderr)
    return (
        f"{_how(result)}: {excerpt(message, 200)}"
        if message and result.signal
        else excerpt(message, 200) or _how(result)
    )


def last_line(text: str) -> str:
    """The last line of a text that is not blank; "" where there is none."""
    return text.rstrip().rpartition("\n")[2].strip()


def _how(result: RunResult) -> str:
    if result.signal:
        names = {number.value: number.name for number in signal.Signals}
        return f"ended by signal {result.signal} ({names.get(result.signal, 'unknown')})"
    if result.status is Status.BAD:
        return "ended without returning a value"
    return f"exit code {result.exit_code}"


def _of_wrong(problem: Problem, case: TestCase | CallCase, result: RunResult) -> str:
    difference = first_difference(problem, case, result)
    if isinstance(case, TestCase):
        if problem.checker is not None:
            return f"the checker does not take {_quote(result.stdout)}"
        return _text_words(difference) if difference else "the output is not the expected one"
    assert difference is not None
    call = excerpt(shown_input(case, problem.entry_point), 2 * _WIDTH)
    where = f" at {difference.path}" if difference.path else ""
    return f"{call}: expected {difference.expected}{where}, got {difference.got}"


def _text_words(difference: Difference) -> str:
    if difference.got is None:
        where = f"after line {difference.line}: " if difference.line else ""
        what = "nothing more" if difference.line else "no output at all"
        return f"{where}expected {_quote(difference.expected)}, got {what}"
    place = f"line {difference.line}"
    if difference.token is not None:
        place += f", token {difference.token}"
    if difference.expected is None:
        return f"{place}: expected nothing more, got {_quote(difference.got)}"
    words = f"{place}: expected {_quote(difference.expected)}, got {_quote(difference.got)}"
    if (difference.expected, difference.got) == (difference.expected_line, difference.got_line):
        return words
    return f"{words} (the lines: {_quote(difference.expected_line)}, {_quote(difference.got_line)})"


def _quote(text: str | None) -> str:
    return f'"{excerpt(text or "", _WIDTH)}"'


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count % (1 << 20) == 0 else f"{count} bytes"


def _trim(text: str) -> str:
    return text.rstrip(_BLANK + "\n")


def _tokens(lines: Sequence[str]) -> Iterator[Place]:
    for number, line in enumerate(lines, 1):
        for token, match in enumerate(_TOKEN.finditer(line), 1):
            yield Place(match[0], number, token, match.start())


def _lines(lines: Sequence[str]) -> Iterator[Place]:
    last = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip(_BLANK)), 0)
    for number, line in enumerate(lines[:last], 1):
        yield Place(line, number, None, 0)


def _between(
    right: Place | None, wrong: Place | None, expected_lines: Sequence[str], actual_lines: Sequence[str]
) -> Difference:
    """The difference of two places, one of which may be missing."""
    if wrong is None:
        last = next((n for n in range(len(actual_lines), 0, -1) if actual_lines[n - 1].strip(_BLANK)), 0)
    return Difference(
        None if right is None else excerpt(right.text, _WIDTH),
        None if wrong is None else excerpt(wrong.text, _WIDTH),
        last if wrong is None else wrong.line,
        None if wrong is None else wrong.token,
        expected_line=None if right is None else _around(expected_lines, right),
        got_line=None if wrong is None else _around(actual_lines, wrong),
    )


def _around(lines: Sequence[str], place: Place) -> str:
    """A line, cut to a readable width with the place in it."""
    line = lines[place.line - 1]
    start = max(0, place.start - _WIDTH // 2)
    return excerpt(("..." if start else "") + line[start : start + 2 * _WIDTH], _WIDTH)


def _unordered_difference(expected: str, actual: str) -> Difference | None:
    """The first line that the other side does not have, blank space apart."""
    counts = Counter(filter(None, map(_words, expected.split("\n"))))
    for number, line in enumerate(actual.split("\n"), 1):
        if words := _words(line):
            counts[words] -= 1
            if counts[words] < 0:
                return Difference(None, excerpt(line, _WIDTH), number, got_line=excerpt(line, _WIDTH))
    missing = next((words for words, count in counts.items() if count > 0), None)
    if missing is None:
        return None
    return Difference(excerpt(" ".join(missing), _WIDTH), None, _trim(actual).count("\n") + 1)


def _words(line: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(line))


def _odd_item(comparator: Comparator, expected: object, actual: object) -> int | None:
    """The index of the first item that differs, where two sequences of one type and length do."""
    if not isinstance(expected, list | tuple) or type(expected) is not type(actual):
        return None
    assert isinstance(actual, list | tuple)
    if len(expected) != len(actual):
        return None
    pairs = enumerate(zip(expected, actual, strict=True))
    return next((index for index, (e, a) in pairs if not accepts_value(comparator, e, a)), None)
