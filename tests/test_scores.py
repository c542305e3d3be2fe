"""Scores that weigh generated tests, with answers worked out by hand."""

from __future__ import annotations

import math

import pytest

from agent.select import METHODS, SelectionMatrix, rank


def matrix_of(*rows: str, counts: tuple[int, ...] | None = None, support: tuple[int, ...] = ()) -> SelectionMatrix:
    """A pool without inputs; each row spells which tests pass, as 1 and 0."""
    passes = tuple(tuple(mark == "1" for mark in row) for row in rows)
    return SelectionMatrix(tuple(() for _ in rows), counts or (1,) * len(rows), passes, support=support)


def test_b4_is_a_product_of_four_beta_integrals() -> None:
    # B(a, 1) = 1/a, B(a, 2) = 1/(a(a+1)), B(1, b) = 1/b, B(2, b) = 1/(b(b+1)).
    first = -math.log(1001 * 1002) - math.log(1001) - math.log(2) - math.log(10_000)
    second = -math.log(1001 * 1002) - math.log(1000 * 1001) - math.log(10_000 * 10_001)
    assert METHODS["b4"](matrix_of("1", "0")) == pytest.approx([first, second])


def test_aces_weighs_tests_by_how_the_others_rank_programs() -> None:
    # Each of the first three tests splits 2 : 1 as the others do: AUC 1, weight 2/3 * 1/3 * 1/2. The last: AUC 0.
    assert METHODS["aces-c"](matrix_of("1110", "1110", "0001")) == pytest.approx([1 / 3, 1 / 3, 0])


def test_aces_ignores_a_test_that_the_others_cannot_place() -> None:
    assert METHODS["aces-c"](matrix_of("10", "01")) == pytest.approx([0, 0])


def test_a_test_counts_as_often_as_it_was_written() -> None:
    pool = matrix_of("10", "01", counts=(1, 4), support=(5, 1))
    assert METHODS["max-pass"](pool) == [5, 1]
    assert METHODS["codet"](pool) == pytest.approx([5, 2])


@pytest.mark.parametrize("method", ["b4", "aces-c", "codet", "max-pass"])
def test_completions_count_as_candidates_would(method: str) -> None:
    """Three equal completions score as three equal candidates do."""
    scores = METHODS[method](matrix_of("1101", "0110", "1000", counts=(3, 2, 1)))
    apart = METHODS[method](matrix_of("1101", "1101", "1101", "0110", "0110", "1000"))
    assert [scores[0], scores[1], scores[2]] == pytest.approx([apart[0], apart[3], apart[5]])


@pytest.mark.parametrize("method", METHODS)
def test_the_program_that_most_agree_with_and_that_passes_most_comes_first(method: str) -> None:
    pool = SelectionMatrix(
        outputs=(("a", "b"), ("x", "y"), ("a", "b")),
        counts=(3, 1, 2),
        passes=((True, True, True), (False, False, False), (True, True, True)),
    )
    assert rank(pool, method) == [0, 2, 1]
