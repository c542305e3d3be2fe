"""Tests that a model wrote, read as data."""

from __future__ import annotations

import pytest

from problems.asserts import read_asserts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("assert f(1, [2]) == 3", ((1, [2]), {}, 3)),
        ("assert 3 == f(1)", ((1,), {}, 3)),
        ("assert f('a', key=(1,)) is None", (("a",), {"key": (1,)}, None)),
        ("assert f(-1)", ((-1,), {}, True)),
        ("assert not f(2**3)", ((8,), {}, False)),
        ("assert abs(f(2) - 0.5) < 1e-6", ((2,), {}, 0.5)),
        ("assert math.isclose(f([1] * 3), 1.5, rel_tol=1e-9)", (([1, 1, 1],), {}, 1.5)),
        ('assert f("x") == "y", "a message"', (("x",), {}, "y")),
        ("assert f(1) == [\n    1,\n]", ((1,), {}, [1])),
        ("assert f(1) == 2\nand then some prose", ((1,), {}, 2)),
    ],
)
def test_an_assert_becomes_a_call(text: str, expected: object) -> None:
    assert read_asserts(text, "f", 5) == [expected]


@pytest.mark.parametrize(
    "text",
    ["assert g(1) == 2", "assert f(x) == 2", "assert f(1) != 2", "assert f(f(1)) == 2", "f(1) == 2", "assert f(1"],
)
def test_what_is_no_data_is_left_out(text: str) -> None:
    assert read_asserts(text, "f", 5) == []


def test_the_first_few_count_and_a_broken_one_costs_only_itself() -> None:
    text = "assert f(1) == 1\nassert f(2 == 2\nassert f(3) == 3\n# more\nassert f(4) == 4\nassert f(5) == 5"
    assert [args for args, _, _ in read_asserts(text, "f", 3)] == [(1,), (3,), (4,)]
