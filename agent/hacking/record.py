"""What a search came to, for people and as the object that `--json` prints.

Not covered: the page about it (`agent.report.hacking`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agent.hacking.measure import tokens_of
from agent.hacking.possible import possible_lines, possible_record
from agent.hacking.types import CHECKER, EXAMPLE
from agent.hacking.votes import council_record, doubts_of, silence_of, votes_record
from agent.judging.explain import explanation, first_difference
from agent.judging.judge import limits_of
from agent.terminal.display import cut, cut_start, shown_expected, shown_input, shown_result
from agent.types import Execution, Verdict

if TYPE_CHECKING:
    from agent.hacking.types import Flaw, Hacking
    from problems import Problem

_MOST_CHARACTERS = 2000
_MOST_SHOWN = 600
_MOST_UNREAD = 3


@dataclass(frozen=True, slots=True)
class Names:
    """What the two programs are called."""

    program: str
    right: str
    """The one that says what is right; of two that are compared, the second."""
    is_duel: bool = False
    """Whether neither is held to be right."""

    def of(self, flaw: Flaw) -> tuple[str, str]:
        """The program that fails, and the one that gives the other answer."""
        return (self.right, self.program) if flaw.is_of_other else (self.program, self.right)

    def expected(self, flaw: Flaw) -> str:
        """What the answer of the other one is called."""
        return f"{'output of' if self.is_duel else 'expected, by'} {self.of(flaw)[1]}"


def record_of(problem: Problem, hacking: Hacking, names: Names, seed: int) -> dict[str, Any]:
    """One JSON object."""
    attempts = hacking.attempts
    record: dict[str, Any] = {
        "broken": hacking.flaw is not None,
        "tried": {
            "inputs": attempts.inputs,
            "unanswered": attempts.unanswered,
            "largest_characters": attempts.largest,
            "seconds": round(attempts.seconds, 2),
            "seed": seed,
        },
        "unread": list(hacking.unread),
        "suspicions": list(hacking.suspicions),
        "possible": possible_record(problem, hacking),
        "established_by": names.right,
        **council_record(problem, hacking),
    }
    if hacking.flaw is None:
        return record
    return record | _flaw_record(problem, hacking, hacking.flaw, names)


def _flaw_record(problem: Problem, hacking: Hacking, flaw: Flaw, names: Names) -> dict[str, Any]:
    case, result = flaw.case, flaw.result
    difference = first_difference(problem, case, result) if case and flaw.verdict is Verdict.WA else None
    return {
        "program": names.of(flaw)[0],
        "verdict": flaw.verdict,
        **votes_record(flaw),
        "explanation": _why(problem, flaw),
        "input": shown_input(flaw.item, problem.entry_point),
        "tokens": tokens_of(flaw.item),
        "tokens_before_shrinking": tokens_of(hacking.original) if hacking.original else None,
        "origin": flaw.item.origin,
        "valid_because": flaw.item.reason,
        "sure": _sureness(flaw, hacking, names),
        "expected": cut(shown_expected(case), _MOST_CHARACTERS) if case else None,
        "output": cut(shown_result(result), _MOST_CHARACTERS),
        "stderr": cut_start(result.stderr, _MOST_CHARACTERS),
        "difference": asdict(difference) if difference else None,
        "cpu_s": round(result.cpu_s, 4),
        "max_rss_mb": round(result.max_rss_mb, 1),
    }


def lines_of(problem: Problem, hacking: Hacking, names: Names, seed: int) -> Iterator[str]:
    """The same for people."""
    attempts = hacking.attempts
    size = _size(attempts.largest)
    tried = f"{attempts.inputs} inputs in {attempts.seconds:.1f} s, the largest of {size}; seed {seed}"
    if attempts.unanswered:
        right = hacking.authority or names.right
        tried += f"; {attempts.unanswered} more do not count, because {right} gave no answer"
    if (silence := silence_of(hacking)) is not None:
        yield f"nothing can be said: {silence}"
    elif hacking.flaw is None:
        yield f"nothing found: {tried}"
    else:
        yield from _flaw_lines(problem, hacking, hacking.flaw, names)
        yield f"tried: {tried}"
    yield from doubts_of(hacking)
    yield from possible_lines(problem, hacking)
    yield from (f"note: {words}" for words in hacking.suspicions)


def _flaw_lines(problem: Problem, hacking: Hacking, flaw: Flaw, names: Names) -> Iterator[str]:
    tokens = tokens_of(flaw.item)
    before = tokens_of(hacking.original) if hacking.original else tokens
    shrunk = f", shrunk from {before}" if before > tokens else ""
    what = "they differ" if names.is_duel else "broken"
    yield f"{what}: {flaw.verdict} on an input of {tokens} token{'s' * (tokens != 1)}{shrunk}"
    yield _block("input", shown_input(flaw.item, problem.entry_point))
    yield _block(f"output of {names.of(flaw)[0]}", shown_result(flaw.result))
    if flaw.case is not None:
        yield _block(names.expected(flaw), shown_expected(flaw.case))
    yield f"why: {_why(problem, flaw)}"
    yield f"valid: {flaw.item.reason}"
    for sentence in hacking.unread[:_MOST_UNREAD]:
        yield f'not checked, see that it holds: "{cut(sentence, 160)}"'
    yield f"sure: {_sureness(flaw, hacking, names)}"


def _why(problem: Problem, flaw: Flaw) -> str:
    if flaw.case is None:
        from agent.judging.explain import ending

        if flaw.verdict is Verdict.WA:
            return f"{CHECKER} rejects this output"
        return ending(flaw.result, limits_of(problem))
    return explanation(problem, flaw.case, Execution(flaw.result, flaw.verdict), limits_of(problem))


def _sureness(flaw: Flaw, hacking: Hacking, names: Names) -> str:
    if flaw.item.origin == EXAMPLE:
        return "the input is an example of the statement"
    condition = ", if the input keeps the sentences above" if hacking.unread else ""
    if names.is_duel:
        return f"the two differ{condition}; neither is held to be right"
    if flaw.votes is not None:
        return f"{flaw.confidence:.2f}{condition}"
    condition = f"{condition}: {flaw.confidence:.2f}" if hacking.unread else ""
    if hacking.authority == CHECKER:
        if flaw.verdict is Verdict.WA:
            return f"as the checker is right{condition}"
        return "less: nobody answers this input; it keeps to the stated limits"
    if flaw.case is None:
        return f"less: {names.right} does not answer this input either; it keeps to the stated limits"
    if hacking.unread:
        return f"as {names.right} is right{condition}"
    return f"as {names.right} is right: the input keeps all that was read of the statement"


def _block(title: str, text: str) -> str:
    shown = cut(text.rstrip("\n"), _MOST_SHOWN)
    return f"{title}:\n{shown}\n"


def _size(characters: int) -> str:
    return f"{characters} characters" if characters < 10_000 else f"{characters / 1000:.0f} thousand characters"
