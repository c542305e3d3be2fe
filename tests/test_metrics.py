"""Benchmark figures against closed forms, enumeration and hand-computed toys."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.metrics import (
    estimate,
    expected_calibration_error,
    gap_closed,
    paired_difference,
    pass_at_k,
    risk_coverage,
)


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_subsets_with_a_right_sample(case: tuple[int, int, int]) -> None:
    n, correct, k = case
    subsets = list(itertools.combinations([True] * correct + [False] * (n - correct), k))
    assert pass_at_k(n, correct, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


def test_pass_at_k_of_many_samples_does_not_lose_precision() -> None:
    assert pass_at_k(100_000, 1, 1) == pytest.approx(1e-5)
    assert pass_at_k(100_000, 0, 1000) == 0.0
    assert pass_at_k(100_000, 99_001, 1000) == 1.0


@pytest.mark.parametrize("case", [(5, 6, 1), (5, -1, 1), (5, 1, 0), (5, 1, 6)])
def test_pass_at_k_refuses_what_is_not_defined(case: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(*case)


def test_interval_covers_the_mean_and_narrows_with_tasks() -> None:
    few, many = estimate([0.0, 1.0] * 10), estimate([0.0, 1.0] * 1000)
    assert few.low < 0.5 < few.high
    # A mean of n fair coins has a standard error of 0.5 / sqrt(n): 95 % is 1.96 of them either side.
    assert few.high - few.low == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, rel=0.15)
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / 2000**0.5, rel=0.15)


def test_the_same_figures_give_the_same_interval() -> None:
    assert estimate([0.1, 0.7, 0.4]) == estimate([0.1, 0.7, 0.4])


def test_a_paired_difference_sees_through_the_spread_of_tasks() -> None:
    right = [0.0, 0.2, 0.9, 0.4, 1.0]
    difference = paired_difference([figure + 0.1 for figure in right], right)
    assert difference.low == pytest.approx(0.1)
    assert difference.high == pytest.approx(0.1)


def test_gap_closed() -> None:
    share = gap_closed([1.0, 0.0], [0.5, 0.0], [1.0, 1.0])
    assert share is not None
    assert share.value == pytest.approx((0.5 - 0.25) / (1.0 - 0.25))
    assert gap_closed([1.0], [1.0], [1.0]) is None


def test_calibration_error_by_hand() -> None:
    # Bin 0.9..1: stated 0.95, observed 0.5, weight 2/3; bin 0.1..0.2: stated 0.1, observed 0, weight 1/3.
    error = expected_calibration_error([0.95, 0.95, 0.1], [True, False, False])
    assert error == pytest.approx(2 / 3 * 0.45 + 1 / 3 * 0.1)
    assert expected_calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert expected_calibration_error([], []) == 0.0


def test_risk_coverage_by_hand() -> None:
    points = risk_coverage([0.9, 0.5, 0.9, 0.2], [True, False, True, True])
    assert points == [(0.5, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.25)]
