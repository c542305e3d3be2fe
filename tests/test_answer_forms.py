"""Forms of answers: what each begins with, tasks in other sites' dress, and the figures of the study."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.languages import CPP, PYTHON
from agent.prompts import AnswerForm, build_prompt, usual_form
from benchmarks.grading.grade import grade
from benchmarks.studies.answer_forms import Draw, oracle, random_at_1, table
from benchmarks.studies.rendered_tasks import as_class, as_function
from benchmarks.tasks import mbpp
from benchmarks.types import Task
from problems import CallCase, Problem
from sandbox import Sandbox

ROW = {
    "task_id": 7,
    "text": "Write a function to add a number to every item.",
    "code": "def add_all(items, n):\n    return [item + n for item in items]",
    "test_list": ["assert add_all([1, 2], 3) == [4, 5]", "assert add_all([], 1) == []"],
}
METHOD = Problem(
    title="t",
    statement="Add.",
    entry_point="add",
    starter_code="# Definition of nothing.\nclass Solution:\n    def add(self, a: int) -> int:",
)
FUNCTION = replace(METHOD, starter_code="def add(a: int) -> int:")
PROGRAM = Problem(title="t", statement="Add.")


@pytest.mark.parametrize(
    ("problem", "form", "start"),
    [
        (METHOD, AnswerForm.FENCE, ""),
        (METHOD, AnswerForm.APPROACH, "# Approach:"),
        (METHOD, AnswerForm.CLASS, "# Definition of nothing.\nclass Solution:\n"),
        (METHOD, AnswerForm.SIGNATURE, METHOD.starter_code + "\n"),
        (FUNCTION, AnswerForm.FENCE, ""),
        (FUNCTION, AnswerForm.CLASS, ""),
        (FUNCTION, AnswerForm.SIGNATURE, "def add(a: int) -> int:\n"),
        (PROGRAM, AnswerForm.FENCE, ""),
        (PROGRAM, AnswerForm.APPROACH, "# Approach:"),
        (PROGRAM, AnswerForm.SIGNATURE, ""),
    ],
)
def test_an_answer_is_begun_in_its_form(problem: Problem, form: AnswerForm, start: str) -> None:
    assert build_prompt(problem, PYTHON, form).prefill == "```python\n" + start


def test_comments_are_those_of_the_language() -> None:
    prefill = build_prompt(PROGRAM, CPP, AnswerForm.APPROACH).prefill
    assert prefill == "```cpp\n#include <bits/stdc++.h>\n// Approach:"


@pytest.mark.parametrize("problem", [METHOD, FUNCTION, PROGRAM])
def test_without_a_form_it_is_the_usual_one(problem: Problem) -> None:
    assert build_prompt(problem) == build_prompt(problem, form=usual_form(problem))


def dressed(task: Task | None) -> Task:
    assert task is not None
    assert task.problem.cases == (CallCase(([1, 2], 3), [4, 5]),)
    assert task.problem.entry_point == "add_all"
    return task


def test_a_task_in_leetcode_s_dress_is_read_as_a_user_s(box: Sandbox) -> None:
    task = dressed(as_class(mbpp(ROW)))
    assert task.problem.starter_code.rstrip() == (
        "class Solution:\n    def add_all(self, items: List[int], n: int) -> List[int]:"
    )
    assert "Input: items = [1, 2], n = 3\nOutput: [4, 5]" in task.problem.statement
    start = task.problem.starter_code.rstrip().replace("List[int]", "list")
    answers = [f"{start}\n        return {value}" for value in ("[item + n for item in items]", "[]")]
    assert [item.verdict for item in grade(box, task.suite, answers)] == ["AC", "WA"]


def test_a_task_as_a_function_shows_its_example_in_the_docstring() -> None:
    task = dressed(as_function(mbpp(ROW)))
    assert task.problem.starter_code.startswith("from typing import List\n")
    assert "    >>> add_all([1, 2], 3)\n    [4, 5]\n" in task.problem.starter_code


@pytest.mark.parametrize("text", ["add_all((1, 2), 3) == (4, 5)", "add_all({1: 2}, 3) == {4: 5}"])
def test_values_that_such_pages_do_not_know_leave_a_task_out(text: str) -> None:
    row = {**ROW, "test_list": [f"assert {text}"]}
    assert as_class(mbpp(row)) is None
    assert as_function(mbpp(row)) is None


def draws(tokens: int, *right: bool) -> list[Draw]:
    return [Draw(one, tokens) for one in right]


def test_random_at_1_is_the_share_that_is_right() -> None:
    assert random_at_1([draws(1, True, False, False, True), draws(1, False)]) == [0.5, 0.0]


def test_the_oracle_of_a_part_of_a_sample_lies_between_whole_numbers() -> None:
    pool = [draws(1, True, False, False, False)]
    # One of four is right: pass@1 is 1/4, pass@2 is 1/2.
    assert oracle(pool, 1.0) == pytest.approx([0.25])
    assert oracle(pool, 1.5) == pytest.approx([0.375])
    assert oracle(pool, 2.0) == pytest.approx([0.5])
    assert oracle(pool, 9.0) == pytest.approx([1.0])
    assert oracle(pool, 0.2) == pytest.approx([0.25])


def test_a_form_of_longer_answers_gets_fewer_of_them() -> None:
    pools = {
        AnswerForm.SIGNATURE: [draws(10, True, False, False, False)],
        AnswerForm.FENCE: [draws(20, True, False, False, False)],
    }
    header, _, signature, fence = table(pools, AnswerForm.SIGNATURE)
    assert header == "1 tasks, 4 samples each; the oracle has 40 tokens a task"
    assert signature.split() == [
        "signature",
        "10",
        "25.0",
        "[25.0,",
        "25.0]",
        "-",
        "100.0",
        "[100.0,",
        "100.0]",
        "-",
    ]
    assert fence.split()[:2] == ["fence", "20"]
    assert fence.split()[6:9] == ["50.0", "[50.0,", "50.0]"]
