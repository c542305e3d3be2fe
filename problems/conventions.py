"""How a site calls an answer that is more than a function of plain values, as its statement tells.

LeetCode's design problems give a class and two lists for each example, the names of the calls and their arguments.
Functions that work in place give the argument as it is after the call, or how many of its first items count.

A class `Node` is what its fields say: a tree of many children, a graph, a list with random pointers. What is built
of ListNode and TreeNode the annotations of programs tell (`problems.harness`).

Not covered: how calls are made (`agent.judging.site`); trees with pointers to siblings or parents.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from problems.document import Code, Item
from problems.labelled import LabelledExample
from problems.signatures import Signature
from problems.types import CallCase, Comparator, Convention, Method, Shape, Value

_NAME = re.compile(r"^\s*[\w ]{0,40}[=:]\s*(?=\[)")
_CLASS = re.compile(r"^class\s+(\w+)", re.MULTILINE)
_IN_PLACE = re.compile(r"\bin[- ]?place\b|原地|就地|インプレース|제자리", re.IGNORECASE)
_NO_RESULT = re.compile(
    r"\b(?:do not|don't|must not|should not) return any(?:thing| value)?\b|不要返回|不需要返回|何も返さ|반환하지",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:modif(?:y|ies)|change|sort|rotate|update|store[ds]? (?:inside|in|into))\s+(?:the\s+)?(?:\w+\s+){0,2}?"
    r"[`*]*(\w+)",
    re.IGNORECASE,
)
_FIRST_ITEMS = re.compile(
    r"(?P<label>(?:output|输出|輸出|出力|출력)[*_`\s]*[:：][*_`\s]*)(?P<k>\d+)\s*[,，]\s*(?P<name>\w+)\s*=\s*\[(?P<items>[^\[\]\n]*)\]",
    re.IGNORECASE,
)
_SORTED_ITEMS = re.compile(
    r"\b(?:in any order|order of the elements may be changed|any order)\b|任意顺序|任意順序", re.I
)
_LIST = re.compile(r"\b(?:list|List|MutableSequence)\b")
_FIVE_PLACES = re.compile(r"(?<![\d.])-?\d+\.\d{5}(?!\d)")
_FLOAT = re.compile(r"->\s*(?:(?:typing\.)?(?:List|list|Optional)\[)*float\b")
_NODE_CLASS = re.compile(r"^[#\s]*class Node\b.*?(?=^[#\s]*class (?!Node\b)|\Z)", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"self\.(\w+)\s*(?::[^=\n]*)?=")
_NODE_KINDS = {
    "n-ary tree": ("children",),
    "graph": ("neighbors",),
    "random list": ("next", "random"),
    "binary tree": ("left", "right"),
    "linked list": ("next",),
}
_OTHER_POINTERS = {"parent", "prev", "child", "bottom", "isLeaf", "topLeft"}
_SITE_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Design:
    """A class to write, and the call lists that show what it does."""

    name: str
    starter: str
    cases: tuple[CallCase, ...]


def find_design(items: Sequence[Item], examples: Sequence[LabelledExample]) -> Design | None:
    """The class that every labelled example drives by lists of calls; None where an example does not.

    An example is two lists and a list of results, all of one length. The first list holds names, and the first
    name is that of the class.
    """
    cases: list[CallCase] = []
    for example in examples:
        lists = _lists(example.input_text)
        results = _lists(example.output_text)
        if len(lists) != 2 or len(results) != 1 or not _is_call_list(lists[0], lists[1], results[0]):
            if lists or results:
                return None
            continue  # a section in words
        cases.append(CallCase((lists[0], lists[1]), results[0]))
    names = {_class_of(case) for case in cases}
    if len(names) != 1:
        return None
    name = names.pop()
    return Design(name, _starter(items, name), tuple(cases))


def _lists(text: str) -> list[list[Value]]:
    """The JSON lists that a text consists of, each perhaps with a name before it; none if it is anything else."""
    decoder, lists, at = json.JSONDecoder(), [], 0
    text = text.strip().strip("`").strip()
    while at < len(text):
        prefix = _NAME.match(text[at : at + 80])
        at += prefix.end() if prefix else 0
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, list):
            return []
        lists.append(value)
        while at < len(text) and text[at] in " \t\n,，`":
            at += 1
    return lists


def _is_call_list(names: list[Value], arguments: list[Value], results: list[Value]) -> bool:
    return (
        0 < len(names) == len(arguments) == len(results)
        and all(isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name) for name in names)
        and all(isinstance(row, list) for row in arguments)
        and results[0] is None
    )


def _class_of(case: CallCase) -> str:
    names = case.args[0]
    assert isinstance(names, list)
    return str(names[0])


def _starter(items: Sequence[Item], name: str) -> str:
    """The code block that shows the class."""
    blocks = (item.content for item in items if isinstance(item, Code))
    return next((code for code in blocks if name in _CLASS.findall(code)), "")


def with_first_items(text: str) -> tuple[str, bool]:
    """The statement with `Output: 2, nums = [1,2,_]` as one value, `[2, [1,2]]`, and whether it has such outputs.

    The number says how many of the list's items count.
    """

    def value(example: re.Match[str]) -> str:
        items = [item.strip() for item in example["items"].split(",")][: int(example["k"])]
        return f"{example['label']}[{example['k']}, [{', '.join(items)}]]"

    result, count = _FIRST_ITEMS.subn(value, text)
    return result, count > 0


def convention_of(signature: Signature, text: str, *, first_items: bool) -> Convention | None:
    """How the function is called; None where what it returns is the result.

    Args:
        signature: the function.
        text: the statement.
        first_items: whether its outputs are a number and so many items of a list.
    """
    nodes = _node_classes(signature.starter)
    methods = {signature.name: _method(signature, nodes)} if nodes else {}
    if first_items:
        outcome = "sorted prefix" if _SORTED_ITEMS.search(text) else "prefix"
        return Convention(outcome=outcome, argument=_changed_argument(signature, text))
    in_place = signature.result == "None" and bool(_IN_PLACE.search(text) or _NO_RESULT.search(text))
    if in_place or (not signature.result and _NO_RESULT.search(text)):
        return Convention(methods, outcome="argument", argument=_changed_argument(signature, text), nodes=nodes)
    return Convention(methods, nodes=nodes) if nodes else None


def _node_classes(code: str) -> dict[str, str]:
    """The class `Node` that the code shows, perhaps in a comment, and the kind of shape that its fields make."""
    match = _NODE_CLASS.search(code)
    if match is None:
        return {}
    fields = set(_FIELD.findall(match[0]))
    kinds = (kind for kind, names in _NODE_KINDS.items() if set(names) <= fields and not fields & _OTHER_POINTERS)
    kind = next(kinds, None)
    return {"Node": kind} if kind else {}


def _method(signature: Signature, nodes: Mapping[str, str]) -> Method:
    shapes = [_shape(signature.annotations.get(name, ""), nodes) for name in signature.parameters or ()]
    return Method(tuple(shapes), _shape(signature.result, nodes))


def _shape(annotation: str, nodes: Mapping[str, str]) -> Shape | None:
    """The shape that an annotation in the statement's code tells."""
    name = next((name for name in nodes if re.search(rf"\b{name}\b", annotation)), None)
    return None if name is None else Shape(nodes[name], name, annotation.lower().count("list["))


