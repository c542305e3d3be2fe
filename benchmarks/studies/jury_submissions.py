"""What a jury says of its own programs beside what we say: `python -m benchmarks.studies.jury_submissions`.

Kattis problem packages hold programs that the jury wrote to be accepted (AC), wrong (WA), too slow (TLE), to
crash (RTE) or to earn a part of the points (PAC). Each runs on its problem's samples and tests by
`agent.judging.judge`. The data states no time limit, so it is made by Kattis's rule: five times the slowest
accepted program, in whole seconds, at least one. So the accepted ones run first, under a generous limit.

Results are appended to a file as they come, and a second run skips what is in it.

Not covered: problems whose special checker is not in the data, which are left out and counted; points.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from agent.journal import Journal
from agent.judging.explain import explanation
from agent.judging.judge import judge, limits_of
from agent.languages import LANGUAGES
from agent.types import Execution, Verdict
from benchmarks.contests import contest
from benchmarks.grading.suites import OutputSuite
from benchmarks.rows import file_rows, text
from problems import Problem
from sandbox import Sandbox, open_sandbox

_SLOWEST_S = 20.0
_MULTIPLIER = 5
_MEMORY_MB = 2048
"""What a problem package without a limit of its own has at Kattis."""
_GRADER = re.compile(
    r"ld returned|undefined reference|fatal error: \w+\.h: No such file|got no output at all|ModuleNotFoundError"
)
_COMPILER = "needs a header that this compiler's other headers do not include"
_VERDICTS = [*map(str, Verdict)]


@dataclass(frozen=True, slots=True)
class Submission:
    """A program of the jury's."""

    key: str
    """The problem and the line of the file."""
    problem: str
    language: str
    expected: str
    """What the jury filed it under: AC, WA, TLE, RTE or PAC."""
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one."""

    key: str
    problem: str
    language: str
    expected: str
    verdict: str
    passed: int
    """Tests before the first failure."""
    total: int
    dropped: int
    """Tests of the package that the data left out."""
    limit_s: float
    slowest_s: float
    """CPU time of its slowest run."""
    same_text: bool
    """Whether every output has the very words of the expected one: then no comparison could find it wrong."""
    words: str
    """Why, where it is not accepted."""


@dataclass(frozen=True, slots=True)
class _Package:
    problem: Problem
    dropped_tests: int


def packages(path: Path) -> tuple[dict[str, _Package], list[str]]:
    """The problems by id, samples and tests in one row; the ids of those that only a lost checker can judge."""
    by_id, special = {}, []
    for _, row in file_rows(path):
        name = text(row, "id")
        if row.get("checker") == "special":
            special.append(name)
            continue
        suite = contest(row).suite
        assert isinstance(suite, OutputSuite)
        problem = replace(contest(row).problem, cases=tuple(suite.cases), memory_limit_mb=_MEMORY_MB)
        by_id[name] = _Package(problem, int(row.get("tests_dropped") or 0))
    return by_id, special


def submissions(path: Path) -> Iterator[Submission]:
    """The programs, in the order of the file."""
    for number, (_, row) in enumerate(file_rows(path), 1):
        name = text(row, "problem_id")
        yield Submission(f"{name}#{number}", name, text(row, "language"), text(row, "expected"), text(row, "code"))


def derived_limit_s(slowest: Iterable[float]) -> float:
    """The limit that Kattis gives a problem whose accepted programs take this long, seconds."""
    return float(max(1, math.floor(0.5 + _MULTIPLIER * max(slowest, default=1.0))))


def judge_problem(
    box: Sandbox, package: _Package, submissions: Sequence[Submission], limit_s: float, time_scale: float
) -> Iterator[Outcome]:
    """Judge programs of one problem, each to its first failure."""
    problem = replace(package.problem, time_limit_s=limit_s * time_scale)
    for language in sorted({each.language for each in submissions}):
        mine = [each for each in submissions if each.language == language]
        rows = judge(LANGUAGES[language].runner(box), problem, [each.source for each in mine])
        for each, executions in zip(mine, rows, strict=True):
            yield _outcome(each, package, problem, executions)


def _outcome(
    submission: Submission, package: _Package, problem: Problem, executions: Sequence[Execution]
) -> Outcome:
    last = executions[-1]
    return Outcome(
        submission.key,
        submission.problem,
        submission.language,
        submission.expected,
        str(last.verdict),
        sum(execution.verdict is Verdict.AC for execution in executions),
        len(problem.cases),
        package.dropped_tests,
        problem.time_limit_s,
        round(max(execution.result.cpu_s for execution in executions), 3),
        all(_same_text(problem, at, execution) for at, execution in enumerate(executions)),
        explanation(problem, problem.cases[len(executions) - 1], last, limits_of(problem)),
    )


def _same_text(problem: Problem, at: int, execution: Execution) -> bool:
    case = problem.cases[at]
    return execution.result.stdout.split() == getattr(case, "stdout", "").split()


class Results:
    """A journal of outcomes."""

    def __init__(self, path: Path) -> None:
        """Open it, made if it is not there.

        Raises:
            JournalError: a line is no outcome.
        """
        self._journal = Journal(path, lambda row: Outcome(**row))
        self.outcomes = {outcome.key: outcome for _, outcome in self._journal.entries()}
        """By key."""

    def add(self, outcome: Outcome) -> None:
        """Append one."""
        self._journal.append(asdict(outcome))
        self.outcomes[outcome.key] = outcome


def run(
    box: Sandbox,
    by_id: dict[str, _Package],
    submissions: Sequence[Submission],
    results: Results,
    time_scale: float,
) -> None:
    """Judge what the results do not have: a problem's accepted programs first, because they make its limit."""
    by_problem: dict[str, list[Submission]] = defaultdict(list)
    for each in submissions:
        if each.problem in by_id:
            by_problem[each.problem].append(each)
    for number, (name, all_of_it) in enumerate(by_problem.items(), 1):
        accepted = [each for each in all_of_it if each.expected == "AC"]
        for part in (accepted, [each for each in all_of_it if each.expected != "AC"]):
            limit = _SLOWEST_S if part is accepted else derived_limit_s(_seconds(results, accepted))
            new = [each for each in part if each.key not in results.outcomes]
            for outcome in judge_problem(box, by_id[name], new, limit, time_scale) if new else ():
                results.add(outcome)
        sys.stderr.write(f"{number} of {len(by_problem)}: {name}\n")


