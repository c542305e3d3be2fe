"""What a council has to do with a search's outcome, in words and as the object that `--json` prints.

Not covered: the flaw itself (`agent.hacking.record`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agent.terminal.costs import cost_record
from agent.terminal.display import cut, shown_input

if TYPE_CHECKING:
    from agent.hacking.types import Flaw, Hacking
    from problems import Problem

_MOST_CONTESTED = 20
_MOST_CHARACTERS = 2000


def authority_of(hacking: Hacking) -> str:
    """Who says what is right; of a flaw that a council voted on, how many of its programs do."""
    votes = None if hacking.flaw is None else hacking.flaw.votes
    council = hacking.council
    if votes is None or council is None:
        return hacking.authority
    brutes = f", {votes.brutes} of them brute forces" if votes.brutes else ""
    return f"{votes.lead} of {votes.members} programs of {council.model}{brutes}"


def silence_of(hacking: Hacking) -> str | None:
    """Why nothing can be said at all; None where something can."""
    council = hacking.council
    if council is None or council.members:
        return None
    if not council.samples:
        return f"{council.model} gave no program"
    which = f"none of {council.samples} programs" if council.samples > 1 else "the only program"
    fails = "passes" if council.samples > 1 else "does not pass"
    return f"{which} of {council.model} {fails} the examples"


def doubts_of(hacking: Hacking) -> Iterator[str]:
    """Where the program differs from what most of a council say, and that is not sure enough; a line or none."""
    attempts, council = hacking.attempts, hacking.council
    if not attempts.contested or council is None:
        return
    yield (
        f"contested on {attempts.contested} of {attempts.inputs} inputs: the programs of {council.model} disagree"
        f" there, or are too few{_surest(hacking)}"
    )


def _surest(hacking: Hacking) -> str:
    if hacking.flaw is not None or not hacking.contested:
        return ""
    return f"; the likeliest flaw has a probability of {hacking.contested[0].confidence:.2f}"


def votes_record(flaw: Flaw) -> dict[str, Any]:
    """How sure a flaw is, and by which votes."""
    return {"confidence": round(flaw.confidence, 4), "votes": asdict(flaw.votes) if flaw.votes else None}


def council_record(problem: Problem, hacking: Hacking) -> dict[str, Any]:
    """Who was asked, what that cost, and what they disagree on; nothing where there was no council."""
    council = hacking.council
    if council is None:
        return {}
    return {
        "council": {
            "model": council.model,
            "samples": council.samples,
            "distinct": council.distinct,
            "members": council.voices,
            "programs": len(council.members),
            "brutes": sum(member.brutes for member in council.members),
            "generated_inputs": len(council.inputs),
            "answers": asdict(council.tally),
        },
        "nothing_can_be_said": silence_of(hacking),
        "contested": {
            "inputs": hacking.attempts.contested,
            "surest": [
                {
                    "verdict": flaw.verdict,
                    "input": cut(shown_input(flaw.item, problem.entry_point), _MOST_CHARACTERS),
                    **votes_record(flaw),
                }
                for flaw in hacking.contested[:_MOST_CONTESTED]
            ],
        },
        "cost": cost_record(council.cost),
    }
