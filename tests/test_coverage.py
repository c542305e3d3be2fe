"""Forecasts of coverage: the law against closed forms, simulated counts, and `pass@k` where both are defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.beta import beta_binomial
from benchmarks.coverage import BetaLaw, Counts, fit, fit_power, replicates
from benchmarks.forecast import LEAST_SAMPLES, LEAST_TASKS, TIMES, Drawn, afresh, by_beta, extension, forecast
from benchmarks.metrics import pass_at_k
from benchmarks.records import CandidateRecord, SampleRecord, TaskRecord
from benchmarks.summary import summarise
from benchmarks.table import lines

CANDIDATES = (CandidateRecord("AC", 3, 3), CandidateRecord("WA", 1, 3))
SHAPES = st.floats(0.05, 20.0)
LAWS = st.builds(BetaLaw, SHAPES, SHAPES, st.floats(0.05, 1.0))
ROWS = st.lists(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1)


def record(name: str, right: int, drawn: int, *, greedy: bool | None = None) -> TaskRecord:
    """Of `drawn` samples `right` are; before them the greedy one, right or not, unless there is none."""
    samples = [SampleRecord(0 if place < right else 1, 10, -1.0, greedy=False) for place in range(drawn)]
    if greedy is not None:
        samples.insert(0, SampleRecord(0 if greedy else 1, 10, -1.0, greedy=True))
    return TaskRecord(name, tuple(samples), CANDIDATES, level="A")


def counts_of(rows: list[tuple[int, int]]) -> Counts:
    return Counts.of([n for n, _ in rows], [c for _, c in rows])


def drawn_by(law: BetaLaw, tasks: int, samples: int, seed: int) -> Counts:
    draw = np.random.default_rng(seed)
    chances = draw.beta(law.alpha, law.beta, tasks) * (draw.random(tasks) < law.reach)
    return Counts(np.full(tasks, float(samples)), draw.binomial(samples, chances).astype(float))


@given(LAWS, st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_likelihood_of_a_count_is_beta_binomial(law: BetaLaw, row: tuple[int, int]) -> None:
    n, c = row
    expected = law.reach * beta_binomial(c, n, law.alpha, law.beta) + (1 - law.reach) * (c == 0)
    found = math.exp(law.log_likelihood(counts_of([row]))[0]) * math.comb(n, c) ** (c > 0)
    assert found == pytest.approx(expected, rel=1e-6)


@given(LAWS, ROWS, st.integers(0, 1000), st.integers(0, 1000))
def test_more_samples_never_make_a_right_one_less_likely(
    law: BetaLaw, rows: list[tuple[int, int]], few: int, further: int
) -> None:
    counts = counts_of(rows)
    less, more = law.success(counts, few), law.success(counts, few + further)
    assert (less <= more + 1e-9).all()
    assert ((less >= -1e-9) & (more <= 1 + 1e-9)).all()


@given(LAWS, st.integers(1, 20), st.integers(1, 50))
def test_what_was_seen_is_weighed_as_by_bayes(law: BetaLaw, n: int, more: int) -> None:
    # No right one in n + more samples is none in n, and then none in `more`.
    none_seen = counts_of([(n, 0)])
    assert 1 - law.coverage(n + more) == pytest.approx(
        (1 - law.coverage(n)) * (1 - law.success(none_seen, more)[0]), rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize("law", [BetaLaw(0.4, 0.8), BetaLaw(2.0, 3.0), BetaLaw(0.2, 3.0), BetaLaw(2.0, 2.0, 0.5)])
def test_parameters_are_recovered_from_many_counts(law: BetaLaw) -> None:
    found = fit(drawn_by(law, 20_000, 40, seed=7))
    # Standard errors of 20,000 problems are 1 to 2 % of each parameter.
    assert found.alpha == pytest.approx(law.alpha, rel=0.1)
    assert found.beta == pytest.approx(law.beta, rel=0.1)
    assert found.reach == pytest.approx(law.reach, abs=0.03)


def test_few_problems_leave_the_parameters_open_and_many_do_not() -> None:
    law = BetaLaw(0.4, 0.8)
    spreads = []
    for tasks in (30, 3000):
        laws = replicates(drawn_by(law, tasks, 20, seed=3))
        spreads.append(np.std([one.coverage(200) for one in laws]))
    assert spreads[0] > 3 * spreads[1]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1, 2, 5, 10, 20]))
def test_within_the_samples_that_there_are_it_agrees_with_pass_at_k(seed: int, k: int) -> None:
    counts = drawn_by(BetaLaw(0.5, 1.0), 2000, 20, seed)
    unbiased = np.mean([pass_at_k(20, int(c), k) for c in counts.right])
    assert fit(counts).success(counts, k).mean() == pytest.approx(unbiased, abs=0.03)


def test_no_further_samples_leave_the_coverage_that_there_is() -> None:
    counts = drawn_by(BetaLaw(0.5, 1.0), 200, 10, seed=1)
    sure = (counts.right > 0).astype(float)
    found = by_beta(counts, 0, sure).estimate
    assert found.value == found.low == found.high == pytest.approx(sure.mean())
    assert sure.mean() == pytest.approx(np.mean([pass_at_k(10, int(c), 10) for c in counts.right]))


def test_the_power_law_agrees_with_pass_at_k_where_it_was_fitted_and_goes_on_growing() -> None:
    counts = drawn_by(BetaLaw(0.3, 2.0), 20_000, 16, seed=5)
    law = fit_power(counts)
    for k in (1, 4, 16):
        unbiased = np.mean([pass_at_k(16, int(c), k) for c in counts.right])
        assert law.coverage(k) == pytest.approx(unbiased, abs=0.02)
    assert law.coverage(16) < law.coverage(17) < law.coverage(1000) < 1.0


def test_a_pool_without_a_slope_keeps_its_coverage() -> None:
    assert fit_power(Counts.of([8, 8, 8], [8, 8, 8])).coverage(80) == 1.0
    assert fit_power(Counts.of([8, 8], [0, 0])).coverage(80) == 0.0


def test_the_interval_holds_what_further_samples_bring() -> None:
    law, inside = BetaLaw(0.4, 1.5), []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        chances = draw.beta(law.alpha, law.beta, 100)
        right = draw.binomial(20, chances)
        outcome = np.mean((right > 0) | (draw.binomial(180, chances) > 0))
        found = extension(Drawn(Counts.of([20] * 100, right.tolist()), (right > 0).astype(float)), 180).estimate
        inside.append(bool(found.low <= outcome <= found.high))
    assert sum(inside) >= 16  # fewer have a chance of 1 in 400, were each interval 95 % sure


def test_problems_out_of_reach_are_believed_in_only_where_the_data_ask_for_them() -> None:
    assert fit(drawn_by(BetaLaw(1.0, 1.0), 500, 20, seed=2)).reach == 1.0
    assert fit(drawn_by(BetaLaw(2.0, 2.0, 0.5), 500, 20, seed=2)).reach == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize(("samples", "right"), [([], []), ([5], [6]), ([5], [-1]), ([0], [0]), ([5, 5], [1])])
def test_counts_that_cannot_be_are_refused(samples: list[int], right: list[int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Counts.of(samples, right)


def test_a_forecast_stands_beside_the_oracle() -> None:
    records = [record(str(n), n % 5, 20, greedy=False) for n in range(40)]
    metrics = summarise(records)
    figures = metrics["forecast"]
    assert (figures["times"], figures["samples"]) == (TIMES, 210)
    coverage = figures["coverage"]
    assert metrics["oracle"]["value"] <= coverage["low"] <= coverage["value"] <= coverage["high"] <= 1.0
    assert coverage["value"] > metrics["oracle"]["value"]
    shown = [line for line in lines(metrics) if line.startswith("coverage at 10x the samples: ")]
    assert len(shown) == 1
    assert f"{coverage['value']:.2%} ({coverage['low']:.2%} to {coverage['high']:.2%})" in shown[0]
    place = lines(metrics).index(shown[0])
    assert lines(metrics)[place - 1].startswith("oracle")


def test_a_right_greedy_sample_covers_its_task_and_is_no_draw() -> None:
    records = [record(str(n), 3 * (n < 5), 20, greedy=n >= 5) for n in range(20)]
    figures = forecast(records)
    assert figures is not None
    assert figures["coverage"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    drawn = Drawn.of(records)
    assert drawn is not None
    assert (drawn.counts.samples == 20).all()
    assert drawn.counts.right.sum() == 15


@pytest.mark.parametrize(
    "records",
    [
        [TaskRecord(str(n), (SampleRecord(0, 10, -1.0, greedy=True),), CANDIDATES) for n in range(50)],
        [record(str(n), 1, LEAST_SAMPLES - 1, greedy=True) for n in range(50)],
        [record(str(n), 1, 20, greedy=True) for n in range(LEAST_TASKS - 1)],
    ],
    ids=["greedy alone", "few samples", "few tasks"],
)
def test_too_little_gives_no_forecast(records: list[TaskRecord]) -> None:
    metrics = summarise(records)
    assert "forecast" not in metrics
    assert not [line for line in lines(metrics) if "10x" in line]


def test_where_no_drawn_sample_is_right_nothing_is_foretold() -> None:
    metrics = summarise([record(str(n), 0, 20, greedy=False) for n in range(20)])
    assert metrics["forecast"]["coverage"] is None
    assert "coverage at 10x the samples: cannot be told, because no drawn sample is right" in lines(metrics)


def test_samples_drawn_afresh_cover_less_than_those_and_the_old_ones() -> None:
    counts = drawn_by(BetaLaw(0.5, 2.0), 100, 10, seed=4)
    sure = (counts.right > 0).astype(float)
    new, beside = afresh(counts, 10), extension(Drawn(counts, sure), 10)
    assert new.estimate.value < beside.estimate.value
    assert new.estimate.low < beside.estimate.low
