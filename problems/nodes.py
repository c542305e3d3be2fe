"""LeetCode's linked lists, trees and graphs, built of plain values and made plain again.

Stdlib-only and self-contained: this file's source is sent into the slot and runs in the candidate's own process,
in a module of its own (`problems.harness`).

Covered: singly linked lists, binary trees, n-ary trees, graphs of neighbours, lists with random pointers, lists
of those, and nodes of a tree named by their value. Not covered: cyclic lists, trees with parent or sibling
pointers, nodes with other fields.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Callable

MOST_NODES = 1_000_000
"""A list or tree of more nodes than this is taken to be endless."""
_VALUE_NAMES = ("val", "data", "value", "key", "label")
_LINKED_LIST, _BINARY_TREE = "linked list", "binary tree"


class ListNode:
    """LeetCode's node of a singly linked list."""

    def __init__(self, val: Any = 0, next: Any = None) -> None:  # noqa: A002
        self.val = val
        self.next = next


class TreeNode:
    """LeetCode's node of a binary tree."""

    def __init__(self, val: Any = 0, left: Any = None, right: Any = None) -> None:
        self.val = val
        self.left = left
        self.right = right


class TreeOfMany:
    """LeetCode's `Node` with children."""

    def __init__(self, val: Any = None, children: Any = None) -> None:
        self.val = val
        self.children = [] if children is None else children


class GraphNode:
    """LeetCode's `Node` with neighbours."""

    def __init__(self, val: Any = 0, neighbors: Any = None) -> None:
        self.val = val
        self.neighbors = [] if neighbors is None else neighbors


class RandomNode:
    """LeetCode's `Node` with a random pointer."""

    def __init__(self, x: Any = 0, next: Any = None, random: Any = None) -> None:  # noqa: A002
        self.val = x
        self.next = next
        self.random = random


_CLASSES = {
    _LINKED_LIST: ListNode,
    _BINARY_TREE: TreeNode,
    "n-ary tree": TreeOfMany,
    "graph": GraphNode,
    "random list": RandomNode,
}


def define(namespace: dict[str, Any], nodes: dict[str, str]) -> None:
    """Define the site's node classes for the program; a program that defines its own replaces them."""
    for name, kind in {"ListNode": _LINKED_LIST, "TreeNode": _BINARY_TREE, **nodes}.items():
        base = _CLASSES[kind]
        namespace[name] = type(name, (base,), {"__module__": namespace.get("__name__"), "__doc__": base.__doc__})


def shape_of(note: Any) -> list[Any] | None:
    """The shape that an annotation of the program tells; None for a plain value."""
    words = (
        note if isinstance(note, str) else getattr(note, "__name__", "") if isinstance(note, type) else repr(note)
    )
    for name, kind in (("ListNode", _LINKED_LIST), ("TreeNode", _BINARY_TREE)):
        if name in words:
            return [kind, name, words.lower().count("list[")]
    return None


def build(namespace: dict[str, Any], shape: list[Any] | None, value: Any, before: list[Any]) -> Any:
    """Objects of a plain value; those `before` it are where a node named by its value is looked for."""
    if shape is None:
        return value
    kind, name, depth = shape
    if depth:
        return value if value is None else [build(namespace, [kind, name, depth - 1], v, before) for v in value]
    make = _maker(namespace[name])
    if kind == _BINARY_TREE and not isinstance(value, (list, type(None))):
        return _with_value(before, value) or make(value)
    return _BUILDERS[kind](make, value or [])


def _maker(cls: Any) -> Callable[[Any], Any]:
    def make(value: Any) -> Any:
        try:
            return cls(value)
        except TypeError:
            node = cls.__new__(cls)
            node.val = value
            return node

    return make


def _linked(make: Callable[[Any], Any], values: list[Any]) -> Any:
    head = None
    for value in reversed(values):
        node = make(value)
        node.next = head
        head = node
    return head


def _binary(make: Callable[[Any], Any], values: list[Any]) -> Any:
    """A tree from its values level by level, where null is a missing child that has no children of its own."""
    if not values or values[0] is None:
        return None
    root = make(values[0])
    waiting, at = deque([root]), 1
    while at < len(values):
        node = waiting.popleft()
        for side in ("left", "right"):
            value = values[at] if at < len(values) else None
            child = None if value is None else make(value)
            setattr(node, side, child)
            if child is not None:
                waiting.append(child)
            at += 1
    for node in waiting:
        node.left = node.right = None
    return root


def _n_ary(make: Callable[[Any], Any], values: list[Any]) -> Any:
    """A tree from its values level by level, where null ends the children of one node."""
    if not values:
        return None
    root = make(values[0])
    root.children = []
    waiting = deque([root])
    parent = None
    for value in values[1:]:
        if value is None:
            parent = waiting.popleft()
            continue
        child = make(value)
        child.children = []
        (parent or root).children.append(child)
        waiting.append(child)
    return root


def _graph(make: Callable[[Any], Any], neighbours: list[list[int]]) -> Any:
    nodes = [make(number) for number in range(1, len(neighbours) + 1)]
    for node, others in zip(nodes, neighbours):
        node.neighbors = [nodes[number - 1] for number in others]
    return nodes[0] if nodes else None


def _random(make: Callable[[Any], Any], pairs: list[list[Any]]) -> Any:
    nodes = [make(value) for value, _ in pairs]
    for place, (node, (_, target)) in enumerate(zip(nodes, pairs)):
        node.next = nodes[place + 1] if place + 1 < len(nodes) else None
        node.random = None if target is None else nodes[target]
    return nodes[0] if nodes else None


