"""`solve judge` says why: the first difference, the exception, and that nothing was judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from test_cli import PROBLEM

from agent.cli import run
from agent.judging.explain import text_difference, value_difference
from problems import Comparator

if TYPE_CHECKING:
    import pytest


def test_the_first_differing_token_is_named() -> None:
    result = text_difference(Comparator(), "1 2\n3 4\n", "1 2\n3 5\n")
    assert result is not None
    assert (result.line, result.token, result.expected, result.got) == (2, 2, "4", "5")


def test_an_output_that_ends_early_and_one_that_goes_on() -> None:
    short = text_difference(Comparator(), "1\n2\n", "1\n")
    assert short is not None
    assert (short.line, short.expected, short.got) == (1, "2", None)
    long = text_difference(Comparator(), "1\n", "1\n2\n")
    assert long is not None
    assert (long.line, long.expected, long.got) == (2, None, "2")


def test_the_place_within_a_value_is_named() -> None:
    result = value_difference(Comparator("value"), [[1, 2], [3, 4]], [[1, 2], [3, 5]])
    assert (result.path, result.expected, result.got) == ("[1][1]", "4", "5")


def test_a_printed_prompt_is_recognised(tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    problem, program = tmp_path / "double.md", tmp_path / "mine.py"
    problem.write_text(PROBLEM, encoding="utf-8")
    program.write_text('print(2 * int(input("number: ")))', encoding="utf-8")
    assert run(["judge", str(problem), str(program), "--json", "--sandbox", backend]) == 1
    case = json.loads(capsys.readouterr().out)["cases"][0]
    assert (case["difference"]["expected"], case["difference"]["got"]) == ("6", "number:")
    assert "prompt of input()" in case["hints"][0]


def test_nothing_judged_is_not_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem, program = tmp_path / "free.md", tmp_path / "mine.py"
    problem.write_text("# Free\n\nPrint 42.\n", encoding="utf-8")
    program.write_text("print(1)", encoding="utf-8")
    assert run(["judge", str(problem), str(program), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["accepted"] is None
    assert "nothing was judged" in err
