"""What a statement costs to read grows with its length, not with its square: counted in calls, not in seconds."""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import pytest

from agent.cli import run
from agent.inputs.ranges import stated_ranges
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


@pytest.mark.parametrize("fragment", ["\u00a0", "\u2028", "> ", ">\u00a0", "copy ", "\u3000"])
def test_long_blanks_take_no_processor_time(fragment: str) -> None:
    """What a regular expression tries over and over is no call: in time squared these take 10 s."""
    began = time.thread_time()
    with suppress(ProblemError):
        parse_problem("# T\n\n## Input\n" + fragment * 60_000 + "x\n")
    assert time.thread_time() - began < 3


@pytest.mark.parametrize("fragment", ["1", "1 ", "1_", "1 x 10 "])
def test_pages_of_numbers_take_no_processor_time(fragment: str) -> None:
    """Bounds are looked for in them: in time squared these take minutes."""
    began = time.thread_time()
    assert stated_ranges(fragment * 60_000 + "\n\nwhere 1 <= n <= 7") == [(1, 7)]
    assert time.thread_time() - began < 3


@pytest.mark.parametrize(
    "value",
    [
        "-" * 20_000 + "1",
        "(" * 20_000,
        "not " * 20_000 + "1",
        "1" + "+1" * 60_000,
        "a" + ".a" * 60_000,
        "1" * 5000,
    ],
)
def test_a_checker_that_no_parser_takes_is_refused_with_its_line(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = "## Input\n```\n1\n```\n## Output\n```\n1\n```\n"
    statement, program = tmp_path / "problem.md", tmp_path / "program.py"
    statement.write_text(f"# T\n\n{example}\n```python checker\nx = {value}\n```\n", encoding="utf-8")
    program.write_text("print(1)\n", encoding="utf-8")
    assert run(["judge", str(statement), str(program)]) == 2
    assert re.search(r"problem\.md:1\d: the checker is (nested too deeply|not Python)", capsys.readouterr().err)
