"""Arguments that are believed valid: what examples share by chance is no rule, what the statement says is one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.hacking.call_edits import call_edits
from agent.hacking.calls import CallSource
from agent.hacking.wider import emptied, wider_traits
from agent.inputs import GeneratedInput
from agent.inputs.values import Traits, traits_of
from problems import CallCase, Problem


def _wider(values: Sequence[Any], statement: str = "") -> Traits:
    (traits,) = wider_traits([traits_of(values)], [values], statement)
    return traits


def _source(statement: str, *calls: tuple[Any, ...]) -> CallSource:
    cases = tuple(CallCase(args, None) for args in calls)
    return CallSource(Problem(title="f", statement=statement, cases=cases, entry_point="f"))


def _call(*args: Any) -> GeneratedInput:
    return GeneratedInput(args)


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        ("low", "Given a list of positive integers."),
        ("ordered", "Given a sorted list."),
        ("distinct", "All numbers are distinct."),
        ("empty", "Given a non-empty list."),
    ],
)
def test_what_a_list_shows_is_a_rule_where_words_say_so(trait: str, said: str) -> None:
    strict = traits_of([[1, 2, 5]])
    silent = _wider([[1, 2, 5]], "Given a list of numbers, add them.")
    spoken = _wider([[1, 2, 5]], said)
    assert getattr(silent, trait) != getattr(strict, trait)
    assert getattr(spoken, trait) == getattr(strict, trait)


def test_texts_of_many_letters_may_hold_any_and_be_empty() -> None:
    wider = _wider(["hello", "there"], "Reverse the text.")
    assert {"z", "Z", " ", "7", "!"} <= set(wider.alphabet)
    assert wider.empty


@pytest.mark.parametrize(
    ("values", "statement"),
    [
        (["hello", "there"], "A text of lowercase letters."),
        (["abba", "ab"], "Reverse the text."),  # of two letters only, which may be all that there are
        (["2026-11-29", "1999-01-02"], "Reverse the text."),
        (["(())", "()"], "Reverse the text."),
        (["a", "e", "x", "y", "z"], "Count the character."),
    ],
)
def test_texts_of_a_kind_of_their_own_keep_their_letters(values: list[str], statement: str) -> None:
    assert _wider(values, statement).alphabet == traits_of(values).alphabet


def test_a_format_is_not_left_empty() -> None:
    for text in ("2026-11-29", "(())", "x"):
        assert not _wider([text]).empty


def test_single_numbers_records_and_grids_keep_all_that_the_examples_share() -> None:
    for values in ([3, 7], [("a", 1), ("b", 2)], [[[1, 2], [3, 4]]]):
        assert _wider(values) == traits_of(values)


def test_a_list_beside_other_arguments_is_not_left_empty() -> None:
    columns = [[[1, 2]], [2]]
    wider = wider_traits([traits_of(values) for values in columns], columns, "")
    assert list(emptied(([1, 2], 2), wider)) == []


def test_calls_that_keep_less_say_so_and_are_made_beside_the_others() -> None:
    source = _source("Add the numbers.", ([1, 2, 3],))
    made = list(source.round(1, 0, random.Random(0), is_large=False))
    lists: dict[bool, list[Any]] = {True: [], False: []}
    for item in made:
        lists[item.origin == "wider"] += item.args
    assert [] in lists[True]
    assert any(number < 0 for numbers in lists[True] for number in numbers)
    assert lists[False]
    assert all(numbers and min(numbers) >= 1 for numbers in lists[False])


def test_an_input_is_held_to_what_it_was_made_by() -> None:
    source = _source("Add the numbers.", ([1, 2, 3],))
    item = _call([2, 1])
    assert not source.accepts(item)
    assert source.accepts(replace(item, origin="wider"))


@pytest.mark.parametrize(
    ("statement", "valid", "invalid"),
    [
        ("A sorted list.", [1, 5], [5, 1]),
        ("Distinct numbers.", [1, 5], [1, 1]),
    ],
)
def test_shrinking_keeps_order_and_distinctness(statement: str, valid: list[int], invalid: list[int]) -> None:
    source = _source(statement, ([1, 2, 5],))
    assert source.accepts(_call(valid))
    assert not source.accepts(_call(invalid))


def test_letters_and_rows_of_the_examples_are_kept() -> None:
    brackets = _source("Are the brackets balanced?", ("(())",))
    assert brackets.accepts(_call(")("))
    assert not brackets.accepts(_call("(a"))
    grid = _source("A grid.", ([[1, 2], [3, 4]],))
    assert grid.accepts(_call([[1], [3]]))
    assert not grid.accepts(_call([[1], [3, 4]]))


def test_lists_of_one_length_stay_so() -> None:
    source = _source("Two lists of the same length.", ([1, 2, 9], [3, 4, 7]))
    assert not source.accepts(_call([1, 2], [3]))
    versions = map(source.tied, call_edits(_call([1, 2, 9], [3, 4, 7])))
    assert all(len(item.args[0]) == len(item.args[1]) for item in versions)  # type: ignore[arg-type]
    by_chance = _source("Two lists.", ([1, 2, 9], [3, 4, 7]))
    assert by_chance.accepts(_call([1, 2], [3]))
