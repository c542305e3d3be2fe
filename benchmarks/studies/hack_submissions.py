"""How many wrong programs are broken: `python -m benchmarks.studies.hack_submissions JURY.jsonl ...`.

The jury's programs of Kattis problems (`benchmarks.studies.jury_submissions`, whose results say what each one is
worth on the jury's own tests). What is right is said by an accepted program of the same problem, the hidden tests
are not looked at. Wrong are programs that fail a test; controls are other accepted ones: breaking one of them is a
false alarm, because there is an input on which two accepted programs differ.

Problems are halved by a hash of their name: one half to choose by ("tuning"), one to report ("held-out").

Not covered: problems with fewer than two accepted programs as to false alarms; those that a grader of the jury's
calls.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from agent.hacking.measure import tokens_of
from agent.hacking.referee import Referee
from agent.hacking.search import Search
from agent.hacking.types import HackOptions, Program
from agent.journal import Journal, read_journal
from benchmarks.contests import contest
from benchmarks.rows import file_rows, text
from benchmarks.studies.jury_submissions import Outcome, Submission, submissions
from problems import Problem
from sandbox import Sandbox, open_sandbox

_MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class Attempt:
    """One program that was hacked."""

    key: str
    problem: str
    half: str
    language: str
    filed: str
    """What the jury filed it under."""
    is_wrong: bool
    """Whether it fails a test of the jury's."""
    verdict: str
    """What it was found to do; "" where nothing was found."""
    tokens: int
    """Of the shrunk input."""
    seconds: float
    inputs: int
    unanswered: int
    unread: int
    """Sentences of the statement that may demand more of inputs."""
    text: str
    """The shrunk input, cut."""
    expected: str = ""
    output: str = ""
    origin: str = ""


def half_of(problem: str) -> str:
    """The half that a problem is in."""
    return "tuning" if hashlib.sha256(problem.encode()).digest()[0] % 2 else "held-out"


def attempt(
    box: Sandbox, problem: Problem, submission: Submission, right: Submission, seconds: float, *, is_wrong: bool
) -> Attempt:
    """Hack one program."""
    program, other = (Program(each.source, each.language) for each in (submission, right))
    hacking = Search(problem, Referee(problem, box, program, other), HackOptions(seconds)).run()
    flaw = hacking.flaw
    return Attempt(
        submission.key,
        submission.problem,
        half_of(submission.problem),
        submission.language,
        submission.expected,
        is_wrong,
        str(flaw.verdict) if flaw else "",
        tokens_of(flaw.item) if flaw else 0,
        round(hacking.attempts.seconds, 1),
        hacking.attempts.inputs,
        hacking.attempts.unanswered,
        len(hacking.unread),
        flaw.item.stdin[:300] if flaw else "",
        str(getattr(flaw.case, "stdout", ""))[:100] if flaw else "",
        flaw.result.stdout[:100] if flaw else "",
        flaw.item.origin if flaw else "",
    )


def summary(attempts: Sequence[Attempt]) -> str:
    """A row per half."""
    titles = (
        "half", "wrong", "broken", "share", "wrong that pass the examples", "of these broken", "share",
        "median tokens", "median s", "accepted", "false alarms",
    )  # fmt: skip
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for half in ("tuning", "held-out"):
        mine = [each for each in attempts if each.half == half]
        wrong = [each for each in mine if each.is_wrong]
        broken = [each for each in wrong if each.verdict]
        controls = [each for each in mine if not each.is_wrong]
        alarms = [each for each in controls if each.verdict]
        hard = [each for each in wrong if each.origin != "example"]
        found = [each for each in hard if each.verdict]
        tokens = statistics.median(each.tokens for each in broken) if broken else 0
        took = statistics.median(each.seconds for each in broken) if broken else 0
        lines.append(
            f"| {half} | {len(wrong)} | {len(broken)} | {_share(broken, wrong)} | {len(hard)} | {len(found)}"
            f" | {_share(found, hard)} | {tokens:g} | {took:g} | {len(controls)} | {len(alarms)} |"
        )
    kinds = Counter((each.filed, each.verdict or "-") for each in attempts if each.is_wrong)
    lines += ["", *(f"{filed} -> {verdict}: {count}" for (filed, verdict), count in sorted(kinds.items()))]
    return "\n".join(lines)


