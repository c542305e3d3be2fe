"""Where a statement leaves the order of an answer open, and how such answers are compared."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import Comparator, parse_problem
from problems.orders import Freedom, order_of
from problems.sentences import sentences
from problems.values import accepts_value, value_key

OUTERMOST = [
    "Return the answer in any order.",
    "You can return the answer in **any order**.",
    "You may return the result in _any order_.",
    "The output can be in any order.",
    "Return a list of all such numbers. The order of the output does not matter.",
    "The result may be returned in arbitrary order.",
    "Any order of the answer is fine; any order is accepted.",
    "The order in which the answers are returned is not important.",
    "你可以按任意顺序返回答案。",
    "返回结果的顺序不限。",
    "不考虑输出结果的顺序。",
    "答案可以按任意順序返回。",
    "答えは任意の順で返してよい。",
    "出力の順序は問いません。",
    "순서에 상관없이 정답을 반환하세요.",
    "Верните ответ в любом порядке.",
    "Порядок чисел в ответе не важен.",
    "Devuelve la respuesta en cualquier orden.",
    "Retorne a resposta em qualquer ordem.",
    "Renvoyez la réponse dans n'importe quel ordre.",
    "Gib das Ergebnis in beliebiger Reihenfolge zurück.",
]
NOWHERE = [
    "Return the answer in ascending order.",
    "You may perform the moves in any order. Return the final array.",
    "Return the final array after applying the operations in any order.",
    "The numbers are given in any order.",
    "The input list can come in any order; return it sorted.",
    "Return the elements in the order of their first occurrence.",
    "The order of the elements in the answer matters.",
    "返回按升序排列的答案。",
    "Верните числа в порядке возрастания.",
]
INSIDE = [
    "Notice that the order of the output and the order of the triplets does not matter in the answer.",
    "Given strings, group the anagrams together. You can return the answer in any order.",
    "Return all possible subsets. Return the solution in any order.",
    "Return all unique combinations of candidates. You may return the answer in any order.",
    "Return the answer in any order; the order of the items within each group is irrelevant.",
    "Find all quadruplets with this sum. You may return the answer in any order.",
]
NOT_INSIDE = [
    "Return all the possible permutations. You can return the answer in any order.",
    "Find all paths from node 0 to node n - 1, and return them in any order: the answer is a list.",
    "Return all pairs [i, j] with i < j. You may return the answer in any order.",
    "Return the k closest points. You may return the answer in any order.",
    "Return all combinations of moves as sequences. You may return the answer in any order.",
]


@pytest.mark.parametrize("words", OUTERMOST + NOT_INSIDE)
def test_the_outermost_list_is_free(words: str) -> None:
    assert order_of(sentences(words)) == Freedom(outermost=True)


@pytest.mark.parametrize("words", NOWHERE)
def test_order_counts(words: str) -> None:
    assert order_of(sentences(words)) == Freedom()


@pytest.mark.parametrize("words", INSIDE)
def test_the_lists_inside_are_free_as_well(words: str) -> None:
    assert order_of(sentences(words)) == Freedom(outermost=True, inside=True)


def test_a_statement_s_words_reach_its_comparator() -> None:
    code = "```python\nclass Solution:\n    def groups(self, words: List[str]) -> List[List[str]]:\n```\n"
    statement = f"# Groups\n\nGroup the anagrams. You can return the answer in **any order**.\n\n{code}"
    comparator = parse_problem(statement).comparator
    assert (comparator.unordered, comparator.unordered_inside) == (True, True)


FREE = Comparator("value", unordered=True, unordered_inside=True)
OUTER = Comparator("value", unordered=True)
LISTS = st.lists(st.lists(st.integers(-3, 3) | st.sampled_from(["a", "b"]), max_size=4), max_size=5)


@given(lists=LISTS, seed=st.integers())
def test_lists_in_lists_in_another_order_are_the_same(lists: list[list[object]], seed: int) -> None:
    rng = random.Random(seed)
    other = [rng.sample(items, len(items)) for items in rng.sample(lists, len(lists))]
    assert accepts_value(FREE, lists, other)
    assert value_key(FREE, lists) == value_key(FREE, other)


@given(one=LISTS, other=LISTS)
def test_what_is_the_same_inside_is_told_by_counts(one: list[list[object]], other: list[list[object]]) -> None:
    same = sorted(sorted(map(repr, items)) for items in one) == sorted(sorted(map(repr, items)) for items in other)
    assert accepts_value(FREE, one, other) == same
    assert (value_key(FREE, one) == value_key(FREE, other)) == same


@pytest.mark.parametrize(
    ("comparator", "expected", "actual", "is_right"),
    [
        (OUTER, [[1, 2], [3]], [[3], [1, 2]], True),
        (OUTER, [[1, 2], [3]], [[3], [2, 1]], False),
        (FREE, [[1, 2], [3]], [[3], [2, 1]], True),
        (FREE, [[1, 2], [3]], [[1, 3], [2]], False),
        (FREE, [[1, 1, 2]], [[1, 2, 2]], False),
        (FREE, [(1, 2)], [(2, 1)], True),
        (FREE, [(1, 2)], [[2, 1]], False),
        (FREE, [[1, [2, 3]]], [[[3, 2], 1]], False),
        (
            Comparator("value", abs_tol=0.01, unordered=True, unordered_inside=True),
            [[1.0, 2.0]],
            [[2.001, 1.0]],
            True,
        ),
        (
            Comparator("value", abs_tol=0.01, unordered=True, unordered_inside=True),
            [[1.0, 2.0]],
            [[2.1, 1.0]],
            False,
        ),
    ],
)
def test_what_counts_where(comparator: Comparator, expected: object, actual: object, is_right: bool) -> None:
    assert accepts_value(comparator, expected, actual) is is_right
