"""Which number of an input is which name of the statement: places of a layout beside names in order of mention.

A statement names the numbers of its input in the order in which they are read, mostly: "two integers N and K, ...
then N integers a_i". Names and places are aligned in that order, as many as can be, where every value that the
samples show at a place keeps what is said of the name in numbers.

Not covered: names that the statement mentions in another order than they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agent.inputs.constraints import Constraint
from agent.inputs.places import Path

_INDEXED = re.compile(r"_\w+$|^between")
_LENGTH_BEFORE = re.compile(r"(?:length|längd|längden)(?:\s+(?:of|is|av))?\s{0,3}\(?\s{0,2}$", re.IGNORECASE)
_UNITS = r"\s+(?:[\w-]+\s)?(?:letters|characters|chars|long|tecken|bokstäver|lång)\b"
_LENGTH_AFTER = re.compile(rf"{_UNITS}", re.IGNORECASE)
_NEAR = 60
_LENGTH_BETWEEN = re.compile(rf"\w+\s+[\d ,]{{1,9}}?\s+\w+\s+[\d ,^]{{1,9}}?{_UNITS}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the layout, and what the samples show there."""

    path: Path
    line: Path
    """Of the line it is on."""
    values: tuple[int, ...]
    """Numbers, or the lengths of words."""
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that constraints are about, where the statement mentions it."""

    name: str
    at: int
    """Characters from the beginning."""
    constraints: tuple[Constraint, ...]
    """What is said of it there."""
    is_length: bool
    """Whether it is the length of a word, and not itself in the input."""

    def fits(self, place: Place) -> bool:
        """Whether it may be what stands at a place."""
        return self.is_length == place.is_word and all(
            constraint.holds({self.name: value}) for constraint in self.constraints for value in place.values
        )


def bind(places: Sequence[Place], constraints: Sequence[Constraint], part: str) -> Mapping[Path, Mention]:
    """The name of each place, where there is one.

    Args:
        places: in the order of reading.
        constraints: of the description of the input.
        part: that description.
    """
    once, again = _mentions(constraints, part, apart=False), _mentions(constraints, part, apart=True)
    _, pairs, mentions = max(
        ((*_aligned(places, mentions), mentions) for mentions in (once, again)), key=lambda result: result[0]
    )
    return {places[p].path: mentions[m] for p, m in pairs}


def _mentions(constraints: Sequence[Constraint], part: str, *, apart: bool) -> list[Mention]:
    """Names in order of mention; with `apart` a name that is constrained at several places is several."""
    groups: dict[tuple[str, int], list[Constraint]] = {}
    last: dict[str, int] = {}
    for constraint in constraints:
        for name in sorted(constraint.names):
            start = last.get(name)
            if start is None or (apart and constraint.place - start > _NEAR):
                start = last[name] = constraint.place
            groups.setdefault((name, start), []).append(constraint)
    mentions = [_mention(name, start, group, part, apart=apart) for (name, start), group in groups.items()]
    return sorted(mentions, key=lambda mention: mention.at)


def _mention(name: str, start: int, group: Sequence[Constraint], part: str, *, apart: bool) -> Mention:
    spelling = next((t.text for c in group for t in (c.left, c.right) if t.name == name), name)
    match = re.search(rf"(?<![\w|]){re.escape(spelling)}(?![\w|])", part) if spelling else None
    at = start if apart or match is None else match.start()
    before = part[max(0, at - 24) : at]
    after = part[match.end() if match and not apart else at :][:_NEAR]
    is_length = (
        name.startswith("length_of_")
        or (not apart and bool(_LENGTH_BEFORE.search(before)))
        or bool((_LENGTH_BETWEEN if name.startswith("between") else _LENGTH_AFTER).match(after))
    )
    return Mention(name, at, tuple(group), is_length)


_Choice: TypeAlias = tuple[float, tuple[tuple[int, int], ...]]
"""How good an alignment is, and its pairs of a place and a mention."""
_SHARED = 0.5  # a further place for one name is worth less than a name of its own


def _aligned(places: Sequence[Place], mentions: Sequence[Mention]) -> _Choice:
    """The best pairs in common order (a longest common subsequence); an indexed name may take all of a line."""
    best: list[list[_Choice]] = [[(0.0, ())] * (len(mentions) + 1)]
    for p, place in enumerate(places):
        row = [best[-1][0]]
        for m, mention in enumerate(mentions):
            choices = [best[-1][m + 1], row[m]]
            if mention.fits(place):
                choices.append(_longer(best[-1][m], p, m, 1.0))
                pairs = best[-1][m + 1][1]
                if pairs and pairs[-1][1] == m and _shares(places[pairs[-1][0]], place, mention):
                    choices.append(_longer(best[-1][m + 1], p, m, _SHARED))
            row.append(max(choices, key=lambda choice: choice[0]))
        best.append(row)
    return best[-1][-1]


def _longer(choice: _Choice, p: int, m: int, worth: float) -> _Choice:
    return choice[0] + worth, (*choice[1], (p, m))


def _shares(first: Place, second: Place, mention: Mention) -> bool:
    return first.line == second.line and bool(_INDEXED.search(mention.name))
