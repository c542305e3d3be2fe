"""The study of forecasts: scores of trials by hand, and pools whose outcome is certain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.metrics import Estimate
from benchmarks.studies.coverage_law import (
    LAWS,
    RESULTS,
    SIMULATED,
    Score,
    Trial,
    choices,
    committed_lines,
    forecasts,
    pool_lines,
    simulated,
    trials,
)
from benchmarks.studies.pipeline_matrices import PipelineRecord


def test_scores_by_hand() -> None:
    score = Score.of([Trial(Estimate(0.5, 0.4, 0.6), 0.6), Trial(Estimate(0.5, 0.4, 0.8), 0.2)])
    assert score.error == pytest.approx(0.2)
    assert score.bias == pytest.approx(0.1)
    assert score.inside == 0.5
    assert score.width == pytest.approx(0.3)


def test_tasks_that_are_all_right_leave_nothing_to_foretell() -> None:
    found = trials([[True] * 30] * 12, 5, orders=2)
    assert set(found) == set(LAWS)
    for some in found.values():
        assert Score.of(some).error == pytest.approx(0.0, abs=1e-3)


def test_both_laws_have_half_the_say() -> None:
    prefix = [[n < right for n in range(10)] for right in (0, 0, 0, 1, 1, 2, 5, 9, 10, 10)]
    beta, power, both = (forecasts(prefix, 100)[name] for name in LAWS)
    assert both.value == pytest.approx((beta.value + power.value) / 2)
    assert sorted(both.simulated) == sorted([*beta.simulated, *power.simulated])
    assert beta.value != power.value


@pytest.mark.parametrize("law", SIMULATED)
def test_simulated_pools_repeat(law: str) -> None:
    assert simulated(law, 5, 7, seed=1) == simulated(law, 5, 7, seed=1) != simulated(law, 5, 7, seed=2)


def test_a_short_pool_has_no_rows() -> None:
    assert list(pool_lines("short", [[True] * 20] * 5)) == []


def test_what_is_chosen_is_foretold_where_all_agree() -> None:
    tasks = [
        PipelineRecord(str(n), (15, 15), (True, False), (True, False), ((0,), ()), 1) for n in range(12)
    ]  # every survivor is right, so that whatever is covered is chosen
    found = choices(tasks, 10)
    for some in found.values():
        assert some[0].outcome == 1.0
        assert Score.of(some).error == pytest.approx(0.0, abs=0.02)


def test_shares_of_committed_runs(tmp_path: Path) -> None:
    def point(samples: int, chosen: float) -> dict[str, object]:
        return {"samples": samples, "coverage": {"value": 0.5}, "selected@1": {"value": chosen}}

    curve = [point(1, 0.5), point(2, 0.475), point(4, 0.45), point(8, 0.425), point(16, 0.4)]
    (tmp_path / "run.json").write_text(json.dumps({"metrics": {"tasks": 100, "curve": curve}}))
    few = [{**one, "coverage": {"value": 0.0}, "selected@1": {"value": 0.0}} for one in curve]
    (tmp_path / "bare.json").write_text(json.dumps({"metrics": {"tasks": 100, "curve": few}}))
    assert list(committed_lines(tmp_path)) == ["run: at 16 samples 80.0%, by the line 80.0%, as at 8 85.0%"]
    assert list(committed_lines(RESULTS))
