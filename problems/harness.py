"""How LeetCode calls an answer: classes driven by call lists, arguments changed in place, nodes built of values.

Stdlib-only and self-contained: this file's source is sent into the slot and runs in the candidate's own process,
before the candidate, in a module of its own. No verdict relies on it: a program that changes it can still only
return a plain value, as any program may, and the host compares that value with an answer that was never in the
slot.

Not covered: how nodes are built (`problems.nodes`, which comes along where a problem has any).
"""

from __future__ import annotations

import inspect
from typing import Any, Callable

nodes: Any = None
"""The module `problems.nodes`, where a problem needs it."""


def entry(namespace: dict[str, Any], plan: dict[str, Any]) -> Callable[..., Any]:
    """What is called in the place of the program's function.

    Args:
        namespace: the program's module, before the program ran in it.
        plan: a `problems.types.Convention` and the name of the entry point, as plain values.
    """
    site = {name: id(value) for name, value in namespace.items()}

    def call(*args: Any, **kwargs: Any) -> Any:
        if plan["design"]:
            return _drive(namespace, plan, *args)
        return _call(namespace, plan, _function(namespace, plan["name"], site), list(args), kwargs)

    return call


def _function(namespace: dict[str, Any], name: str, site: dict[str, int]) -> Any:
    """The method of a new `Solution()`, or the program's own function of that name; never one of the site's."""
    solution = namespace.get("Solution")
    if solution is not None and hasattr(solution, name):
        return getattr(solution(), name)
    if name in namespace and site.get(name) != id(namespace[name]):
        return namespace[name]
    if solution is not None:
        return getattr(solution(), name)
    raise NameError(f"the program defines neither {name} nor a class Solution")


def _call(
    namespace: dict[str, Any], plan: dict[str, Any], function: Any, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    shapes, result = _shapes(plan["methods"].get(plan["name"]), function, args)
    arguments = _build(namespace, shapes, args)
    answer = function(*arguments, **kwargs)
    if nodes is not None:
        nodes.must_be_copy(arguments, answer, result)
    if plan["outcome"] == "returned":
        return _plain(answer, result)
    place = plan["argument"]
    argument = _plain(arguments[place], shapes[place])
    if plan["outcome"] == "argument":
        return argument
    items = argument[:answer] if isinstance(answer, int) and isinstance(argument, list) else argument
    return [answer, sorted(items) if plan["outcome"] == "sorted prefix" else items]


def _drive(namespace: dict[str, Any], plan: dict[str, Any], names: list[str], calls: list[list[Any]]) -> list[Any]:
    """Create an object with the first call, make the other calls on it, and return what each returned."""
    subject: Any = None
    answers: list[Any] = []
    for name, args in zip(names, calls):
        method = plan["methods"].get(name if answers else "__init__")
        target = getattr(subject, name) if answers else namespace[name]
        shapes, result = _shapes(method, target, args)
        answer = target(*_build(namespace, shapes, args))
        if answers:
            answers.append(_plain(answer, result))
        else:
            subject = answer
            answers.append(None)
    return answers


def _shapes(method: Any, function: Any, args: list[Any]) -> tuple[list[Any], Any]:
    """The shapes of all arguments and of the result, told by the plan or else by the program's annotations."""
    if nodes is None:
        return [None] * len(args), None
    shapes, result = method or _annotations(function)
    return (list(shapes) + [None] * len(args))[: len(args)], result


def _annotations(function: Any) -> tuple[list[Any], Any]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return [], None
    shapes = [nodes.shape_of(parameter.annotation) for parameter in signature.parameters.values()]
    return shapes, nodes.shape_of(signature.return_annotation)


def _build(namespace: dict[str, Any], shapes: list[Any], args: list[Any]) -> list[Any]:
    if nodes is None:
        return args
    results: list[Any] = []
    for shape, value in zip(shapes, args):
        results.append(nodes.build(namespace, shape, value, results))
    return results


def _plain(answer: Any, shape: Any) -> Any:
    return answer if nodes is None else nodes.flatten(answer, shape)