def _share(part: Sequence[Attempt], whole: Sequence[Attempt]) -> str:
    return f"{len(part) / len(whole):.1%}" if whole else "-"


def problems_of(path: Path) -> dict[str, Problem]:
    """The problems with their samples, by id, but for those that a lost checker judges."""
    return {
        text(row, "id"): replace(contest(row).problem, memory_limit_mb=_MEMORY_MB)
        for _, row in file_rows(path)
        if row.get("checker") != "special"
    }


@dataclass(frozen=True, slots=True)
class Accused:
    """A program that is to be hacked."""

    problem: Problem
    """With a time limit that accepted programs keep."""
    submission: Submission
    right: Submission
    """Another program of the same problem, an accepted one: the fastest."""
    is_wrong: bool
    """Whether it fails a test of the jury's; or else it is a control."""


def accused_programs(jury: Path, problems: Path, programs: Path) -> Iterator[Accused]:
    """Wrong programs and controls, problem by problem in the file's order.

    Args:
        jury: results of `benchmarks.studies.jury_submissions`.
        problems: JSON Lines of problems.
        programs: JSON Lines of the jury's submissions.
    """
    by_id = problems_of(problems)
    outcomes = {each.key: each for each in read_journal(jury, lambda row: Outcome(**row))}
    grouped: dict[str, list[Submission]] = {name: [] for name in by_id}
    for each in submissions(programs):
        if each.key in outcomes and each.problem in by_id:
            grouped[each.problem].append(each)
    for name, members in grouped.items():
        accepted = [each for each in members if each.expected == "AC" == outcomes[each.key].verdict]
        if not accepted:
            continue
        right = min(accepted, key=lambda each: (outcomes[each.key].slowest_s, each.key))
        problem = replace(by_id[name], time_limit_s=max(outcomes[each.key].limit_s for each in members))
        if problem.time_limit_s >= 20:  # the limit of accepted programs, before theirs was derived
            problem = replace(problem, time_limit_s=max(1.0, 5 * outcomes[right.key].slowest_s))
        for each in members:
            is_wrong = outcomes[each.key].verdict != "AC" != each.expected
            if is_wrong or (each in accepted and each is not right):
                yield Accused(problem, each, right, is_wrong)


def main(arguments: Sequence[str] | None = None) -> int:
    """Hack what is left to hack, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.hack_submissions", description=__doc__)
    parser.add_argument("jury", type=Path, help="results of benchmarks.studies.jury_submissions")
    parser.add_argument("problems", type=Path, help="JSON Lines of problems")
    parser.add_argument("submissions", type=Path, help="JSON Lines: problem_id, language, expected, code")
    parser.add_argument("--out", type=Path, required=True, help="append results here; what it has is not repeated")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each program")
    parser.add_argument("--half", choices=["tuning", "held-out"], help="only this half of the problems")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th program")
    parser.add_argument("--kind", choices=["wrong", "accepted"], help="only these")
    options = parser.parse_args(arguments)
    accused = list(accused_programs(options.jury, options.problems, options.submissions))
    with open_sandbox("auto", cpp=True) as box, Journal(options.out, lambda row: Attempt(**row)) as journal:
        known = {each.key for _, each in journal.entries()}
        number = 0
        for each in accused:
            if options.half and half_of(each.submission.problem) != options.half:
                continue
            if options.kind and (options.kind == "wrong") != each.is_wrong:
                continue
            number += 1
            if each.submission.key in known or number % options.every:
                continue
            result = attempt(
                box, each.problem, each.submission, each.right, options.seconds, is_wrong=each.is_wrong
            )
            journal.append(asdict(result))
            sys.stderr.write(
                f"{result.key} {result.language} {result.filed} -> {result.verdict or '-'} {result.tokens} tokens,"
                f" {result.seconds:.0f} s, {result.inputs}+{result.unanswered} inputs\n"
            )
    sys.stdout.write(summary(read_journal(options.out, lambda row: Attempt(**row))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
