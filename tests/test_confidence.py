"""Confidence: bounded, and moved the right way by what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.confidence import Features, confidence, terms

counts = st.integers(0, 200)


def test_terms_by_hand() -> None:
    result = terms(Features(samples=20, agreeing=6, survivors=10, runner_up=3))
    assert result[:3] == pytest.approx((6 / 11, 3 / 11, 0.5))
    assert terms(Features(samples=40, agreeing=32))[3] == pytest.approx(1.0)


def test_survivors_default_to_those_that_agree() -> None:
    assert terms(Features(samples=8, agreeing=4)) == terms(Features(samples=8, agreeing=4, survivors=4))


@given(counts, counts, counts, counts)
def test_it_is_a_probability(agreeing: int, others: int, runner_up: int, failures: int) -> None:
    survivors = agreeing + others
    features = Features(survivors + failures, agreeing, survivors, min(runner_up, others))
    assert 0 < confidence(features) < 1


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_rival_of_equal_size_makes_it_less_sure(agreeing: int, others: int) -> None:
    samples = agreeing + others
    alone = confidence(Features(samples, agreeing, agreeing))
    rivals = confidence(Features(samples, agreeing, samples, others))
    assert rivals < alone


@given(st.integers(1, 50))
def test_more_agreement_makes_it_surer(agreeing: int) -> None:
    fewer, more = (confidence(Features(100, n, 60, 10)) for n in (agreeing, agreeing + 1))
    assert fewer < more
