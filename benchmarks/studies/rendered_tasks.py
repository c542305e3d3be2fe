"""Tasks of MBPP+ in the dress of other sites: LeetCode's class, and a function with its signature.

Only the words around a task change; the hidden tests are MBPP+'s own. Whoever wants a problem in LeetCode's style
with tests that can be trusted finds few that a model has not seen; these it has seen in another form at most.

Not covered: tasks whose examples hold tuples, sets or dictionaries, which LeetCode's pages do not know.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.types import Task
from problems import CallCase, Comparator, ProblemError, Value, parse_problem

_PLAIN = {bool: "bool", int: "int", float: "float", str: "str"}


def as_class(task: Task) -> Task | None:
    """The task as LeetCode asks it; None where its values or its reference cannot be shown in that way."""
    name = task.problem.entry_point
    rendering = _rendering(task)
    if name is None or rendering is None:
        return None
    cases, parameters, annotations, result = rendering
    signature = ", ".join(f"{p}: {kind}" for p, kind in zip(parameters, annotations, strict=True))
    examples = "\n\n".join(_example(number, case, parameters) for number, case in enumerate(cases, 1))
    title = name.replace("_", " ").title()
    code = f"class Solution:\n    def {name}(self, {signature}) -> {result}:"
    return _reread(task, f"# {title}\n\n{_words(task)}\n\n{examples}\n\n```python\n{code}\n```\n")


def as_function(task: Task) -> Task | None:
    """The task as a function to go on with: signature, and a docstring with examples."""
    name = task.problem.entry_point
    rendering = _rendering(task)
    if name is None or rendering is None:
        return None
    cases, parameters, annotations, result = rendering
    signature = ", ".join(f"{p}: {kind}" for p, kind in zip(parameters, annotations, strict=True))
    examples = "\n".join(
        f"    >>> {name}({', '.join(map(repr, case.args))})\n    {case.expected!r}" for case in cases
    )
    head = f"from typing import List\n\n\ndef {name}({signature}) -> {result}:"
    code = f'{head}\n    """{_words(task)}\n\n{examples}\n    """'
    return _reread(task, f"```python\n{code}\n```\n")


def _reread(task: Task, statement: str) -> Task | None:
    """The task with a problem read from `statement`, as a user's would be."""
    try:
        problem = parse_problem(statement, path=task.id)
    except ProblemError:
        return None
    if problem.entry_point != task.problem.entry_point or not problem.cases:
        return None
    problem = replace(
        problem,
        comparator=Comparator("value", abs_tol=1e-6),
        time_limit_s=task.problem.time_limit_s,
        memory_limit_mb=task.problem.memory_limit_mb,
    )
    return replace(task, problem=problem)


def _rendering(task: Task) -> tuple[list[CallCase], list[str], list[str], str] | None:
    """Examples, names of parameters, their annotations, and that of the result."""
    parameters = _parameters(task)
    calls = [case for case in task.problem.cases if isinstance(case, CallCase) and not case.kwargs]
    cases = [case for case in calls if parameters is not None and len(case.args) == len(parameters)]
    columns = list(zip(*(case.args for case in cases), strict=False))
    annotations = [_annotation(column) for column in columns]
    result = _annotation([case.expected for case in cases])
    if not parameters or not cases or result is None or None in annotations:
        return None
    return cases, parameters, [kind for kind in annotations if kind is not None], result


def _parameters(task: Task) -> list[str] | None:
    for node in ast.walk(ast.parse(task.reference or "")):
        if isinstance(node, ast.FunctionDef) and node.name == task.problem.entry_point:
            arguments = node.args
            if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
                return None
            return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    return None


def _annotation(values: Sequence[Value]) -> str | None:
    """The type that all values have, in LeetCode's words; None where they have no such type in common."""
    kinds = {type(value) for value in values}
    if kinds == {int, float}:
        return "float"
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    if kind is not list:
        return _PLAIN.get(kind)
    inner = [item for value in values if isinstance(value, list) for item in value]
    within = _annotation(inner) if inner else "int"
    return f"List[{within}]" if within else None


def _example(number: int, case: CallCase, parameters: Sequence[str]) -> str:
    arguments = ", ".join(f"{p} = {json.dumps(value)}" for p, value in zip(parameters, case.args, strict=True))
    return f"Example {number}:\n\nInput: {arguments}\nOutput: {json.dumps(case.expected)}"


def _words(task: Task) -> str:
    """The sentence that asks, without the example after it."""
    words = re.sub(r"```.*?```", "", task.problem.statement, flags=re.DOTALL)
    return inspect.cleandoc(words).strip()
