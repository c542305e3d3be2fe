"""The CodeT replay: generated asserts as data, and figures of a toy pool worked out by hand."""

from __future__ import annotations

import pytest

from benchmarks.studies.codet_matrices import PoolRecord, read_assert
from benchmarks.studies.codet_replay import chance_right, comparison, matrix_of, random_pass
from problems import CallCase

RECORD = PoolRecord(
    task_id="t/0",
    counts=(3, 2, 1),
    hidden=(False, True, True),
    outputs=((0, 0), (0, 1), (0, 1)),
    passes=((False, True), (True, True), (True, True)),
    calls=(0, 1),
    support=(2, 1),
    dropped=0,
)


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("assert f([1, 2], 'a') == {'b': 3}", CallCase(([1, 2], "a"), {"b": 3})),
        ("assert f(1) == 2, 'message'", CallCase((1,), 2)),
        ("assert f(1)", CallCase((1,), True)),
        ("assert not f(1)", CallCase((1,), False)),
        ("assert f(1) is None", CallCase((1,), None)),
        ("assert f(1) > 2", None),
        ("assert g(1) == 2", None),
        ("assert f(x) == 2", None),
        ("assert f(1) == f(2)", None),
        ("assert f(1) ==", None),
        ("print(f(1) == 2)", None),
        ("assert f(" + "[" * 3000 + ") == 1", None),
    ],
)
def test_asserts_are_read_as_data(text: str, case: CallCase | None) -> None:
    assert read_assert(text, "f") == case


def test_a_choice_by_lot() -> None:
    assert random_pass(RECORD) == pytest.approx(0.5)


def test_ties_are_shared_by_completions() -> None:
    assert chance_right(RECORD, [1.0, 1.0, 0.0]) == pytest.approx(2 / 5)
    assert chance_right(RECORD, [0.0, 1.0, 1.0]) == 1.0


def test_only_informative_inputs_reach_selection() -> None:
    assert matrix_of(RECORD).outputs == ((0,), (1,), (1,))


def test_methods_are_compared_with_codet() -> None:
    rows = {row.method: row for row in comparison([RECORD, RECORD])}
    # CodeT: sqrt(3) * 1 for the first, sqrt(3) * 3 for the others, which are right.
    assert rows["codet"].selected == rows["codet"].first == 1.0
    assert rows["codet"].ahead.value == 0.0
    # Both behaviours have three completions: a draw, which is right half of the time.
    assert rows["cluster-size"].selected == pytest.approx(0.5)
    assert rows["cluster-size"].ahead.value == pytest.approx(-0.5)
