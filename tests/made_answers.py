"""Answers made by hand, as `solve` would give them, without a model or a sandbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.cost import Cost
from agent.inputs import GeneratedInput
from agent.judging.judge import behaviour_key
from agent.terminal.display import cut, shown_result
from agent.types import Candidate, Evidence, Execution, Observation, Solution, Standing, Verdict
from problems import Problem, TestCase, accepts_output
from sandbox import RunResult, Status

STATUSES = {"RTE": Status.RTE, "TLE": Status.TLE, "MLE": Status.MLE, "OLE": Status.OLE}


@dataclass(frozen=True)
class Tried:
    """A program, and what it gives for each example and then each generated input; "!RTE" is a crash."""

    source: str
    says: Sequence[str]
    count: int = 1


def run_of(message: str) -> RunResult:
    if message.startswith("!"):
        return RunResult(STATUSES[message[1:4]], 1, None, "", message[4:], 0.01, 0.02, 8.0)
    return RunResult(Status.OK, 0, None, message, "", 0.01, 0.02, 8.0)


def made_answer(
    problem: Problem, inputs: Sequence[str], attempts: Sequence[Tried], *, confidence: float = 0.8
) -> Solution:
    """The answer whose best program is the first of the largest cluster, or else the one that came furthest."""
    pairs = [(one, _judged(problem, one)) for one in attempts]
    survivors = [(one, row) for one, row in pairs if _accepted(problem, row)]
    sizes = Counter[tuple[str, ...]]()
    for one, _ in survivors:
        sizes[tuple(one.says)] += one.count
    order = [says for says, _ in sizes.most_common()]
    standings = sorted(
        (
            Standing(
                Candidate(one.source, one.count),
                row,
                survives=True,
                observations=_seen(problem, one),
                cluster=order.index(tuple(one.says)),
            )
            for one, row in survivors
        ),
        key=lambda standing: standing.cluster or 0,
    )
    rest = [
        Standing(Candidate(one.source, one.count), row, survives=False)
        for one, row in pairs
        if not _accepted(problem, row)
    ]
    every = (*standings, *rest)
    best = standings[0] if standings else max(rest, key=lambda standing: standing.passed, default=None)
    verdicts = Counter(standing.executions[-1].verdict for standing in every if standing.executions)
    samples = sum(one.count for one in attempts)
    return Solution(
        program=best.candidate.source if best else None,
        solved=bool(standings),
        confidence=confidence if standings else 0.0,
        abstained=False,
        executions=best.executions if best else (),
        evidence=Evidence(
            samples=samples,
            tokens=100 * samples,
            candidates=len(attempts),
            survivors=len(standings),
            inputs=len(inputs),
            clusters=tuple(size for _, size in sizes.most_common()),
            verdicts=tuple(verdicts.items()),
        ),
        standings=every,
        inputs=tuple(GeneratedInput(stdin=text) for text in inputs),
        cost=Cost(12.5, 3.25, 321, 1.75),
    )


def _judged(problem: Problem, one: Tried) -> tuple[Execution, ...]:
    row: list[Execution] = []
    for case, message in zip(problem.cases, one.says, strict=False):
        assert isinstance(case, TestCase)
        result = run_of(message)
        verdict = Verdict(message[1:4]) if message.startswith("!") else Verdict.WA
        if result.status is Status.OK and accepts_output(problem.comparator, case.stdout, message):
            verdict = Verdict.AC
        row.append(Execution(result, verdict))
        if verdict is not Verdict.AC:
            break
    return tuple(row)


def _accepted(problem: Problem, row: tuple[Execution, ...]) -> bool:
    return len(row) == len(problem.cases) and all(execution.verdict is Verdict.AC for execution in row)


def _seen(problem: Problem, one: Tried) -> tuple[Observation, ...]:
    results = [run_of(message) for message in one.says[len(problem.cases) :]]
    return tuple(Observation(behaviour_key(r, problem.comparator), cut(shown_result(r))) for r in results)
