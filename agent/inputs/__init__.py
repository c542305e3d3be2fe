"""Inputs whose right answers nobody knows, to see which candidates behave alike.

They are mutations of the statement's examples that keep what all examples show: types, signs, sizes that are tied
to each other, orders, alphabets. Where a function's mutations run out, and where it has no example but
annotations, Hypothesis draws from the types. Each says where it came from and why it is believed valid.

Not covered: programs without any example, for which nothing is generated; preconditions that only the prose tells.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from agent.inputs.call_lists import mutated_call_lists
from agent.inputs.stdin import Generator
from agent.inputs.stdin_mutations import mutated_texts
from agent.inputs.types import GeneratedInput
from agent.inputs.values import mutated_calls
from problems import CallCase, TestCase

if TYPE_CHECKING:
    from problems import Problem

__all__ = ["GeneratedInput", "generate_inputs", "key_of"]

_TRIES = 40  # a mutation often repeats an earlier one, or breaks a tie and is dropped


def generate_inputs(problem: Problem, *, count: int, seed: int) -> list[GeneratedInput]:
    """At most `count` different inputs, none of them an example; the same seed gives the same ones.

    Args:
        problem: its examples are what is mutated.
        count: how many to make.
        seed: of all random choices.
    """
    if count == 0:
        return []
    draw = random.Random(f"inputs/{seed}")
    keys = {key_of(case) for case in problem.cases}
    inputs: list[GeneratedInput] = []
    for candidate in chain(islice(_stream(problem, draw), _TRIES * count), _by_types(problem, count, seed)):
        key = key_of(candidate)
        if key not in keys:
            keys.add(key)
            inputs.append(candidate)
        if len(inputs) == count:
            break
    return inputs


def _stream(problem: Problem, draw: random.Random) -> Iterator[GeneratedInput]:
    calls = [case for case in problem.cases if isinstance(case, CallCase)]
    texts = [case.stdin for case in problem.cases if isinstance(case, TestCase)]
    if calls and problem.convention is not None and problem.convention.design:
        return mutated_call_lists(calls, draw)
    if calls:
        return mutated_calls(calls, draw)
    generator = Generator(texts, problem.statement)
    return generator.draw(draw) if generator.layout else mutated_texts(texts, problem.statement, draw)


def _by_types(problem: Problem, count: int, seed: int) -> Iterator[GeneratedInput]:
    """Arguments that Hypothesis draws for a function; asked for last, because importing it takes a moment."""
    if problem.is_call:
        from agent.inputs.strategies import examples_of, strategy_for

        strategy = strategy_for(problem)
        if strategy is not None:
            yield from examples_of(strategy, 2 * count, seed)


def key_of(item: GeneratedInput | CallCase | TestCase) -> str:
    """Equal for equal inputs, wherever they come from."""
    if isinstance(item, TestCase):
        return repr(((), [], item.stdin.strip()))
    text = item.stdin.strip() if isinstance(item, GeneratedInput) else ""
    return repr((item.args, sorted(item.kwargs.items()), text))
