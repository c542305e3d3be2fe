"""Candidates are clustered by keys: answers have one key where the comparator takes one for the other."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.judging.judge import text_key, value_key
from agent.types import FAILED
from problems import Comparator, accepts_output, accepts_value

WITHOUT_TOLERANCE = [
    Comparator("tokens"),
    Comparator("exact"),
    Comparator("lines"),
    Comparator("caseless"),
    Comparator("unordered-lines"),
    Comparator("kattis"),
    Comparator("kattis", case_sensitive=True),
    Comparator("kattis", space_change_sensitive=True),
    Comparator("kattis", case_sensitive=True, space_change_sensitive=True),
    # These rules have no tolerance, so that none is to be seen in their keys.
    Comparator("exact", abs_tol=0.1),
    Comparator("lines", abs_tol=0.1),
    Comparator("unordered-lines", abs_tol=0.1),
]
WITH_TOLERANCE = [Comparator(kind, 1e-6, 1e-6) for kind in ("tokens", "caseless", "kattis")]
BLANKS = [" ", "\n", "\t", "\r", "\v", "\f", "\u00a0", "\x1c", "\x85"]
WORDS = [
    "a",
    "A",
    "b",
    "0",
    "00",
    "+0",
    "0.5",
    "0.50",
    "5e-1",
    "5E-1",
    "\u00e9",
    "\u00c9",
    "\u00df",
    "SS",
    "\udcff",
]

outputs = st.lists(st.sampled_from(WORDS + BLANKS), max_size=6).map("".join)
rules = st.sampled_from(WITHOUT_TOLERANCE)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two outputs that often differ in one place only."""
    first = draw(st.lists(st.sampled_from(WORDS + BLANKS), max_size=6))
    second = list(first)
    if second and draw(st.booleans()):
        second[draw(st.integers(0, len(second) - 1))] = draw(st.sampled_from([*WORDS, *BLANKS, ""]))
    second = draw(st.permutations(second)) if draw(st.booleans()) else second
    return "".join(first), "".join(second)


@given(rules, pairs())
@example(Comparator("exact"), ("1\n", "1"))
@example(Comparator("caseless"), ("Yes", "yES"))
@example(Comparator("tokens"), ("a b", "a\u00a0b"))
@example(Comparator("unordered-lines"), ("a\nb", "b\na\n"))
@example(Comparator("kattis", space_change_sensitive=True), ("a ", " a"))
def test_outputs_have_one_key_just_where_one_is_accepted_for_the_other(
    comparator: Comparator, texts: tuple[str, str]
) -> None:
    first, second = texts
    same_key = text_key(first, comparator) == text_key(second, comparator)
    assert same_key == accepts_output(comparator, first, second) == accepts_output(comparator, second, first)


@given(rules, pairs())
def test_and_so_have_long_outputs(comparator: Comparator, texts: tuple[str, str]) -> None:
    first, second = (text + "\nand the end of a long line" * 100 for text in texts)
    same_key = text_key(first, comparator) == text_key(second, comparator)
    assert same_key == accepts_output(comparator, first, second)


def test_a_long_output_has_no_key_that_a_short_one_could_have() -> None:
    key = text_key("x" * 1000, Comparator())
    assert not isinstance(key, str)


@pytest.mark.parametrize("comparator", WITH_TOLERANCE, ids=lambda comparator: comparator.kind)
@pytest.mark.parametrize(
    ("first", "second"), [("0.5", "5e-1"), ("0.333333333", "0.33333334"), ("1.0", "1"), ("x\n", "x")]
)
def test_numbers_that_a_usual_tolerance_takes_for_the_same_have_one_key(
    comparator: Comparator, first: str, second: str
) -> None:
    assert accepts_output(comparator, first, second)
    assert text_key(first, comparator) == text_key(second, comparator)


@pytest.mark.parametrize("comparator", WITH_TOLERANCE, ids=lambda comparator: comparator.kind)
@pytest.mark.parametrize(
    ("first", "second"), [("0.5", "0.6"), ("0.5", "x"), ("1.5 2.5", "1.5"), ("10.25", "-10.25")]
)
def test_numbers_that_no_usual_tolerance_takes_for_the_same_have_two(
    comparator: Comparator, first: str, second: str
) -> None:
    assert not accepts_output(comparator, first, second)
    assert text_key(first, comparator) != text_key(second, comparator)


