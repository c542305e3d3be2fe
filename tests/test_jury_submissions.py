"""The study of a jury's own programs: why one is not judged as it is filed."""

from __future__ import annotations

import pytest

from benchmarks.studies.jury_submissions import Outcome, causes_of


def outcome(key: str, expected: str, verdict: str, **facts: object) -> Outcome:
    usual: dict[str, object] = {
        "problem": key[0],
        "language": "cpp",
        "passed": 0,
        "total": 2,
        "dropped": 0,
        "limit_s": 1.0,
        "slowest_s": 0.1,
        "same_text": False,
        "words": "",
    }
    return Outcome(key=key, expected=expected, verdict=verdict, **(usual | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        (outcome("a1", "WA", "AC", same_text=True, dropped=3), "which lacks some"),
        (outcome("a1", "WA", "AC", same_text=True), "the jury's words on every test"),
        (outcome("a1", "WA", "AC"), "within the rules"),
        (
            outcome("a1", "AC", "RTE", words="does not compile: collect2: error: ld returned 1 exit status"),
            "grader",
        ),
        (outcome("a1", "AC", "RTE", words="does not compile: incomplete type"), "header"),
        (outcome("a1", "AC", "WA", words='expected "1", got "2"'), "see below"),
    ],
)
def test_causes(result: Outcome, cause: str) -> None:
    assert cause in causes_of([result])["a1"]


def test_a_grader_explains_all_programs_of_its_problem_and_of_no_other() -> None:
    lacking = outcome("a1", "AC", "RTE", words="does not compile: fatal error: a.h: No such file or directory")
    causes = causes_of([lacking, outcome("a2", "WA", "RTE", words="x"), outcome("b1", "AC", "WA", words="x")])
    assert "grader" in causes["a2"]
    assert "grader" not in causes["b1"]
