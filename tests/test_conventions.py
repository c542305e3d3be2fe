"""LeetCode's statements of more than plain functions: read, and judged through the real sandbox."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from agent.extraction.source import extract_source
from agent.generated_tests import requests_for_tests
from agent.inputs import generate_inputs
from agent.inputs.call_lists import mutated_call_lists
from agent.judging.judge import judge
from agent.prompts import build_prompt
from agent.types import SolveOptions, Verdict
from problems import CallCase, Problem, ProblemError, parse_problem
from problems.types import Convention
from sandbox import Sandbox

STACK = (
    "class Pile:\n    def __init__(self, size: int):\n\n    def push(self, x: int) -> None:\n\n"
    "    def top(self) -> int:\n"
)
NAMES, ARGUMENTS, RESULTS = '["Pile", "push", "top"]', "[[2], [7], []]", "[null, null, 7]"
WORDS = "# 9. Pile\n\nImplement the Pile class.\n\n"
DESIGNS = {
    "values below labels": f"{WORDS}**Example 1:**\n\nInput\n{NAMES}\n{ARGUMENTS}\nOutput\n{RESULTS}\n",
    "in a fence": f"{WORDS}Example 1:\n\n```\nInput\n{NAMES}\n{ARGUMENTS}\nOutput\n{RESULTS}\n\nNote\nx\n```\n",
    "behind labels": f"{WORDS}**Input:** {NAMES}\n{ARGUMENTS}\n**Output:** {RESULTS}\n",
    "in one line": f"{WORDS}Input: {NAMES}, {ARGUMENTS}\nOutput: {RESULTS}\n",
    "with names": f"{WORDS}Input: ops = {NAMES}, args = {ARGUMENTS}\nOutput: {RESULTS}\n",
    "in Chinese": f"# 9. 堆\n\n请你实现 Pile 类。\n\n示例 1：\n\n输入\n{NAMES}\n{ARGUMENTS}\n输出\n{RESULTS}\n",
    "in the site's HTML": (
        "<p>Implement the <code>Pile</code> class.</p>\n<p><b>Example 1:</b></p>\n<pre>\n"
        f"<strong>Input</strong>\n{NAMES}\n{ARGUMENTS}\n<strong>Output</strong>\n{RESULTS}\n</pre>\n"
    ),
}  # fmt: skip
RIGHT = "class Pile:\n    def __init__(self, size):\n        self.all = []\n    def push(self, x: int) -> None:\n        self.all.append(x)\n    def top(self) -> int:\n        return self.all[-1]\n"  # noqa: E501


def verdict(box: Sandbox, problem: Problem, source: str) -> Verdict:
    ((execution,),) = judge(box, problem, [source])
    return execution.verdict


@pytest.mark.parametrize("layout", DESIGNS)
@pytest.mark.parametrize("shows_code", [True, False])
def test_a_class_is_read_and_driven(layout: str, box: Sandbox, *, shows_code: bool) -> None:
    code = f"\n```python\n{STACK}```\n" if shows_code and "HTML" not in layout else ""
    problem = parse_problem(DESIGNS[layout] + code)
    assert problem.convention == Convention(design=True)
    assert problem.entry_point == "Pile"
    assert problem.cases == (CallCase((["Pile", "push", "top"], [[2], [7], []]), [None, None, 7]),)
    assert problem.starter_code.rstrip() == (STACK.rstrip() if code else "")
    assert verdict(box, problem, RIGHT) is Verdict.AC
    assert verdict(box, problem, RIGHT.replace("[-1]", "[-1] + 1")) is Verdict.WA


@pytest.mark.parametrize(
    "example",
    [
        "Input\n3\n1 2 3\nOutput\n6",  # numbers of a program
        'Input\n["a", "b"]\nOutput\n["b", "a"]',  # one list
        'Input\n["Pile", "push"]\n[[2], [7], []]\nOutput\n[null, null]',  # more arguments than names
        'Input\n["Pile", "push"]\n[[2], [7]]\nOutput\n[0, null]',  # a constructor returns nothing
        'Input\n["a b", "push"]\n[[2], [7]]\nOutput\n[null, null]',  # no name
    ],
)
def test_other_lists_are_no_calls(example: str) -> None:
    try:
        problem = parse_problem(f"# Sum\n\nPrint the sum.\n\n{example}\n")
    except ProblemError:
        return
    assert problem.convention is None


def test_a_model_is_asked_for_the_class_and_its_methods_are_left_to_it() -> None:
    problem = parse_problem(DESIGNS["in a fence"] + f"\n```python\n{STACK}```\n")
    prompt = build_prompt(problem)
    assert "the class `Pile`" in prompt.user
    assert prompt.prefill == "```python\n"
    assert extract_source(problem, RIGHT + "```\nIt works.", prefill=prompt.prefill) == RIGHT
    assert requests_for_tests(problem, SolveOptions(tests=4)) == []


def test_generated_call_lists_keep_what_examples_show() -> None:
    problem = parse_problem(DESIGNS["in a fence"])
    inputs = generate_inputs(problem, count=12, seed=3)
    assert len(inputs) == 12
    for calls in inputs:
        names, arguments = calls.args
        assert names[0] == "Pile"
        assert arguments[0] == [2]
        assert set(names[1:]) <= {"push", "top"}
        assert all(
            row == {"push": [7], "top": []}[name] for name, row in zip(names[1:], arguments[1:], strict=True)
        )


def test_a_class_that_is_only_made_has_no_other_calls() -> None:
    case = CallCase((["A"], [[]]), [None])
    (calls,) = islice(mutated_call_lists([case], random.Random(1)), 1)
    assert calls.args == (["A"], [[]])


def in_place(words: str, header: str, example: str = "Input: nums = [1,2,3]\nOutput: [3,2,1]") -> Problem:
    return parse_problem(f"# 1. Turn\n\n{words}\n\n{example}\n\n```python\nclass Solution:\n    {header}\n```\n")


TURN = "class Solution:\n    def turn(self, nums: List[int]) -> None:\n        nums.reverse()\n"
REPLIES = TURN.replace("nums.reverse()", "return nums[::-1]")


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ("Turn it around in-place.", "def turn(self, nums: List[int]) -> None:"),
        ("You have to do it **in place**.", "def turn(self, nums: List[int]) -> None:"),
        ("Turn it.", 'def turn(self, nums: List[int]) -> None:\n        """Do not return anything."""'),
        ("请原地修改。", "def turn(self, nums: List[int]) -> None:"),
        ("Do not return anything; modify the list.", "def turn(self, nums):"),
    ],
)  # fmt: skip
def test_a_changed_argument_is_what_counts(words: str, header: str, box: Sandbox) -> None:
    problem = in_place(words, header)
    assert problem.convention == Convention(outcome="argument")
    assert verdict(box, problem, TURN) is Verdict.AC
    assert verdict(box, problem, REPLIES) is Verdict.WA


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ("Sort it in place or not, and return it.", "def turn(self, nums: List[int]) -> List[int]:"),
        ("Turn it around.", "def turn(self, nums: List[int]) -> List[int]:"),
        ("Work in place.", "def turn(self, nums):"),
    ],
)
def test_a_returned_value_still_counts(words: str, header: str, box: Sandbox) -> None:
    problem = in_place(words, header)
    assert problem.convention is None
    assert verdict(box, problem, REPLIES) is Verdict.AC


def test_the_argument_that_is_named_is_the_one_that_changes() -> None:
    header = "def fill(self, source: List[int], target: List[int]) -> None:"
    example = "Input: source = [1], target = [0]\nOutput: [1]"
    problem = in_place("Modify `target` in-place.", header, example)
    assert problem.convention == Convention(outcome="argument", argument=1)
    problem = in_place(
        "Work in-place.",
        "def fill(self, n: int, target: List[int]) -> None:",
        "Input: n = 1, target = [0]\nOutput: [1]",
    )
    assert problem.convention == Convention(outcome="argument", argument=1)


UNIQUE = (
    "class Solution:\n    def unique(self, nums: List[int]) -> int:\n        kept = sorted(set(nums))\n"
    "        nums[:len(kept)] = kept\n        return len(kept)\n"
)


@pytest.mark.parametrize(
    "output", ["Output: 2, nums = [1,2,_]", "**Output:** 2, nums = [1,2,_]", "Output: 2, nums = [1,2,2]"]
)
def test_a_number_and_so_many_items_count(output: str, box: Sandbox) -> None:
    example = f"Input: nums = [1,1,2]\n{output}"
    problem = in_place("Remove the duplicates in-place.", "def unique(self, nums: List[int]) -> int:", example)
    assert problem.cases == (CallCase(([1, 1, 2],), [2, [1, 2]]),)
    assert problem.convention == Convention(outcome="prefix")
    assert "[1,2" in problem.statement
    assert verdict(box, problem, UNIQUE) is Verdict.AC
    assert verdict(box, problem, UNIQUE.replace("= kept\n", "= kept[::-1]\n")) is Verdict.WA
    assert verdict(box, problem, UNIQUE.replace("return len(kept)", "return 3")) is Verdict.WA


def test_items_may_be_in_any_order_where_the_statement_says_so(box: Sandbox) -> None:
    words = "Remove the duplicates in-place. The order of the elements may be changed."
    problem = in_place(
        words, "def unique(self, nums: List[int]) -> int:", "Input: nums = [1,1,2]\nOutput: 2, nums = [2,1,_]"
    )
    assert problem.convention == Convention(outcome="sorted prefix")
    assert verdict(box, problem, UNIQUE.replace("= kept\n", "= kept[::-1]\n")) is Verdict.AC


@pytest.mark.parametrize(
    ("header", "example", "tolerance"),
    [
        ("def power(self, x: float) -> float:", "Input: x = 2.10000\nOutput: 9.26100", 1e-5),
        ("def power(self, x: float) -> float:", "Input: x = 2\nOutput: 0.5", 1e-5),
        ("def power(self, x: int) -> List[float]:", "Input: x = 2\nOutput: [0.5, 1.0]", 1e-5),
        ("def power(self, x):", "Input: x = 2.1\nOutput: [1.50000,2.25000]", 1e-5),
        ("def power(self, x: int) -> int:", "Input: x = 2\nOutput: 8", 0.0),
        ("def power(self, x: float) -> int:", "Input: x = 2.50000\nOutput: 8", 0.0),
        ("def power(self, x: float) -> str:", "Input: x = 2.5\nOutput: \"8\"", 0.0),
    ],
)  # fmt: skip
def test_floats_are_compared_as_the_site_does(header: str, example: str, tolerance: float) -> None:
    assert in_place("Compute it.", header, example).comparator.abs_tol == tolerance


def test_a_stated_tolerance_goes_before_the_site_s() -> None:
    words = "Answers within 10^-2 of the actual answer will be accepted."
    problem = in_place(words, "def power(self, x: float) -> float:", "Input: x = 2.1\nOutput: 9.26100")
    assert max(problem.comparator.abs_tol, problem.comparator.rel_tol) == 1e-2


def test_a_float_within_the_tolerance_is_right(box: Sandbox) -> None:
    example = "Input: x = 2.10000, n = 3\nOutput: 9.26100"
    problem = in_place("Compute it.", "def power(self, x: float, n: int) -> float:", example)
    source = "class Solution:\n    def power(self, x, n):\n        return x ** n\n"
    assert verdict(box, problem, source) is Verdict.AC
    assert verdict(box, problem, source.replace("x ** n", "x ** n + 0.001")) is Verdict.WA
