"""What a statement costs to read grows with its length, not with its square: counted in calls, not in seconds."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from problems import ProblemError, parse_problem

FRAGMENTS = [
    "\n",
    "| a ",
    "<",
    "<!--",
    ">",
    "- ",
    "[",
    "[a](b) ",
    "*",
    "x\n\n",
    "# T\n",
    "&lt;",
    "Input\n1\nOutput\n",
]


def calls_to_read(text: str) -> int:
    """How many calls, of Python and C functions, it takes to read or refuse a statement."""
    count = 0

    def step(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        parse_problem(text)
    except ProblemError:
        pass
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_twice_the_length_takes_about_twice_the_steps(fragment: str) -> None:
    calls_to_read("# T\n" + fragment)  # what is made at first use does not count
    once, twice = (calls_to_read("# T\n" + fragment * n + "x\n") for n in (1000, 2000))
    assert twice < 2.6 * once + 1000


def test_more_lines_than_a_statement_has_are_refused() -> None:
    assert parse_problem("# T\n" + "\n" * 15_000 + "x").title == "T"
    with pytest.raises(ProblemError, match="lines"):
        parse_problem("# T\n" + "\n" * 50_000 + "x")


def test_a_table_larger_than_a_statement_has_is_refused() -> None:
    with pytest.raises(ProblemError, match="table"):
        parse_problem("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 19_000)
