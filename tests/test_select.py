"""Selection on toy matrices, with answers worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.select import METHODS, SelectionMatrix, clusters, informative, rank, selection_matrix, submissions
from agent.types import FAILED

# Candidates 0 and 1 behave alike (3 completions), 2 differs on one input (2), 3 crashes on one (4).
MATRIX = SelectionMatrix(
    outputs=(("a", "b", "c"), ("a", "b", "c"), ("a", "b", "x"), ("y", FAILED, "z")),
    counts=(1, 2, 2, 4),
    passes=((True, True, False), (True, False, False), (True, True, False), (False, False, True)),
)


def test_clusters_put_crashers_last_and_then_go_by_size() -> None:
    assert clusters(MATRIX) == [[0, 1], [2], [3]]


def test_scores_by_hand() -> None:
    assert METHODS["cluster-size"](MATRIX) == [3, 3, 2, 4]
    assert METHODS["mbr-exec"](MATRIX) == [3, 3, 2, 0]
    assert METHODS["max-pass"](MATRIX) == [2, 1, 2, 1]
    # Sets that pass the same tests: {0, 2} with 3 completions and 2 tests, {1} with 2 and 1, {3} with 4 and 1.
    assert METHODS["codet"](MATRIX) == pytest.approx([2 * math.sqrt(3), math.sqrt(2), 2 * math.sqrt(3), 2])
    # On the inputs: a 5, b 5, c 3, x 2, y 4, z 4 completions; a failure agrees with nobody.
    assert METHODS["srank"](MATRIX) == pytest.approx([13 / 3, 13 / 3, 12 / 3, 8 / 3])


def test_ranks_by_hand() -> None:
    assert rank(MATRIX, "srank") == [1, 0, 2, 3]  # 1 before 0: more completions
    assert rank(MATRIX, "cluster-size")[0] == 3
    assert rank(MATRIX, "codet")[:2] == [2, 0]


def test_submissions_take_one_of_each_behaviour_first() -> None:
    assert submissions(MATRIX, rank(MATRIX, "srank"), 3) == [1, 2, 3]
    assert submissions(MATRIX, rank(MATRIX, "srank"), 10) == [1, 2, 3, 0]


def test_ties_go_to_likelihood_and_then_to_the_first() -> None:
    alike = SelectionMatrix(outputs=((), (), ()), counts=(1, 1, 1), logprobs=(-2.0, -1.0, -1.0))
    assert rank(alike) == [1, 2, 0]


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_pool_gives_an_empty_order(method: str) -> None:
    empty = SelectionMatrix(outputs=(), counts=())
    assert rank(empty, method) == []
    assert submissions(empty, rank(empty, method), 3) == []
    assert clusters(empty) == []


def test_only_inputs_that_tell_candidates_apart_count() -> None:
    rows = [("same", "x", FAILED, FAILED), ("same", "y", FAILED, "z"), ("same", "x", "w", "z")]
    # The first says nothing; most fail on the third; one of three failing on the last is a difference.
    assert informative(rows) == [1, 3]
    assert informative([]) == []


rows = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.tuples(
            st.lists(st.sampled_from(["p", "q", FAILED]), min_size=width, max_size=width).map(tuple),
            st.integers(1, 5),
        ),
        min_size=1,
        max_size=6,
    )
)


@given(rows, st.sampled_from(sorted(METHODS)))
def test_every_method_orders_every_candidate_once(
    pool_rows: list[tuple[tuple[str, ...], int]], method: str
) -> None:
    pool = SelectionMatrix(
        outputs=tuple(row for row, _ in pool_rows), counts=tuple(count for _, count in pool_rows)
    )
    assert sorted(rank(pool, method)) == list(range(len(pool_rows)))
    assert sorted(index for members in clusters(pool) for index in members) == list(range(len(pool_rows)))


@given(rows)
def test_an_order_does_not_depend_on_what_outputs_are_called(pool_rows: list[tuple[tuple[str, ...], int]]) -> None:
    counts = tuple(count for _, count in pool_rows)
    new_names = {"p": "other", "q": "names", FAILED: FAILED}
    plain = SelectionMatrix(outputs=tuple(row for row, _ in pool_rows), counts=counts)
    other = SelectionMatrix(outputs=tuple(tuple(new_names[o] for o in row) for row, _ in pool_rows), counts=counts)
    assert rank(plain) == rank(other)


def test_a_matrix_holds_only_inputs_that_tell_candidates_apart() -> None:
    matrix = selection_matrix(
        [("a", "b", FAILED), ("a", "c", FAILED), ("a", "b", "d")], [1, 1, 2], wrong=[0, 1, 0]
    )
    assert matrix.outputs == (("b",), ("c",), ("b",))  # the first is the same for all, the last fails for most
    assert (matrix.counts, matrix.wrong) == ((1, 1, 2), (0, 1, 0))
