"""Answers in every state that the page about an answer can be in; nothing is sampled or run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from made_answers import Tried, made_answer

from agent.report import render_report
from agent.types import Repair, Solution, SolveOptions
from problems import Problem, TestCase

GAP = Problem(
    "A. Running Gap",
    """# A. Running Gap

A training track has $n$ posts in a row; the $i$-th is $h_i$ centimetres high. Print the largest difference of
heights between two posts that stand next to each other.

## Input

The first line holds one integer $n$ ($2 \\le n \\le 100$), the second $n$ integers.

## Output

One integer.

| n | h | answer |
|---|---|---|
| 5 | 1 2 6 4 5 | 4 |
""",
    (TestCase("5\n1 2 6 4 5\n", "4\n"), TestCase("2\n7 7\n", "0\n")),
)
GAP_INPUTS = ["3\n1 9 3\n", "4\n2 2 2 5\n", "2\n10 1\n", "5\n5 4 3 2 1\n", "2\n0 0\n"]
SHORT = Tried(
    "n = int(input())\nh = list(map(int, input().split()))\nprint(max(abs(a - b) for a, b in zip(h, h[1:])))",
    ["4\n", "0\n", "8\n", "3\n", "9\n", "1\n", "0\n"],
    9,
)
LOOP = replace(
    SHORT,
    source=(
        "# Read the heights.\nn = int(input())\nheights = list(map(int, input().split()))\n\nbest = 0\n"
        "for i in range(1, n):\n    best = max(best, abs(heights[i] - heights[i - 1]))\nprint(best)"
    ),
    count=4,
)
RISING = Tried(
    "input()\nh = list(map(int, input().split()))\nprint(max(0, *(b - a for a, b in zip(h, h[1:]))))",
    ["4\n", "0\n", "8\n", "3\n", "0\n", "0\n", "0\n"],
    2,
)
FLAKY = Tried(
    "input()\nh = list(map(int, input().split()))\nprint(max(abs(a - b) for a, b in zip(h, h[1:]) if 1 // a))",
    ["4\n", "0\n", "8\n", "3\n", "9\n", "1\n", "!RTEZeroDivisionError: integer division or modulo by zero"],
)
SPREAD = Tried("input()\nh = list(map(int, input().split()))\nprint(max(h) - min(h))", ["5\n"], 3)
CRASH = Tried(
    "n, *h = map(int, input().split())\nprint(max(h))", ["!RTEValueError: max() arg is an empty sequence"], 2
)
ENDLESS = Tried("while True:\n    pass", ["!TLE"])
GREEDY = Tried("print('4' * 10**9)", ["!OLE"])
FAT = Tried("h = [0] * 10**10\nprint(4)", ["!MLE"])
FAILING = [SPREAD, CRASH, ENDLESS, GREEDY, FAT, Tried("print(4)", ["4\n", "4\n"], 2)]


@dataclass(frozen=True, slots=True)
class State:
    """An answer, and what it answers."""

    problem: Problem
    solution: Solution
    language: str = "python"
    min_confidence: float = 0.0

    def page(self) -> str:
        """The page about it."""
        options = SolveOptions(n=32, language=self.language, min_confidence=self.min_confidence)
        return render_report(self.problem, self.solution, model="scripted", sandbox="bwrap", options=options)


def states() -> dict[str, State]:
    """Every state by its name."""
    sure = made_answer(GAP, GAP_INPUTS, [SHORT, LOOP, RISING, FLAKY, *FAILING], confidence=0.91)
    doubtful = made_answer(GAP, GAP_INPUTS, [replace(SHORT, count=3), RISING, FLAKY, *FAILING], confidence=0.61)
    failure = made_answer(GAP, GAP_INPUTS, FAILING)
    repair_answer = replace(
        failure,
        evidence=replace(failure.evidence, repair=Repair(rounds=2, completions=8, tokens=900, survivors=0)),
    )
    return {
        "sure": State(GAP, sure),
        "doubtful": State(GAP, replace(doubtful, submissions=(SHORT.source, RISING.source))),
        "abstained": State(GAP, replace(doubtful, abstained=True), min_confidence=0.8),
        "nothing_passed": State(GAP, repair_answer),
        "no_program": State(GAP, made_answer(GAP, [], [])),
        "cpp": _cpp(),
        "no_examples": _no_examples(),
        "wide_output": _wide_output(),
        "wide_failures": _wide_failures(),
        "many": _many(),
        "long_lines": _long_lines(),
        "other_scripts": _other_scripts(),
    }


def _cpp() -> State:
    """In C++, beside a rival."""
    head = "#include <bits/stdc++.h>\nusing namespace std;\n\nint main() {\n    int n;\n    cin >> n;\n"
    loop = "    vector<int> h(n);\n    for (auto& x : h) cin >> x;\n    int best = 0;\n"
    good = (
        "    for (int i = 1; i < n; ++i) best = max(best, abs(h[i] - h[i - 1]));\n    cout << best << endl;\n}\n"
    )
    programs = [replace(SHORT, source=head + loop + good)]
    programs += [replace(RISING, source=head + loop + good.replace("abs(h[i] - h[i - 1])", "h[i] - h[i - 1]"))]
    programs += [replace(CRASH, source=head + "    return 1;\n}\n")]
    return State(GAP, made_answer(GAP, GAP_INPUTS, programs, confidence=0.84), "cpp")


def _no_examples() -> State:
    """Nothing to filter by."""
    problem = Problem("Forty-two", "# Forty-two\n\nPrint the answer.\n")
    programs = [Tried("print(42)", ["42\n"] * 3, 7), Tried("print(41 + 2)", ["43\n"] * 3, 2)]
    return State(problem, made_answer(problem, ["\n", "1\n", "x\n"], programs, confidence=0.4))


_GRID = "".join("".join("#."[(row * column) % 3 == 0] for column in range(200)) + "\n" for row in range(12))


def _wide_output() -> State:
    """A grid of 200 columns comes out."""
    problem = Problem("Grid", f"# Grid\n\nDraw it.\n\n```\n{_GRID}```\n", (TestCase("200 12\n", _GRID),))
    other = _GRID.replace("#", "@")
    programs = [
        Tried("draw()", [_GRID, _GRID, _GRID], 3),
        Tried("draw(1)", [_GRID, other, _GRID]),
        Tried("draw(2)", [other]),
    ]
    return State(problem, made_answer(problem, ["200 11\n", _GRID], programs, confidence=0.7))


def _wide_failures() -> State:
    """A grid of 200 columns is wanted, and nothing draws it."""
    problem = Problem("Grid", f"# Grid\n\nDraw it.\n\n```\n{_GRID}```\n", (TestCase("200 12\n", _GRID),))
    other = _GRID.replace("#", "@")
    return State(problem, made_answer(problem, [], [Tried("draw(2)", [other], 2), Tried("draw(3)", ["!TLE"])]))


def _many() -> State:
    """40 candidates on 30 cases."""
    problem = Problem("Many", "# Many\n\nAdd.\n", tuple(TestCase(f"{n}\n", f"{n}\n") for n in range(5)))
    inputs = [f"{n}\n" for n in range(5, 30)]
    right = [f"{n}\n" for n in range(30)]
    programs = [Tried(f"print(int(input()) + 0 * {k})", right) for k in range(20)]
    programs += [Tried(f"print({k})", [*right[:20], *(f"{k}\n" for _ in range(10))]) for k in range(100, 106)]
    programs += [
        Tried(f"print(1 // {k})", [*right[:9], *(["!RTEZeroDivisionError"] * 3), *right[12:]]) for k in range(4)
    ]
    programs += [Tried(f"print('x{k}')", [*right[: k % 5], "x\n"]) for k in range(10)]
    return State(problem, made_answer(problem, inputs, programs, confidence=0.77))


def _long_lines() -> State:
    """A program, a statement and data that know no line ends."""
    table = ", ".join(str(n * n) for n in range(400))
    problem = Problem(
        "Squares of a rather long list of numbers that somebody wrote into the heading of the statement",
        f"# Squares\n\n`{'x' * 300}`\n\n{'averylongword' * 30}\n\n| {' | '.join('abcdefghij' * 14)} |\n"
        f"|{'---|' * 140}\n| {' | '.join('abcdefghij' * 14)} |\n",
        (TestCase("3 " * 300 + "\n", "9 " * 300 + "\n"),),
    )
    programs = [
        Tried(f"table = [{table}]\nprint(table[int(input())])", ["9 " * 300 + "\n", "16\n"], 3),
        Tried(f"squares = [{table}]\nprint(squares[3])", ["9 " * 300 + "\n", "9\n"]),
        Tried("print('" + "9 " * 900 + "')", ["7" * 900 + "\n"]),
    ]
    return State(problem, made_answer(problem, ["4 " * 250 + "\n"], programs, confidence=0.66))


def _other_scripts() -> State:
    """Arabic, Hebrew, Chinese and more."""
    problem = Problem(
        "مجموع عددين · 两数之和",
        "# مجموع عددين · 两数之和\n\n"
        "اكتب برنامجًا يقرأ عددين صحيحين ويطبع مجموعهما.\n\n"
        "כתבו תוכנית שקוראת שני מספרים שלמים (לדוגמה 2 ו-3).\n\n"
        "给定两个整数，输出它们的和。\n\n"
        "Напишите программу: сумма двух чисел.\n\n"
        "- عنصر أول\n- פריט שני\n",
        (TestCase("שלום 2 3\n", "5 مرحبا\n"),),
    )
    programs = [
        Tried("# مجموع\nprint(sum(map(int, input().split()[1:])), 'مرحبا')", ["5 مرحبا\n", "9 مرحبا\n"], 4),
        Tried("print('5 مرحبا')  # 常数", ["5 مرحبا\n", "5 مرحبا\n"], 2),
        Tried("print('你好')", ["你好\n"]),
    ]
    return State(problem, made_answer(problem, ["שלום 4 5\n"], programs, confidence=0.72))
