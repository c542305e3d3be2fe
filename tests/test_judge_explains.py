"""`solve judge` says why: the first difference, the exception, and that nothing was judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubling import PROBLEM

from agent.cli import run
from agent.judging.explain import text_difference, value_difference
from problems import Comparator


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


FAULTS = {
    "a wrong token": ("print(7)", "WA", {"line": 1, "token": 1, "expected": "6", "got": "7"}),
    "an output that goes on": ("print(6)\nprint('done')", "WA", {"line": 2, "expected": None, "got": "done"}),
    "no output": ("pass", "WA", {"expected": "6", "got": None}),
    "words around the answer": ("print('answer: 6')", "WA", {"token": 1, "expected": "6", "got": "answer:"}),
    "an exception": ("int('x')", "RTE", "ValueError: invalid literal for int() with base 10: 'x'"),
    "an exit code": ("import sys\nsys.exit(3)", "RTE", "3"),
    "an endless loop": ("while True: pass", "TLE", "0.5 s"),
    "too much memory": ("x = bytearray(10**9)\nprint(6)", "MLE", "256 MiB"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_case_says_where_or_why(
    fault: str, tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, verdict, reason = FAULTS[fault]
    problem, program = tmp_path / "double.md", tmp_path / "mine.py"
    problem.write_text("# Double\n\nTime limit: 0.5 s\n\nInput: 3\nOutput: 6\n", encoding="utf-8")
    program.write_text(source, encoding="utf-8")
    command = ["judge", str(problem), str(program), "--sandbox", backend]
    assert run([*command, "--json"]) == 1
    (case,) = json.loads(capsys.readouterr().out)["cases"]
    assert case["verdict"] == verdict
    if isinstance(reason, dict):
        assert {name: case["difference"].get(name) for name in reason} == reason
    else:
        assert reason in case["explanation"]
    assert run(command) == 1
    text = capsys.readouterr().out
    assert verdict in text
    words = [reason["expected"], reason["got"]] if isinstance(reason, dict) else [reason]
    assert all(word in text for word in words if word)


WITHOUT_EXAMPLES = {
    "a program": "# Free\n\nPrint 42.\n",
    "a function": "# Free\n\n```python\ndef free(n: int) -> int:\n    pass\n```\n",
    "a format alone": "# Free\n\n## Input\n\nOne number n.\n\n## Output\n\nTwice n.\n",
    "examples that are pictures": "# Free\n\nAdd.\n\n## Examples\n\n![two and three](a.png)\n",
    "in Chinese": "# 自由\n\n给你一个数，输出它的两倍。\n",
}


@pytest.mark.parametrize("statement", WITHOUT_EXAMPLES.values(), ids=WITHOUT_EXAMPLES)
def test_nothing_judged_is_not_accepted(
    statement: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, program = tmp_path / "free.md", tmp_path / "mine.py"
    problem.write_text(statement, encoding="utf-8")
    program.write_text("print(1)", encoding="utf-8")
    assert run(["judge", str(problem), str(program), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["accepted"] is None
    assert "nothing was judged" in err
    assert "Looked for" in err
