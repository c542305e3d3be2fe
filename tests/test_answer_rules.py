"""What a statement's words say of answers, put together: the comparator, notes for a person, refusals."""

from __future__ import annotations

import re
import time

import pytest

from problems import Comparator, ProblemError, parse_problem
from problems.answer_rules import answer_rules
from problems.sentences import sentences

EXAMPLE = "\n\n## Sample Input\n\n```\n4\n```\n\n## Sample Output\n\n```\n8\n```\n"


def test_an_interactive_problem_is_refused_by_name() -> None:
    with pytest.raises(ProblemError, match=r"p\.md: is an interactive problem"):
        parse_problem("# Guess\n\nThis is an interactive problem." + EXAMPLE, path="p.md")


def test_a_problem_carries_what_its_words_say() -> None:
    problem = parse_problem(
        "# A\n\nIf there are several answers, print any. Letters in any case are accepted." + EXAMPLE
    )
    assert problem.many_answers
    assert len(problem.notes) == 1
    assert "checker" in problem.notes[0]
    assert problem.comparator == Comparator("caseless")
    plain = parse_problem("# A\n\nPrint twice the number." + EXAMPLE)
    assert not plain.many_answers
    assert plain.notes == ()


def test_a_checker_needs_no_note() -> None:
    checker = "\n```python checker\nimport sys\nsys.exit(0)\n```\n"
    problem = parse_problem("# A\n\nPrint any valid answer." + EXAMPLE + checker)
    assert problem.many_answers
    assert problem.notes == ()


def test_words_inside_examples_say_nothing() -> None:
    sample = "\n## Sample Output\n\n```\nprint any of them in any case, error at most 1e-6\n```\n"
    rules = answer_rules("# A\n\nPrint the text.\n" + sample, is_call=False)
    assert rules.comparator == Comparator()
    assert not rules.many_answers


def test_sentences_read_alike_however_they_were_typed() -> None:
    spellings = ["at most $10^{-6}$", "at most 10<sup>-6</sup>", "at most 10⁻⁶", "at most 10−6", "at most １０^-6"]
    plain = {re.sub(r"[\^{} ]", "", sentences(one)[0]) for one in spellings}
    assert plain == {"atmost10-6"}


def test_files_are_said_to_be_unsupported() -> None:
    problem = parse_problem(
        "# A\n\nRead the number from the file `in.txt`, write it to the file `res.out`." + EXAMPLE
    )
    assert len(problem.notes) == 1
    assert "in.txt and res.out" in problem.notes[0]
    assert "standard input" in problem.notes[0]


@pytest.mark.parametrize(
    "unit", ["a.in ", "read file a.dat ", "error 10^-6 ", "print any ", "in any case ", "|a-b", "\n"]
)
def test_long_texts_cost_by_their_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        answer_rules(text, is_call=False)
        return time.process_time() - began

    # Quadratic work would take sixteen times as long, for four times the text.
    assert seconds(80_000) < 10 * seconds(20_000) + 0.1
