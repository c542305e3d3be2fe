"""Arguments for functions: mutations of the examples, values drawn from what they share, and the largest allowed.

A name of the signature is bound to what the statement says of it (`1 <= nums.length <= 10^5`, `0 <= nums[i]`);
an argument that breaks it does not count. Calls of two kinds come in turn: such as keep all that the examples
share, and such as keep only what no chance explains (`agent.hacking.wider`).

Not covered: what relates two arguments, but for a number that is the length of another one, and equal lengths.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from agent.hacking.collisions import colliding, collision_labels
from agent.hacking.wider import emptied, wider_traits
from agent.inputs import GeneratedInput
from agent.inputs.call_lists import mutated_call_lists
from agent.inputs.constraints import constraints_of
from agent.inputs.habits import bound_of
from agent.inputs.values import Traits, length_ties, mutated_calls, traits_of
from problems import CallCase

if TYPE_CHECKING:
    from problems import Problem

_PER_ROUND = 96
_LARGEST = 20_000  # items of an argument: more cannot be sent quickly
_MOST_COLLIDING = 100_000  # the work grows with the square, so that what takes longer to send is worth it
_UNSTATED_LENGTH, _UNSTATED_DIGITS = 200, 4  # where nothing is stated, moderately large is believed valid
_WIDER_EVERY, _FIRST_WIDER = 3, 1
_WIDER = "wider"
_REASON = "keeps the types, signs, alphabets, orders and lengths that all examples share"
_WIDER_REASON = "keeps the types that all examples share, and what the statement says in words that are known"
_SAME_LENGTH = re.compile(r"(?:same|equal) (?:length|size)|(?:length|size)s? (?:is|are) (?:the same|equal)", re.I)


@dataclass(frozen=True, slots=True)
class Argument:
    """What is known of one argument."""

    traits: Traits
    length: tuple[int | None, int | None]
    """Stated least and most length of a list or text."""
    value: tuple[int | None, int | None]
    """Stated least and most of the number, or of the numbers in it."""


class CallSource:
    """Calls of one function."""

    def __init__(self, problem: Problem) -> None:
        """Read examples, signature and constraints."""
        self._problem = problem
        cases = [case for case in problem.cases if isinstance(case, CallCase)]
        width = len(cases[0].args) if cases else 0
        self._cases = [case for case in cases if len(case.args) == width]
        self._is_design = problem.convention is not None and problem.convention.design
        self._ties = length_ties(self._cases) if self._cases else []
        names = _parameters(problem)
        columns = [[case.args[place] for case in self._cases] for place in range(width)]
        self._arguments = [
            _argument(problem, names[place] if place < len(names) else "", values)
            for place, values in enumerate(columns)
        ]
        wider = wider_traits([each.traits for each in self._arguments], columns, problem.statement)
        self._wider = [replace(each, traits=own) for each, own in zip(self._arguments, wider, strict=True)]
        self._equal = _equal_lengths(columns, problem.statement)

    def accepts(self, item: GeneratedInput) -> bool:
        """Whether a call is believed valid."""
        if self._is_design:
            return True
        if self._cases and len(item.args) != len(self._arguments):
            return False
        ties = all(item.args[place] == len(item.args[other]) for place, other in self._ties)  # type: ignore[arg-type]
        is_equal = len({len(item.args[place]) for place in self._equal}) < 2  # type: ignore[arg-type]
        known = self._wider if item.origin == _WIDER else self._arguments
        return ties and is_equal and all(map(_fits, item.args, known))

    def tied(self, item: GeneratedInput) -> GeneratedInput:
        """The call with lengths that must be equal made so, and every number that is one as it must be."""
        args: list[Any] = list(item.args)
        least = min((len(args[place]) for place in self._equal), default=0)
        for place in self._equal:
            args[place] = args[place][:least]
        for place, other in self._ties:
            args[place] = len(args[other])
        return replace(item, args=tuple(args))

    def round(self, number: int, seed: int, draw: random.Random, *, is_large: bool) -> Iterator[GeneratedInput]:
        """New calls; among them some as large as allowed."""
        if self._is_design:
            yield from islice(mutated_call_lists(self._cases, draw), _PER_ROUND)
            return
        if self._cases:
            if number % _WIDER_EVERY == _FIRST_WIDER and self._wider != self._arguments:
                yield from self._believed(self._widened(draw))
            yield from self._believed(islice(mutated_calls(self._cases, draw), _PER_ROUND))
        if number % 2 == 0:
            from agent.inputs.strategies import examples_of, strategy_for

            strategy = strategy_for(self._problem)
            if strategy is not None:
                yield from self._believed(examples_of(strategy, _PER_ROUND, seed + number))
        if is_large and self._cases:
            for _ in range(3):
                yield from self._believed(self._large(draw))

    def _believed(self, items: Iterator[GeneratedInput]) -> Iterator[GeneratedInput]:
        """Those that are believed valid once their lengths are set right."""
        yield from filter(self.accepts, map(self.tied, items) if self._cases else items)

    def _widened(self, draw: random.Random) -> Iterator[GeneratedInput]:
        """Calls that keep less than all that the examples share; first such as leave one argument empty."""
        traits = [each.traits for each in self._wider]
        for case in self._cases:
            for args in emptied(case.args, traits):
                yield GeneratedInput(args, case.kwargs, origin=_WIDER, reason=_WIDER_REASON)
        for item in islice(mutated_calls(self._cases, draw, traits), _PER_ROUND):
            yield replace(item, origin=_WIDER, reason=_WIDER_REASON)

    def colliding(self, table: str, draw: random.Random) -> Iterator[GeneratedInput]:
        """A call with a list of numbers that collide in a table, one for each list where ranges allow it."""
        for place, known in enumerate(self._arguments):
            base = draw.choice(self._cases)
            numbers = _colliding(table, base.args[place], known, draw)
            if numbers is not None:
                args: list[Any] = list(base.args)
                args[place] = numbers
                origin, reason = collision_labels(table, f"{_REASON}, and the stated ranges")
                yield from self._believed(
                    iter([GeneratedInput(tuple(args), base.kwargs, origin=origin, reason=reason)])
                )

    def _large(self, draw: random.Random) -> Iterator[GeneratedInput]:
        """A call whose lists are as long, or numbers as large, as is stated."""
        base = draw.choice(self._cases)
        args = [_grown(value, known, draw) for value, known in zip(base.args, self._arguments, strict=True)]
        for place, other in self._ties:
            args[place] = len(args[other])
        if args != list(base.args):
            reason = f"{_REASON}, and the stated ranges"
            yield GeneratedInput(tuple(args), base.kwargs, origin="limits", reason=reason)


def _equal_lengths(columns: Sequence[Sequence[Any]], statement: str) -> list[int]:
    """Places whose lists or texts are of one length in each example, where that is said or no chance."""
    places = [place for place, values in enumerate(columns) if all(isinstance(v, list | str) for v in values)]
    if len(places) != 2:
        return []
    lengths = [[len(value) for value in columns[place]] for place in places]
    is_rule = len(set(lengths[0])) > 1 or _SAME_LENGTH.search(statement)
    return places if lengths[0] == lengths[1] and is_rule else []


def _parameters(problem: Problem) -> list[str]:
    match = re.search(rf"def {problem.entry_point}\s*\(([^)]*)\)", problem.starter_code + "\n" + problem.statement)
    parts = re.split(r",(?![^\[]*\])", match[1]) if match else []
    names = [part.partition(":")[0].partition("=")[0].strip() for part in parts]
    return [name for name in names if name and name not in ("self", "cls")]


def _argument(problem: Problem, name: str, values: Sequence[Any]) -> Argument:
    said = constraints_of(problem.statement)

    def limits(*names: str) -> tuple[int | None, int | None]:
        own = [each for each in said if each.names & set(names) and len(each.names) == 1]
        lows = [bound_of(each, one, ">") for each in own for one in names]
        highs = [bound_of(each, one, "<") for each in own for one in names]
        return (
            max((low for low in lows if low is not None), default=None),
            min((high for high in highs if high is not None), default=None),
        )

    inside = [f"{name}_{index}" for index in "ijk"] + [f"{name}_{a}_{b}" for a, b in ("ij", "jk")]
    length = limits(f"length_of_{name}") if name else (None, None)
    value = limits(name, *inside) if name else (None, None)
    return Argument(traits_of(values), length, value)


def _fits(value: Any, known: Argument) -> bool:
    """Whether a value keeps what is stated, and what all examples show."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        low, high = known.value
        floor = known.traits.low if low is None else low
        return (floor is None or value >= floor) and (high is None or value <= high)
    if isinstance(value, str):
        low, high = known.length
        least = (0 if known.traits.empty else 1) if low is None else low
        is_known = not known.traits.alphabet or set(value) <= set(known.traits.alphabet)
        return is_known and len(value) >= least and (high is None or len(value) <= high)
    if isinstance(value, list | tuple):
        low, high = known.length
        inner = Argument(known.traits, (None, None), known.value)
        least = (0 if known.traits.empty else 1) if low is None else low
        return (
            len(value) >= least
            and (high is None or len(value) <= high)
            and all(_fits(each, inner) for each in value)
            and _keeps_shape(list(value), known.traits)
        )
    return True


