"""Whether an input is of the kind of a statement's examples, where the statement has sentences that were not read.

Such a sentence demands something that no check of ours knows, and the examples keep it. So an input that keeps all
that they share, and whose right answer looks like theirs, is likelier valid than one that does not: "it is
guaranteed that there is a way" shows in answers that are numbers, never "inf".

Not covered: calls of functions (`agent.hacking.wider`); what the layout and symbols say (`agent.inputs.validity`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.hacking.traits import Facts, Places, shapes_of
from problems import TestCase

if TYPE_CHECKING:
    from agent.inputs.form import Field, Form
    from problems import CallCase

LIKE, UNLIKE = 0.9, 0.5
"""Probability that an input is valid though sentences are unread, if it is of the examples' kind and if not."""
_MOST_KINDS, _FEWEST = 3, 3
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PARITY = re.compile(r"\b(?:odd|even|udda|jämnt?)\b", re.IGNORECASE)
_NO_FACTS = "nothing by which an input could be told from theirs"
_NO_LAYOUT = "a layout that was not understood"


class Kind:
    """What all examples of a statement have in common."""

    def __init__(self, form: Form | None, cases: Sequence[TestCase], statement: str) -> None:
        """Compare the examples.

        Args:
            form: of their inputs; None where none was found.
            cases: the examples.
            statement: its words may be answers.
        """
        self._examples = frozenset(case.stdin for case in cases)
        self._words = frozenset(re.findall(r"[^\W\d_]\w*", statement))
        self._answers = [case.stdout for case in cases]
        self._places = None if form is None else _places(form, has_parity=bool(_PARITY.search(statement)))
        rows = [Facts.of(self._places, case.stdin) for case in cases] if self._places else []
        known = [row.known for row in rows if row is not None]
        every = {what for row in known for what in row}
        self._shared = sorted(what for what in every if all(row.get(what, True) for row in known))

    def difference(self, text: str, case: TestCase | CallCase | None) -> str | None:
        """What all examples share and an input or its right answer lacks, in words; None where there is nothing.

        Args:
            text: the input.
            case: the same with its right answer; None where nobody knows that.
        """
        if text in self._examples:
            return None
        facts = Facts.of(self._places, text) if self._places else None
        if facts is None or len(self._shared) < _FEWEST:
            return _NO_LAYOUT if facts is None else _NO_FACTS
        broken = next((what for what in self._shared if not facts.known.get(what, True)), None)
        return broken or (self._strangeness(case.stdout) if isinstance(case, TestCase) else None)

    def _strangeness(self, answer: str) -> str | None:
        """How an answer differs from those of all examples."""
        tokens, shown = answer.split(), [token for each in self._answers for token in each.split()]
        if not tokens and all(each.split() for each in self._answers):
            return "some answer is printed"
        words = [token for token in tokens if not _NUMBER.fullmatch(token)]
        if any(word not in shown and word not in self._words for word in words) and not any(
            not _NUMBER.fullmatch(token) for token in shown
        ):
            return "answers are numbers"
        numbers = [token for token in tokens if _NUMBER.fullmatch(token)]
        if any(token.startswith("-") for token in numbers) and not any(token.startswith("-") for token in shown):
            return "no answer is negative"
        return None


def _places(form: Form, *, has_parity: bool) -> Places:
    fields = form.fields
    order = {path: number for number, path in enumerate(fields, 1)}
    names = {path: field.name or f"number {order[path]}" for path, field in fields.items()}
    return Places(
        form.layout or (),
        names,
        {path: _kinds(field) for path, field in fields.items()},
        frozenset(path for path, field in fields.items() if field.is_stated and field.kind == "integer"),
        frozenset(path for path, field in fields.items() if field.is_counted),
        {path: shapes_of(field.tokens) for path, field in fields.items() if _is_mixed(field)},
        has_parity,
    )


def _is_mixed(field: Field) -> bool:
    """Whether some word has letters beside digits or marks: chords, dates, codes."""
    return field.kind == "word" and any(not t.isalpha() and any(c.isalpha() for c in t) for t in field.tokens)


def _kinds(field: Field) -> frozenset[str]:
    """The few different tokens of a place, or else the few letters that its words are made of."""
    several = (frozenset(field.tokens), frozenset("".join(field.tokens) if field.kind == "word" else ""))
    return next((kinds for kinds in several if 1 < len(kinds) <= _MOST_KINDS), frozenset())
