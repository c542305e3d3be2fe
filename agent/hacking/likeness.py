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

from agent.hacking.traits import Facts, Places
from problems import TestCase

if TYPE_CHECKING:
    from agent.inputs.form import Form
    from agent.inputs.places import Path
    from problems import CallCase

LIKE, UNLIKE = 0.9, 0.5
"""Probability that an input is valid though sentences are unread, if it is of the examples' kind and if not."""
_MOST_KINDS = 3
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NO_LAYOUT = "examples have a layout that was not understood"


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
        self._places = None if form is None else _places(form)
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
        if facts is None:
            return _NO_LAYOUT
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


def _places(form: Form) -> Places:
    fields = form.fields
    order = {path: number for number, path in enumerate(fields, 1)}
    names = {path: field.name or f"number {order[path]}" for path, field in fields.items()}
    return Places(
        form.layout or (),
        names,
        {path: _kinds(field.tokens) for path, field in fields.items()},
        frozenset(path for path, field in fields.items() if _is_bounded(form, path)),
    )


def _kinds(tokens: Sequence[str]) -> frozenset[str]:
    kinds = frozenset(tokens)
    return kinds if 1 < len(kinds) <= _MOST_KINDS else frozenset()


def _is_bounded(form: Form, path: Path) -> bool:
    field = form.fields[path]
    return field.is_stated and field.kind == "integer"