def _keeps_shape(items: list[Any], traits: Traits) -> bool:
    """Whether a list has the order, the distinctness and the equal rows that all examples show."""
    if any(isinstance(each, list | tuple | dict | set | frozenset) for each in items):
        rows = [each for each in items if isinstance(each, list | tuple)]
        return not traits.rectangular or len(set(map(len, rows))) < 2
    try:
        is_ordered = all(first <= second for first, second in pairwise(items))
    except TypeError:  # of several types, which have no order
        is_ordered = True
    return (is_ordered or not traits.ordered) and (not traits.distinct or len(set(map(repr, items))) == len(items))


def _grown(value: Any, known: Argument, draw: random.Random) -> Any:
    """The value at its largest, as stated; or larger than in the examples, where nothing is."""
    low, high = known.value
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        top = high if high is not None else 10 ** draw.randint(2, _UNSTATED_DIGITS)
        return value if draw.random() < 0.2 else draw.choice((top, top - 1, low if low is not None else top))
    if not value or known.traits.fixed:
        return value
    most = _UNSTATED_LENGTH if known.length[1] is None else known.length[1]
    length = min(most, _LARGEST)
    if isinstance(value, str):
        letters = known.traits.alphabet or "a"
        kinds = draw.choice((1, 2, len(letters)))
        return "".join(draw.choices(letters[:kinds], k=length))
    if isinstance(value, list) and all(type(each) is int for each in value):
        return _numbers(length, known, draw)
    if isinstance(value, list):
        return [draw.choice(value) for _ in range(length)]
    return value


def _colliding(table: str, value: Any, known: Argument, draw: random.Random) -> list[int] | None:
    """As long a list as is stated, of numbers in the stated range; None where it is none, or cannot be slow."""
    low, high = known.value
    most = known.length[1]
    is_list = isinstance(value, list) and all(type(each) is int for each in value) and not known.traits.fixed
    if not is_list or low is None or high is None or most is None or known.traits.ordered:
        return None
    return colliding(table, min(most, _MOST_COLLIDING), low, high, draw, is_distinct=known.traits.distinct)


def _numbers(length: int, known: Argument, draw: random.Random) -> list[int]:
    pool = [each for each in known.traits.pool if type(each) is int]
    low, high = known.value
    least, most = (min(pool) if low is None else low), (max(pool) if high is None else high)
    numbers = draw.choice(
        (
            [draw.randint(least, most) for _ in range(length)],
            [draw.randint(least, most)] * length,
            [most] * length,
            [least + n % (most - least + 1) for n in range(length)],
        )
    )
    if known.traits.distinct:
        numbers = list(dict.fromkeys(numbers))
    return sorted(numbers, reverse=not known.traits.ordered and draw.random() < 0.3)