def _seconds(results: Results, accepted: Sequence[Submission]) -> list[float]:
    outcomes = (results.outcomes[each.key] for each in accepted)
    return [outcome.slowest_s for outcome in outcomes if outcome.verdict == "AC"]


def summary(outcomes: Sequence[Outcome]) -> str:
    """A table of what was expected and what came, and every row that is not what was expected."""
    counts = Counter((outcome.expected, outcome.verdict) for outcome in outcomes)
    lines = ["| filed under | " + " | ".join(_VERDICTS) + " |", "|---" * (len(_VERDICTS) + 1) + "|"]
    lines += [
        f"| {expected} | " + " | ".join(str(counts[expected, verdict]) for verdict in _VERDICTS) + " |"
        for expected in sorted({outcome.expected for outcome in outcomes})
    ]
    causes = causes_of(outcomes)
    odd = [outcome for outcome in outcomes if _is_odd(outcome)]
    counted = Counter((outcome.expected, outcome.verdict, causes[outcome.key]) for outcome in odd)
    lines += ["", "| filed under | verdict | programs | why |", "|---|---|---|---|"]
    lines += [
        f"| {expected} | {verdict} | {n} | {why} |" for (expected, verdict, why), n in sorted(counted.items())
    ]
    return "\n".join([*lines, "", *map(_odd, odd)])


def causes_of(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Why each program is not judged as it is filed, as far as a rule can tell, by key.

    The rules: a wrong or slow program that prints what the jury has on every test there is would need one of the
    tests that the data lacks. Where a header of the jury's or a `main` is missing, or no accepted program puts out
    anything, programs are called by a grader of the jury's, which the data lacks as well.
    """
    by_problem: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_problem[outcome.problem].append(outcome)
    graded = {name for name, programs in by_problem.items() if any(map(_wants_grader, programs))}
    return {outcome.key: _cause(outcome, outcome.problem in graded) for outcome in outcomes}


def _wants_grader(outcome: Outcome) -> bool:
    """Whether an accepted program lacks its `main`, or a header of its own."""
    return outcome.expected == "AC" and bool(_GRADER.search(outcome.words))


def _cause(outcome: Outcome, has_grader: bool) -> str:
    if has_grader and outcome.verdict != "AC":
        return "called by a grader of the jury's, which is not in the data"
    if outcome.verdict == "AC":
        if outcome.same_text and outcome.dropped:
            return "prints the jury's words on every test in the data, which lacks some"
        return "prints the jury's words on every test" if outcome.same_text else "within the rules on every test"
    return _COMPILER if "does not compile" in outcome.words else "see below"


def _is_odd(outcome: Outcome) -> bool:
    """Whether it is not as filed; what earns a part of the points may fail in any way."""
    if outcome.expected == "PAC":
        return outcome.verdict == "AC"
    return outcome.verdict != outcome.expected


def _odd(outcome: Outcome) -> str:
    head = f"{outcome.expected} -> {outcome.verdict}: {outcome.key} ({outcome.language})"
    if outcome.verdict != "AC":
        return f"{head}: test {outcome.passed + 1} of {outcome.total}: {outcome.words}"
    note = f"{outcome.dropped} tests were left out of the data"
    proof = "every output has the very words of the jury's" if outcome.same_text else "outputs within the rules"
    return f"{head}: {proof}; slowest {outcome.slowest_s:g} of {outcome.limit_s:g} s; {note}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge what is left to judge, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.jury_submissions", description=__doc__)
    parser.add_argument("problems", type=Path, help="JSON Lines of problems, in the schema of solve bench")
    parser.add_argument("submissions", type=Path, help="JSON Lines: problem_id, language, expected, code")
    parser.add_argument("--out", type=Path, required=True, help="append results here; what it has is not repeated")
    parser.add_argument("--sandbox", choices=["auto", "docker", "bwrap"], default="auto", help="where they run")
    parser.add_argument("--time-scale", type=float, default=1.0, help="multiplies every time limit")
    parser.add_argument("--limit", type=int, help="only the first so many submissions")
    options = parser.parse_args(arguments)
    by_id, special = packages(options.problems)
    programs = list(submissions(options.submissions))[: options.limit]
    results = Results(options.out)
    with open_sandbox(options.sandbox, cpp=True) as box:
        run(box, by_id, programs, results, options.time_scale)
    rows = [results.outcomes[each.key] for each in programs if each.key in results.outcomes]
    sys.stdout.write(
        f"{summary(rows)}\n{len(programs) - len(rows)} of {len(programs)} left out: checkers {special}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
