"""What the host spends on values that a candidate returned is bounded by their size."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from agent.judging.judge import value_key as kept_key
from benchmarks.grading.suites import view_of
from problems import Comparator, accepts_value, value_key

MERSENNE = 2**61 - 1  # hash(n * MERSENNE) == 0
EXACT, NEAR = Comparator("value"), Comparator("value", abs_tol=1e-6)
ANY_ORDER, NEAR_IN_ANY_ORDER = Comparator("value", unordered=True), Comparator("value", 1e-6, unordered=True)


def steps(work: Callable[[], object]) -> int:
    """How many functions, of Python's and of C's, `work` calls."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_ordinary_numbers_are_added_up() -> None:
    assert view_of((("sum",),), [1, 2.5, True]) == 4.5
    assert view_of((("sum",),), [2**70] * 3) == 3 * 2**70
    assert view_of((("sum",),), []) == 0


@pytest.mark.parametrize("value", [[1 << 20_000_000] + [1] * 100, (-(1 << 20_000_000),) * 60])
def test_a_sum_that_would_copy_long_numbers_again_and_again_is_no_value(value: object) -> None:
    with pytest.raises(ValueError, match="too long to add"):
        view_of((("sum",),), value)


SHAPES: dict[str, Callable[[int], list[object]]] = {
    "whole numbers": lambda n: list(range(n)),
    "numbers of one hash": lambda n: [k * MERSENNE for k in range(n)],
    "fractions": lambda n: [k + 0.5 for k in range(n)],
    "the same again": lambda _: [0.5] * 1000,
    "points": lambda n: [[k % 7 + 0.5, k + 0.25] for k in range(n)],
    "texts": lambda n: [f"word {k}" for k in range(n)],
    "dicts": lambda n: [{"at": k + 0.5} for k in range(n)],
    "sets of one hash": lambda n: [{k * MERSENNE, (k + 1) * MERSENNE} for k in range(n)],
    "one set": lambda n: [set(range(n))],
    "one dict": lambda n: [{k: k + 0.5 for k in range(n)}],
}


@pytest.mark.parametrize("comparator", [EXACT, NEAR, ANY_ORDER, NEAR_IN_ANY_ORDER])
@pytest.mark.parametrize("shape", SHAPES)
def test_comparing_takes_steps_in_proportion_to_the_size(shape: str, comparator: Comparator) -> None:
    expected = SHAPES[shape](1000)
    for actual in (expected[::-1], [*expected[:-1], object()], [*expected[1:], expected[0]]):
        # Pair by pair it would be a thousand for every item.
        assert steps(lambda actual=actual: accepts_value(comparator, expected, actual)) < 250 * 1000
        assert steps(lambda actual=actual: value_key(comparator, actual)) < 50 * 1000


@pytest.mark.parametrize("shape", SHAPES)
def test_in_any_order_the_same_items_are_found_whatever_they_are(shape: str) -> None:
    expected = SHAPES[shape](1000)
    for comparator in (ANY_ORDER, NEAR_IN_ANY_ORDER):
        assert accepts_value(comparator, expected, expected[::-1])
        assert not accepts_value(comparator, expected, [*expected[1:], "another"])


@pytest.mark.parametrize("comparator", [EXACT, NEAR, ANY_ORDER])
def test_a_key_is_a_text_whose_hash_no_candidate_can_choose(comparator: Comparator) -> None:
    value = [1, True, 0.5, 1e300, 1 + 2j, 2**70 * MERSENNE, {3 * MERSENNE, 0.25}, {MERSENNE: (b"x", None)}, "y"]
    assert type(value_key(comparator, value)) is str


def test_of_a_large_value_only_a_short_key_is_kept() -> None:
    keys = [kept_key(list(range(n)), EXACT) for n in (10_000, 10_001)]
    assert len(set(keys)) == 2
    assert max(len(repr(key)) for key in keys) < 300
