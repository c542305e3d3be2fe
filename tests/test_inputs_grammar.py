"""Layouts of standard inputs, and inputs drawn from them."""

from __future__ import annotations

import random

import pytest

from agent.inputs.grammar import Count, FixedLine, Repeat, Row, infer, read
from agent.inputs.ranges import Ranges
from agent.inputs.stdin import Generator

LIST = "n integers a_1, ..., a_n"
INT, INT2 = FixedLine((True,)), FixedLine((True, True))
N = Count(0)


@pytest.mark.parametrize(
    ("samples", "layout"),
    [
        (["5\n1 2 3 4 5\n", "2\n7 7\n"], (INT, Row(N))),
        (["3\n1 2\n3 4\n5 6\n"], (INT, Repeat(N, (INT2,)))),
        (["2\n3\n1 2 3\n4\n5 6 7 8\n"], (INT, Repeat(N, (INT, Row(Count(1)))))),
        (["4\n1 2\n2 3\n3 4\n", "2\n2 1\n"], (INT, Repeat(Count(0, -1), (INT2,)))),
        (["2 3\n#..\n.#.\n", "1 1\n#\n"], (INT2, Repeat(N, (FixedLine((False,)),)))),
    ],
    ids=["list", "pairs", "blocks", "tree", "grid"],
)
def test_layouts_are_found(samples: list[str], layout: tuple[object, ...]) -> None:
    assert infer(samples, LIST) == layout


def test_a_layout_reads_longer_inputs_and_refuses_wrong_lengths() -> None:
    layout = infer(["2\n3\n1 2 3\n4\n5 6 7 8\n"], LIST)
    assert layout is not None
    assert read(layout, "1\n6\n1 1 1 1 1 1\n") is not None
    assert read(layout, "1\n6\n1 1 1 1 1\n") is None
    assert read(layout, "2\n1\n1\n") is None


def test_digits_with_leading_zeros_are_words() -> None:
    assert infer(["2\n010\n001\n"], "") == (INT, Repeat(N, (FixedLine((False,)),)))


def drawn(statement: str, *samples: str, count: int = 80) -> list[list[list[str]]]:
    stream = Generator(samples, statement).draw(random.Random(5))
    return [[line.split() for line in next(stream).stdin.splitlines()] for _ in range(count)]


def test_blocks_keep_their_counts() -> None:
    sizes = set()
    for lines in drawn(LIST, "2\n3\n1 2 3\n4\n5 6 7 8\n"):
        blocks = int(lines[0][0])
        assert len(lines) == 1 + 2 * blocks
        for block in range(blocks):
            assert len(lines[2 + 2 * block]) == int(lines[1 + 2 * block][0])
        sizes.add(blocks)
    assert len(sizes) > 2


def test_grids_stay_rectangular() -> None:
    for lines in drawn("", "2 3\n#..\n.#.\n", "3 4\n....\n##..\n..#.\n"):
        rows, columns = map(int, lines[0])
        assert len(lines) == rows + 1
        assert all(len(row) == columns and set(row) <= {"#", "."} for (row,) in lines[1:])


def test_indexes_stay_within_their_count() -> None:
    for lines in drawn("", "4 3\n1 2\n2 3\n3 4\n", "5 2\n1 5\n2 4\n"):
        assert all(0 <= int(token) <= int(lines[0][0]) for line in lines[1:] for token in line)


def test_permutations_stay_permutations() -> None:
    for lines in drawn(LIST, "4\n2 1 4 3\n", "5\n5 4 1 2 3\n"):
        assert sorted(map(int, lines[1])) == list(range(1, int(lines[0][0]) + 1))


def test_stated_ranges_bound_values() -> None:
    values = {int(lines[0][0]) for lines in drawn("Given $1 \\le x \\le 9$.", "4\n", "7\n")}
    assert values <= set(range(1, 10))
    assert values - {4, 7}


@pytest.mark.parametrize(
    ("statement", "bounds"),
    [
        ("1 <= n <= 10^5", (1, 100_000)),
        ("$-10^3 \\le a_i \\leq 10^3$", (-1000, 1000)),
        ("(3 ≤ n ≤ 2 ⋅ 10^5)", (3, 200_000)),
        ("no range", (1, 50)),
    ],
)
def test_ranges_are_read(statement: str, bounds: tuple[int, int]) -> None:
    assert Ranges(statement).around(5, [5, 50]) == bounds


def test_nothing_is_drawn_where_no_length_can_be_met() -> None:
    generator = Generator([], "")
    assert generator.layout is None
    assert list(generator.draw(random.Random(0))) == []
