"""Strategies keep what the examples share, and shrink."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, find, settings

from agent.inputs.stdin import Generator
from agent.inputs.strategies import examples_of, strategy_for
from problems import CallCase, Problem, TestCase, Value

QUIET = settings(database=None, deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))


def arguments(*examples: tuple[Value, ...], count: int = 60) -> list[Any]:
    strategy = strategy_for(Problem("t", "s", tuple(CallCase(args, None) for args in examples), entry_point="f"))
    assert strategy is not None
    return [item.args for item in examples_of(strategy, count, 1)]


def test_types_signs_and_alphabets_stay() -> None:
    for number, word, fraction in arguments((3, "ab", 0.5), (9, "cab", 2.25)):
        assert type(number) is int
        assert number >= 1
        assert word
        assert set(word) <= set("abc")
        assert type(fraction) is float
        assert fraction >= 0


def test_orders_and_distinctness_stay() -> None:
    for (items,) in arguments(([1, 4, 6],), ([2, 3, 9],), ([5],)):
        assert items == sorted(set(items))


def test_rows_of_a_grid_are_equally_long() -> None:
    for (grid,) in arguments(([[1, 2], [3, 4]],), ([[5, 6, 7]],)):
        assert len({len(row) for row in grid}) == 1


def test_a_number_that_counts_a_list_goes_on_to() -> None:
    for items, length in arguments(([7, 7, 8], 3), ([1], 1)):
        assert length == len(items)


def test_records_and_mappings_keep_their_shape() -> None:
    for pair, mapping in arguments((("a", 1), {"x": 2}), (("b", 2), {"y": 3})):
        assert [type(part) for part in pair] == [str, int]
        assert all(type(key) is str and type(value) is int for key, value in mapping.items())


def test_a_call_is_shrunk() -> None:
    strategy = strategy_for(Problem("t", "s", (CallCase(([30, 4, 17],), None),), entry_point="f"))
    assert strategy is not None
    smallest = find(strategy, lambda item: sum(item.args[0]) > 20, settings=QUIET, random=random.Random(0))  # type: ignore[arg-type]
    assert smallest.args == ([21],)


@pytest.mark.parametrize("seed", range(5))
def test_a_standard_input_is_shrunk_within_its_layout(seed: int) -> None:
    samples = ("3\n4 9 2\n", "5\n1 2 3 4 5\n")
    problem = Problem("t", "1 <= n <= 20", tuple(TestCase(sample, "") for sample in samples))
    strategy = strategy_for(problem)
    assert strategy is not None
    smallest = find(strategy, lambda item: len(item.stdin.split()) > 3, settings=QUIET, random=random.Random(seed))
    assert Generator(samples, problem.statement).layout is not None
    count, *numbers = smallest.stdin.split()
    assert int(count) == len(numbers) == 3


def test_nothing_is_known_without_examples_or_annotations() -> None:
    assert strategy_for(Problem("t", "s")) is None
    assert strategy_for(Problem("t", "s", entry_point="f")) is None


def test_what_the_samples_share_is_what_a_generator_accepts() -> None:
    check = Generator(("3\n4 9 12\n", "5\n1 2 3 14 15\n"), "1 <= n <= 100")
    assert check.accepts("2\n7 8\n")
    assert not check.accepts("2\n8 7\n")  # ascending in every sample
    assert not check.accepts("2\n7 8 9\n")  # not as many as counted
    assert not check.accepts("2\n7 x\n")
    assert not check.accepts("2\n7 101\n")  # beyond the stated range
