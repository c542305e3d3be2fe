"""Where a statement's sentences are unread: inputs of the examples' kind convict, others are possible at most."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import run
from agent.hacking.likeness import LIKE, UNLIKE
from agent.hacking.referee import Finding, Referee
from agent.hacking.search import Search
from agent.hacking.sources import Source, examples_of
from agent.hacking.types import EXAMPLE, Flaw, Hacking, HackOptions, Program
from agent.hacking.weighing import Weighing
from agent.inputs import GeneratedInput
from agent.types import Verdict
from problems import Problem, TestCase, parse_problem
from sandbox import RunResult, Sandbox, Status

TRAIN = """# Train

A train leaves at hour a and arrives at hour b. Print how long it is under way.

## Input

One line with two integers a and b (1 <= a, b <= 23). {promise}

## Output

The hours.

Input
```
3 9
```
Output
```
6
```

Input
```
12 14
```
Output
```
2
```
"""
PROMISE = "It is guaranteed that the train arrives on the day it leaves."
RIGHT = "a, b = map(int, input().split())\nprint((b - a) % 24)\n"
INNOCENT = "a, b = map(int, input().split())\nprint(b - a)\n"
WRONG = "a, b = map(int, input().split())\nprint(b - a if b - a < 4 or b - a == 6 else 0)\n"

LISTS = """# Lists

## Input

The first line has n (1 <= n <= 9). The second line has n integers. It is guaranteed that somebody is happy.

## Output

How many.

Input
```
4
0 1 1 0
```
Output
```
2
```

Input
```
3
1 0 0
```
Output
```
1
```
"""

PAIR = """# Pair

## Input

{}

Input
```
{}
```
Output
```
0
```

