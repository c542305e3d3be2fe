"""Where each candidate stands: the clusters and the order of survivors, and the failures that come closest.

Everything is worked out once per change, by `rank`; questions only read it.

Not covered: running anything (`agent.trials`), the methods of ordering (`agent.select`), what is concluded from
the order (`agent.answer`).
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent import select
from agent.types import Observation, Standing, Verdict

if TYPE_CHECKING:
    from agent.candidates import Candidates
    from agent.probes import Probes


@dataclass(frozen=True, slots=True)
class Ranking:
    """What selection says of the survivors; numbers are places among them, in the order they were drawn."""

    keys: tuple[str, ...]
    """Of each survivor."""
    matrix: select.SelectionMatrix
    order: tuple[int, ...]
    """Best first."""
    turns: tuple[int, ...]
    """The order of submitting: one of each behaviour, best first, before a second of any."""
    clusters: tuple[tuple[int, ...], ...]
    """Members of each, the cluster of the best one first."""
    sizes: tuple[int, ...]
    """Completions per cluster."""

    @staticmethod
    def of_matrix(keys: Sequence[str], matrix: select.SelectionMatrix, method: str) -> Ranking:
        """The ranking of the candidates in `matrix`, which have these keys, by a method of `agent.select`."""
        order = select.rank(matrix, method)
        places = {index: place for place, index in enumerate(order)}
        clusters = sorted(select.clusters(matrix), key=lambda members: min(places[index] for index in members))
        return Ranking(
            tuple(keys),
            matrix,
            tuple(order),
            tuple(select.submissions(matrix, order, len(order))),
            tuple(map(tuple, clusters)),
            tuple(sum(matrix.counts[index] for index in members) for members in clusters),
        )


class Standings:
    """The ranking of some candidates, and what is asked of it."""

    def __init__(self, candidates: Candidates, probes: Probes, *, method: str) -> None:
        self._candidates = candidates
        self._probes = probes
        self._method = method
        self.ranking = Ranking.of_matrix((), select.selection_matrix((), ()), method)
        """Of those that survived when `rank` was called last."""

    def rank(self) -> None:
        """Order the survivors by what is known now, and put each into its cluster."""
        survivors = self._candidates.survivors()
        matrix = self._matrix(list(survivors.values()))
        self.ranking = Ranking.of_matrix(list(survivors), matrix, self._method)
        self._candidates.update(
            {
                key: replace(survivors[key], cluster=place)
                for place, members in enumerate(self.ranking.clusters)
                for key in (self.ranking.keys[index] for index in members)
            }
        )

    def _matrix(self, survivors: Sequence[Standing]) -> select.SelectionMatrix:
        width = min((len(standing.observations) for standing in survivors), default=0)
        tests = self._probes.tests_within(width)
        return select.selection_matrix(
            [standing.behaviour for standing in survivors],
            [standing.candidate.count for standing in survivors],
            passes=[[_passes(s.observations[at], answer) for at, answer in tests] for s in survivors],
            support=[self._probes.tests[test] for test in tests],
            logprobs=[standing.candidate.mean_logprob for standing in survivors],
            wrong=[self._probes.wrong(standing.observations) for standing in survivors],
        )

    def drop(self, program: str) -> None:
        """Remove `program` from the survivors: it passes the public cases only sometimes."""
        self._candidates.update(
            {
                key: replace(standing, survives=False, observations=(), cluster=None)
                for key, standing in self._candidates.survivors().items()
                if standing.candidate.source == program
            }
        )
        self.rank()

    def best_first(self) -> list[Standing]:
        """Survivors, best first."""
        return [self._candidates[self.ranking.keys[index]] for index in self.ranking.order]

    def best(self) -> Standing | None:
        """The best survivor, or else the candidate that came furthest through the public cases; None of none."""
        if survivors := self.best_first():
            return survivors[0]
        return max(
            self._candidates.values(),
            key=lambda standing: (standing.passed, standing.candidate.count),
            default=None,
        )

    def submissions(self, k: int) -> list[str]:
        """At most `k` survivors' programs, best first, no two of the same behaviour."""
        leaders = self.ranking.turns[: min(k, len(self.ranking.clusters))]
        keys = [self.ranking.keys[index] for index in leaders]
        return [self._candidates[key].candidate.source for key in keys]

    def closest_failures(self, k: int, *, but: Container[str] = ()) -> list[Standing]:
        """At most `k` candidates that fail a public case without running out of anything, the closest first.

        Args:
            k: how many.
            but: programs to leave out.
        """
        failing = [
            standing
            for standing in self._candidates.values()
            if not standing.survives and standing.executions and standing.candidate.source not in but
            if standing.executions[-1].verdict in (Verdict.WA, Verdict.RTE)
        ]
        return sorted(failing, key=lambda standing: (-standing.passed, -standing.candidate.count))[:k]


def _passes(observation: Observation, answer: Hashable) -> bool:
    """Whether a candidate passes a test of the model's: any valid answer does."""
    return observation.valid or observation.key == answer
