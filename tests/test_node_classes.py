"""LeetCode's class `Node`, which is another one in each problem: read from statements, judged in the sandbox."""

from __future__ import annotations

import pytest

from agent.judging.judge import judge
from agent.types import Verdict
from problems import Problem, parse_problem
from sandbox import Sandbox

MANY = (
    "class Node:\n    def __init__(self, val=None, children=None):\n"
    "        self.val = val\n        self.children = children\n"
)
GRAPH = (
    "class Node:\n    def __init__(self, val=0, neighbors=None):\n"
    "        self.val = val\n        self.neighbors = neighbors or []\n"
)
RANDOM = (
    "class Node:\n    def __init__(self, x: int, next: 'Node' = None, random: 'Node' = None):\n"
    "        self.val = int(x)\n        self.next = next\n        self.random = random\n"
)
BINARY = (
    "class Node:\n    def __init__(self, data):\n"
    "        self.data = data\n        self.left = None\n        self.right = None\n"
)


def commented(code: str) -> str:
    return "".join(f"# {line}\n" for line in code.splitlines())


def quoted(code: str) -> str:
    return f'"""\n# Definition for a Node.\n{code}"""\n'


def statement(node: str, header: str, example: str) -> Problem:
    code = f"{node}\nclass Solution:\n    {header}\n        "
    return parse_problem(f"# Nodes\n\nDo it.\n\n**Example 1:**\n\n{example}\n\n```python\n{code}\n```\n")


def verdict(box: Sandbox, problem: Problem, body: str) -> Verdict:
    (executions,) = judge(box, problem, [f"class Solution:\n    {body}\n"], fail_fast=False)
    (execution,) = executions
    return execution.verdict


@pytest.mark.parametrize("tree_text", [str, commented, quoted])
def test_a_tree_of_many_children(tree_text: object, box: Sandbox) -> None:
    assert callable(tree_text)
    problem = statement(
        tree_text(MANY),
        "def preorder(self, root: 'Node') -> List[int]:",
        "Input: root = [1,null,3,2,4,null,5,6]\nOutput: [1,3,5,6,2,4]",
    )
    right = (
        "def preorder(self, root: 'Node') -> List[int]:\n"
        "        return [root.val, *(x for child in root.children for x in self.preorder(child))] if root else []"
    )
    assert verdict(box, problem, right) is Verdict.AC
    assert (
        verdict(box, problem, right.replace("[root.val, *(", "[*(").replace("))]", ")), root.val]")) is Verdict.WA
    )


def test_a_tree_of_many_children_comes_out_as_the_site_writes_it(box: Sandbox) -> None:
    problem = statement(
        MANY,
        "def same(self, root: 'Node') -> 'Node':",
        "Input: root = [1,null,3,2,4,null,5,6]\nOutput: [1,null,3,2,4,null,5,6]",
    )
    assert verdict(box, problem, "def same(self, root):\n        return root") is Verdict.AC
    drop = "def same(self, root):\n        root.children.pop()\n        return root"
    assert verdict(box, problem, drop) is Verdict.WA


COPY_GRAPH = (
    "def cloneGraph(self, node):\n"
    "        copies = {}\n"
    "        def copy(old):\n"
    "            if old not in copies:\n"
    "                copies[old] = Node(old.val)\n"
    "                copies[old].neighbors = [copy(other) for other in old.neighbors]\n"
    "            return copies[old]\n"
    "        return copy(node) if node else None"
)


@pytest.mark.parametrize("value", ["[[2,4],[1,3],[2,4],[1,3]]", "[[]]", "[]"])
def test_a_graph_must_be_copied(value: str, box: Sandbox) -> None:
    header = "def cloneGraph(self, node: Optional['Node']) -> Optional['Node']:"
    problem = statement(GRAPH, header, f"Input: adjList = {value}\nOutput: {value}")
    assert verdict(box, problem, COPY_GRAPH) is Verdict.AC
    itself = verdict(box, problem, "def cloneGraph(self, node):\n        return node")
    assert itself is (Verdict.AC if value == "[]" else Verdict.RTE)


COPY_LIST = (
    "def copyRandomList(self, head):\n"
    "        copies = {None: None}\n"
    "        node = head\n"
    "        while node:\n"
    "            copies[node] = Node(node.val)\n"
    "            node = node.next\n"
    "        for old, new in copies.items():\n"
    "            if old:\n"
    "                new.next, new.random = copies[old.next], copies[old.random]\n"
    "        return copies[head]"
)


def test_a_list_with_random_pointers_must_be_copied(box: Sandbox) -> None:
    value = "[[7,null],[13,0],[11,4],[10,2],[1,0]]"
    header = "def copyRandomList(self, head: 'Optional[Node]') -> 'Optional[Node]':"
    problem = statement(RANDOM, header, f"Input: head = {value}\nOutput: {value}")
    assert verdict(box, problem, COPY_LIST) is Verdict.AC
    assert verdict(box, problem, "def copyRandomList(self, head):\n        return head") is Verdict.RTE
    forgets = COPY_LIST.replace("copies[old.random]", "None")
    assert verdict(box, problem, forgets) is Verdict.WA


def test_a_binary_tree_whose_nodes_have_another_name(box: Sandbox) -> None:
    problem = statement(BINARY, "def height(self, root: Node) -> int:", "Input: root = [1,2,3,null,4]\nOutput: 3")
    right = (
        "def height(self, root):\n"
        "        return 1 + max(self.height(root.left), self.height(root.right)) if root else 0"
    )
    assert verdict(box, problem, right) is Verdict.AC
    assert verdict(box, problem, right.replace("1 + max", "max")) is Verdict.WA


@pytest.mark.parametrize(
    ("header", "example"),
    [
        ("def total(self, head: ListNode) -> int:", "Input: head = [4,2]\nOutput: 6"),
        ("def total(self, heads: List[ListNode]) -> int:", "Input: heads = [[4],[2]]\nOutput: 6"),
    ],
)
def test_usual_nodes_need_no_class_in_the_statement(header: str, example: str, box: Sandbox) -> None:
    problem = parse_problem(f"# T\n\n{example}\n\n```python\nclass Solution:\n    {header}\n```\n")
    body = (
        f"{header}\n"
        "        nodes = [head] if 'head: ' in 'HEADER' else heads\n"
        "        total = 0\n"
        "        for node in nodes:\n"
        "            while node:\n"
        "                total, node = total + node.val, node.next\n"
        "        return total"
    ).replace("HEADER", header)
    assert verdict(box, problem, body) is Verdict.AC
