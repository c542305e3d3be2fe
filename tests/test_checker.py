"""Checker programs: how a statement brings one, and what its endings mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from agent.judging.check import CheckerError, run_checker
from agent.judging.judge import judge
from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.suites import OutputSuite
from problems import Checker, ProblemError, TestCase, parse_problem
from sandbox import Job, RunResult, Sandbox

CASE = TestCase("10\n", "3 7\n")
TESTLIB = """
import sys
total = int(open(sys.argv[1]).read())
words = open(sys.argv[2]).read().split()
assert open(sys.argv[3]).read() == "3 7\\n"
if len(words) != 2 or not all(word.isdigit() for word in words):
    sys.exit(2)
sys.exit(0 if sum(map(int, words)) == total else 1)
"""
KATTIS = """
import os, sys
total = int(open(sys.argv[1]).read())
assert open(sys.argv[2]).read() == "3 7\\n"
with open(os.path.join(sys.argv[3], "judgemessage.txt"), "w") as file:
    file.write("looked at")
words = sys.stdin.read().split()
sys.exit(42 if len(words) == 2 and sum(map(int, words)) == total else 43)
"""


@pytest.mark.parametrize("checker", [Checker(TESTLIB), Checker(KATTIS, "kattis")], ids=["testlib", "kattis"])
@pytest.mark.parametrize(
    ("output", "verdict"),
    [("3 7\n", Verdict.AC), ("4 6", Verdict.AC), ("4 7\n", Verdict.WA), ("4\n", Verdict.WA), ("", Verdict.WA)],
)
def test_a_checker_decides(box: Sandbox, checker: Checker, output: str, verdict: Verdict) -> None:
    assert run_checker(box, checker, CASE, output, path="p.md") is verdict


FAILURES = {
    "fails by its own word": Checker("import sys; sys.exit(3)"),
    "crashes": Checker("1 / 0"),
    "crashes by kattis": Checker("1 / 0", "kattis"),
    "is not Python": Checker("if"),
    "dies": Checker("import os; os.kill(os.getpid(), 9)"),
    "ends without a word by kattis": Checker("pass", "kattis"),
    "leaves with a code of the other convention": Checker("import sys; sys.exit(42)"),
    "floods": Checker("print('x' * 10 ** 8)"),
    "takes all memory": Checker("x = bytearray(10 ** 11)"),
}


@pytest.mark.parametrize("checker", FAILURES.values(), ids=FAILURES)
def test_a_checker_that_gives_no_verdict_is_our_failure(box: Sandbox, checker: Checker) -> None:
    with pytest.raises(CheckerError, match=r"p\.md: the checker gave no verdict"):
        run_checker(box, checker, CASE, "3 7", path="p.md")


@pytest.mark.parametrize("convention", ["testlib", "kattis"])
def test_the_output_arrives_byte_by_byte(box: Sandbox, convention: str) -> None:
    output = "\x00\udcff\ufeff\r\n\u0661" + "x" * (1 << 20)
    look = (
        "import sys\ndata = sys.stdin.buffer.read() or open(sys.argv[2], 'rb').read()\n"
        f"right = data == {output[:6].encode('utf-8', 'surrogateescape')!r} + b'x' * (1 << 20)\n"
        "codes = (1, 0) if 'answer' in sys.argv[3] else (43, 42)\nsys.exit(codes[right])"
    )
    assert run_checker(box, Checker(look, convention), CASE, output, path="p.md") is Verdict.AC


class Watched:
    """A sandbox that notes every job."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.jobs: list[Job] = []

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        for result_of in [*jobs]:
            self.jobs.append(result_of)
            yield from self._box.run_many([result_of])


def test_the_checker_and_the_expected_output_stay_out_of_the_candidates_slots(box: Sandbox) -> None:
    recorder = Watched(box)
    suite = OutputSuite(
        (TestCase("10\n", "canary 3 7\n"),), checker=Checker("import sys; sys.exit('canary' == '')")
    )
    (result,) = grade(recorder, suite, ["print(4, 6)"])  # type: ignore[arg-type]
    assert result.verdict is Verdict.AC
    assert [job.trusted for job in recorder.jobs] == [False, True]
    assert "canary" not in repr(recorder.jobs[0])


def test_a_checker_sees_only_programs_that_ended_well(box: Sandbox) -> None:
    suite = OutputSuite((CASE,), checker=Checker("1 / 0"))
    assert [item.verdict for item in grade(box, suite, ["exit(1)", "x ="])] == [Verdict.RTE, Verdict.RTE]


STATEMENT = """# Split

Print two numbers whose sum is n.

### Sample Input
```
10
```
### Sample Output
```
3 7
```

```python checker{options}
{source}
```

Any such numbers will do.
"""


def test_a_statement_may_bring_a_checker(box: Sandbox) -> None:
    problem = parse_problem(STATEMENT.format(options="", source=TESTLIB))
    assert problem.checker == Checker(TESTLIB + "\n")
    assert problem.entry_point is None
    assert problem.cases == (CASE,)
    assert "checker" not in problem.statement
    assert "sys" not in problem.statement
    assert problem.statement.endswith("Any such numbers will do.\n")
    sources = ["n = int(input()); print(1, n - 1)", "n = int(input()); print(1, n)", "print('x y')"]
    verdicts = [row[-1].verdict for row in judge(box, problem, sources)]
    assert verdicts == [Verdict.AC, Verdict.WA, Verdict.WA]


def test_the_convention_is_an_option() -> None:
    problem = parse_problem(STATEMENT.format(options=" kattis", source=KATTIS))
    assert problem.checker == Checker(KATTIS + "\n", "kattis")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("checker", "checker polygon", "14: unknown checker convention"),
        ("python checker", "c++ checker", "14: a checker in c++"),
        ("pass", "if", "15: the checker is not Python"),
        ("Any such", "```python checker\npass\n```\nAny such", "18: a second checker"),
        ("Print two", "```python\ndef f(x): pass\n```\nPrint two", "not functions"),
    ],
)
def test_checkers_that_cannot_be_used_are_refused_with_their_line(old: str, new: str, message: str) -> None:
    text = STATEMENT.format(options="", source="pass").replace(old, new, 1)
    with pytest.raises(ProblemError) as error:
        parse_problem(text, path="p.md")
    assert message in str(error.value)
