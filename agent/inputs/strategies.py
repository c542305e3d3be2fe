"""Hypothesis strategies of inputs: functions' from examples or annotations, programs' from the layout.

What the examples share at one place bounds what is drawn there, as for mutations (`agent.inputs.values`). Drawn
inputs are small and reach edges that mutations of the examples seldom do; and Hypothesis can shrink them, which
is how two rival programs are told apart by an input that a person can check (`agent.rivals`).

Not covered: preconditions that tie the contents of two arguments.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from agent.inputs.stdin import Generator
from agent.inputs.stdin_mutations import mutated_texts
from agent.inputs.types import GeneratedInput
from agent.inputs.values import length_ties, traits_of
from problems import CallCase, TestCase

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from problems import Problem

_LONGEST = 24
_MOST_CHARACTERS = 30
_REASON = "drawn from the types, ranges, alphabets and lengths that all examples share"
_TYPES_REASON = "drawn from the types in the signature"
_QUIET = settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    max_examples=100,
)


def strategy_for(problem: Problem) -> SearchStrategy[GeneratedInput] | None:
    """Inputs that are believed valid; None where neither examples nor annotations tell what they look like."""
    calls = [case for case in problem.cases if isinstance(case, CallCase)]
    texts = [case.stdin for case in problem.cases if isinstance(case, TestCase)]
    if calls:
        return _like(calls)
    if problem.is_call:
        return _of_signature(problem)
    return _texts(texts, problem.statement) if texts else None


def examples_of(strategy: SearchStrategy[GeneratedInput], count: int, number: int) -> Iterator[GeneratedInput]:
    """About `count` inputs; the same `number` gives the same ones."""
    inputs: list[GeneratedInput] = []

    @seed(number)
    @settings(_QUIET, max_examples=max(count, 1))
    @given(strategy)
    def collect(item: GeneratedInput) -> None:
        inputs.append(item)

    collect()
    yield from inputs


def _like(cases: Sequence[CallCase]) -> SearchStrategy[GeneratedInput]:
    """Calls whose arguments are like those of the examples."""
    width = len(cases[0].args)
    cases = [case for case in cases if len(case.args) == width]
    ties = length_ties(cases)
    arguments = st.tuples(*(_value([case.args[place] for case in cases]) for place in range(width)))
    keywords = st.sampled_from([dict(case.kwargs) for case in cases])

    def call(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> GeneratedInput:
        values = list(args)
        for place, other in ties:
            values[place] = len(values[other])
        return GeneratedInput(tuple(values), kwargs, origin="strategy", reason=_REASON)

    return st.builds(call, arguments, keywords)


def _texts(samples: Sequence[str], statement: str) -> SearchStrategy[GeneratedInput]:
    """Standard inputs; every choice of the generator is one of Hypothesis's, so that it can shrink them."""
    generator = Generator(samples, statement)

    def item(draw: random.Random) -> GeneratedInput:
        stream = generator.draw(draw) if generator.layout else mutated_texts(samples, statement, draw)
        return next(stream, GeneratedInput(stdin=samples[0]))

    return st.randoms(use_true_random=False).map(item)


def _value(examples: Sequence[Any]) -> SearchStrategy[Any]:
    """Values like those seen at one place."""
    kinds: dict[type, list[Any]] = {}
    for value in examples:
        kinds.setdefault(type(value), []).append(value)
    return st.one_of([_KINDS.get(kind, st.sampled_from)(values) for kind, values in kinds.items()])


def _integers(values: Sequence[int]) -> SearchStrategy[int]:
    low, high = _bounds(values)
    return st.integers(int(low), int(high))


