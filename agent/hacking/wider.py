"""What arguments may be like though no example shows it: empty, of other letters, negative, unordered.

Examples are few, and what they share by chance is no rule. The kinds of arguments here are those that EvalPlus's
contracts (Liu et al., 2023) mostly allow on tasks of HumanEval+ and MBPP+ with an odd number, where the statement
has none of the words below. The sign of a single number is not among them: half of the tasks forbid zero.

Not covered: nested lists, tuples and dictionaries, which mostly are records or grids with rules of their own.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.inputs.values import Traits

_SIGN = re.compile(r"positive|negative|natural|unsigned|greater than (?:0|zero)|between|gpa", re.I)
_ORDER = re.compile(r"sorted|ascending|descending|increasing|decreasing|monoton", re.I)
_REPEATS = re.compile(r"distinct|unique|duplicate|different|exactly once|permutation|repeat|\bsets?\b", re.I)
_LETTERS = re.compile(
    r"letter|alphabet|\bwords?\b|\blower|\bupper|\bonly\b|consist|contains? (?:just|the characters)|digit|binary"
    r"|hexa|roman|bracket|parenthes|date|format|character set|music",
    re.I,
)
_EMPTY = re.compile(r"non-? ?empty|not (?:be )?empty|at least (?:one|1)\b|\bwords?\b", re.I)
_MANY_LETTERS = 5  # of so many different ones it is believed that any letter may come
_OTHERS = string.ascii_lowercase + "AZ 7!"


def wider_traits(traits: Sequence[Traits], columns: Sequence[Sequence[Any]], statement: str) -> list[Traits]:
    """What the arguments may be like, from what the examples share and what the statement says.

    Args:
        traits: what all examples show, by place.
        columns: the examples' values, by place.
        statement: the whole of it.
    """
    is_alone = len(columns) == 1
    return [_wider(own, values, statement, is_alone=is_alone) for own, values in zip(traits, columns, strict=True)]


def emptied(args: Sequence[Any], traits: Sequence[Traits]) -> Iterator[tuple[Any, ...]]:
    """The arguments with one of them empty, where that is allowed."""
    for place, (value, own) in enumerate(zip(args, traits, strict=True)):
        if own.empty and isinstance(value, str | list) and value:
            yield (*args[:place], type(value)(), *args[place + 1 :])


def _wider(own: Traits, values: Sequence[Any], statement: str, *, is_alone: bool) -> Traits:
    if all(isinstance(value, str) for value in values):
        return _wider_text(own, values, statement)
    if not all(isinstance(value, list) and not any(map(_is_nested, value)) for value in values):
        return own
    if any(isinstance(item, str) for value in values for item in value):
        own = _wider_text(own, [item for value in values for item in value], statement)
    return replace(
        own,
        low=own.low if _SIGN.search(statement) else None,
        ordered=own.ordered and _ORDER.search(statement) is not None,
        distinct=own.distinct and _REPEATS.search(statement) is not None,
        empty=own.empty or (is_alone and not _EMPTY.search(statement)),
    )


def _is_nested(value: object) -> bool:
    return isinstance(value, list | tuple | dict | set | frozenset)


def _wider_text(own: Traits, values: Sequence[Any], statement: str) -> Traits:
    """Of texts of letters; single characters, numbers and marks in a text are mostly a format of its own."""
    letters = {letter for letter in own.alphabet if letter.isalpha()}
    is_prose = letters and not set(own.alphabet) - letters - set(" ,.!?'")
    if not is_prose or own.fixed or all(len(value) == 1 for value in values if isinstance(value, str)):
        return own
    is_any_letter = len(letters) >= _MANY_LETTERS and not _LETTERS.search(statement)
    alphabet = "".join(sorted({*own.alphabet, *_OTHERS})) if is_any_letter else own.alphabet
    return replace(own, alphabet=alphabet, empty=own.empty or not _EMPTY.search(statement))
