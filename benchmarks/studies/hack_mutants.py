"""How many seeded mistakes are exposed: `python -m benchmarks.studies.hack_mutants PROBLEMS.jsonl ...`.

Accepted Python programs of Kattis problems, one a problem, get one small mistake each
(`benchmarks.studies.mutations`). Mutants are hacked with another accepted program of the same problem to say what
is right, and also run on the jury's own samples and tests. A mutant that survives both may be no mistake at all.
The programs without a mistake are the controls. A counterexample on which the program without the mistake fails as
well is an invalid input and exposes nothing.

Results are appended to a file as they come, and a second run skips what is in it.

Not covered: problems whose special checker is not in the data; those with fewer than two accepted programs.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from agent.hacking import HackOptions, Program, hack
from agent.hacking.measure import tokens_of
from agent.hacking.referee import Referee
from agent.inputs import GeneratedInput
from agent.journal import Journal, read_journal
from agent.judging.judge import judge
from agent.languages import LANGUAGES
from agent.types import Verdict
from benchmarks.studies.hack_submissions import problems_of
from benchmarks.studies.jury_submissions import Submission, derived_limit_s, packages, submissions
from benchmarks.studies.mutations import OPERATORS, mutants
from problems import Problem
from sandbox import Sandbox, open_sandbox

_GENEROUS_S = 5.0
_MOST_CANDIDATES = 4  # accepted programs of one problem that are tried, of which two are needed


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mutant, or one program without a mistake, that was hacked."""

    key: str
    operator: str
    """A name in `OPERATORS`; "" for a control."""
    line: int
    tests: str
    """The verdict of the jury's tests."""
    verdict: str
    """What it was found to do; "" where nothing was found."""
    is_valid: bool
    """Whether the program without the mistake answers as the other accepted one does on what was found."""
    tokens: int
    """Of the shrunk input."""
    seconds: float
    inputs: int
    unanswered: int
    origin: str
    text: str
    """The shrunk input, cut."""
    is_found_valid: bool = False
    """The same as `is_valid` of the input as it was before it was shrunk."""
    unread: int = 0
    """Sentences of the statement that may demand more of inputs, which the answer quotes."""

    @property
    def is_exposed(self) -> bool:
        """Whether the search exposed a mistake, by what it found at first or by what that became."""
        is_sound = self.is_valid or self.is_found_valid or self.origin == "example"
        return bool(self.operator and self.verdict and is_sound)

    @property
    def is_killed(self) -> bool:
        """Whether the jury's tests do."""
        return self.tests != Verdict.AC


@dataclass(frozen=True, slots=True)
class Subject:
    """A right program to be mutated, and another one that says what is right."""

    origin: Submission
    right: Submission
    problem: Problem
    """With its samples, and the limit that the two make."""
    judged: Problem
    """The same with the jury's samples and tests as cases."""


def subject(box: Sandbox, problem: Problem, judged: Problem, accepted: Sequence[Submission]) -> Subject | None:
    """The first right Python program, and the fastest right one beside it; None where there are no two."""
    slowest: dict[str, float] = {}
    python = [each for each in accepted if each.language == "python"]
    tried = [*python[:2], *(each for each in accepted if each not in python[:2])][:_MOST_CANDIDATES]
    for each in tried if python else ():
        generous = replace(judged, time_limit_s=_GENEROUS_S)
        (row,) = judge(LANGUAGES[each.language].runner(box), generous, [each.source])
        if all(execution.verdict is Verdict.AC for execution in row):
            slowest[each.key] = max(execution.result.cpu_s for execution in row)
    right = [each for each in tried if each.key in slowest]
    origin = next((each for each in right if each.language == "python"), None)
    others = [each for each in right if each is not origin]
    if origin is None or not others:
        return None
    other = min(others, key=lambda each: (slowest[each.key], each.key))
    limit = derived_limit_s([slowest[origin.key], slowest[other.key]])
    return Subject(origin, other, replace(problem, time_limit_s=limit), replace(judged, time_limit_s=limit))


def attempts(
    box: Sandbox, one: Subject, seed: int, most: int, seconds: float, known: frozenset[str] = frozenset()
) -> Iterator[Attempt]:
    """The control and its mutants, but for those whose keys are known."""
    try:
        chosen = mutants(one.origin.source, seed, most)
    except SyntaxError:
        return
    sources = [("", 0, one.origin.source), *((each.operator, each.line, each.source) for each in chosen)]
    for number, (operator, line, source) in enumerate(sources):
        key = f"{one.origin.key}/{number}"
        if key not in known:
            yield _attempt(box, one, key, operator, line, source, seconds)