def in_convention(cases: Sequence[CallCase], convention: Convention | None) -> tuple[CallCase, ...]:
    """The cases, their expected values in the form that the convention gives results."""
    if convention is None or convention.outcome != "sorted prefix":
        return tuple(cases)
    return tuple(replace(case, expected=_with_sorted_items(case.expected)) for case in cases)


def _with_sorted_items(expected: Value) -> Value:
    match expected:
        case [count, list(items)] if len({type(item) for item in items}) <= 1:
            return [count, sorted(items)]  # type: ignore[type-var]
    return expected


def _changed_argument(signature: Signature, text: str) -> int:
    """The index of the parameter that the statement says is changed, or else of the first list."""
    parameters = signature.parameters or ()
    for word in _CHANGE.findall(text):
        if word in parameters:
            return parameters.index(word)
    for place, name in enumerate(parameters):
        if _LIST.search(signature.annotations.get(name, "")):
            return place
    return 0


def site_comparator(comparator: Comparator, starter: str, examples: Sequence[LabelledExample]) -> Comparator:
    """The comparator with the site's own tolerance, where its statement says none.

    It shows floating-point results with five decimals, and accepts what is within 10^-5 of them.
    """
    if comparator.abs_tol or comparator.rel_tol:
        return comparator
    has_five_places = any(_FIVE_PLACES.search(example.output_text) for example in examples)
    in_class = "class Solution" in starter and bool(_FLOAT.search(starter))
    return replace(comparator, abs_tol=_SITE_TOLERANCE) if has_five_places or in_class else comparator
