"""Fitting the confidence: from records of runs, on halves that share no task."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.confidence import Features, confidence
from benchmarks.records import AnswerRecord, CandidateRecord, SampleRecord, TaskRecord
from benchmarks.studies.answers import Outcome, outcome_of_run, outcomes, read_outcomes, write_outcomes
from benchmarks.studies.fit_confidence import fit, held_out_errors, leave_one_out, main, predict, split
from benchmarks.studies.pipeline_matrices import PipelineRecord

OUTCOMES_FOLDER = Path(__file__).resolve().parents[1] / "benchmarks/outcomes"


def sample(candidate: int | None) -> SampleRecord:
    return SampleRecord(candidate, 10, -1.0, greedy=False)


RUN = TaskRecord(
    "t/1",
    samples=(sample(0), sample(1), sample(None), sample(0), sample(2), sample(2), sample(2)),
    candidates=(
        CandidateRecord("AC", 3, 3, 2, survives=True, outputs=(1, 2)),
        CandidateRecord("WA", 1, 3, 0),
        CandidateRecord("WA", 2, 3, 2, survives=True, outputs=(1, 3)),
    ),
    answer=AnswerRecord(0, 0.5, solved=True, samples=5),
    cases=2,
    whole_program=True,
)
"""The answer was given after five of the seven samples."""


def test_a_run_gives_what_was_known_about_its_answer() -> None:
    outcome = outcome_of_run(RUN, "he")
    assert outcome is not None
    assert outcome.right
    assert outcome.source == "he"
    assert outcome.features == Features(
        samples=5, agreeing=2, survivors=3, runner_up=1, public=2, whole_program=True
    )


def test_where_nothing_survives_there_is_no_outcome() -> None:
    failure = AnswerRecord(1, 0.0, solved=False, samples=5)
    assert outcome_of_run(replace(RUN, answer=failure), "he") is None
    assert outcome_of_run(replace(RUN, answer=None), "he") is None
    assert outcomes(PipelineRecord("t", (1,), (True,), (False,), ((),), 1)) == []


def test_a_pool_of_many_completions_is_cut_into_several() -> None:
    pool = PipelineRecord("t", (30, 10, 20), (True, True, False), (True, True, False), ((1,), (2,), ()), 3)
    result = outcomes(pool)
    assert len(result) == 3
    assert all(outcome.right and outcome.features.samples == 20 for outcome in result)
    assert sum(outcome.features.survivors or 0 for outcome in result) == 40


def made(count: int, *, seed: int) -> list[Outcome]:
    """Outcomes whose chance of being right is the share of survivors that agree."""
    draw = random.Random(seed)
    result = []
    for number in range(count):
        agreeing = draw.randint(1, 20)
        features = Features(20, agreeing, 20, 20 - agreeing)
        result += [Outcome(f"t/{number}", "made", features, draw.random() < agreeing / 20)] * 2
    return result


def test_no_task_is_on_both_sides() -> None:
    first, second = split(made(31, seed=0), 3)
    assert {o.task for o in first}.isdisjoint(o.task for o in second)
    assert len(first) + len(second) == 62
    assert abs(len(first) - len(second)) <= 2


def test_a_fit_states_the_chance_that_made_the_data() -> None:
    probabilities = predict(
        [Outcome("x", "made", Features(20, n, 20, 20 - n), right=True) for n in (4, 16)], fit(made(2000, seed=1))
    )
    assert probabilities == pytest.approx([0.2, 0.8], abs=0.06)


def test_held_out_errors_are_small_where_the_model_is_right() -> None:
    errors = held_out_errors(made(600, seed=2))
    assert sum(errors) / len(errors) < 0.08


def test_an_outcome_has_no_part_in_what_is_stated_of_it() -> None:
    result = made(30, seed=6)
    at = next(at for at, outcome in enumerate(result) if outcome.right)
    # Both outcomes of the task change sides; had they been fitted on, the figure would fall.
    opposites = [replace(o, right=not o.right) if o.task == result[at].task else o for o in result]
    assert leave_one_out(opposites)[at] == pytest.approx(leave_one_out(result)[at])
    assert predict([result[at]], fit(opposites)) < predict([result[at]], fit(result))


def test_a_kind_of_problem_that_is_harder_is_stated_lower() -> None:
    draw = random.Random(7)
    result = [
        Outcome(
            f"t/{number}", "made", Features(20, 10, 20, 5, whole_program=number % 2 == 1), draw.random() < share
        )
        for number in range(2000)
        for share in ((0.9, 0.4)[number % 2],)
    ]
    assert predict(result[:2], fit(result)) == pytest.approx([0.9, 0.4], abs=0.05)


def test_outcomes_are_kept_and_read_again(tmp_path: Path) -> None:
    own = outcome_of_run(RUN, "he")
    assert own is not None
    result = [*made(5, seed=3), own]
    write_outcomes(tmp_path / "outcomes.jsonl", result)
    assert read_outcomes(tmp_path / "outcomes.jsonl") == result


def test_a_fit_on_kept_outcomes_says_how_each_source_does(tmp_path: Path) -> None:
    write_outcomes(tmp_path / "outcomes.jsonl", made(40, seed=4))
    process = CliRunner().invoke(main, ["--outcomes", str(tmp_path / "outcomes.jsonl")], catch_exceptions=False)
    assert process.exit_code == 0
    assert "shipped, made: 80 answers" in process.output
    write_outcomes(tmp_path / "more.jsonl", [replace(outcome, source="more") for outcome in made(30, seed=5)])
    both = CliRunner().invoke(main, ["--outcomes", str(tmp_path)], catch_exceptions=False)
    assert "shipped, made: 80 answers" in both.output
    assert "shipped, more: 60 answers" in both.output


def test_the_weights_shipped_are_those_of_the_kept_answers() -> None:
    result = [outcome for file in sorted(OUTCOMES_FOLDER.glob("*.jsonl")) for outcome in read_outcomes(file)]
    assert [confidence(outcome.features) for outcome in result] == pytest.approx(
        predict(result, fit(result)), abs=1e-3
    )


@pytest.mark.parametrize("line", ["{", "[]", '{"task": "t", "source": "s", "right": true, "wrong": 1}'])
def test_a_file_of_other_rows_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    write_outcomes(path, made(1, seed=5))
    path.write_text(path.read_text() + line + "\n")
    process = CliRunner().invoke(main, ["--outcomes", str(path)])
    assert process.exit_code == 1
    assert "rows.jsonl:3: no row of this file" in process.output
