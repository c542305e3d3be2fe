"""The smallest input that breaks a program: found, shrunk, and never held against an innocent one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli import run
from agent.hacking.measure import size_of
from agent.hacking.referee import Finding, Referee, differing
from agent.hacking.search import Search
from agent.hacking.types import Hacking, HackOptions, Program
from agent.inputs import GeneratedInput
from agent.interrupts import Interrupt
from agent.types import Verdict
from problems import CallCase, Problem, TestCase, parse_problem
from sandbox import Sandbox

STATEMENT = """# Two largest

Print the largest sum of two of the numbers.

## Input

The first line has an integer n (2 <= n <= {most}). The second line has n integers a_i (-10^9 <= a_i <= 10^9).

## Output

The largest sum.

Input
```
4
1 5 3 2
```
Output
```
8
```

Input
```
3
-1 -1 0
```
Output
```
-1
```
"""
PROBLEM = parse_problem(STATEMENT.format(most=2000))
RIGHT = "input()\na = sorted(map(int, input().split()))\nprint(a[-1] + a[-2])\n"
BRUTE = (
    "n = int(input())\na = list(map(int, input().split()))\n"
    "print(max(a[i] + a[j] for i in range(n) for j in range(i)))\n"
)
EQUAL = (  # forgets that the largest may come twice
    "input()\na = list(map(int, input().split()))\nm = max(a)\nprint(m + max([x for x in a if x != m] or [0]))\n"
)
DEEP = (
    "n = int(input())\na = list(map(int, input().split()))\n"
    "def largest(i):\n    return a[i] if i == n - 1 else max(a[i], largest(i + 1))\n"
    "m = largest(0)\na.remove(m)\nprint(m + max(a))\n"
)


def hack(
    box: Sandbox,
    source: str,
    right: str = RIGHT,
    problem: Problem = PROBLEM,
    *,
    seconds: float = 60.0,
    shrink: bool = True,
) -> Hacking:
    referee = Referee(problem, box, Program(source), Program(right))
    return Search(problem, referee, HackOptions(seconds, shrink=shrink)).run()


def shown(hacking: Hacking) -> str:
    assert hacking.flaw is not None
    return hacking.flaw.item.stdin


def test_a_wrong_answer_is_shrunk_to_three_tokens(box: Sandbox) -> None:
    hacking = hack(box, EQUAL, BRUTE)
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict.WA
    n, *numbers = shown(hacking).split()
    assert (n, len(numbers), len(set(numbers))) == ("2", 2, 1)
    assert hacking.flaw.case == TestCase(shown(hacking), f"{2 * int(numbers[0])}\n")


def test_recursion_too_deep_is_found_at_the_limits(box: Sandbox) -> None:
    hacking = hack(box, DEEP, shrink=False)
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict.RTE
    assert "RecursionError" in hacking.flaw.result.stderr
    assert int(shown(hacking).split()[0]) > 900


class Pressing:
    """A referee beside whom somebody presses Ctrl-C: after so many batches, or at the first flaw."""

    def __init__(self, referee: Referee, *, after: int | None = None) -> None:
        self.interrupt = Interrupt()
        self.batches = 0
        self._referee, self._after = referee, after

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        self.batches += 1
        for finding in self._referee.findings(items):
            yield finding
            if self.batches == self._after or (self._after is None and finding.flaw is not None):
                self.interrupt._came = True


def test_ctrl_c_ends_the_search(box: Sandbox) -> None:
    pressing = Pressing(Referee(PROBLEM, box, Program(BRUTE), Program(RIGHT)), after=2)
    hacking = Search(PROBLEM, pressing, HackOptions(3600.0), interrupt=pressing.interrupt).run()
    assert hacking.flaw is None
    assert pressing.batches == 2
    assert hacking.attempts.inputs > 0


def test_ctrl_c_ends_the_shrinking_and_keeps_the_flaw(box: Sandbox) -> None:
    referee = Referee(PROBLEM, box, Program("print(7)"), Program(RIGHT))
    pressing = Pressing(referee)
    hacking = Search(PROBLEM, pressing, HackOptions(), interrupt=pressing.interrupt).run()
    assert hacking.flaw is not None
    assert hacking.flaw.item == hacking.original
    assert pressing.batches == 2  # the examples, and the flaw once more
    shrunk = Search(PROBLEM, referee, HackOptions()).run().flaw
    assert shrunk is not None
    assert size_of(shrunk.item) < size_of(hacking.flaw.item)


def test_an_innocent_program_is_not_accused(box: Sandbox) -> None:
    hacking = hack(box, BRUTE, seconds=1.0)
    assert hacking.flaw is None
    assert hacking.attempts.inputs > 20


def test_what_the_right_program_fails_on_does_not_count(box: Sandbox) -> None:
    fails_on_all = "raise SystemExit(1)"
    hacking = hack(box, EQUAL, fails_on_all, seconds=1.0)
    assert hacking.flaw is None
    assert hacking.attempts.inputs == 0 < hacking.attempts.unanswered


def test_any_valid_answer_is_no_wrong_one(box: Sandbox) -> None:
    problem = parse_problem(STATEMENT.format(most=9) + "\nIf there are several answers, print any of them.\n")
    assert problem.many_answers
    assert hack(box, EQUAL, problem=problem, seconds=1.0).flaw is None


def test_the_same_seed_finds_the_same(box: Sandbox) -> None:
    assert shown(hack(box, EQUAL)) == shown(hack(box, EQUAL))


def test_stress_sees_that_the_other_one_fails(box: Sandbox) -> None:
    assert hack(box, RIGHT, "print(1 // 0)", seconds=1.0).flaw is None
    referee = Referee(PROBLEM, box, Program(RIGHT), Program("print(1 // 0)"), differing)
    flaw = Search(PROBLEM, referee, HackOptions(5.0)).run().flaw
    assert flaw is not None
    assert flaw.verdict is Verdict.RTE
    assert flaw.is_of_other


def test_that_both_run_over_a_limit_is_no_difference(box: Sandbox) -> None:
    problem = replace(PROBLEM, time_limit_s=0.3)
    endless = Program("while True: pass")
    referee = Referee(problem, box, endless, endless, differing)
    assert not any(finding.flaw for finding in referee.findings([GeneratedInput(stdin="2\n1 2\n")]))
    accusing = Referee(problem, box, endless, endless)
    assert all(finding.flaw for finding in accusing.findings([GeneratedInput(stdin="2\n1 2\n")]))


@pytest.mark.parametrize(
    ("wrong", "length"),
    [
        ("def f(items, limit):\n    return [x for x in items if x < limit]", 1),
        ("def f(items, limit):\n    return sorted(x for x in items if x <= limit)", 2),
    ],
)
def test_functions(box: Sandbox, wrong: str, length: int) -> None:
    problem = Problem(
        "Kept",
        "Keep what is at most the limit.",
        (CallCase(([3, 1, 4, 1], 2), [1, 1]), CallCase(([0, 2], 5), [0, 2]), CallCase(([9, 3], 4), [3])),
        entry_point="f",
    )
    right = "def f(items, limit):\n    return [x for x in items if x <= limit]"
    hacking = hack(box, wrong, right, problem)
    assert hacking.flaw is not None
    items, limit = hacking.flaw.item.args
    assert isinstance(items, list)
    assert len(items) == length
    assert limit in (1, 2)


def test_a_cpp_program_overflows(cpp_box: Sandbox) -> None:
    program = Program(
        "#include <bits/stdc++.h>\nint main() { int n; std::cin >> n; int s = 0, x;\n"
        "while (std::cin >> x) s += x; std::cout << s; }",
        "cpp",
    )
    problem = parse_problem(STATEMENT.format(most=5))
    right = Program("input()\nprint(sum(map(int, input().split())))")
    hacking = Search(problem, Referee(problem, cpp_box, program, right), HackOptions(60.0, shrink=False)).run()
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict.WA
    assert abs(sum(map(int, shown(hacking).split()[1:]))) >= 2**31


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("p.md", STATEMENT.format(most=9)), ("mine.py", EQUAL), ("brute.py", BRUTE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_shows_the_input_and_how_sure_that_is(
    files: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, right, output = (str(files / name) for name in ("mine.py", "brute.py", "input.txt"))
    arguments = [
        "hack",
        str(files / "p.md"),
        program,
        "--against",
        right,
        "-o",
        output,
        "-q",
        "--sandbox",
        backend,
    ]
    assert run(arguments) == 1
    out = capsys.readouterr().out
    assert "broken: WA on an input of 3 tokens" in out
    assert "expected, by brute.py:" in out
    assert "2 <= n <= 9" in out
    assert Path(output).read_text(encoding="utf-8").split()[0] == "2"


def test_nothing_found_is_no_failure(files: Path, backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    both = [str(files / "brute.py")] * 2
    options = ["--seconds", "0.5", "--json", "-q", "--sandbox", backend]
    assert run(["stress", str(files / "p.md"), *both, *options]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["broken"] is False
    assert record["tried"]["inputs"] > 0


def test_a_statement_without_an_example_is_refused(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "p.md").write_text("# Sum\n\nAdd two numbers.\n", encoding="utf-8")
    program = str(files / "mine.py")
    assert run(["hack", str(files / "p.md"), program, "--against", program]) == 2
    assert "no example" in capsys.readouterr().err
