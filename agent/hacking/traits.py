"""What holds in one standard input, as facts with names: about its numbers, lists and lines, and how they compare.

Guesses at what holds in general are made from what held in every run of a program (Ernst et al., "Dynamically
discovering likely program invariants", 2001). Here a run is an input, and the facts are of a few kinds: signs,
repetitions, orders, whether every known word occurs, how two numbers compare, and a number with those of a list.

Not covered: what needs arithmetic beyond a sum, or more than two places; which facts matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from operator import ge, gt, le, lt, ne

from agent.inputs.grammar import INTEGER, FixedLine, Item, Node, Repeat, read
from agent.inputs.places import Path

_COMPARISONS = (("less than", lt), ("at most", le), ("not", ne), ("at least", ge), ("more than", gt))
_MOST_SINGLES = 4  # numbers outside of lists that are compared with each other and with lists
_MOST_COLUMNS = 6  # of a line, that are compared with each other


@dataclass(frozen=True, slots=True)
class Places:
    """What is known of the places of a layout."""

    layout: Sequence[Item]
    names: Mapping[Path, str]
    """For people."""
    kinds: Mapping[Path, frozenset[str]]
    """The words or numbers of a list, or the letters of its words, where there are few."""
    bounded: frozenset[Path]
    """Those whose range the statement gives, so that signs say nothing."""
    counted: frozenset[Path] = frozenset()
    """Lists whose first number counts the others."""
    shapes: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """The `shapes_of` words that are more than letters."""
    has_parity: bool = False
    """Whether the statement speaks of odd or even numbers."""


def shapes_of(tokens: Iterable[str]) -> frozenset[str]:
    """Words with every letter made "a" and every digit "0"."""
    return frozenset(re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", token)) for token in tokens)


@dataclass(slots=True)
class Facts:
    """What holds in an input and what does not; what it has nothing to say about is in neither."""

    places: Places
    known: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, places: Places, text: str) -> Facts | None:
        """The facts about an input; None where the layout does not read it."""
        tree = read(places.layout, text)
        if tree is None:
            return None
        facts = cls(places)
        singles: dict[Path, int] = {}
        facts._walk(places.layout, tree, (), singles)
        for one, other in combinations(list(singles)[:_MOST_SINGLES], 2):
            facts._compare(places.names[one], places.names[other], [(singles[one], singles[other])])
        return facts

    def note(self, what: str, *, holds: bool) -> None:
        """That something holds here; in all of an input only where it holds everywhere."""
        self.known[what] = holds and self.known.get(what, True)

    def _walk(self, layout: Sequence[Item], nodes: Sequence[Node], path: Path, singles: dict[Path, int]) -> None:
        """Note what holds in every item; adds the numbers of lines that are not repeated to `singles`."""
        for number, (item, node) in enumerate(zip(layout, nodes, strict=True)):
            here = (*path, number)
            if isinstance(item, Repeat):
                for block in node.blocks:
                    self._walk(item.body, block, here, dict(singles))
                for place, inner in enumerate(item.body):
                    if isinstance(inner, FixedLine):
                        lines = [block[place].tokens for block in node.blocks]
                        self._columns((*here, place), inner, lines, singles)
            elif isinstance(item, FixedLine):
                for column, token in enumerate(node.tokens):
                    own = (*here, -1 - column)
                    self._shapes(own, [token])
                    if item.integers[column]:
                        self._signs(own, [int(token)])
                        singles[own] = int(token)
            else:
                self._list(here, node.tokens, singles)

    def _columns(
        self, line: Path, item: FixedLine, lines: Sequence[Sequence[str]], singles: Mapping[Path, int]
    ) -> None:
        names = self.places.names
        whole = [column for column, is_integer in enumerate(item.integers) if is_integer][:_MOST_COLUMNS]
        for column in range(len(item.integers)):
            self._list((*line, -1 - column), [tokens[column] for tokens in lines], singles)
        for one, other in combinations(whole, 2):
            pairs = [(int(tokens[one]), int(tokens[other])) for tokens in lines]
            self._compare(names[(*line, -1 - one)], names[(*line, -1 - other)], pairs)

    def _list(self, path: Path, tokens: Sequence[str], singles: Mapping[Path, int]) -> None:
        name = self.places.names[path]
        tokens = tokens[1:] if path in self.places.counted else tokens
        for kind in sorted(self.places.kinds.get(path, ())):
            if tokens:
                self.note(f"{kind} is among {name}", holds=any(kind in token for token in tokens))
        self._shapes(path, tokens)
        if len(tokens) > 1:
            self.note(f"no two of {name} are equal", holds=len(set(tokens)) == len(tokens))
            self.note(f"not all of {name} are equal", holds=len(set(tokens)) > 1)
            self.note(f"neighbours among {name} differ", holds=all(a != b for a, b in pairwise(tokens)))
        if not tokens or not all(map(INTEGER.fullmatch, tokens)):
            return
        numbers = list(map(int, tokens))
        self._signs(path, numbers)
        if len(numbers) > 1:
            self.note(f"{name} ascend", holds=all(a <= b for a, b in pairwise(numbers)))
            self.note(f"{name} descend", holds=all(a >= b for a, b in pairwise(numbers)))
        for single, value in list(singles.items())[:_MOST_SINGLES]:
            self._beside(name, numbers, self.places.names[single], value)

    def _shapes(self, path: Path, tokens: Sequence[str]) -> None:
        if (shapes := self.places.shapes.get(path)) is not None:
            what = f"letters, digits and marks of {self.places.names[path]} are in the places of the examples'"
            self.note(what, holds=shapes >= shapes_of(tokens))

    def _signs(self, path: Path, numbers: Sequence[int]) -> None:
        name = self.places.names[path]
        if path not in self.places.bounded:
            self.note(f"{name} is not negative", holds=min(numbers) >= 0)
            self.note(f"{name} is not positive", holds=max(numbers) <= 0)
            self.note(f"{name} is not 0", holds=0 not in numbers)
        if self.places.has_parity:
            self.note(f"{name} is odd", holds=all(number % 2 for number in numbers))
            self.note(f"{name} is even", holds=all(number % 2 == 0 for number in numbers))

    def _compare(self, one: str, other: str, pairs: Sequence[tuple[int, int]]) -> None:
        for words, compare in _COMPARISONS if pairs else ():
            self.note(f"{one} is {words} {other}", holds=all(compare(a, b) for a, b in pairs))

    def _beside(self, name: str, numbers: Sequence[int], other: str, value: int) -> None:
        self.note(f"no number of {name} is more than {other}", holds=max(numbers) <= value)
        self.note(f"a number of {name} is at least {other}", holds=max(numbers) >= value)
        self.note(f"the sum of {name} is at most {other}", holds=sum(numbers) <= value)
        self.note(f"the sum of {name} is at least {other}", holds=sum(numbers) >= value)
        self.note(f"{other} is among {name}", holds=value in numbers)
        self.note(f"{other} is not among {name}", holds=value not in numbers)
