"""What an input must look like to be believed valid: constraints read, names bound, ranges and relations kept."""

from __future__ import annotations

import random

import pytest

from agent.hacking.styles import VALUES, Style
from agent.hacking.writer import Writer
from agent.inputs.constraints import constraints_of, doubts, input_part
from agent.inputs.form import Form
from agent.inputs.validity import accepts, form_of

INTERVALS = """Task

Input

The first line contains two integers N and K (1 <= N <= 100 000, 2 <= K <= 10^9).
Then follow N lines with two integers l_i and r_i (0 <= l_i < r_i <= K - 1).

Output

Print it.

Scoring

Group 1: N <= 5
"""


def form(samples: list[str], statement: str) -> Form:
    result = form_of(samples, statement)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 <= N <= 10^5", ["1 <= N", "N <= 10^5"]),
        ("two integers N, Q (1 <= N <= 2 * 10^5, 1 <= Q <= 7)", ["1 <= N", "N <= 2 * 10^5", "1 <= Q", "Q <= 7"]),
        ("$1 \\leq N, M \\leq 10$", ["1 <= N", "1 <= M", "N <= 10", "M <= 10"]),
        ("0 <= s != d < N", ["0 <= s", "s != d", "d < N"]),
        ("where 1 <= N is the size and that -5 <= x", ["1 <= N", "-5 <= x"]),
        ("- `1 <= nums.length <= 9`", ["1 <= nums.length", "nums.length <= 9"]),
        ("- 1 <= N <= 9\n- -5 <= x", ["1 <= N", "N <= 9", "-5 <= x"]),
        ("R >= 1 and R x C <= 40,000", ["R >= 1", "R x C <= 40,000"]),
        ("guaranteed that S < \\frac{P}{2}.", ["S < (P)/(2)"]),
        ("there are at most many of them, a = b", ["a == b"]),
    ],
)
def test_chains_are_cut_out_of_prose(text: str, expected: list[str]) -> None:
    assert list(map(str, constraints_of(text))) == expected


def test_constraints_of_subtasks_are_not_of_the_problem() -> None:
    assert "N <= 5" not in map(str, constraints_of(input_part(INTERVALS)))


def test_the_label_of_an_example_is_no_heading() -> None:
    text = "Print 2n for -9 <= n <= 9.\n\nInput\n```\n3\n```\nOutput\n```\n6\n```\n"
    assert list(map(str, constraints_of(input_part(text)))) == ["-9 <= n", "n <= 9"]


def test_names_are_bound_in_the_order_of_reading() -> None:
    fields = form(["2 10\n1 5\n0 3\n", "1 4\n2 3\n"], INTERVALS).fields
    assert [field.name for field in fields.values()] == ["N", "K", "l_i", "r_i"]
    assert fields[0, -1].high == 100_000


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("1 10\n1 5\n", True),
        ("1 10\n5 5\n", False),  # l < r
        ("1 10\n1 10\n", False),  # r <= K - 1
        ("1 1\n0 1\n", False),  # 2 <= K
        ("2 10\n1 5\n", False),  # one line is missing
        ("0 10\n", False),  # 1 <= N
        ("1 10\n1 x\n", False),
    ],
)
def test_ranges_and_relations_are_kept(text: str, *, valid: bool) -> None:
    assert accepts(form(["2 10\n1 5\n0 3\n", "1 4\n2 3\n"], INTERVALS), text) is valid


@pytest.mark.parametrize("values", VALUES)
def test_what_is_written_is_accepted(values: str) -> None:
    known = form(["2 10\n1 5\n0 3\n", "1 4\n2 3\n"], INTERVALS)
    draw = random.Random(0)
    texts = [Writer(known, Style(4, values), draw).text() for _ in range(20)]
    assert sum(text is not None and accepts(known, text) for text in texts) >= 5


def test_the_limits_are_reached() -> None:
    statement = "Input\n\nn (1 <= n <= 300), then n integers a_i (1 <= a_i <= 10^9).\n\nOutput\n\nsum"
    text = Writer(form(["2\n3 4\n", "3\n4 4 1\n"], statement), Style(None, "high"), random.Random(1)).text()
    assert text is not None
    assert len(text.split()) == 301


def test_a_tree_stays_one() -> None:
    statement = "A tree.\n\nInput\n\nn (2 <= n <= 50), then n-1 edges u v (1 <= u, v <= n).\n\nOutput\n\nx"
    known = form(["3\n1 2\n3 2\n", "4\n1 2\n3 2\n4 1\n"], statement)
    assert accepts(known, "3\n1 3\n2 3\n")
    assert not accepts(known, "3\n1 3\n3 1\n")
    text = Writer(known, Style(None, "any"), random.Random(3)).text()
    assert text is not None
    assert accepts(known, text)


def test_repeated_values_are_valid_unless_the_statement_or_chance_speaks_against_it() -> None:
    said = "Input\n\nn (1 <= n <= 9), then n distinct integers a_i (1 <= a_i <= 10^9).\n\nOutput\n\nx"
    assert not accepts(form(["3\n5 7 1\n", "1\n9\n"], said), "2\n4 4\n")
    assert accepts(form(["3\n5 7 1\n", "1\n9\n"], said.replace("distinct ", "")), "2\n4 4\n")


def test_marks_between_words_are_not_played_with() -> None:
    known = form(
        ["2\nred, blue\nred, green\n", "1\nblack, white, pink\n"], "Input\n\nN, then N lists.\n\nOutput\n\nx"
    )
    assert accepts(known, "2\nred, green\nred, green\n")
    assert not accepts(known, "1\nred green\n")
    proof = form(["2\n-> A\nA -> B\n", "1\nA -> A\n"], "Input\n\nN, then N steps.\n\nOutput\n\nx")
    assert not accepts(proof, "1\nA\n")


def test_what_only_words_say_is_quoted() -> None:
    text = "Input\n\nn numbers. It is guaranteed that their sum is odd. Each is small.\n\nOutput\n\nx"
    assert doubts(text) == ("It is guaranteed that their sum is odd.",)


def test_a_constraint_that_an_example_breaks_is_left_out() -> None:
    statement = "Input\n\na and b (1 <= a < b <= 9).\n\nOutput\n\nx"
    assert accepts(form(["5 3\n"], statement), "4 2\n")


@pytest.mark.parametrize(
    ("said", "fewest"),
    [
        ("Each line begins with an integer $M$ ($2 \\le M \\le 9$) followed by $M$ integers between 1 and 9.", 2),
        ("Each line begins with the number of integers on it.", 1),  # no sample shows an empty line
        ("Each line begins with an integer $M$ ($0 \\le M \\le 9$) followed by $M$ integers between 1 and 9.", 0),
    ],
)
def test_a_line_that_begins_with_its_count_is_no_shorter_than_is_said(said: str, fewest: int) -> None:
    shown = form(["2\n3 1 2 3\n4 4 2 6 5\n", "1\n2 5 1\n"], f"Input\nThe first line holds $L$.\n{said}")
    lines = ["0", "1 3", "2 3 4", "3 3 4 6"]
    assert [accepts(shown, f"1\n{line}\n") for line in lines] == [count >= fewest for count in range(4)]
