"""Where inputs come from, in rounds: examples, generators, small ones of every style, mutations, the worst ones.

Small inputs come first and most often, because a flaw that shows on one is found soonest there and needs no
shrinking (Jackson, "Software Abstractions", 2006, calls that the small scope hypothesis). Sizes grow from round to
round; every few rounds some inputs are as large as the statement allows.

Not covered: whether anything fails on them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from agent.hacking.calls import CallSource
from agent.hacking.collisions import COLLISIONS, collision_labels, table_of
from agent.hacking.likeness import Kind
from agent.hacking.measure import size_of
from agent.hacking.styles import VALUES, Style
from agent.hacking.types import EXAMPLE
from agent.hacking.writer import Writer
from agent.inputs import GeneratedInput, generate_inputs, key_of
from agent.inputs.constraints import doubts
from agent.inputs.stdin import Generator
from agent.inputs.validity import accepts, form_of
from problems import CallCase, TestCase

if TYPE_CHECKING:
    from agent.hacking.edges import Shape
    from agent.inputs.form import Form
    from problems import Problem

_SIZES = (2, 3, 4, 6, 3, 10, 5, 20, 8, 60, 4, 200)
_SMALL, _MUTATED = 24, 8
_LARGE_EVERY = 4
_FIRST_LARGE = 3
_TRIES = 4  # a written input may break a constraint that was not read, and is dropped
_STRIKES = 2
_MOST_TEXT = 1 << 23


class Source:
    """Inputs of one problem.

    Attributes:
        form: of a standard input; None where no layout is found, and for calls.
        tables: of `COLLISIONS`, those for which inputs are made.
    """

    def __init__(self, problem: Problem, seed: int, generated: Sequence[GeneratedInput] = ()) -> None:
        """Read the statement.

        Args:
            problem: whose inputs are made.
            seed: of all random choices.
            generated: inputs that a model's generators printed; they come after the examples.
        """
        self._problem = problem
        self._seed = seed
        self._draw = random.Random(f"hack/{seed}")
        self._keys: set[str] = set()
        self._generated = generated
        texts = [case.stdin for case in problem.cases if isinstance(case, TestCase)]
        self.form: Form | None = form_of(texts, problem.statement) if texts else None
        self.calls = CallSource(problem) if problem.is_call else None
        self._mutations = (
            Generator(texts, problem.statement).draw(self._draw) if self.form is not None else iter(())
        )
        self.tables = list(COLLISIONS)
        self._strikes = 0
        self.largest: int | None = None
        """No input of more characters is made; None while nothing is known to be too large."""

    @property
    def unread(self) -> tuple[str, ...]:
        """Sentences that may demand more of inputs than is checked."""
        if self.form is not None:
            return self.form.unread
        return () if self._problem.is_call else doubts(self._problem.statement)

    @cached_property
    def kind(self) -> Kind:
        """What the statement's examples share."""
        cases = [case for case in self._problem.cases if isinstance(case, TestCase)]
        return Kind(self.form, cases, self._problem.statement)

    def accepts(self, item: GeneratedInput) -> bool:
        """Whether an input is believed valid."""
        if self.calls is not None:
            return self.calls.accepts(item)
        return self.form is not None and accepts(self.form, item.stdin)

    def rounds(self) -> Iterator[list[GeneratedInput]]:
        """Batches of new inputs without end, but for problems that have too few different ones."""
        yield self._new(examples_of(self._problem))
        if self._generated:  # its validators are a model's, too: what the statement was seen to demand holds also
            yield self._new(item for item in self._generated if self.form is None or self.accepts(item))
        barren = 0
        number = 0
        while barren < 2 * len(_SIZES):
            batch = self._new(self._round(number))
            number += 1
            barren = 0 if batch else barren + 1
            yield batch

    def _round(self, number: int) -> Iterator[GeneratedInput]:
        is_large = number % _LARGE_EVERY == _FIRST_LARGE
        if self.calls is not None:
            yield from self.calls.round(number, self._seed, self._draw, is_large=is_large)
            for table in self._tables_of(number // _LARGE_EVERY) if is_large else ():
                yield from self.calls.colliding(table, self._draw)
            return
        if self.form is None:
            count = 32 * (number + 1)
            yield from generate_inputs(self._problem, count=count, seed=self._seed + number)
            return
        size = _SIZES[number % len(_SIZES)]
        for _ in range(_SMALL):
            yield from self._written(Style(size, self._draw.choice(VALUES)))
        for item in islice(self._mutations, _MUTATED):
            if self.accepts(item):
                yield item
        if is_large:
            yield from self._large(number // _LARGE_EVERY)

    def _large(self, turn: int) -> Iterator[GeneratedInput]:
        """Some inputs as large as allowed: first a chain of the largest numbers, which recurse and overflow."""
        shapes: tuple[Shape | None, ...] = ("chain", "star", None)
        for shape in shapes:
            values = "high" if shape == "chain" else self._draw.choice(VALUES)
            yield from self._written(Style(None, values, shape))
        for table in self._tables_of(turn):
            yield from self._written(Style(None, table))

    def _tables_of(self, turn: int) -> list[str]:
        """The tables whose turn it is; none at first, because tests may hold no such numbers."""
        wanted = ("buckets", "set" if turn % 2 == 0 else "dict") if turn else ()
        return [table for table in wanted if table in self.tables]

    def _written(self, style: Style) -> Iterator[GeneratedInput]:
        """One input of a style; nothing where no try keeps to the form."""
        assert self.form is not None
        for _ in range(_TRIES if style.size is not None else 1):
            writer = Writer(self.form, style, self._draw)
            text = writer.text()
            if style.values in COLLISIONS and not writer.has_collisions:
                return
            if text is not None and len(text) <= _MOST_TEXT and accepts(self.form, text):
                origin = "limits" if style.size is None else "grammar"
                reason = reason_of(self.form)
                if writer.has_collisions:
                    origin, reason = collision_labels(style.values, reason)
                yield GeneratedInput(stdin=text, origin=origin, reason=reason)
                return

    def note_too_large(self, item: GeneratedInput) -> None:
        """The right program ran over its limits: after a few such inputs, only smaller ones are made.

        One with colliding numbers says that it uses such a table itself: no more are made for that.
        """
        if (table := table_of(item)) is not None:
            self.tables = [each for each in self.tables if each != table]
            return
        self._strikes += 1
        if self._strikes % _STRIKES == 0:
            self.largest = len(size_of(item)[2])

    def _new(self, items: Iterator[GeneratedInput]) -> list[GeneratedInput]:
        batch = []
        for item in items:
            key = key_of(item)
            if key not in self._keys and (self.largest is None or len(key) < self.largest):
                self._keys.add(key)
                batch.append(item)
        return batch


def refusal(problem: Problem) -> str | None:
    """Why no inputs can be made for a problem; None where some can."""
    if problem.cases:
        return None
    if problem.is_call:
        from agent.inputs.strategies import strategy_for

        return (
            None
            if strategy_for(problem) is not None
            else "no example and no annotations tell what arguments look like"
        )
    return "the statement shows no example, of which inputs could be made"


def examples_of(problem: Problem) -> Iterator[GeneratedInput]:
    """The statement's own inputs, in order."""
    reason = "an example of the statement"
    for case in problem.cases:
        if isinstance(case, CallCase):
            yield GeneratedInput(case.args, case.kwargs, origin=EXAMPLE, reason=reason)
        else:
            yield GeneratedInput(stdin=case.stdin, origin=EXAMPLE, reason=reason)


def reason_of(form: Form) -> str:
    """Why an input that a form accepts is believed valid."""
    ranges = [
        f"{field.low} <= {field.name} <= {field.high}"
        for field in form.fields.values()
        if field.name
        and field.is_stated
        and not field.name.startswith(("between", "length_of"))
        and field.high < 10**20
    ]
    said = [str(constraint) for constraint in form.relations]
    stated = (
        f" and what the statement says ({', '.join(dict.fromkeys([*ranges, *said]))})" if ranges or said else ""
    )
    return f"keeps the layout and the properties that all examples share{stated}"