ONE_ORDER, ANY_ORDER = Comparator("value"), Comparator("value", unordered=True)
ANY_ORDERS = Comparator("value", unordered=True, unordered_inside=True)
orders = st.sampled_from([ONE_ORDER, ANY_ORDER, ANY_ORDERS])
whole = st.integers(-2, 2) | st.integers() | st.sampled_from([2**53, 2**60, 10**17, 10**400])
numbers = (
    whole
    | st.booleans()
    | whole.filter(lambda n: abs(n) < 2**1000).map(float)
    | st.sampled_from([float("inf"), float("nan"), -0.0, 0.5, -0.5, 1 + 0j, 1 + 2j])
)
hashables = st.recursive(
    numbers | st.sampled_from(["", "1", b"1", None]),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
values = st.recursive(
    hashables,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.sets(hashables, max_size=3)
        | st.dictionaries(hashables, inner, max_size=3)
    ),
    max_leaves=6,
)


def relative_of(value: object, draw: st.DrawFn) -> object:
    """The same value in another guise, or with something else somewhere."""
    if draw(st.integers(0, 9)) == 0:
        return draw(hashables)
    if isinstance(value, list | tuple):
        items = [relative_of(item, draw) for item in value]
        return type(value)(draw(st.permutations(items)) if draw(st.booleans()) else items)
    if isinstance(value, set | frozenset):
        return draw(st.sampled_from([set, frozenset]))(value)
    if isinstance(value, int) and abs(value) < 2**1000 and draw(st.booleans()):
        return float(value)
    return value


@st.composite
def related(draw: st.DrawFn) -> tuple[object, object]:
    value = draw(values)
    return value, relative_of(value, draw)


@given(orders, related() | st.tuples(values, values))
@example(ONE_ORDER, ([1, 2], (1, 2)))
@example(ONE_ORDER, (2**60, float(2**60)))
@example(ONE_ORDER, (1 + 0j, True))
@example(ANY_ORDER, ([1, [2], 1], [[2], 1.0, True]))
@example(ANY_ORDER, ([1, 1, 2], [1, 2, 2]))
@example(ANY_ORDER, ([[1, 2]], [[2, 1]]))
@example(ANY_ORDERS, ([[1, 2 + 0j], [3]], [[3.0], [2, True]]))
def test_values_have_one_key_just_where_one_is_accepted_for_the_other(
    comparator: Comparator, pair: tuple[object, object]
) -> None:
    first, second = pair
    same_key = value_key(first, comparator) == value_key(second, comparator)
    assert same_key == accepts_value(comparator, first, second) == accepts_value(comparator, second, first)


@given(orders, st.lists(st.floats(), max_size=4), st.lists(st.floats(), max_size=4))
def test_what_is_accepted_has_one_key_for_fractions_too(
    comparator: Comparator, first: list[float], second: list[float]
) -> None:
    if accepts_value(comparator, first, second):
        assert value_key(first, comparator) == value_key(second, comparator)


@pytest.mark.parametrize("comparator", [ONE_ORDER, Comparator("value", 1e-6), Comparator("value", rel_tol=1e-6)])
def test_sums_in_another_order_are_alike(comparator: Comparator) -> None:
    assert value_key([0.1 + 0.2 + 0.3], comparator) == value_key([0.3 + 0.2 + 0.1], comparator)
    assert value_key(0.1 + 0.7 + 0.2, comparator) == value_key(1, comparator)
    assert value_key(0.3, comparator) != value_key(0.30001, comparator)


def test_with_a_tolerance_large_floats_are_rounded_as_well() -> None:
    first, second = 1e20 / 3, 1e20 / 3 * (1 + 2**-52)
    assert first != second
    tolerant = Comparator("value", rel_tol=1e-9)
    assert value_key(first, tolerant) == value_key(second, tolerant)
    assert value_key(first, ONE_ORDER) != value_key(second, ONE_ORDER)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [object(), [object()], {1: object()}, {"a": [(object(),)]}, nested(201)])
@pytest.mark.parametrize("comparator", [ONE_ORDER, ANY_ORDER, ANY_ORDERS, Comparator("value", 1e-6)])
def test_what_no_comparator_accepts_is_a_failure(comparator: Comparator, value: object) -> None:
    assert not accepts_value(comparator, value, value)
    assert value_key(value, comparator) is FAILED


def test_nothing_is_a_value() -> None:
    assert value_key(None, ONE_ORDER) is not FAILED
