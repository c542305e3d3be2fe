"""The page about a search for a flaw: the input that breaks a program, the two outputs, and why that counts.

Everything on it that programs or statements wrote is data, as on the page about an answer.

Not covered: how the search went (`agent.hacking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.hacking.possible import possible_lines
from agent.hacking.votes import doubts_of, silence_of
from agent.report import matrix
from agent.report.marks import excerpts
from agent.report.shell import rendered
from agent.terminal.display import cut, cut_start, shown_input, visible

if TYPE_CHECKING:
    from agent.hacking.record import Names
    from agent.hacking.types import Hacking, Program
    from problems import Problem

_MOST_INPUT, _MOST_ORIGINAL, _MOST_SAID = 10_000, 2_000, 4_000
"""Characters of inputs, and of what a program says as it dies, that are shown."""


def render_hacking(
    problem: Problem,
    hacking: Hacking,
    names: Names,
    record: dict[str, Any],
    *,
    programs: Sequence[Program],
    sandbox: str,
) -> str:
    """One HTML page about a search; it loads nothing and works from a file.

    Args:
        problem: whose inputs were tried.
        hacking: what was found.
        names: what the two programs are called.
        record: the same as `agent.hacking.record.record_of` says it.
        programs: all that ran, the one in question first.
        sandbox: which kind of slot ran them.

    Returns:
        The text of the page; it encodes as UTF-8.
    """
    flaw = hacking.flaw
    output, expected = excerpts(problem, flaw.case, flaw.result) if flaw else (None, None)
    text = shown_input(flaw.item, problem.entry_point) if flaw else ""
    original = hacking.original if flaw and hacking.original != flaw.item else None
    return rendered(
        "hacking.html.j2",
        problem=problem,
        flaw=flaw,
        names=names,
        record=record,
        programs=programs,
        sandbox=sandbox,
        headline=_headline(hacking, names),
        silence=silence_of(hacking),
        doubts=[*doubts_of(hacking), *possible_lines(problem, hacking)],
        authority=hacking.authority or names.right,
        meanings=matrix.MEANINGS,
        paths=matrix.paths,
        output=output,
        expected=expected,
        input_text=cut(text, _MOST_INPUT),
        # What is copied must be the input itself.
        may_copy=len(text) <= _MOST_INPUT and visible(text) == text,
        original=original and cut(shown_input(original, problem.entry_point), _MOST_ORIGINAL),
        said=cut_start(flaw.result.stderr, _MOST_SAID) if flaw else "",
    )


def _headline(hacking: Hacking, names: Names) -> str:
    if hacking.flaw is None:
        return "Nothing can be said" if silence_of(hacking) else "Nothing found"
    what = "They differ" if names.is_duel else "Broken"
    return f"{what}: {matrix.MEANINGS[hacking.flaw.verdict]}"
