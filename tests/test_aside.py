"""Comparing large values beside the thread that serves the slots."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from agent.judging.aside import is_large, outcomes
from sandbox import CallResult, RunResult, Status

SMALL, LARGE = "x", "x" * 100_000


def printed(text: str) -> RunResult:
    return RunResult(Status.OK, 0, None, text, "", 0.0, 0.0, 1.0)


def returned(value: Any) -> CallResult:
    return CallResult(Status.OK, 0, None, "", "", 0.0, 0.0, 1.0, value)


class Numbers(list[int]):
    """No plain list: what it says of itself is not asked for."""

    def __len__(self) -> int:
        raise AssertionError


@pytest.mark.parametrize(
    ("value", "large"),
    [
        (list(range(100)), False),
        (list(range(10_000)), True),
        ([[0] * 50] * 100, True),
        ([[0] * 5] * 100, False),
        ("a" * 1000, False),
        (["a" * 1000] * 1000, True),
        (1 << 1000, False),
        (1 << 10_000_000, True),
        ({n: [n] * 10 for n in range(1000)}, True),
        ({("k", n): {n} for n in range(20)}, False),
        (None, False),
        (Numbers([1] * 10_000), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_large(value: Any, large: bool) -> None:
    assert is_large(returned(value)) is large


def test_output_and_failures() -> None:
    assert is_large(printed(LARGE))
    assert not is_large(printed(SMALL))
    assert not is_large(RunResult(Status.RTE, 1, None, LARGE, "", 0.0, 0.0, 1.0))


def test_results_are_taken_in_while_a_large_one_is_compared() -> None:
    all_in = threading.Event()

    def pairs() -> Iterator[tuple[int, RunResult]]:
        yield 0, printed(LARGE)
        yield 1, printed(SMALL)
        yield 2, printed(LARGE)
        all_in.set()

    def compare(number: int, result: RunResult) -> tuple[int, bool, bool]:
        is_aside = threading.current_thread() is not threading.main_thread()
        return number, is_aside, number != 0 or all_in.wait(20)

    assert [outcome for _, _, outcome in outcomes(pairs(), compare)] == [
        (0, True, True),
        (1, False, True),
        (2, True, True),
    ]


def test_few_large_ones_wait_at_a_time() -> None:
    fifth = threading.Event()

    def pairs() -> Iterator[tuple[int, RunResult]]:
        for number in range(6):
            if number == 4:
                fifth.set()
            yield number, printed(LARGE)

    # While the first is compared, nobody asks for the fifth; in this time a caller without a bound would have.
    entries = list(outcomes(pairs(), lambda number, result: number == 0 and fifth.wait(0.2)))
    assert [outcome for _, _, outcome in entries] == [False] * 6
    assert fifth.is_set()


@pytest.mark.parametrize("text", [SMALL, LARGE])
def test_failures_arrive(text: str) -> None:
    def compare(number: int, result: RunResult) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="7"):
        list(outcomes([(7, printed(text))], compare))


def test_who_stops_early_leaves_nothing_to_do() -> None:
    calls = list[int]()

    def compare(number: int, result: RunResult) -> None:
        calls.append(number)
        if number == 1:
            threading.Event().wait(0.2)  # until whoever iterates is gone

    def pairs() -> Iterator[tuple[int, RunResult]]:
        yield from [(number, printed(LARGE)) for number in range(3)]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(outcomes(pairs(), compare))
    assert 2 not in calls