def _attempt(
    box: Sandbox, one: Subject, key: str, operator: str, line: int, source: str, seconds: float
) -> Attempt:
    (row,) = judge(LANGUAGES["python"].runner(box), one.judged, [source])
    right = Program(one.right.source, one.right.language)
    hacking = hack(one.problem, box, Program(source), right, options=HackOptions(seconds))
    flaw, tried = hacking.flaw, hacking.attempts
    return Attempt(
        key,
        operator,
        line,
        str(row[-1].verdict),
        str(flaw.verdict) if flaw else "",
        flaw is not None and _is_valid(box, one, flaw.item),
        tokens_of(flaw.item) if flaw else 0,
        round(tried.seconds, 1),
        tried.inputs,
        tried.unanswered,
        flaw.item.origin if flaw else "",
        flaw.item.stdin[:300] if flaw else "",
        hacking.original is not None and _is_valid(box, one, hacking.original),
        len(hacking.unread),
    )


def _is_valid(box: Sandbox, one: Subject, item: GeneratedInput) -> bool:
    origin, right = (Program(each.source, each.language) for each in (one.origin, one.right))
    (finding,) = Referee(one.problem, box, origin, right).findings([item])
    return finding.flaw is None


_TITLES = (
    "operator", "mutants", "by `solve hack`", "by the tests", "by both", "by neither",
    "share of those that either exposes", "the same, of those that pass the examples", "median tokens",
)  # fmt: skip


def summary(done: Sequence[Attempt]) -> str:
    """A row per operator, one of all, and a line on the controls."""
    mutated = [each for each in done if each.operator]
    lines = [f"| {' | '.join(_TITLES)} |", "|---" * len(_TITLES) + "|"]
    lines += [
        _row(name, [each for each in mutated if each.operator == name])
        for name in OPERATORS
        if any(each.operator == name for each in mutated)
    ]
    lines.append(_row("all", mutated))
    lines.append("")
    for what, part in (
        ("read in full", [e for e in done if not e.unread]),
        ("not", [e for e in done if e.unread]),
    ):
        controls = [each for each in part if not each.operator]
        found = [each for each in part if each.operator and each.verdict]
        lines.append(
            f"statement {what}: {len(controls)} programs without a mistake,"
            f" {sum(bool(each.verdict) for each in controls)} accused; {len(found)} mutants broken,"
            f" {sum(not each.is_valid for each in found)} on a shrunk input that is invalid,"
            f" {sum(not each.is_exposed for each in found)} on nothing else"
        )
    return "\n".join(lines)


def _row(name: str, mutated: Sequence[Attempt]) -> str:
    exposed = [each for each in mutated if each.is_exposed]
    either = [each for each in mutated if each.is_exposed or each.is_killed]
    hard = [each for each in either if each.origin != "example"]
    cells = (
        name,
        len(mutated),
        len(exposed),
        sum(each.is_killed for each in mutated),
        sum(each.is_exposed and each.is_killed for each in mutated),
        len(mutated) - len(either),
        _share(exposed, either),
        _share([each for each in hard if each.is_exposed], hard),
        statistics.median(each.tokens for each in exposed) if exposed else "-",
    )
    return f"| {' | '.join(map(str, cells))} |"


def _share(part: Sequence[Attempt], whole: Sequence[Attempt]) -> str:
    return f"{len(part)} of {len(whole)} ({len(part) / len(whole):.0%})" if whole else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Hack what is left to hack, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.hack_mutants", description=__doc__)
    parser.add_argument("problems", type=Path, help="JSON Lines of problems, in the schema of solve bench")
    parser.add_argument("submissions", type=Path, help="JSON Lines: problem_id, language, expected, code")
    parser.add_argument("--out", type=Path, required=True, help="append results here; what it has is not repeated")
    parser.add_argument("--programs", type=int, default=40, help="so many right programs")
    parser.add_argument("--mutants", type=int, default=6, help="of each, at most")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each mutant")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of programs and mutants")
    options = parser.parse_args(arguments)
    accepted: dict[str, list[Submission]] = defaultdict(list)
    for each in submissions(options.submissions):
        if each.expected == "AC":
            accepted[each.problem].append(each)
    problems, (by_id, _) = problems_of(options.problems), packages(options.problems)
    names = sorted(name for name in accepted if name in problems)
    random.Random(f"programs/{options.seed}").shuffle(names)
    found = 0
    with open_sandbox("auto", cpp=True) as box, Journal(options.out, lambda row: Attempt(**row)) as journal:
        known = frozenset(each.key for _, each in journal.entries())
        for name in names:
            if found == options.programs:
                break
            one = subject(box, problems[name], by_id[name].problem, accepted[name])
            if one is None:
                continue
            found += 1
            for result in attempts(box, one, options.seed, options.mutants, options.seconds, known):
                journal.append(asdict(result))
                sys.stderr.write(
                    f"{found} {result.key} {result.operator or 'control'} {result.tests}"
                    f" -> {result.verdict or '-'}{'' if result.is_valid or not result.verdict else ' INVALID'}"
                    f" {result.tokens} tokens, {result.seconds:g} s, {result.inputs}+{result.unanswered} inputs\n"
                )
    sys.stdout.write(summary(read_journal(options.out, lambda row: Attempt(**row))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
