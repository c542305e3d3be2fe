"""Repeated lines that are edges of a graph, and what the statement demands of it: connected, a tree, simple.

Not covered: rows that name the parents of nodes, and graphs whose edges are spread over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.inputs.grammar import INTEGER, FixedLine, Repeat

_TREE = re.compile(r"\btrees?\b|\bträd", re.IGNORECASE)
_CONNECTED = re.compile(
    r"\bconnected\b|connects all|between any pair|between all|between every|possible to (?:get|reach|travel)"
    r"|\breach(?:able)?\b|sammanhäng",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Graph:
    """What is demanded of edges."""

    is_tree: bool
    is_connected: bool
    has_loops: bool
    """Whether an edge may join a node to itself."""
    is_simple: bool
    """Whether no two edges join the same nodes."""
    base: int
    """Number of the first node."""

    def accepts(self, edges: Sequence[tuple[int, int]], nodes: int) -> bool:
        """Whether edges between `nodes` nodes are as demanded."""
        if not self.has_loops and any(a == b for a, b in edges):
            return False
        if self.is_simple and len({(min(e), max(e)) for e in edges}) < len(edges):
            return False
        parts = nodes - joined(edges)
        return not (self.is_connected or self.is_tree) or parts == 1


def joined(edges: Sequence[tuple[int, int]]) -> int:
    """By how many the edges reduce the number of parts of a graph."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = node = parent[above]
        return node

    count = 0
    for a, b in edges:
        first, second = root(a), root(b)
        if first != second:
            parent[first] = second
            count += 1
    return count


def graph_of(repeat: Repeat, repetitions: Sequence[Sequence[tuple[str, ...]]], statement: str) -> Graph | None:
    """The graph whose edges a repeated line is; None where it is none.

    Args:
        repeat: the block.
        repetitions: its lines, in every sample.
        statement: which names a tree, roads, or a connection.
    """
    if len(repeat.body) != 1 or not isinstance(repeat.body[0], FixedLine) or len(repeat.body[0].integers) < 2:
        return None
    if not all(repeat.body[0].integers[:2]) or not re.search(
        r"\bedges?\b|\broads?\b|\blinks?\b|\btunnels?\b|\bflights?\b|\bgraph\b|\btree\b|kanter|vägar|\bbroar\b|\bväg\b",
        statement,
        re.IGNORECASE,
    ):
        return None
    edges = [[(int(line[0]), int(line[1])) for line in lines] for lines in repetitions]
    every = [edge for each in edges for edge in each]
    if not every or not all(INTEGER.fullmatch(str(node)) for edge in every for node in edge):
        return None
    is_tree = repeat.count.offset == -1 and all(joined(each) == len(each) for each in edges)
    return Graph(
        is_tree=is_tree or (bool(_TREE.search(statement)) and all(joined(each) == len(each) for each in edges)),
        is_connected=bool(_CONNECTED.search(statement)),
        has_loops=any(a == b for a, b in every),
        is_simple=all(len({(min(e), max(e)) for e in each}) == len(each) for each in edges),
        base=0 if any(0 in edge for edge in every) else 1,
    )
