"""What a function seems to require of its arguments, inferred from what candidates reject.

Where most candidates fail on an input, it is probably not valid. A short list of properties (signs, lengths,
orders, indices within bounds) is searched for those that every accepted input and every example has, and rejected
ones lack; the fewest that explain most rejections are the precondition.

Not covered: programs that read standard input, whose layout says more; preconditions that only some candidates
check, which look like bugs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Any, TypeAlias

Arguments: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Precondition:
    """Properties that the arguments must have."""

    words: tuple[str, ...]
    """Each in words."""
    tests: tuple[Callable[[Arguments], bool], ...]

    def holds(self, args: Arguments) -> bool:
        """Whether arguments have all of them."""
        return all(_safely(test, args) for test in self.tests)


def infer_precondition(accepted: Sequence[Arguments], rejected: Sequence[Arguments]) -> Precondition | None:
    """The fewest properties that all accepted arguments have and that explain rejections; None if there is none.

    Args:
        accepted: arguments of one length on which most candidates answer; the examples among them.
        rejected: arguments on which most candidates fail.
    """
    width = min(map(len, [*accepted, *rejected]), default=0)
    candidates = [
        (words, test) for words, test in _properties(width) if all(_safely(test, args) for args in accepted)
    ]
    rest = list(rejected)
    properties: list[tuple[str, Callable[[Arguments], bool]]] = []
    while rest and candidates:
        best = max(candidates, key=lambda atom: sum(not _safely(atom[1], args) for args in rest))
        matches = [args for args in rest if not _safely(best[1], args)]
        if not matches:
            break
        properties.append(best)
        rest = [args for args in rest if args not in matches]
    if not properties or not accepted:
        return None
    return Precondition(tuple(words for words, _ in properties), tuple(test for _, test in properties))


def _safely(test: Callable[[Arguments], bool], args: Arguments) -> bool:
    """Whether the property holds; one that does not apply to such arguments does."""
    try:
        return test(args)
    except (TypeError, AttributeError, IndexError, ValueError):
        return True


def _properties(width: int) -> Iterator[tuple[str, Callable[[Arguments], bool]]]:
    """The weakest first, so that of equally good ones the weakest is chosen."""
    for place in range(width):
        for words, test in _OF_ONE:
            yield words.format(place + 1), _at(test, place)
    for one, other in permutations(range(width), 2):
        for words, pair_test in _OF_TWO:
            yield words.format(one + 1, other + 1), _at_both(pair_test, one, other)


def _at(test: Callable[[Any], bool], place: int) -> Callable[[Arguments], bool]:
    return lambda args: test(args[place])


def _at_both(test: Callable[[Any, Any], bool], one: int, other: int) -> Callable[[Arguments], bool]:
    return lambda args: test(args[one], args[other])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _numbers(value: Any) -> list[Any]:
    """The numbers of a flat collection; a TypeError where there is anything else."""
    if not isinstance(value, list | tuple | set | frozenset) or not all(map(_is_number, value)):
        raise TypeError("not a collection of numbers")
    return list(value)


def _number(value: Any) -> Any:
    if not _is_number(value):
        raise TypeError("not a number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


_OF_ONE: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("argument {} is not below 0", lambda value: bool(_number(value) >= 0)),
    ("argument {} is not 0", lambda value: bool(_number(value) != 0)),
    ("argument {} is positive", lambda value: bool(_number(value) > 0)),
    ("argument {} is at least 2", lambda value: bool(_number(value) >= 2)),
    ("argument {} is not empty", lambda value: len(value) >= 1),
    ("argument {} has at least 2 items", lambda value: len(value) >= 2),
    ("argument {} has at least 3 items", lambda value: len(value) >= 3),
    ("argument {} holds no number below 0", lambda value: all(n >= 0 for n in _numbers(value))),
    ("argument {} holds only positive numbers", lambda value: all(n > 0 for n in _numbers(value))),
    ("argument {} holds no 0", lambda value: all(n != 0 for n in _numbers(value))),
    ("argument {} is in ascending order", lambda value: all(a <= b for a, b in pairwise(value))),
    ("argument {} repeats nothing", lambda value: len(set(map(repr, value))) == len(value)),
    ("argument {} holds only digits", lambda value: all(c.isdigit() for c in _text(value))),
    (
        "argument {} holds only letters and blanks",
        lambda value: all(c.isalpha() or c == " " for c in _text(value)),
    ),
    ("argument {} holds a blank", lambda value: " " in _text(value)),
    ("no item of argument {} is empty", lambda value: all(len(item) > 0 for item in value)),
)
_OF_TWO: tuple[tuple[str, Callable[[Any, Any], bool]], ...] = (
    ("argument {} is not above argument {}", lambda one, other: bool(_number(one) <= _number(other))),
    ("argument {} is below argument {}", lambda one, other: bool(_number(one) < _number(other))),
    ("argument {} is at most the length of argument {}", lambda one, other: bool(_number(one) <= len(other))),
    ("argument {} is an index of argument {}", lambda one, other: bool(0 <= _number(one) < len(other))),
    ("arguments {} and {} are equally long", lambda one, other: len(one) == len(other)),
    ("argument {} is an item of argument {}", lambda one, other: one in other),
)
