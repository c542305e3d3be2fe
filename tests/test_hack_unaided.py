"""What the study of hacks without a right program counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agent.hacking.belief import Features
from benchmarks.studies.hack_unaided import Attempt, summary

CERTAIN = Features(
    lead=30, runner_up=0, accused=0, members=30, samples=32, distinct=20, brutes=8, examples=2, whole_program=True,
    has_failed=False,
)  # fmt: skip
DOUBTFUL = Features(
    lead=2, runner_up=2, accused=2, members=6, samples=32, distinct=1, brutes=0, examples=2, whole_program=True,
    has_failed=False,
)  # fmt: skip


def tried(key: str, **fields: Any) -> Attempt:
    given: dict[str, Any] = {"problem": "p", "half": "tuning", "is_wrong": True, "by_example": False, "members": 5}
    return Attempt(key, **given | fields)


def found(key: str, votes: Features, *, is_flaw: bool | None, **fields: Any) -> Attempt:
    return tried(key, verdict="WA", votes=asdict(votes), is_flaw=is_flaw, **fields)


def test_flaws_count_from_the_least_probability_on_and_by_what_an_accepted_program_says() -> None:
    attempts = [
        found("a", CERTAIN, is_flaw=True),
        found("b", CERTAIN, is_flaw=False),
        found("c", DOUBTFUL, is_flaw=True),
        tried("d"),
        tried("e", by_example=True),
        found("f", CERTAIN, is_flaw=False, is_wrong=False),
        tried("g", is_wrong=False),
        tried("h", is_wrong=False, problem="q", members=0),
        tried("i", problem="q", members=0),
    ]
    text = summary(attempts, 0.8).splitlines()[0]
    assert "2 problems, 1 with a council" in text
    assert "wrong 6, 1 fail an example, 4 were searched: broken 2 of 4 (50%)" in text
    assert "on inputs where they fail 1 of 4 (25%)" in text
    assert "all broken 3 of 6 (50%)" in text
    assert "accepted 3, of them with a council 2: accused 1 of 2 (50%)" in text


def test_where_no_accepted_program_answers_the_jurys_verdict_says_whether_a_flaw_is_one() -> None:
    assert found("a", CERTAIN, is_flaw=None).is_confirmed
    assert not found("a", CERTAIN, is_flaw=None, is_wrong=False).is_confirmed
