"""What LeetCode puts around an answer: its imports and its nodes, through the real sandbox."""

from __future__ import annotations

import pytest

from agent.judging.judge import judge
from agent.types import Verdict
from problems import CallCase, Problem
from problems.types import Convention
from sandbox import Sandbox

NODES = {
    "reverses a list": (
        (
            "def turn(self, head: Optional[ListNode]) -> Optional[ListNode]:\n"
            "        before = None\n"
            "        while head:\n"
            "            head.next, before, head = before, head, head.next\n"
            "        return before"
        ),
        [CallCase(([4, 7, 9],), [9, 7, 4]), CallCase(([],), [])],
    ),
    "mirrors a tree": (
        (
            "def turn(self, root: TreeNode) -> TreeNode:\n"
            "        if root:\n"
            "            root.left, root.right = self.turn(root.right), self.turn(root.left)\n"
            "        return root"
        ),
        [CallCase(([1, 2, 3, None, 4],), [1, 3, 2, None, None, 4]), CallCase(([],), [])],
    ),
    "joins several lists": (
        (
            "def turn(self, lists: List[Optional[ListNode]]) -> List[int]:\n"
            "        return [head.val for head in lists if head]"
        ),
        [CallCase(([[5, 6], [], [8]],), [5, 8])],
    ),
    "needs what the site imports": (
        "def turn(self, nums: List[int]) -> List[int]:\n        return nlargest(2, Counter(nums))",
        [CallCase(([3, 8, 8, 5],), [8, 5])],
    ),
    "is called as an import is": (
        "def turn(self, n: int) -> int:\n        return comb(n, 2)",
        [CallCase((4,), 6)],
    ),
}


def verdicts(box: Sandbox, problem: Problem, source: str) -> list[Verdict]:
    (executions,) = judge(box, problem, [source], fail_fast=False)
    return [execution.verdict for execution in executions]


@pytest.mark.parametrize("name", NODES)
def test_programs_as_copied_from_the_site(name: str, box: Sandbox) -> None:
    body, cases = NODES[name]
    source = f"class Solution:\n    {body}\n"
    assert set(verdicts(box, Problem("T", "", tuple(cases), "turn"), source)) == {Verdict.AC}
    wrong = tuple(CallCase(case.args, [-1]) for case in cases)
    assert set(verdicts(box, Problem("T", "", wrong, "turn"), source)) == {Verdict.WA}


def test_a_list_without_an_end_is_a_failed_run(box: Sandbox) -> None:
    body = "        head.next = head\n        return head\n"
    source = f"class Solution:\n    def turn(self, head: ListNode) -> ListNode:\n{body}"
    assert verdicts(box, Problem("T", "", (CallCase(([1],), [1]),), "turn"), source) == [Verdict.RTE]


def test_a_program_that_replaces_the_harness_forges_nothing(box: Sandbox) -> None:
    forger = (
        "class Always:\n    def __eq__(self, other): return True\n"
        "harness__._plain = lambda answer, shape: Always()\n"
        "class Solution:\n    def turn(self, head: ListNode) -> ListNode:\n        return head\n"
    )
    assert verdicts(box, Problem("T", "", (CallCase(([1, 2],), [2, 1]),), "turn"), forger) == [Verdict.WA]


def test_a_class_is_driven_by_its_calls(box: Sandbox) -> None:
    body = "        self.n += k\n        return self.n\n"
    right = f"class Sum:\n    def __init__(self, n): self.n = n\n    def add(self, k):\n{body}"
    case = CallCase((["Sum", "add", "add"], [[10], [1], [4]]), [None, 11, 15])
    problem = Problem("T", "", (case,), "Sum", convention=Convention(design=True))
    assert verdicts(box, problem, right) == [Verdict.AC]
    assert verdicts(box, problem, right.replace("+= k", "-= k")) == [Verdict.WA]


def test_a_changed_argument_is_the_result(box: Sandbox) -> None:
    source = "class Solution:\n    def turn(self, nums: List[int]) -> None:\n        nums.reverse()\n"
    by_argument = Convention(outcome="argument")
    problem = Problem("T", "", (CallCase(([1, 2, 3],), [3, 2, 1]),), "turn", convention=by_argument)
    assert verdicts(box, problem, source) == [Verdict.AC]
    assert verdicts(box, problem, source.replace("reverse", "sort")) == [Verdict.WA]
