"""The study of strategies: what a budget pays for, `auto` replayed, and a run that goes on."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from scripted import scripted_model

from agent.strategies.bandit import PRIORS, Record
from benchmarks.records import CandidateRecord, SampleRecord, TaskRecord
from benchmarks.studies.strategies import figures, main, measured_priors, paid, table

ARMS = ("direct", "plan")
TWO = {arm: PRIORS[arm] for arm in ARMS}


def record(task: str, *arms: tuple[str, int, list[int | None]]) -> TaskRecord:
    """Of each arm its samples, of so many tokens, by candidate: 0 is wrong, all others are right."""
    samples = [SampleRecord(c, tokens, -1.0, False, arm) for arm, tokens, row in arms for c in row]
    most = max(one.candidate or 0 for one in samples)
    candidates = [CandidateRecord("AC" if n else "WA", 0, 1, n > 0, n > 0) for n in range(most + 1)]
    return TaskRecord(task, tuple(samples), tuple(candidates), cases=1)


def test_a_budget_pays_for_a_part_of_a_sample_as_often_as_it_can() -> None:
    assert paid([4, 5, 6], [10, 10, 10], 20, 0.99) == [4, 5]
    assert paid([4, 5, 6], [10, 10, 10], 25, 0.49) == [4, 5, 6]
    assert paid([4, 5, 6], [10, 10, 10], 25, 0.51) == [4, 5]
    assert paid([4], [10], 0, 0.0) == []
    assert paid([4, 5], [10, 10], 99, 0.5) == [4, 5]


@pytest.mark.parametrize("cost", [7, 70, 700])
def test_what_is_spent_is_the_budget_on_average(cost: int) -> None:
    draw = random.Random(0)
    spent = [cost * len(paid(range(200), [cost] * 200, 1000, draw.random())) for _ in range(2000)]
    assert sum(spent) / len(spent) == pytest.approx(1000, abs=30)


def test_arms_are_compared_at_equal_tokens() -> None:
    """One of ten samples is right in both; the other arm's are twice as long."""
    one_right: list[int | None] = [1, *[0] * 9]
    records = [record(f"t{n}", ("direct", 100, one_right), ("plan", 200, one_right)) for n in range(60)]
    direct, plan = (figures(records, arm, 400, TWO) for arm in ARMS)
    assert [sum(row.coverage) / 60 for row in (direct, plan)] == pytest.approx([0.4, 0.2], abs=0.06)
    assert [sum(row.tokens) / 60 for row in (direct, plan)] == pytest.approx([400, 400], abs=30)
    assert direct.selected == direct.coverage  # what passes the example is right here, and nothing else is


def test_auto_draws_each_sample_once_and_follows_what_is_new_and_passes() -> None:
    fresh: list[int | None] = list(range(1, 65))
    records = [record(f"t{n}", ("direct", 100, [0] * 64), ("plan", 100, fresh)) for n in range(8)]
    everything = figures(records, "auto", 10**6, TWO)
    assert everything.tokens == [12_800.0] * 8
    early = [record(f"t{n}", ("direct", 1, [0] * 64), ("plan", 1_000_000, fresh)) for n in range(8)]
    dear = figures(early, "auto", 64, TWO)
    assert sum(dear.coverage) / 8 < 0.5  # arms that cost a million tokens are left alone
    cheap = [record(f"t{n}", ("direct", 100, [0] * 64), ("plan", 100, [None] * 63 + [1])) for n in range(8)]
    assert figures(cheap, "auto", 6400, TWO).coverage != figures(cheap, "plan", 6400, TWO).coverage


def test_priors_are_rates_of_new_programs_that_pass() -> None:
    records = [record("t", ("direct", 50, [1, 1, 1, 0, None, 2, 2, 0]), ("plan", 90, [1, 0]))]
    assert measured_priors(records, ARMS) == {"direct": Record(10, 3.0, 500), "plan": Record(10, 5.0, 900)}


def test_the_table_has_a_row_for_each_arm_and_budget() -> None:
    records = [record(f"t{n}", ("direct", 100, [n % 2] * 5), ("plan", 100, [1] * 5)) for n in range(8)]
    rows = [line.split() for line in table(records, ARMS, [300])[2:]]
    assert [row[1] for row in rows] == ["direct", "plan", "auto"]
    assert rows[0][3] == "50.0"
    assert rows[1][3] == "100.0"
    assert rows[1][6] == "+50.0"


def test_a_run_goes_on_where_it_stopped(adds: Path, backend: str, tmp_path: Path) -> None:
    model, out = scripted_model(tmp_path, "    return x"), tmp_path / "out"
    asked = [str(adds), "--arm", "direct", "--arm", "varied", "-m", model, "-n", "2", "--budget", "100"]

    def run(*more: str) -> str:
        result = CliRunner().invoke(main, [*asked, "--out", str(out), *more])
        assert result.exit_code == 0, result.output
        return result.stdout

    first = run("--limit", "1")
    stored = (out / "samples.jsonl").read_bytes(), (out / "records.jsonl").read_bytes()
    assert run("--limit", "1") == first
    assert ((out / "samples.jsonl").read_bytes(), (out / "records.jsonl").read_bytes()) == stored
    run()
    assert (out / "records.jsonl").read_bytes().startswith(stored[1])
    assert json.loads((out / "priors.json").read_text())["direct"]["tokens"] == 100
    refused = CliRunner().invoke(main, [*asked, "--out", str(out), "-n", "3"])
    assert refused.exit_code == 1
    assert "another number of them" in refused.output
