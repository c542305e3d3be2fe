"""What is concluded from a pool: the answer, its evidence, and how sure it is.

Not covered: which program that is (`agent.select`), the model behind the figure (`agent.confidence`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.confidence import Features, confidence
from agent.types import Evidence, Execution, Solution, Verdict

if TYPE_CHECKING:
    from agent.pool import Pool


def confidence_in(pool: Pool, program: str) -> float:
    """Probability, 0 to 1, that `program`, a survivor, is right."""
    place = next(s.cluster for s in pool.candidates.survivors().values() if s.candidate.source == program)
    return confidence(
        Features.of_clusters(
            pool.standings.ranking.sizes,
            place,
            samples=pool.candidates.samples,
            public=len(pool.problem.cases),
            whole_program=not pool.problem.is_call,
        )
    )


def solution(pool: Pool, verifications: Mapping[str, tuple[Execution, ...]], *, min_confidence: float) -> Solution:
    """The answer when these survivors, best first, were verified; the first is returned."""
    program, executions = next(iter(verifications.items()))
    sure = confidence_in(pool, program)
    answer = _answer(pool, program, executions, solved=True, sure=sure)
    return replace(answer, abstained=sure < min_confidence, submissions=tuple(verifications))


def best_effort(pool: Pool) -> Solution:
    """The answer when nothing survived: the program that came furthest through the public cases."""
    best = pool.standings.best()
    if best is None:
        return _answer(pool, None, (), solved=False, sure=0.0)
    return _answer(pool, best.candidate.source, best.executions, solved=False, sure=0.0)


def _answer(
    pool: Pool, program: str | None, executions: tuple[Execution, ...], *, solved: bool, sure: float
) -> Solution:
    rest = [standing for standing in pool.candidates.values() if not standing.survives]
    return Solution(
        program,
        solved,
        sure,
        abstained=False,
        executions=executions,
        evidence=_evidence(pool),
        standings=(*pool.standings.best_first(), *rest),
        inputs=tuple(pool.probes.inputs),
        cost=pool.cost(),
    )


def _evidence(pool: Pool) -> Evidence:
    standings = pool.candidates.values()
    verdicts = Counter(standing.executions[-1].verdict for standing in standings if standing.executions)
    return Evidence(
        samples=pool.candidates.samples,
        tokens=pool.candidates.tally.tokens,
        candidates=len(pool.candidates),
        survivors=len(pool.candidates.survivors()),
        inputs=len(pool.probes.inputs),
        clusters=pool.standings.ranking.sizes,
        verdicts=tuple((verdict, verdicts[verdict]) for verdict in Verdict if verdicts[verdict]),
        tests=len(pool.probes.tests),
        checkers=len(pool.probes.checkers),
        untrusted_checkers=pool.probes.checkers.untrusted,
        repair=pool.repair,
        tally=pool.candidates.tally,
    )
