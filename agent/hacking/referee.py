"""What is right on an input, said by a program that is held to be right, and whether another one fails on it.

Where the program that should be right fails on an input itself, the input does not count: it may be invalid, or
too large for a slow program.

Not covered: what several programs agree on where none is known to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.hacking.types import Flaw, Program
from agent.judging.judge import VERDICTS, checked_verdict, job_of
from agent.languages import LANGUAGES
from agent.observe import observe
from agent.types import FAILED, Verdict
from problems import CallCase, TestCase
from sandbox import CallResult, Opaque, Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from agent.types import Observation
    from problems import Problem
    from sandbox import RunResult, Sandbox

TOO_LARGE = (Status.TLE, Status.MLE, Status.IDLE)
_CRASH = f"[{Status.RTE}]"
_PATIENCE = 2  # the program that is right may be this many times as slow


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one input."""

    item: GeneratedInput
    flaw: Flaw | None
    is_answered: bool
    """Whether the program that should be right answered."""
    is_too_large: bool = False
    """Whether it ran over its limits."""
    contested: Flaw | None = None
    """What would be a flaw if it were surer."""


Rule = Callable[["Problem", "Sandbox", "GeneratedInput", "RunResult", "RunResult"], Finding]
"""What becomes of an input, by the run of the program that is right, and that of the other."""


class Referee:
    """Two programs on the same inputs."""

    def __init__(
        self, problem: Problem, box: Sandbox, program: Program, right: Program, rule: Rule | None = None
    ) -> None:
        """Compare `program` with `right`, by `against` unless another rule is named."""
        self._problem = problem
        self._box = box
        self._rule = rule or against
        self._program = program
        self._right = right
        patient = replace(problem, time_limit_s=_PATIENCE * problem.time_limit_s)
        self._runs = Runs(problem, box, program)
        self._right_runs = Runs(patient, box, right)

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """What becomes of each input, in order.

        Raises:
            CheckerError: the problem's checker gave no verdict.
            SandboxError: the sandbox failed.
        """
        settled = self._settled(items) if self._problem.is_call else [None] * len(items)
        open_items = [item for item, finding in zip(items, settled, strict=True) if finding is None]
        answers = iter(list(self._right_runs.results(open_items)))
        results = self._runs.results(open_items)
        for item, finding in zip(items, settled, strict=True):
            if finding is None:
                finding = self._rule(self._problem, self._box, item, next(answers), next(results))
            yield finding

    def _settled(self, items: Sequence[GeneratedInput]) -> list[Finding | None]:
        """Of calls, what many at once in one process show: where both do the same, no run of its own is needed."""
        sources = [self._right.source, self._program.source]
        answers, observations = observe(self._box, self._problem, sources, items)
        return [self._alike(*row) for row in zip(items, answers, observations, strict=True)]

    def _alike(self, item: GeneratedInput, answer: Observation, observation: Observation) -> Finding | None:
        crashes = [each.key is FAILED and each.shown.startswith(_CRASH) for each in (answer, observation)]
        if all(crashes) or (crashes[0] and self._rule is against):
            return Finding(item, None, is_answered=False)
        is_alike = answer.key is not FAILED and answer.key == observation.key
        return Finding(item, None, is_answered=True) if is_alike else None


def against(problem: Problem, box: Sandbox, item: GeneratedInput, answer: RunResult, result: RunResult) -> Finding:
    """The second program is right: where it gives no answer, nothing counts."""
    case = case_of(problem, item, answer)
    if case is None:
        is_too_large = answer.status in TOO_LARGE
        has_failed = is_too_large and result.status in (*TOO_LARGE, Status.RTE)
        suspect = Flaw(item, VERDICTS[result.status], None, result) if has_failed else None
        return Finding(item, suspect, is_answered=False, is_too_large=is_too_large)
    verdict = checked_verdict(box, problem, case, result)
    is_wrong = verdict is not Verdict.AC and not (
        verdict is Verdict.WA and problem.many_answers and problem.checker is None
    )
    return Finding(item, Flaw(item, verdict, case, result) if is_wrong else None, is_answered=True)


def differing(
    problem: Problem, box: Sandbox, item: GeneratedInput, answer: RunResult, result: RunResult
) -> Finding:
    """Neither is held to be right: that one of them fails is a difference, too; that both do is none."""
    if answer.status is not Status.OK and result.status is Status.OK:
        case = case_of(problem, item, result)
        flaw = Flaw(item, VERDICTS[answer.status], case, answer, is_of_other=True)
        return Finding(item, flaw, is_answered=True)
    finding = against(problem, box, item, answer, result)
    return finding if finding.is_answered else replace(finding, flaw=None)


def case_of(problem: Problem, item: GeneratedInput, answer: RunResult) -> TestCase | CallCase | None:
    """The input with the answer of a program that is right; None where it gave none."""
    if answer.status is not Status.OK:
        return None
    if not problem.is_call:
        return TestCase(item.stdin, answer.stdout)
    if not isinstance(answer, CallResult) or _holds_opaque(answer.value):
        return None
    return CallCase(item.args, answer.value, item.kwargs)  # type: ignore[arg-type]


def _holds_opaque(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_opaque(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_holds_opaque, value))
    return isinstance(value, Opaque)


class Runs:
    """One program on inputs."""

    def __init__(self, problem: Problem, box: Sandbox, program: Program) -> None:
        self._problem = problem
        self._source = program.source
        self._runner = LANGUAGES[program.language].runner(box)

    def results(self, items: Iterable[GeneratedInput]) -> Iterator[RunResult]:
        """In order."""
        return self._runner.run_many(job_of(self._problem, self._source, item) for item in items)
