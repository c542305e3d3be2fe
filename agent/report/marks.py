"""Two outputs beside each other: a piece of each around the place where they part.

Not covered: the colours (`page.css`), and whether a difference counts (`agent.judging.explain`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.judging.explain import Place, text_difference, text_places, value_difference
from agent.terminal.display import shown_expected, shown_result
from problems import Comparator, TestCase
from sandbox import CallResult, Status

if TYPE_CHECKING:
    from problems import CallCase, Problem
    from sandbox import RunResult

_MOST_BEFORE, _MOST_AFTER = 200, 2000
"""Characters around a mark that are shown."""
_UNORDERED = Comparator("unordered-lines")

Span = tuple[int, int]
"""Where a piece of a text begins and ends, in characters."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text, or a piece of it, in three parts."""

    before: str
    marked: str
    """What differs; "" where nothing is marked."""
    after: str
    is_missing: bool = False
    """Whether what the other text has is not there, which would stand between the other two parts."""

    @property
    def text(self) -> str:
        """All of it."""
        return self.before + self.marked + self.after


def excerpts(
    problem: Problem, case: TestCase | CallCase | None, result: RunResult
) -> tuple[Excerpt, Excerpt | None]:
    """What came out, and what was expected, with the first difference marked; None where nothing is expected."""
    output = shown_result(result)
    if case is None:
        return _excerpt(output, None), None
    expected = shown_expected(case)
    right, wrong = _spans(problem, case, result)
    if right is None and wrong is None:
        return _excerpt(output, None), _excerpt(expected, None)
    return _excerpt(output, wrong or _end(output)), _excerpt(expected, right or _end(expected))


def _spans(problem: Problem, case: TestCase | CallCase, result: RunResult) -> tuple[Span | None, Span | None]:
    """Where the expected text and the output part; None for one that has ended, and twice where unknown."""
    if result.status is not Status.OK or problem.checker is not None:
        return None, None
    if isinstance(case, TestCase):
        if problem.comparator.kind == "unordered-lines":
            return _odd_line(result.stdout, case.stdout), _odd_line(case.stdout, result.stdout)
        places = text_places(problem.comparator, case.stdout, result.stdout)
        if places is None:
            return None, None
        return _of_place(case.stdout, places[0]), _of_place(result.stdout, places[1])
    if not isinstance(result, CallResult):
        return None, None
    path = value_difference(problem.comparator, case.expected, result.value).path
    indices = list(map(int, re.findall(r"\d+", path)))
    return _of_item(case.expected, indices), _of_item(result.value, indices)


def _odd_line(other: str, text: str) -> Span | None:
    """A line of the text that the other one does not have, in whatever order."""
    difference = text_difference(_UNORDERED, other, text)
    if difference is None or difference.got is None or difference.line is None:
        return None
    return _of_place(text, Place(text.split("\n")[difference.line - 1], difference.line, None, 0))


def _of_place(text: str, place: Place | None) -> Span | None:
    if place is None:
        return None
    start = sum(len(line) + 1 for line in text.split("\n")[: place.line - 1]) + place.start
    return start, start + len(place.text)


def _of_item(value: object, indices: Sequence[int]) -> Span | None:
    """Where the item of a nested list stands in how the list is written; None where that cannot be told."""
    try:
        text, start = repr(value), 0
        for index in indices:
            if not isinstance(value, list | tuple):
                return None
            start += 1 + sum(len(repr(each)) + 2 for each in value[:index])
            value = value[index]
        end = start + len(repr(value))
    except ValueError:  # an integer of more digits than Python turns into text
        return None
    return (start, end) if text[start:end] == repr(value) else None


def _end(text: str) -> Span:
    end = len(text.rstrip())
    return end, end


def _excerpt(text: str, span: Span | None) -> Excerpt:
    """The part of a text around a span; an empty one stands for what is missing."""
    start, end = span or (0, 0)
    first, last = max(0, start - _MOST_BEFORE), min(len(text), end + _MOST_AFTER)
    marked = text[start:end]
    if len(marked) > _MOST_AFTER:
        marked, last = marked[:_MOST_AFTER], start + _MOST_AFTER
    before = (f"[{first} characters before]\n" if first else "") + text[first:start]
    rest = text[start + len(marked) : last]
    after = rest + (f"\n[{len(text) - last} more characters]" if last < len(text) else "")
    is_missing = span is not None and start == end
    if is_missing and before and not before[-1].isspace():
        before += "\n" if "\n" in text.strip() else " "
    return Excerpt(before, marked, after, is_missing)
