"""Edges of graphs that are hard for programs: chains, stars and random trees, and others on top.

Not covered: weights, and whether the graph is one that the statement allows (`agent.inputs.graphs`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

from agent.inputs.graphs import Graph

Edge = tuple[int, int]
Shape = Literal["chain", "star", "random"]
SHAPES: tuple[Shape, ...] = ("chain", "star", "random")
_TRIES = 4  # for each edge, which may be there already


def edges_of(graph: Graph, nodes: int, count: int, draw: random.Random, shape: Shape | None = None) -> list[Edge]:
    """At most `count` edges: mostly a tree first, of the shape that is asked for, then others."""
    labels = list(range(graph.base, graph.base + max(nodes, 1)))
    if draw.random() < 0.5:
        draw.shuffle(labels)
    edges: list[Edge] = []
    if shape or graph.is_tree or graph.is_connected or draw.random() < 0.4:
        edges = list(_tree(labels[: count + 1], draw, draw.choice(SHAPES) if shape is None else shape))
    there = {_key(edge) for edge in edges}
    for _ in range(_TRIES * count):
        if len(edges) == count:
            break
        edge = (draw.choice(labels), draw.choice(labels))
        if (graph.has_loops or edge[0] != edge[1]) and not (graph.is_simple and _key(edge) in there):
            there.add(_key(edge))
            edges.append(edge)
    draw.shuffle(edges)
    return [edge if draw.random() < 0.5 else edge[::-1] for edge in edges]


def _key(edge: Edge) -> Edge:
    return min(edge), max(edge)


def _tree(labels: list[int], draw: random.Random, shape: Shape) -> Iterator[Edge]:
    """A chain, a star or a random tree of all nodes."""
    for number in range(1, len(labels)):
        above = draw.randrange(number) if shape == "random" else number - 1 if shape == "chain" else 0
        yield labels[above], labels[number]
