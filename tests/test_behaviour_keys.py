"""Candidates are clustered by keys: outputs have one key where the comparator takes one for the other."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.judging.judge import text_key
from problems import Comparator, accepts_output

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
    left = draw(st.lists(st.sampled_from(WORDS + BLANKS), max_size=6))
    right = list(left)
    if right and draw(st.booleans()):
        right[draw(st.integers(0, len(right) - 1))] = draw(st.sampled_from([*WORDS, *BLANKS, ""]))
    right = draw(st.permutations(right)) if draw(st.booleans()) else right
    return "".join(left), "".join(right)


@given(rules, pairs())
@example(Comparator("exact"), ("1\n", "1"))
@example(Comparator("caseless"), ("Yes", "yES"))
@example(Comparator("tokens"), ("a b", "a\u00a0b"))
@example(Comparator("unordered-lines"), ("a\nb", "b\na\n"))
@example(Comparator("kattis", space_change_sensitive=True), ("a ", " a"))
def test_outputs_have_one_key_just_where_one_is_accepted_for_the_other(
    comparator: Comparator, texts: tuple[str, str]
) -> None:
    left, right = texts
    same_key = text_key(left, comparator) == text_key(right, comparator)
    assert same_key == accepts_output(comparator, left, right) == accepts_output(comparator, right, left)


@given(rules, pairs())
def test_and_so_have_long_outputs(comparator: Comparator, texts: tuple[str, str]) -> None:
    left, right = (text + "\nand the end of a long line" * 100 for text in texts)
    same_key = text_key(left, comparator) == text_key(right, comparator)
    assert same_key == accepts_output(comparator, left, right)


def test_a_long_output_has_no_key_that_a_short_one_could_have() -> None:
    key = text_key("x" * 1000, Comparator())
    assert not isinstance(key, str)


@pytest.mark.parametrize("comparator", WITH_TOLERANCE, ids=lambda comparator: comparator.kind)
@pytest.mark.parametrize(
    ("left", "right"), [("0.5", "5e-1"), ("0.333333333", "0.33333334"), ("1.0", "1"), ("x\n", "x")]
)
def test_numbers_that_a_usual_tolerance_takes_for_the_same_have_one_key(
    comparator: Comparator, left: str, right: str
) -> None:
    assert accepts_output(comparator, left, right)
    assert text_key(left, comparator) == text_key(right, comparator)


@pytest.mark.parametrize("comparator", WITH_TOLERANCE, ids=lambda comparator: comparator.kind)
@pytest.mark.parametrize(
    ("left", "right"), [("0.5", "0.6"), ("0.5", "x"), ("1.5 2.5", "1.5"), ("10.25", "-10.25")]
)
def test_numbers_that_no_usual_tolerance_takes_for_the_same_have_two(
    comparator: Comparator, left: str, right: str
) -> None:
    assert not accepts_output(comparator, left, right)
    assert text_key(left, comparator) != text_key(right, comparator)