_BUILDERS: dict[str, Callable[[Callable[[Any], Any], list[Any]], Any]] = {
    _LINKED_LIST: _linked,
    _BINARY_TREE: _binary,
    "n-ary tree": _n_ary,
    "graph": _graph,
    "random list": _random,
}


def _with_value(trees: list[Any], value: Any) -> Any:
    """The node of that value in the first tree, where a statement names a node by its value."""
    waiting = deque(tree for tree in trees[:1] if hasattr(tree, "left"))
    while waiting:
        node = waiting.popleft()
        if _value(node) == value:
            return node
        waiting += [child for child in (node.left, node.right) if child is not None]
    return None


def flatten(answer: Any, shape: list[Any] | None) -> Any:
    """The plain value of what a program returned; what is no node stays as it is."""
    kind, _, depth = shape or (None, "", 0)
    if depth and isinstance(answer, (list, tuple)):
        return [flatten(item, [kind, "", depth - 1]) for item in answer]
    if kind == "node value":
        return _value(answer) if answer is not None and _is_node(answer) else answer
    if kind is None:
        kind = _kind_of(answer)
        if kind is None:
            return [flatten(item, None) for item in answer] if _holds_nodes(answer) else answer
    if answer is None:
        return []
    return _FLATTENERS[kind](answer) if _is_node(answer) else answer


def _holds_nodes(answer: Any) -> bool:
    return type(answer) is list and any(map(_kind_of, answer[:100]))


def _is_node(answer: Any) -> bool:
    return type(answer).__module__ != "builtins"


def _kind_of(answer: Any) -> str | None:
    if not _is_node(answer) or not any(hasattr(answer, name) for name in _VALUE_NAMES):
        return None
    if hasattr(answer, "left") and hasattr(answer, "right"):
        return _BINARY_TREE
    return _LINKED_LIST if hasattr(answer, "next") else None


def _value(node: Any) -> Any:
    return next((getattr(node, name) for name in _VALUE_NAMES if hasattr(node, name)), None)


def _check_count(values: list[Any]) -> None:
    if len(values) > MOST_NODES:
        raise ValueError(f"what was returned has more than {MOST_NODES:,} nodes, or a cycle")


def _from_linked(node: Any) -> list[Any]:
    values: list[Any] = []
    ids: set[int] = set()
    while node is not None:
        if id(node) in ids:
            raise ValueError("the list that was returned has a cycle")
        ids.add(id(node))
        values.append(_value(node))
        _check_count(values)
        node = node.next
    return values


def _from_binary(root: Any) -> list[Any]:
    values: list[Any] = []
    waiting: deque[Any] = deque([root])
    ids: set[int] = set()
    while waiting:
        node = waiting.popleft()
        if node is None:
            values.append(None)
            continue
        if id(node) in ids:
            raise ValueError("the tree that was returned holds a node twice")
        ids.add(id(node))
        values.append(_value(node))
        _check_count(values)
        waiting += (node.left, node.right)
    while values and values[-1] is None:
        values.pop()
    return values


def _from_n_ary(root: Any) -> list[Any]:
    values: list[Any] = [_value(root), None]
    waiting: deque[Any] = deque([root])
    while waiting:
        for child in waiting.popleft().children or ():
            values.append(_value(child))
            _check_count(values)
            waiting.append(child)
        values.append(None)
    while values and values[-1] is None:
        values.pop()
    return values


def _from_graph(start: Any) -> list[Any]:
    return [[_value(other) for other in node.neighbors] for node in sorted(_graph_nodes(start), key=_value)]


def _graph_nodes(start: Any) -> list[Any]:
    nodes = {id(start): start}
    waiting: deque[Any] = deque([start])
    while waiting:
        for other in waiting.popleft().neighbors:
            if id(other) not in nodes:
                nodes[id(other)] = other
                waiting.append(other)
    return list(nodes.values())


def _from_random(head: Any) -> list[Any]:
    nodes = _random_nodes(head)
    places = {id(node): place for place, node in enumerate(nodes)}
    return [[_value(node), None if node.random is None else places[id(node.random)]] for node in nodes]


def _random_nodes(head: Any) -> list[Any]:
    nodes: dict[int, Any] = {}
    while head is not None:
        if id(head) in nodes:
            raise ValueError("the list that was returned has a cycle")
        nodes[id(head)] = head
        head = head.next
    return list(nodes.values())


def must_be_copy(arguments: list[Any], answer: Any, shape: list[Any] | None) -> None:
    """Refuse a graph or list with random pointers that shares a node with an argument: a copy is asked for."""
    walk = {"graph": _graph_nodes, "random list": _random_nodes}.get(shape[0] if shape else "")
    if walk is None or answer is None or not _is_node(answer):
        return
    own = {id(node) for start in arguments if start is not None and _is_node(start) for node in walk(start)}
    if any(id(node) in own for node in walk(answer)):
        raise ValueError("what was returned is no copy: it holds a node of the argument")


_FLATTENERS: dict[str, Callable[[Any], list[Any]]] = {
    _LINKED_LIST: _from_linked,
    _BINARY_TREE: _from_binary,
    "n-ary tree": _from_n_ary,
    "graph": _from_graph,
    "random list": _from_random,
}
