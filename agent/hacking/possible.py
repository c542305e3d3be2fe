"""A flaw on an input that may be invalid, where none was found on a surer one: shown, and no verdict.

Not covered: why an input is doubted (`agent.hacking.likeness`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agent.hacking.measure import tokens_of
from agent.hacking.votes import votes_record
from agent.terminal.display import cut, shown_expected, shown_input, shown_result

if TYPE_CHECKING:
    from agent.hacking.types import Hacking
    from problems import Problem

_MOST_CHARACTERS = 600


def possible_record(problem: Problem, hacking: Hacking) -> dict[str, Any] | None:
    """The flaw as an object; None where there is none of that kind."""
    flaw = hacking.possible
    if flaw is None:
        return None
    return {
        "verdict": flaw.verdict,
        **votes_record(flaw),
        "input": shown_input(flaw.item, problem.entry_point),
        "tokens": tokens_of(flaw.item),
        "expected": cut(shown_expected(flaw.case), _MOST_CHARACTERS) if flaw.case else None,
        "output": cut(shown_result(flaw.result), _MOST_CHARACTERS),
        "examples_share": flaw.doubt,
    }


def possible_lines(problem: Problem, hacking: Hacking) -> Iterator[str]:
    """The same for people."""
    record = possible_record(problem, hacking)
    if record is None:
        return
    tokens = record["tokens"]
    yield (
        f"possible: {record['verdict']} on an input of {tokens} token{'s' * (tokens != 1)}"
        f" with a probability of {record['confidence']:.2f}, because it may be invalid"
    )
    for title, text in (
        ("input", record["input"]),
        ("expected", record["expected"]),
        ("output", record["output"]),
    ):
        if text is not None:
            yield f"{title}:\n{cut(text.rstrip(), _MOST_CHARACTERS)}\n"
    if record["examples_share"] is not None:
        yield f"all examples share what it lacks: {record['examples_share']}"
    for sentence in hacking.unread:
        yield f'not checked, see that it holds: "{cut(sentence, 160)}"'
