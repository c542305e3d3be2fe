"""What a judging site puts around an answer: names it has imported, node classes, the way in which it calls.

LeetCode's Python imports everything from the usual modules before a program, so what people copy from there has no
imports, and candidates may leave them out. All of it runs in the candidate's own process as a `CallJob.prelude`;
verdicts do not rely on it.

Not covered: answers that are not called (they run as whole programs, with nothing before them).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from problems.types import Convention

if TYPE_CHECKING:
    from problems import Problem
    from problems.types import Shape

ENTRY = "alphasolve_entry__"
"""What is called where there is a prelude."""
_MODULES = (
    "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics",
    "itertools", "functools", "operator", "io", "sys", "json",
)  # fmt: skip
# The order is the site's: what comes later wins, built-ins over all modules, and modules over what is in them.
_IMPORTS = "".join(f"from {name} import *\n" for name in (*_MODULES, "typing", "builtins")) + (
    f"import {', '.join(_MODULES)}, typing\n"
)
_SORTED = "try:\n    from sortedcontainers import *\nexcept ImportError:\n    pass\n"
_CLASS = re.compile(r"^class Solution\b", re.MULTILINE)
_NODES = re.compile(r"\b(?:ListNode|TreeNode)\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """How a program is entered."""

    function: str
    """What is called."""
    prelude: str
    """What runs before the program; "" for nothing."""


def entry_of(problem: Problem, source: str) -> Entry:
    """How `source` is entered as an answer to a problem that asks for a function or a class."""
    assert problem.entry_point is not None
    convention = problem.convention
    if convention is None and not is_for_site(problem.starter_code) and not is_for_site(source):
        return Entry(problem.entry_point, "")
    nodes = bool(_NODES.search(source)) or (convention is not None and _has_shapes(convention))
    return Entry(ENTRY, _prelude(repr(_plan(problem)), nodes, "Sorted" in source))


def is_for_site(code: str) -> bool:
    """Whether code is in LeetCode's form, a class `Solution`."""
    return bool(_CLASS.search(code))


def _has_shapes(convention: Convention) -> bool:
    return bool(convention.nodes) or any(
        method.result or any(method.arguments) for method in convention.methods.values()
    )


def _plan(problem: Problem) -> dict[str, object]:
    """What `problems.harness` has to know, as plain values."""
    convention = problem.convention or Convention()
    methods = {
        name: ([_shape(shape) for shape in method.arguments], _shape(method.result))
        for name, method in convention.methods.items()
    }
    return {
        "name": problem.entry_point,
        "design": convention.design,
        "methods": methods,
        "outcome": convention.outcome,
        "argument": convention.argument,
        "nodes": dict(convention.nodes),
    }


def _shape(shape: Shape | None) -> list[object] | None:
    return None if shape is None else [shape.kind, shape.node, shape.depth]


@functools.lru_cache(maxsize=64)
def _prelude(plan: str, nodes: bool, sorted_names: bool) -> str:
    """Imports, classes of nodes, and last the entry, which looks at what was there before the program."""
    parts = [_IMPORTS, _SORTED if sorted_names else "", _module("harness")]
    if nodes:
        parts += [_module("nodes"), "harness__.nodes = nodes__\n", f"nodes__.define(globals(), {plan}['nodes'])\n"]
    return "".join([*parts, f"{ENTRY} = harness__.entry(globals(), {plan})\n"])


def _module(name: str) -> str:
    """Source text that makes a module of ours of its own, so that its names are not the program's."""
    text = resources.files("problems").joinpath(f"{name}.py").read_text(encoding="utf-8")
    return (
        f"import types\n{name}__ = types.ModuleType({name!r})\n"
        f"exec(compile({text!r}, '{name}.py', 'exec'), {name}__.__dict__)\n"
    )
