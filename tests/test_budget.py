"""When to stop: the probability that the runner-up overtakes, by hand; and caps that hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.budget import Budget, overtaking
from agent.types import Completion, SolveOptions


def test_overtaking_by_hand() -> None:
    # One completion left, 1 against 0: the rival draws level if it gets it; its share is Beta(1, 2), mean 1/3.
    assert overtaking(1, 0, 1) == pytest.approx(1 / 3)
    # Two left, 2 against 0: it needs both; E[p^2] of Beta(1, 3) is 1 * 2 / (4 * 5).
    assert overtaking(2, 0, 2) == pytest.approx(1 / 10)
    # Two left, 2 against 1: k >= 1.5, so both again; E[p^2] of Beta(2, 3) is 2 * 3 / (5 * 6).
    assert overtaking(2, 1, 2) == pytest.approx(1 / 5)


def test_nothing_left_changes_nothing_but_a_tie() -> None:
    assert overtaking(3, 2, 0) == 0
    assert overtaking(3, 3, 0) == 1
    assert overtaking(3, 0, 2) == 0  # too few are left


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
def test_it_is_a_probability_that_a_larger_lead_lowers(lead: int, rival: int, remaining: int) -> None:
    low, high = sorted((rival, lead))
    assert 0 <= overtaking(high + 1, low, remaining) <= overtaking(high, low, remaining) + 1e-9 <= 1 + 2e-9


def completion(tokens: int) -> Completion:
    return Completion(0, 0, "", tokens, 0.0, "stop")


def test_tokens_are_capped() -> None:
    budget = Budget(SolveOptions(max_tokens_total=25))
    budget.pay(completion(20))
    assert not budget.is_spent
    budget.pay(completion(20))
    assert budget.is_spent


def test_without_a_cap_only_time_ends_it() -> None:
    budget = Budget(SolveOptions())
    budget.pay(completion(10**9))
    assert not budget.is_spent
