"""What is right on an input, said by a council's programs, and whether the accused program fails there.

All run on every input; what most completions answer is held to be right. A member that fails has no voice there,
and one that is too slow twice is not asked about inputs that are as long.

Where any valid answer is right and no checker judges, only crashes and limits count.

Not covered: how sure that is (`agent.hacking.belief`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from agent.hacking.belief import Features
from agent.hacking.measure import size_of
from agent.hacking.referee import TOO_LARGE, Finding, Runs, case_of
from agent.hacking.types import Flaw, Program
from agent.judging.check import CheckerError
from agent.judging.judge import VERDICTS, behaviour_key, checked_verdict, job_of, run_all
from agent.languages import LANGUAGES
from agent.observe import observe
from agent.types import FAILED, VALID, Verdict
from sandbox import Status

if TYPE_CHECKING:
    from agent.hacking.council import Council, Member
    from agent.inputs import GeneratedInput
    from problems import CallCase, Problem, TestCase
    from sandbox import Job, RunResult, Sandbox

_STRIKES = 2
Testimony: TypeAlias = "tuple[Member, Hashable, RunResult | None]"
"""A member, the key of what it does on an input, and how that ended, where it ran by itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What some members answer to one input."""

    key: Hashable
    """Of their behaviour."""
    members: tuple[Member, ...]
    result: RunResult | None
    """Of the first of them; None where it has not run by itself."""

    @property
    def voices(self) -> int:
        """Completions that gave these programs."""
        return sum(member.count for member in self.members)


class Agreement:
    """The accused program and a council on the same inputs."""

    def __init__(self, problem: Problem, box: Sandbox, program: Program, council: Council) -> None:
        """Compare `program` with the programs of `council`."""
        self._problem = problem
        self._box = box
        self._program = program
        self._council = council
        self._runs = Runs(problem, box, program)
        self._runner = LANGUAGES[council.language].runner(box)
        self._late: list[list[int]] = [[] for _ in council.members]
        self._is_open = problem.many_answers and problem.checker is None

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """What becomes of each input, in order.

        Raises:
            SandboxError: the sandbox failed.
        """
        if self._problem.is_call:
            yield from self._findings_of_calls(items)
            return
        results = list(self._runs.results(items))
        keys = [self._key(behaviour_key(result, self._problem.comparator)) for result in results]
        for item, result, own, row in zip(items, results, keys, self._rows(items, keys), strict=True):
            is_too_large = any(run is not None and run.status in TOO_LARGE for _, _, run in row)
            yield self._finding(item, result, _answers(row, own), own, is_too_large=is_too_large)

    def _rows(self, items: Sequence[GeneratedInput], keys: Sequence[Hashable]) -> list[list[Testimony]]:
        """For each input what the members say that are asked: all, or a majority that does as the accused."""
        rows: list[list[Testimony]] = [[] for _ in items]
        siding = [0] * len(items)
        lengths = [size_of(item)[1] for item in items]

        def trials() -> Iterator[tuple[int, int]]:
            for place, length in enumerate(lengths):
                for number, late in enumerate(self._late):
                    if 2 * siding[place] > self._council.voices:
                        break
                    if len(late) < _STRIKES or length < min(late):
                        yield place, number

        def to_job(trial: tuple[int, int]) -> Job:
            return job_of(self._problem, self._council.members[trial[1]].source, items[trial[0]])

        for (place, number), result in run_all(self._runner, trials(), to_job):
            key = self._key(behaviour_key(result, self._problem.comparator))
            member = self._council.members[number]
            rows[place].append((member, key, result))
            siding[place] += member.count if key == keys[place] is not FAILED else 0
            if result.status in TOO_LARGE:
                self._late[number].append(lengths[place])
        return rows

    def _findings_of_calls(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """Of calls, what many at once in one process show; where the accused differs, it runs once more alone."""
        members = self._council.members
        sources = [self._program.source, *(member.source for member in members)]
        own_row, *rows = observe(self._box, self._problem, sources, items)
        for item, observed, *said in zip(items, own_row, *rows, strict=True):
            own = self._key(observed.key)
            row = [(member, self._key(each.key), None) for member, each in zip(members, said, strict=True)]
            answers = _answers(row, own)
            if not answers or answers[0].key == own:
                yield Finding(item, None, is_answered=bool(answers))
                continue
            right = Runs(self._problem, self._box, Program(answers[0].members[0].source))
            (result,), (answer,) = self._runs.results([item]), right.results([item])
            yield self._finding(item, result, [replace(answers[0], result=answer), *answers[1:]], own)

    def _key(self, key: Hashable) -> Hashable:
        """Where any valid answer is right, all answers count as one."""
        return VALID if self._is_open and key is not FAILED else key

    def _finding(
        self,
        item: GeneratedInput,
        result: RunResult,
        answers: Sequence[Answer],
        own: Hashable,
        *,
        is_too_large: bool = False,
    ) -> Finding:
        """What becomes of an input on which the accused program ran by itself."""
        answer = answers[0].result if answers else None
        case = None if answer is None else case_of(self._problem, item, answer)
        if case is None:
            has_failed = is_too_large and result.status in (*TOO_LARGE, Status.RTE)
            votes = self._features((), own, has_failed=has_failed)
            suspect = Flaw(item, VERDICTS[result.status], None, result, votes=votes) if has_failed else None
            return Finding(item, suspect, is_answered=False, is_too_large=is_too_large)
        try:
            verdict = checked_verdict(self._box, self._problem, case, result)
            if verdict is Verdict.AC or (verdict is Verdict.WA and self._is_open):
                return Finding(item, None, is_answered=True)
            answers = self._merged(case, answers)
        except CheckerError:  # what a model's programs put out may be nothing that a checker can read
            return Finding(item, None, is_answered=False)
        votes = self._features(answers, own, has_failed=verdict is not Verdict.WA)
        return Finding(item, Flaw(item, verdict, case, result, votes=votes), is_answered=True)

    def _merged(self, case: TestCase | CallCase, answers: Sequence[Answer]) -> list[Answer]:
        """The answers, with those added to the leading one that are right where it is."""
        lead, *others = answers
        rest = []
        for other in others:
            result = other.result
            if result and checked_verdict(self._box, self._problem, case, result) is Verdict.AC:
                lead = replace(lead, members=lead.members + other.members)
            else:
                rest.append(other)
        return [lead, *rest]

    def _features(self, answers: Sequence[Answer], own: Hashable, *, has_failed: bool) -> Features:
        lead, *others = answers or [Answer(FAILED, (), None)]
        return Features(
            lead=lead.voices,
            runner_up=max((other.voices for other in others), default=0),
            accused=sum(other.voices for other in others if other.key == own),
            members=self._council.voices,
            samples=self._council.samples,
            distinct=len(lead.members),
            brutes=sum(member.brutes for member in lead.members),
            examples=len(self._problem.cases),
            whole_program=not self._problem.is_call,
            has_failed=has_failed,
        )


def _answers(row: Sequence[Testimony], own: Hashable) -> list[Answer]:
    """Different answers; most voices first, and of as many the accused program's own first."""
    groups: dict[Hashable, Answer] = {}
    for member, key, result in row:
        if key is not FAILED:
            known = groups.get(key, Answer(key, (), result))
            groups[key] = replace(known, members=(*known.members, member))
    return sorted(groups.values(), key=lambda answer: (-answer.voices, answer.key != own))
