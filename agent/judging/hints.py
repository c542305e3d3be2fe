"""What to do about a verdict: guesses that were tried, in a sentence each.

A hint about a wrong answer is given only where the answer would be right without what the hint names: a prompt
that was printed, other words before the answer, another case. So a hint is never a mere suspicion.

Not covered: why a verdict was given (`agent.judging.explain`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from agent.judging.explain import last_line
from agent.judging.missing_modules import advice
from agent.types import Verdict
from problems import TestCase, accepts_output, accepts_value
from sandbox import CallResult

if TYPE_CHECKING:
    from agent.types import Execution
    from problems import CallCase, Problem

_PROMPT = re.compile(r"""\binput\(\s*[rRuU]?(?:"([^"\\\n]*(?:\\.[^"\\\n]*)*)"|'([^'\\\n]*(?:\\.[^'\\\n]*)*)')""")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t"}
_MOST_PROMPTS = 50


@dataclass(frozen=True, slots=True)
class Run:
    """A program on a case, as far as hints look at it."""

    problem: Problem
    case: TestCase | CallCase
    execution: Execution
    source: str
    """The program's text; it is searched, never executed or parsed."""


def hints(run: Run) -> Iterator[str]:
    """What may help, one sentence each; nothing for a run that was accepted."""
    if run.execution.verdict is Verdict.WA:
        hint = next(filter(None, (guess(run) for guess in _WRONG)), None)
        if hint:
            yield hint
        if run.problem.checker is None:
            yield from (f"the verdict may be mistaken: {note}" for note in run.problem.notes)
    elif run.execution.verdict is Verdict.RTE:
        yield from filter(None, (guess(run) for guess in _DEATHS))


def _prompts(run: Run) -> str | None:
    literals = (match[1] or match[2] for match in islice(_PROMPT.finditer(run.source), _MOST_PROMPTS))
    prompts = {_plain(literal) for literal in literals if literal}
    output = run.execution.result.stdout
    # Longest first: one prompt may begin with another.
    present = [text for text in sorted(prompts, key=len, reverse=True) if text in output]
    bare = output
    for text in present:
        bare = bare.replace(text, " ")
    if not present or not _accepts(run, bare):
        return None
    return f"the program prints the prompt of input(), {present[0]!r}: call input() without a text"


def _plain(literal: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), literal)


def _words_before(run: Run) -> str | None:
    assert isinstance(run.case, TestCase)
    tokens, right = run.execution.result.stdout.split(), len(run.case.stdout.split())
    extra = len(tokens) - right
    if not right or extra < 1 or not _accepts(run, " ".join(tokens[extra:])):
        return None
    words = f"{extra} other words come" if extra > 1 else f"another word, {tokens[0][:40]!r}, comes"
    return f"the expected output is there, but {words} before it: print nothing but the answer"


def _words_after(run: Run) -> str | None:
    assert isinstance(run.case, TestCase)
    words, right = run.execution.result.stdout.split(), len(run.case.stdout.split())
    if not right or len(words) <= right or not _accepts(run, " ".join(words[:right])):
        return None
    return "the output begins with the expected one, but goes on: print nothing but the answer"


def _case_only(run: Run) -> str | None:
    if not _accepts(run, run.execution.result.stdout, kind="caseless"):
        return None
    return "it is right but for upper and lower case"


def _spaces_only(run: Run) -> str | None:
    if not _accepts(run, run.execution.result.stdout, kind="tokens"):
        return None
    return "it is right but for blank space and line ends"


def _order_only(run: Run) -> str | None:
    if not _accepts(run, run.execution.result.stdout, kind="unordered-lines"):
        return None
    return "it has the expected lines in another order"


def _nearly(run: Run) -> str | None:
    comparator = replace(run.problem.comparator, abs_tol=1e-4, rel_tol=1e-4)
    case, result = run.case, run.execution.result
    if isinstance(case, TestCase):
        near = accepts_output(comparator, case.stdout, result.stdout)
    else:
        near = isinstance(result, CallResult) and accepts_value(comparator, case.expected, result.value)
    if not near:
        return None
    here = max(run.problem.comparator.abs_tol, run.problem.comparator.rel_tol)
    return (
        f"it is within 0.0001 of the expected answer, but more than {here:g} off: print more digits, or round less"
        if here
        else "it is within 0.0001 of the expected answer, but no tolerance was found in the statement"
    )


def _silent(run: Run) -> str | None:
    if run.execution.result.stdout.strip():
        return None
    if re.search(r"^[ \t]*(?:async def|def|class) ", run.source, re.MULTILINE):
        return "the program printed nothing: it must read standard input and print, not only define a function"
    return "the program printed nothing"


def _returned_nothing(run: Run) -> str | None:
    result = run.execution.result
    if not isinstance(result, CallResult) or result.value is not None:
        return None
    also = "; what it prints does not count" if result.stdout.strip() else ""
    return f"the function returned None: does it end with `return`?{also}"


def _same_items(run: Run) -> str | None:
    case, result = run.case, run.execution.result
    comparator = replace(run.problem.comparator, unordered=True)
    if isinstance(case, TestCase) or not isinstance(result, CallResult):
        return None
    if not accepts_value(comparator, case.expected, result.value):
        return None
    return 'it has the expected items in another order, and "in any order" was not found in the statement'


def _of_text(guess: Callable[[Run], str | None]) -> Callable[[Run], str | None]:
    """A guess that is about printed answers only, and not where a checker judges them."""
    return lambda run: guess(run) if isinstance(run.case, TestCase) and run.problem.checker is None else None


def _old_python(run: Run) -> str | None:
    if "Missing parentheses in call to 'print'" not in last_line(run.execution.result.stderr):
        return None
    return "this is Python 2, and programs run as Python 3"


def _input_ended(run: Run) -> str | None:
    if not last_line(run.execution.result.stderr).startswith("EOFError"):
        return None
    return "it asked for more input than the case has"


def _module_missing(run: Run) -> str | None:
    return next(iter(advice([run.execution.result])), None)


_WRONG: tuple[Callable[[Run], str | None], ...] = (
    *map(_of_text, (_silent, _prompts, _words_before, _words_after, _spaces_only, _case_only, _order_only)),
    _returned_nothing,
    _same_items,
    _nearly,
)
_DEATHS: tuple[Callable[[Run], str | None], ...] = (_old_python, _input_ended, _module_missing)


def _accepts(run: Run, output: str, *, kind: str | None = None) -> bool:
    assert isinstance(run.case, TestCase)
    comparator = run.problem.comparator
    return accepts_output(replace(comparator, kind=kind or comparator.kind), run.case.stdout, output)