Input
```
{}
```
Output
```
0
```
"""
ODD = PAIR.format("Three odd integers.", "3 5 9", "5 7 9")
CODES = PAIR.format("Distinct integers after how many there are, and a code.", "2 9 4\na1", "3 5 1 3\nc7")
ONE = PAIR.format("A number that must be the code of another one.", "20", "20")


def kind_of(statement: str) -> Source:
    source = Source(parse_problem(statement), 0)
    assert source.form is not None
    assert source.unread
    return source


@pytest.mark.parametrize(
    ("statement", "text", "answer", "expected"),
    [
        (TRAIN.format(promise=PROMISE), "2 5\n", "3\n", None),
        (TRAIN.format(promise=PROMISE), "5 2\n", "21\n", "a is at most b"),
        (TRAIN.format(promise=PROMISE), "5 5\n", "0\n", "a is less than b"),
        (TRAIN.format(promise=PROMISE), "2 5\n", "-3\n", "no answer is negative"),
        (TRAIN.format(promise=PROMISE), "2 5\n", "inf\n", "answers are numbers"),
        (TRAIN.format(promise=PROMISE), "2 5\n", "\n", "some answer is printed"),
        (TRAIN.format(promise=PROMISE), "3 9\n", "inf\n", None),  # an example is valid whatever is said of it
        (LISTS, "4\n0 1 0 1\n", "2\n", None),
        (LISTS, "2\n0 0\n", "0\n", "1 is among number 2"),
        (ODD, "7 9 11\n", "0\n", None),
        (ODD, "7 8 11\n", "0\n", "number 2 is odd"),
        (CODES, "3 5 6 7\nb2\n", "0\n", None),
        (CODES, "3 6 7 6\nb2\n", "0\n", "no two of number 1 are equal"),  # the first only counts
        (
            CODES,
            "3 5 6 7\nb22\n",
            "0\n",
            "letters, digits and marks of number 2 are in the places of the examples'",
        ),
        (ONE, "10\n", "5\n", "nothing by which an input could be told from theirs"),
    ],
)
def test_what_all_examples_share_is_missed(statement: str, text: str, answer: str, expected: str | None) -> None:
    assert kind_of(statement).kind.difference(text, TestCase(text, answer)) == expected


def hacked(box: Sandbox, source: str, problem: Problem, least: float = 0.6) -> Hacking:
    referee = Referee(problem, box, Program(source), Program(RIGHT))
    return Search(problem, referee, HackOptions(5.0, min_confidence=least)).run()


def test_an_input_that_examples_are_not_like_convicts_nobody(box: Sandbox) -> None:
    hacking = hacked(box, INNOCENT, parse_problem(TRAIN.format(promise=PROMISE)))
    assert hacking.flaw is None
    assert hacking.possible is not None
    a, b = map(int, hacking.possible.item.stdin.split())
    assert b < a
    assert hacking.possible.confidence == UNLIKE
    assert hacking.possible.doubt == "a is at most b"


def test_it_does_where_every_sentence_is_read_or_less_will_do(box: Sandbox) -> None:
    read = hacked(box, INNOCENT, parse_problem(TRAIN.format(promise="")))
    assert read.flaw is not None
    assert read.flaw.confidence == 1
    lax = hacked(box, INNOCENT, parse_problem(TRAIN.format(promise=PROMISE)), least=0.4)
    assert lax.flaw is not None
    assert lax.flaw.confidence == UNLIKE


def test_one_of_their_kind_convicts_and_stays_so_when_shrunk(box: Sandbox) -> None:
    hacking = hacked(box, WRONG, parse_problem(TRAIN.format(promise=PROMISE)))
    assert hacking.flaw is not None
    assert hacking.possible is None
    a, b = map(int, hacking.flaw.item.stdin.split())
    assert a < b
    assert hacking.flaw.confidence == LIKE


class Differing:
    """A referee by whom the program fails on everything."""

    def findings(self, items: list[GeneratedInput]) -> list[Finding]:
        result = RunResult(Status.OK, 0, None, "0\n", "", 0.0, 0.0, 8.0)
        return [
            Finding(item, Flaw(item, Verdict.WA, TestCase(item.stdin, "1\n"), result), is_answered=True)
            for item in items
        ]


def test_the_statements_own_inputs_are_in_no_doubt() -> None:
    source = kind_of(LISTS)
    judge = Weighing(Differing(), 0.6, unread=1, kind=source.kind)  # type: ignore[arg-type]
    examples = list(examples_of(parse_problem(LISTS)))
    assert {item.origin for item in examples} == {EXAMPLE}
    for finding in judge.findings(examples):
        assert finding.flaw is not None
        assert finding.flaw.confidence == 1


def test_an_example_made_smaller_is_none_of_the_statements_own(box: Sandbox) -> None:
    problem = parse_problem(TRAIN.format(promise=""))
    hacking = hacked(box, "input()\nprint(-1)\n", problem)
    assert hacking.original in examples_of(problem)
    assert hacking.flaw is not None
    assert hacking.flaw.item.stdin not in [case.stdin for case in problem.cases if isinstance(case, TestCase)]
    assert hacking.flaw.item.origin != EXAMPLE


def test_no_layout_leaves_all_sentences_unread() -> None:
    statement = LISTS.replace("4\n0 1 1 0", "4 x,y\n|\n0 1 1 0 3").replace("3\n1 0 0", "7;\n")
    source = Source(parse_problem(statement), 0)
    assert source.form is None
    assert source.unread == ("It is guaranteed that somebody is happy.",)
    assert source.kind.difference("1\n1\n", None) is not None


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("p.md", TRAIN.format(promise=PROMISE)), ("right.py", RIGHT), ("mine.py", INNOCENT)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_shows_what_is_possible_and_says_that_nothing_was_found(
    files: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["hack", *(str(files / name) for name in ("p.md", "mine.py"))]
    command += ["--against", str(files / "right.py"), "--seconds", "5", "--sandbox", backend, "-q"]
    page = files / "why.html"
    assert run([*command, "--report", str(page)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("nothing found: ")
    assert "possible: WA on an input of 2 tokens with a probability of 0.50, because it may be invalid" in out
    assert f'not checked, see that it holds: "{PROMISE}"' in out
    assert "because it may be invalid" in page.read_text(encoding="utf-8")
    assert run([*command, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert not record["broken"]
    assert record["possible"]["examples_share"] == "a is at most b"
    assert run([*command, "--min-confidence", "0.4"]) == 1


def test_two_programs_of_which_neither_is_right_differ_wherever_they_do(
    files: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(files / name) for name in ("p.md", "mine.py", "right.py")]
    assert run(["stress", *names, "--seconds", "5", "--sandbox", backend, "-q"]) == 1
    assert "they differ: WA on an input of 2 tokens" in capsys.readouterr().out
