"""What a statement says in words about how answers are given and judged.

Each rule has a module of its own: tolerance (`problems.tolerances`), letter case (`problems.letter_case`), several
right answers (`problems.many_answers`), order (`problems.orders`), files and conversations (`problems.channels`).

Not covered: the comparison itself (`problems.outputs`, `problems.values`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from problems.channels import Files, files_of, is_interactive
from problems.letter_case import is_case_free
from problems.many_answers import has_many_answers
from problems.orders import order_of
from problems.sentences import sentences
from problems.tolerances import tolerance_of
from problems.types import Comparator, ProblemError

_MANY_ANSWERS = (
    "The statement accepts any valid answer, so an output that differs from the one shown may be right too: only a"
    " checker can tell (docs/faq.md)."
)
_FILES = (
    "The statement names the files {}, which are not supported: a program must read standard input and print to"
    " standard output."
)


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """What a statement says about answers."""

    comparator: Comparator
    many_answers: bool
    files: Files

    def notes(self, *, has_checker: bool) -> tuple[str, ...]:
        """Reasons not to trust a comparison with the shown outputs, a sentence each."""
        notes = [_MANY_ANSWERS] if self.many_answers and not has_checker else []
        names = [name for name in (self.files.input, self.files.output) if name]
        if names:
            notes.append(_FILES.format(" and ".join(names)))
        return tuple(notes)


def answer_rules(text: str, *, is_call: bool, path: str = "<string>") -> AnswerRules:
    """What the statement says about answers.

    Args:
        text: the statement.
        is_call: whether it asks for a function.
        path: where it came from, for messages.

    Raises:
        ProblemError: it is interactive, which no example can judge.
    """
    statement = sentences(text)
    if is_interactive(statement):
        raise ProblemError(
            "is an interactive problem, where a judge answers the program's questions; expected one whose"
            " examples show a whole input and its output",
            path=path,
        )
    files = Files() if is_call else files_of(statement)
    return AnswerRules(
        _comparator(statement, is_call=is_call), has_many_answers(statement, is_call=is_call), files
    )


def _comparator(statement: Sequence[str], *, is_call: bool) -> Comparator:
    tolerance = tolerance_of(statement)
    if is_call:
        order = order_of(statement)
        return Comparator(
            "value",
            tolerance.absolute,
            tolerance.relative,
            unordered=order.outermost,
            unordered_inside=order.inside,
        )
    kind = "caseless" if is_case_free(statement) else "tokens"
    return Comparator(kind, tolerance.absolute, tolerance.relative)