def _floats(values: Sequence[float]) -> SearchStrategy[float]:
    low, high = _bounds([value for value in values if abs(value) < 1e12] or [0.0])
    return st.floats(low, high, allow_nan=False).map(lambda value: round(value, 2))


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Some way beyond what was seen, but not across a zero that the examples do not cross."""
    smallest, largest = min(values), max(values)
    span = max(10, largest - smallest)
    if smallest < 0:
        return smallest - span, largest + span
    return min(smallest, 1), largest + span


def _strings(texts: Sequence[str]) -> SearchStrategy[str]:
    traits = traits_of(texts)
    lengths = [len(text) for text in texts]
    if not traits.alphabet:
        return st.sampled_from(texts)
    low, high = _lengths(lengths, fixed=traits.fixed, most=_MOST_CHARACTERS)
    return st.text(traits.alphabet, min_size=low, max_size=high)


def _lengths(lengths: Sequence[int], *, fixed: bool, most: int) -> tuple[int, int]:
    """The shortest and the longest that is drawn; an empty one only where an example is empty."""
    if fixed:
        return lengths[0], lengths[0]
    return min(1, *lengths, 1), max(min(max(lengths) + 4, most), *lengths)


def _lists(values: Sequence[list[Any]]) -> SearchStrategy[list[Any]]:
    traits = traits_of(values)
    items = [item for value in values for item in value]
    if not items:
        return st.just([])
    low, high = _lengths([len(value) for value in values], fixed=traits.fixed, most=_LONGEST)
    if traits.rectangular and all(isinstance(row, list) and row for row in items):
        widths = st.integers(1, max(map(len, items)))
        cells = _value([cell for row in items for cell in row])
        return widths.flatmap(
            lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=low, max_size=high)
        )
    lists = st.lists(_value(items), min_size=low, max_size=high, unique_by=repr if traits.distinct else None)
    return lists.map(_sort) if traits.ordered else lists


def _sort(items: list[Any]) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return items


def _tuples(values: Sequence[tuple[Any, ...]]) -> SearchStrategy[tuple[Any, ...]]:
    """Records, where all have one length; otherwise sequences."""
    if len({len(value) for value in values}) == 1 and len(values) > 1:
        return st.tuples(*(_value(column) for column in zip(*values, strict=True)))
    return _lists([list(value) for value in values]).map(tuple)


def _sets(values: Sequence[set[Any]]) -> SearchStrategy[set[Any]]:
    return _lists([sorted(value, key=repr) for value in values]).map(set)


def _dicts(dicts: Sequence[dict[Any, Any]]) -> SearchStrategy[dict[Any, Any]]:
    keys = [key for value in dicts for key in value]
    if not keys:
        return st.just({})
    values = _value([item for value in dicts for item in value.values()])
    low, high = _lengths([len(value) for value in dicts], fixed=False, most=_LONGEST)
    return st.dictionaries(st.one_of(st.sampled_from(keys), _value(keys)), values, min_size=low, max_size=high)


_KINDS: Mapping[type, Callable[[Any], SearchStrategy[Any]]] = {
    bool: lambda _: st.booleans(),
    int: _integers,
    float: _floats,
    str: _strings,
    list: _lists,
    tuple: _tuples,
    set: _sets,
    dict: _dicts,
}

_INTEGERS = st.integers(0, 30)
_WORDS = st.text("abcdeABC 123", max_size=10)
_BY_NAME: dict[str, SearchStrategy[Any]] = {
    "int": _INTEGERS,
    "float": st.integers(0, 100).map(lambda n: n / 4),
    "bool": st.booleans(),
    "str": _WORDS,
    "None": st.none(),
    "list": st.lists(_INTEGERS, max_size=8),
    "dict": st.dictionaries(_WORDS, _INTEGERS, max_size=5),
    "tuple": st.lists(_INTEGERS, max_size=5).map(tuple),
    "set": st.sets(_INTEGERS, max_size=8),
}


def _of_signature(problem: Problem) -> SearchStrategy[GeneratedInput] | None:
    """Calls by the annotations of the signature in the statement, which is the user's own text."""
    try:
        tree = ast.parse(problem.starter_code.rstrip() + "\n    pass\n")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point:
            arguments = [argument for argument in node.args.args if argument.arg not in ("self", "cls")]
            places = [_of_annotation(argument.annotation) for argument in arguments]
            strategies = [place for place in places if place is not None]
            if not strategies or len(strategies) < len(places):
                return None
            return st.tuples(*strategies).map(
                lambda args: GeneratedInput(args, origin="signature", reason=_TYPES_REASON)
            )
    return None


def _of_annotation(node: ast.expr | None) -> SearchStrategy[Any] | None:
    """`int`, `list[str]`, `Optional[int]`, `dict[str, int] | None` and the like; None for what is not known."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _any_of([node.left, node.right])
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _generic(_name(node.value), inner)
    return _BY_NAME.get(_name(node))


def _generic(name: str, inner: Sequence[ast.expr]) -> SearchStrategy[Any] | None:
    if name in ("optional", "union"):
        return _any_of([*inner, *([ast.Constant(None)] if name == "optional" else [])])
    parts = [_of_annotation(node) for node in inner if not isinstance(node, ast.Constant) or node.value is None]
    strategies = [part for part in parts if part is not None]
    if not strategies or len(strategies) < len(parts):
        return None
    first = strategies[0]
    if name in ("list", "sequence", "iterable"):
        return st.lists(first, max_size=8)
    if name == "set":
        return st.sets(first, max_size=8)
    if name == "dict" and len(strategies) == 2:
        return st.dictionaries(first, strategies[1], max_size=5)
    if name == "tuple":
        return st.tuples(*strategies) if len(strategies) == len(inner) else st.lists(first, max_size=5).map(tuple)
    return None


def _any_of(nodes: Sequence[ast.expr]) -> SearchStrategy[Any] | None:
    parts = [_of_annotation(node) for node in nodes]
    return None if None in parts else st.one_of([part for part in parts if part is not None])


def _name(node: ast.expr | None) -> str:
    """The last word of a type's name, in the spelling of the built-in."""
    if isinstance(node, ast.Constant) and node.value is None:
        return "None"
    word = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return str(word).lower()
