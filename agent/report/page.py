"""The page about an answer: findings into its template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.confidence import MEANING
from agent.report import findings, matrix
from agent.report.shell import rendered
from agent.tally import remarks
from agent.terminal.costs import spending_lines
from agent.terminal.display import cut, visible

if TYPE_CHECKING:
    from agent.report.matrix import Column, Row
    from agent.types import Solution, SolveOptions
    from problems import Problem

_SOURCE_SHOWN = 8_000
_TOTAL_SOURCES = 400_000


def render_report(
    problem: Problem,
    solution: Solution,
    *,
    model: str,
    sandbox: str,
    options: SolveOptions,
) -> str:
    """One HTML page about an answer; it loads nothing and works from a file.

    Args:
        problem: what was asked.
        solution: what was found.
        model: name of the model that was sampled.
        sandbox: which kind of slot ran the programs.
        options: how much was tried.

    Returns:
        The text of the page; it encodes as UTF-8.
    """
    columns = matrix.columns(problem, solution)
    rows = matrix.rows(problem, solution)
    views = findings.clusters(solution, rows)
    return rendered(
        "page.html.j2",
        problem=problem,
        solution=solution,
        outcome=_outcome(problem, solution),
        outcomes=matrix.OUTCOMES,
        star=("chosen" if solution.solved else "closest") if matrix.winner(solution) else None,
        headline=_headline(problem, solution),
        meaning=MEANING,
        tally=solution.evidence.tally,
        remarks=remarks,
        reasons=findings.reasons(problem, solution, options.language),
        near_miss=findings.near_miss(problem, solution, columns),
        columns=columns,
        rows=rows,
        left_out=len(solution.standings) - len(rows),
        kinds=[kind for kind in matrix.MEANINGS if any(kind in row.kinds for row in rows)],
        meanings=matrix.MEANINGS,
        paths=matrix.paths,
        summary=matrix.summary,
        clusters=views,
        difference=findings.difference(views, columns),
        failures=list(findings.failures(rows, columns)),
        data=_data(rows, columns),
        # What is copied must be the program itself.
        may_copy=solution.program is not None and visible(solution.program) == solution.program,
        spending_lines=spending_lines,
        model=model,
        sandbox=sandbox,
        options=options,
    )


def _outcome(problem: Problem, solution: Solution) -> str:
    """A key of `matrix.OUTCOMES`."""
    if not solution.solved:
        return "unsolved"
    if solution.abstained:
        return "abstained"
    return "solved" if problem.cases else "unchecked"


def _headline(problem: Problem, solution: Solution) -> str:
    """What is known for certain of the program; how likely it is right stands beside it."""
    if not solution.solved:
        return "Nothing passes the examples" if problem.cases else "Nothing compiles"
    return "Passes the examples" if problem.cases else "Compiles; there are no examples"


def _data(rows: Sequence[Row], columns: Sequence[Column]) -> dict[str, Any]:
    """What the script shows on demand. Outputs are kept once per column, and rows point at them."""
    outputs: list[list[str]] = [[] for _ in columns]
    places: list[dict[str, int]] = [{} for _ in columns]

    def place(column: int, output: str | None) -> int:
        if output is None:
            return -1
        indices = places[column]
        if output not in indices:
            indices[output] = len(outputs[column])
            outputs[column].append(visible(output))
        return indices[output]

    return {
        "columns": [[c.label, visible(c.input_text), c.expected and visible(c.expected)] for c in columns],
        "outputs": outputs,
        "rows": [
            {
                "kinds": list(row.kinds),
                "said": [place(column, output) for column, output in enumerate(row.outputs)],
            }
            for row in rows
        ],
        "sources": _sources(rows),
        "meanings": matrix.MEANINGS,
    }


def _sources(rows: Sequence[Row]) -> list[str]:
    """The programs, the best ones whole: a page of many long ones stays small enough to open."""
    budget = _TOTAL_SOURCES
    texts = []
    for row in rows:
        source = cut(row.standing.candidate.source, min(_SOURCE_SHOWN, max(budget, 0)))
        budget -= len(source)
        texts.append(visible(source))
    return texts
