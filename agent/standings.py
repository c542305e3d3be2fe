"""What each candidate did: verdicts on the public cases, behaviour on generated inputs, its cluster and its rank.

Survivors are the candidates that pass every public case, or, where the statement has none, that compile. No
candidate runs twice on one input.

Not covered: which programs there are (`agent.candidates`), how behaviours are ordered (`agent.select`), what is
concluded from it (`agent.answer`).
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent import select
from agent.judging.judge import accepted, judge
from agent.observe import observe
from agent.types import Execution, Observation, Standing, Verdict

if TYPE_CHECKING:
    from agent.candidates import Candidates
    from agent.inputs import GeneratedInput
    from agent.languages import Language
    from agent.probes import Probes
    from problems import Problem
    from sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Ranking:
    """What selection says of the survivors; numbers are places among them, in the order they were drawn."""

    matrix: select.SelectionMatrix
    order: tuple[int, ...]
    """Best first."""
    clusters: tuple[tuple[int, ...], ...]
    """Members of each, the cluster of the best one first."""

    @property
    def sizes(self) -> list[int]:
        """Completions per cluster."""
        return [sum(self.matrix.counts[index] for index in members) for members in self.clusters]


class Standings:
    """A standing per candidate, brought up to date by `judge` and `observe`."""

    def __init__(
        self, problem: Problem, runner: Sandbox, language: Language, probes: Probes, *, method: str
    ) -> None:
        self._problem = problem
        self._runner = runner
        self._language = language
        self._probes = probes
        self._method = method
        self._by_key: dict[str, Standing] = {}
        self.ranking = Ranking(select.selection_matrix((), ()), (), ())
        """Of the survivors that `observe` saw last."""

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Standing]:
        """Every standing, in the order candidates were drawn."""
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> Standing:
        return self._by_key[key]

    def judge(self, candidates: Candidates) -> None:
        """Judge the candidates that are new on the public cases.

        Raises:
            SandboxError: the sandbox failed.
        """
        new = [key for key, _ in candidates if key not in self._by_key]
        sources = [candidates[key].source for key in new]
        for key, (executions, survives) in zip(new, self._judge(sources), strict=True):
            self._by_key[key] = Standing(candidates[key], executions, survives)
        for key, candidate in candidates:
            self._by_key[key] = replace(self._by_key[key], candidate=candidate)

    def _judge(self, sources: Sequence[str]) -> list[tuple[tuple[Execution, ...], bool]]:
        if self._problem.cases:
            rows = judge(self._runner, self._problem, sources)
            return [(row, accepted(self._problem, row)) for row in rows]
        return [((), runs) for runs in self._language.compiles(self._runner, self._problem, sources)]

    def observe(self) -> None:
        """Run every survivor on the inputs that it has not seen, and rank anew.

        Raises:
            SandboxError: the sandbox failed.
        """
        self._observe_new()
        self._mark()
        if self._probes.refine([standing.behaviour for standing in self.survivors()]):
            self._observe_new()
        self._rank()

    def _observe_new(self) -> None:
        counts = {key: len(s.observations) for key, s in self._by_key.items() if s.survives}
        for start in sorted(set(counts.values())):
            keys = [key for key in counts if counts[key] == start]
            sources = [self._by_key[key].candidate.source for key in keys]
            rows = observe(self._runner, self._problem, sources, self._probes.inputs[start:])
            for key, row in zip(keys, rows, strict=True):
                before = self._by_key[key]
                self._by_key[key] = replace(before, observations=before.observations + row)

    def _mark(self) -> None:
        """Let the model's checkers vote on what came out."""
        survivors = {key: standing for key, standing in self._by_key.items() if standing.survives}
        rows = self._probes.mark([standing.observations for standing in survivors.values()])
        for (key, standing), row in zip(survivors.items(), rows, strict=True):
            self._by_key[key] = replace(standing, observations=row)

    def _rank(self) -> None:
        """Order the survivors and put each into its cluster."""
        survivors = {key: standing for key, standing in self._by_key.items() if standing.survives}
        matrix = self._matrix(list(survivors.values()))
        order = select.rank(matrix, self._method)
        clusters = sorted(select.clusters(matrix), key=lambda members: min(map(order.index, members)))
        self.ranking = Ranking(matrix, tuple(order), tuple(map(tuple, clusters)))
        keys = list(survivors)
        for place, members in enumerate(clusters):
            for index in members:
                self._by_key[keys[index]] = replace(self._by_key[keys[index]], cluster=place)

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

    def behaviour_of(self, programs: Sequence[str], item: GeneratedInput) -> list[Observation]:
        """What programs, known or not, do on an input; nothing of it is kept.

        Raises:
            SandboxError: the sandbox failed.
        """
        rows = observe(self._runner, self._problem, programs, [item])
        return [row[0] for row in self._probes.checkers.mark([item], rows)]

    def verify(self, program: str) -> tuple[Execution, ...] | None:
        """Run `program` on every public case once more, in new interpreters with other hash seeds.

        Returns:
            The executions, or None when one of them was not accepted.

        Raises:
            SandboxError: the sandbox failed.
        """
        (executions,) = judge(self._runner, self._problem, [program], fresh=True)
        return executions if accepted(self._problem, executions) else None

    def drop(self, program: str) -> None:
        """Remove `program` from the survivors: it passes the public cases only sometimes."""
        for key, standing in self._by_key.items():
            if standing.survives and standing.candidate.source == program:
                self._by_key[key] = replace(standing, survives=False, observations=(), cluster=None)
        self._rank()

    def discard(self, keys: Iterable[str]) -> None:
        """Remove these candidates; `observe` ranks the others anew."""
        for key in keys:
            del self._by_key[key]

    def survivors(self) -> list[Standing]:
        """In the order they were drawn."""
        return [standing for standing in self if standing.survives]

    def best_first(self) -> list[Standing]:
        """Survivors, best first."""
        survivors = self.survivors()
        return [survivors[index] for index in self.ranking.order]

    def submissions(self, k: int) -> list[str]:
        """At most `k` survivors' programs, best first: one of each behaviour before a second of any."""
        survivors = self.survivors()
        return [
            survivors[index].candidate.source
            for index in select.submissions(self.ranking.matrix, self.ranking.order, k)
        ]

    def closest_failures(self, k: int, *, but: Container[str] = ()) -> list[Standing]:
        """At most `k` candidates that fail a public case without running out of anything, the closest first.

        Args:
            k: how many.
            but: programs to leave out.
        """
        failing = [
            standing
            for standing in self
            if not standing.survives and standing.executions and standing.candidate.source not in but
            if standing.executions[-1].verdict in (Verdict.WA, Verdict.RTE)
        ]
        return sorted(failing, key=lambda standing: (-standing.passed, -standing.candidate.count))[:k]


def _passes(observation: Observation, answer: Hashable) -> bool:
    """Whether a candidate passes a test of the model's: any valid answer does."""
    return observation.valid or observation.key == answer
