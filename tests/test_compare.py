"""When an answer counts as the expected one."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import Comparator, accepts_output, accepts_value
from problems.values import value_key
from sandbox.codec import MAX_DEPTH

TOKENS = Comparator()
CLOSE = Comparator(abs_tol=1e-6, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("expected", "actual", "is_right"),
    [
        ("1 2\n", "1 2", True),
        ("1 2\n", "1\n2\n\n", True),
        ("1 2", "1 2 3", False),
        ("1 2 3", "1 2", False),
        ("1000", "1_000", False),
        ("12", "\u0661\u0662", False),
        ("5", "5.0", False),
        ("Yes", "YES", False),
        ("50000000000000000", "50000000000000001", False),
        ("a b", "a\u00a0b", False),
        ("a b", "a\x1cb", False),
        ("1 2", "1\x1d2", False),
        ("1 2", "1\x1e2", False),
        ("1 2", "1\x1f2", False),
        ("1 2", "1\x852", False),
        ("", " \n\n", True),
        ("5", "\ufeff5", False),
        ("5", "5\x00", False),
        ("5", "\udcff", False),
    ],
)
def test_tokens(expected: str, actual: str, is_right: bool) -> None:
    assert accepts_output(TOKENS, expected, actual) is is_right


@pytest.mark.parametrize(
    ("expected", "actual", "is_right"),
    [
        ("0.5", "0.5000001", True),
        ("0.5", "5e-1", True),
        ("0.5", "0.6", False),
        ("1000000.0", "1000000.9", True),
        ("2", "2.0000001", True),
        ("50000000000000000", "50000000000000001", False),
        ("007", "7", True),
        ("-0", "0", True),
        ("0.5", "nan", False),
        ("nan", "0.5", False),
        ("1e9", "inf", False),
        ("1.0", "1e999999999", False),
        ("1.0", "1_0.0", False),
        ("1.0", "0x1p0", False),
        ("1.0", "\uff11.0", False),
        ("x", "y", False),
    ],
)
def test_numbers_within_tolerance(expected: str, actual: str, is_right: bool) -> None:
    assert accepts_output(CLOSE, expected, actual) is is_right


@pytest.mark.parametrize(
    ("kind", "expected", "actual", "is_right"),
    [
        ("exact", "a\n", "a", False),
        ("exact", "a\n", "a\n", True),
        ("lines", "a  b\nc\n", "a  b \nc", True),
        ("lines", "a  b", "a b", False),
        ("caseless", "YES", "yes", True),
        ("caseless", "YES", "no", False),
        ("caseless", "SS", "\u00df", False),
        ("caseless", "K", "\u212a", False),
        ("caseless", "I", "\u0131", False),
        ("unordered-lines", "a 1\nb 2\n", "b  2\na 1", True),
        ("unordered-lines", "a\na\nb", "a\nb\nb", False),
    ],
)
def test_other_rules(kind: str, expected: str, actual: str, is_right: bool) -> None:
    assert accepts_output(Comparator(kind), expected, actual) is is_right


def test_huge_numbers_are_compared_as_they_are_read() -> None:
    huge = "9" * 10_000_000  # with time squared this would not end
    assert not accepts_output(CLOSE, "1.5", huge)
    assert not accepts_output(CLOSE, "1", huge)
    assert not accepts_output(CLOSE, "1", huge + "x")
    assert accepts_output(CLOSE, "1", "1." + "0" * 10_000_000)


class Liar:
    """Equal to everything, and says so every way it can."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        return True


class SubInt(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("expected", "actual", "is_right"),
    [
        (1, 1.0, True),
        (True, 1, True),
        (1, 2, False),
        ([1, 2], (1, 2), False),
        ((1, 2), (1, 2), True),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": [1]}, {"a": [2]}, False),
        ({1, 2}, frozenset({2, 1}), True),
        (None, 0, False),
        (None, None, True),
        ("1", 1, False),
        (b"a", "a", False),
        (float("nan"), float("nan"), True),
        (0.1 + 0.2, 0.3, False),
        (1, Liar(), False),
        ([1], [Liar()], False),
        (1, SubInt(5), False),
        (10**30, 10**30 + 1, False),
    ],
)
def test_values(expected: object, actual: object, is_right: bool) -> None:
    assert accepts_value(Comparator("value"), expected, actual) is is_right


