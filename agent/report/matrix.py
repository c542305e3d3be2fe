"""Candidates x cases as a picture: one strip of cells per candidate, each outcome with a shape of its own.

Shapes carry the meaning; colours, from Okabe and Ito's palette, only repeat it, so the picture reads in grey too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from agent.terminal.display import cut, shown_expected, shown_input, shown_result
from agent.types import FAILED, Solution, Standing, Verdict
from problems import CallCase, Problem, TestCase

MOST_ROWS = 300
"""Candidates in the picture; what is left out is said beside it."""
_CELL = 10
_INPUT_SHOWN = 600

SAME, DIFFERENT, FAILURE, NOT_RUN = "same", "differs", "fails", "none"

MEANINGS = {
    Verdict.AC: "accepted",
    Verdict.WA: "wrong answer",
    Verdict.RTE: "runtime error",
    Verdict.TLE: "time limit",
    Verdict.MLE: "memory limit",
    Verdict.OLE: "output limit",
    SAME: "answers like the chosen program",
    DIFFERENT: "answers otherwise",
    FAILURE: "does not end well",
    NOT_RUN: "not run",
}
"""Every kind of cell, in the order of the legend."""

OUTCOMES = {
    "solved": ("\u2713", "passes the examples"),
    "unchecked": ("?", "no examples to pass"),
    "abstained": ("\u2013", "less sure than was asked for"),
    "unsolved": ("\u2717", "nothing passes"),
    "chosen": ("\u2605", "the chosen program"),
    "closest": ("\u2606", "the program that came closest"),
}
"""The marks that are characters: what each looks like, and the one thing that it means on every page."""

_SHAPES = {
    Verdict.AC: "h9v9h-9z",
    Verdict.WA: "m1 0l3.5 3.5 3.5-3.5 1 1-3.5 3.5 3.5 3.5-1 1-3.5-3.5-3.5 3.5-1-1 3.5-3.5-3.5-3.5z",
    Verdict.RTE: "m4.5 0l4.5 9h-9z",
    Verdict.TLE: "m0 3h9v3h-9z",
    Verdict.MLE: "m3 0h3v9h-3z",
    Verdict.OLE: "h9v9h-9zm2 2v5h5v-5z",
    SAME: "m4.5 0a4.5 4.5 0 1 0 .01 0z",
    DIFFERENT: "m4.5 0l4.5 4.5-4.5 4.5-4.5-4.5z",
    FAILURE: "m4.5 9l4.5-9h-9zm0-3l-2-4h4z",
    NOT_RUN: "m3.5 3.5h2v2h-2z",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A case, public or generated."""

    label: str
    input_text: str
    expected: str | None
    """The right answer; None where nobody knows it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate."""

    number: int
    """From 1, in the order of `Solution.standings`."""
    standing: Standing
    outcome: str
    """The verdict that its examples come to; "none" where there is no example."""
    kinds: tuple[str, ...]
    """What happened in each column, a key of `MEANINGS`."""
    outputs: tuple[str | None, ...]
    """What came out in each column; None where it was not run."""


def columns(problem: Problem, solution: Solution) -> tuple[Column, ...]:
    """The public cases, then the generated inputs."""
    cases: Sequence[TestCase | CallCase] = problem.cases
    public = (
        Column(
            f"example {number}",
            cut(shown_input(case, problem.entry_point), _INPUT_SHOWN),
            cut(shown_expected(case)),
        )
        for number, case in enumerate(cases, 1)
    )
    others = (
        Column(f"generated input {number}", cut(shown_input(item, problem.entry_point), _INPUT_SHOWN), None)
        for number, item in enumerate(solution.inputs, 1)
    )
    return (*public, *others)


def rows(problem: Problem, solution: Solution) -> tuple[Row, ...]:
    """The candidates, best first."""
    choice = winner(solution)
    reference = choice.behaviour if choice is not None and choice.survives else ()
    return tuple(
        _row(number, standing, len(problem.cases), reference, len(solution.inputs))
        for number, standing in enumerate(solution.standings[:MOST_ROWS], 1)
    )


def winner(solution: Solution) -> Standing | None:
    """The standing of the program that the answer holds."""
    return next((s for s in solution.standings if s.candidate.source == solution.program), None)


def paths(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """SVG paths that draw one strip: for each kind of cell that occurs, its class and its path data."""
    shapes_of: dict[str, list[str]] = {}
    for place, kind in enumerate(kinds):
        shapes_of.setdefault(kind, []).append(f"M{_CELL * place} 0{_SHAPES[kind]}")
    return [(kind, "".join(shapes)) for kind, shapes in shapes_of.items()]


def summary(kinds: Sequence[str]) -> str:
    """One strip in words, for those who do not see it: every kind of cell in it, and how many there are."""
    counts = Counter(kinds)
    return "; ".join(f"{meaning}: {counts[kind]}" for kind, meaning in MEANINGS.items() if counts[kind])


def _row(number: int, standing: Standing, cases: int, reference: Sequence[Hashable], inputs: int) -> Row:
    kinds: list[str] = [execution.verdict for execution in standing.executions]
    outputs: list[str | None] = [cut(shown_result(execution.result)) for execution in standing.executions]
    outcome = kinds[-1] if kinds else NOT_RUN
    kinds += [NOT_RUN] * (cases - len(kinds))
    for place in range(inputs):
        kinds.append(_kind(standing, reference, place))
    outputs += [None] * (cases - len(outputs))
    outputs += [observation.shown for observation in standing.observations] or [None] * inputs
    return Row(number, standing, outcome, tuple(kinds), tuple(outputs))


def _kind(standing: Standing, reference: Sequence[Hashable], place: int) -> str:
    if not standing.observations:
        return NOT_RUN
    behaviour = standing.behaviour[place]
    if behaviour is FAILED:
        return FAILURE
    return SAME if reference and behaviour == reference[place] else DIFFERENT
