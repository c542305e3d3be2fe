"""Generated inputs: deterministic, new, and like the examples."""

from __future__ import annotations

import math

import pytest

from agent.inputs import GeneratedInput, generate_inputs
from problems import CallCase, Problem, TestCase, Value


def calls(*args: tuple[Value, ...], count: int = 60) -> list[tuple[Value, ...]]:
    problem = Problem("t", "s", tuple(CallCase(a, None) for a in args), entry_point="f")
    return [sample.args for sample in generate_inputs(problem, count=count, seed=1)]


def texts(statement: str, *samples: str, count: int = 60) -> list[list[list[str]]]:
    problem = Problem("t", statement, tuple(TestCase(sample, "") for sample in samples))
    samples = generate_inputs(problem, count=count, seed=1)
    return [[line.split(" ") for line in sample.stdin.rstrip("\n").split("\n")] for sample in samples]


def test_the_same_seed_gives_the_same_inputs() -> None:
    problem = Problem("t", "s", (CallCase(([3, 1, 2], "ab"), None),), entry_point="f")
    first, again, other = (generate_inputs(problem, count=20, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_inputs_are_new_and_say_where_they_come_from() -> None:
    problem = Problem("t", "s", (CallCase((5,), None), CallCase((7,), None)), entry_point="f")
    samples = generate_inputs(problem, count=20, seed=1)
    assert len(samples) >= 10
    assert len({sample.args for sample in samples}) == len(samples)
    assert not {sample.args for sample in samples} & {(5,), (7,)}
    assert all(isinstance(sample, GeneratedInput) and sample.origin and sample.reason for sample in samples)


def test_without_examples_there_are_none() -> None:
    assert generate_inputs(Problem("t", "s"), count=10, seed=1) == []
    assert generate_inputs(Problem("t", "s", entry_point="f"), count=10, seed=1) == []


def test_numbers_keep_their_sign_and_kind() -> None:
    assert all(isinstance(n, int) and n >= 1 for (n,) in calls((5,), (12,)))
    assert any(isinstance(n, int) and n < 0 for (n,) in calls((5,), (-12,)))
    assert all(isinstance(x, float) and math.isfinite(x) for (x,) in calls((0.5,), (2.5,)))
    assert {b for (b,) in calls((True,))} == {False}


def test_strings_keep_their_alphabet() -> None:
    assert all(set(text) <= set("abc") for (text,) in calls(("abc",), ("cab",)))  # type: ignore[arg-type]


def test_lists_keep_order_distinctness_and_emptiness() -> None:
    for (numbers,) in calls(([1, 4, 9],), ([2, 3],)):
        assert numbers
        assert numbers == sorted(set(numbers))  # type: ignore[arg-type]
    assert [] in [numbers for numbers, _ in calls(([1, 2, 2], 1), ([], 2))]


def test_matrices_stay_rectangular() -> None:
    for (matrix,) in calls(([[1, 2], [3, 4]],), ([[5, 6, 7]],)):
        assert len({len(row) for row in matrix}) == 1  # type: ignore[union-attr, arg-type]


def test_an_integer_that_is_a_length_stays_one() -> None:
    for numbers, length in calls(([1, 2, 3], 3), ([4], 1)):
        assert length == len(numbers)  # type: ignore[arg-type]


def test_types_are_kept_at_any_depth() -> None:
    for pairs, table in calls(([(1, "a"), (2, "b")], {"k": [1.5]})):
        assert all(type(pair) is tuple and type(pair[0]) is int and type(pair[1]) is str for pair in pairs)  # type: ignore[union-attr, index]
        assert all(type(x) is float for values in table.values() for x in values)  # type: ignore[union-attr]


def test_a_count_before_a_list_is_kept() -> None:
    samples = texts("1 <= n <= 100", "3\n1 2 3\n", "2\n5 5\n")
    assert len(samples) >= 30
    for lines in samples:
        assert len(lines) == 2
        assert int(lines[0][0]) == len(lines[1])
    assert len({lines[0][0] for lines in samples}) >= 4


def test_a_count_of_lines_is_kept() -> None:
    samples = texts("s", "2\na 1\nb 2\n", "1\nc 5\n")
    for lines in samples:
        assert int(lines[0][0]) == len(lines) - 1
        assert all(name.isalpha() and points.isdigit() for name, points in lines[1:])


def test_a_count_of_letters_is_kept() -> None:
    for lines in texts("s", "3\nabc\n", "2\nca\n"):
        assert int(lines[0][0]) == len(lines[1][0])


@pytest.mark.parametrize("constraint", ["1 <= k <= 9", "$1 \\leq k \\leq 9$", "1 ≤ k ≤ 9"])
def test_stated_ranges_are_kept(constraint: str) -> None:
    numbers = [int(lines[0][0]) for lines in texts(constraint, "3\n", "7\n", count=7)]
    assert len(numbers) >= 5
    assert all(1 <= number <= 9 for number in numbers)


def test_sorted_lines_and_permutations_stay_so() -> None:
    for lines in texts("s", "4\n1 3 5 9\n", "3\n2 4 8\n"):
        assert lines[1] == sorted(lines[1], key=int)
    for lines in texts("s", "3\n2 3 1\n", "4\n4 1 2 3\n"):
        assert sorted(map(int, lines[1])) == list(range(1, len(lines[1]) + 1))


def drawn_for(starter: str, *cases: CallCase, count: int = 12) -> list[GeneratedInput]:
    return generate_inputs(Problem("t", "s", cases, entry_point="f", starter_code=starter), count=count, seed=1)


def test_annotations_stand_in_for_examples() -> None:
    samples = drawn_for("def f(a: list[int], b: Optional[str] = None) -> int:")
    assert len(samples) == 12
    assert {sample.origin for sample in samples} == {"signature"}
    for items, word in (sample.args for sample in samples):
        assert isinstance(items, list)
        assert all(type(item) is int for item in items)
        assert word is None or isinstance(word, str)


@pytest.mark.parametrize("starter", ["def f(a):", "def f(a: Matrix) -> int:", "def g(a: int):", "def f(a: int"])
def test_annotations_that_say_nothing_give_nothing(starter: str) -> None:
    assert drawn_for(starter) == []


def test_where_mutations_run_out_values_are_drawn_from_the_types() -> None:
    samples = drawn_for("", CallCase((True, 1), None), count=20)
    assert len(samples) == 20
    assert all(type(flag) is bool and type(number) is int for flag, number in (sample.args for sample in samples))
    assert samples == drawn_for("", CallCase((True, 1), None), count=20)