def test_values_within_tolerance_at_any_depth() -> None:
    close = Comparator("value", abs_tol=1e-6)
    assert accepts_value(close, {"a": [0.3]}, {"a": [0.1 + 0.2]})
    assert not accepts_value(close, [0.3], [0.31])
    assert not accepts_value(close, 10**17, 10**17 + 1)
    assert not accepts_value(close, 0.5, float("inf"))


def test_values_in_any_order() -> None:
    any_order = Comparator("value", unordered=True)
    assert accepts_value(any_order, [[1], [2], [1]], [[1], [1], [2]])
    assert not accepts_value(any_order, [1, 1, 2], [1, 2, 2])
    assert not accepts_value(Comparator("value"), [1, 2], [2, 1])
    assert accepts_value(any_order, [1, {"a": [2, {3}]}, True], [1.0, 1, {"a": [2, frozenset({3})]}])
    assert not accepts_value(any_order, [[1], (1,)], [(1,), (1,)])
    assert not accepts_value(any_order, [1, 2], [1, Liar()])
    assert accepts_value(any_order, [float("nan"), 1], [1, float("nan")])
    near = Comparator("value", abs_tol=0.1, unordered=True)
    assert accepts_value(near, [1.0, 2.0], [2.05, 0.95])
    assert not accepts_value(near, [1.0, 2.0], [2.05, 2.05])


def test_of_near_items_each_is_taken_once() -> None:
    near = Comparator("value", abs_tol=0.1, unordered=True)
    assert accepts_value(near, [0.0, 0.1, 0.2], [0.1, 0.2, 0.3])
    assert not accepts_value(near, [0.0, 0.0, 0.2], [0.1, 0.2, 0.3])
    assert accepts_value(near, [[0.3, "b"], [0.30000001, "a"]], [[0.30000002, "b"], [0.3, "a"]])
    assert not accepts_value(near, [[0.3, "b"], [0.3, "a"]], [[0.3, "a"], [0.3, "a"]])
    assert accepts_value(near, [float("nan"), None, {1: 0.5}], [{1: 0.55}, float("nan"), None])


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
)


@given(plain, plain)
def test_plain_values_are_equal_as_python_finds_them(first: object, second: object) -> None:
    assert accepts_value(Comparator("value"), first, first)
    assert accepts_value(Comparator("value"), first, second) == (first == second)


@given(st.text(), st.text(), st.sampled_from(["tokens", "exact", "lines", "caseless", "unordered-lines"]))
def test_any_text_is_answered_and_itself_is_right(expected: str, actual: str, kind: str) -> None:
    for comparator in (Comparator(kind), Comparator(kind, abs_tol=1e-3)):
        assert accepts_output(comparator, expected, expected)
        assert accepts_output(comparator, expected, actual) in (True, False)


numbers = (
    st.fractions() | st.integers() | st.floats(allow_nan=False) | st.sampled_from([Fraction(1, 2), 0.5, 2**70])
)


@given(numbers, numbers)
def test_fractions_are_equal_as_python_finds_them(left: Fraction | float, right: Fraction | float) -> None:
    for one, other in ((left, right), ([left], [right]), ({left: 1}, {right: 1}), ({left}, {right})):
        assert accepts_value(Comparator(), one, other) == (left == right)
    if left == right:
        assert value_key(Comparator(), left) == value_key(Comparator(), right)


def test_a_fraction_is_near_a_float_within_a_tolerance_only() -> None:
    third = Fraction(1, 3)
    assert not accepts_value(Comparator(), 1 / 3, third)
    assert accepts_value(Comparator(abs_tol=1e-9), 1 / 3, third)
    assert not accepts_value(Comparator(abs_tol=1e-9), 0.0, Fraction(10**400, 3))


def test_whatever_crosses_the_wall_is_compared_however_deep() -> None:
    deep: object = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert accepts_value(Comparator(), deep, deepcopy(deep))
    assert value_key(Comparator(), deep) is not None


def test_deep_values_are_answered() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert not accepts_value(Comparator("value"), deep, deep)
