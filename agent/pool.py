"""The candidates of one problem, and what is known about each: grown by rounds, never run twice on one input.

A candidate is a distinct program; completions that differ only in spelling count as its multiplicity.
Survivors are the candidates that pass every public case, or, where the statement has none, that compile.

Not covered: how a program is found in a completion (`agent.extract`), how behaviours are compared and ordered
(`agent.select`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent import select
from agent.budget import overtaking
from agent.confidence import Features, confidence
from agent.judge import FAILED, accepted, judge
from agent.languages import PYTHON
from agent.observe import observe
from agent.probes import Probes
from agent.prompts import build_prompt
from agent.types import (
    Candidate,
    Completion,
    Events,
    Evidence,
    Execution,
    Purpose,
    Repair,
    Solution,
    SolveOptions,
    Standing,
    Verdict,
)

if TYPE_CHECKING:
    from agent.cost import Meter
    from agent.inputs import GeneratedInput
    from agent.languages import Language
    from problems import Problem
    from sandbox import Sandbox

_CLEAR_SHARE = 0.9


class Pool:
    """Gathers completions into candidates and remembers how each ran."""

    def __init__(
        self,
        problem: Problem,
        box: Meter,
        inputs: Sequence[GeneratedInput],
        events: Events,
        *,
        method: str = "default",
        language: Language = PYTHON,
    ) -> None:
        self._problem = problem
        self._box = box
        self._probes = Probes(problem, box, inputs)
        self._events = events
        self._method = method
        self._language = language
        self._runner = language.runner(box)
        self._prefill = build_prompt(problem, language).prefill
        self._samples = 0
        self._tokens = 0
        self._candidates: dict[str, Candidate] = {}
        self._standings: dict[str, Standing] = {}
        self._clusters: list[list[int]] = []
        self._repair = Repair()

    @property
    def runner(self) -> Sandbox:
        """Where candidates run."""
        return self._runner

    @property
    def solved(self) -> bool:
        """Whether any candidate passes every public case."""
        return any(standing.survives for standing in self._standings.values())

    def add(self, completions: Sequence[Completion]) -> None:
        """Take in new completions; one without a program in it only adds to the cost.

        Raises:
            SandboxError: the sandbox failed.
        """
        for completion in completions:
            if completion.purpose is Purpose.PROGRAM:
                self.add_program(self._source(completion), completion)
            else:
                self._tokens += completion.tokens
        self._probes.learn(completions)

    def pay(self, tokens: int) -> None:
        """Count tokens that were generated for something else."""
        self._tokens += tokens

    def add_program(self, source: str | None, completion: Completion) -> None:
        """Take in a completion whose program, if it holds one, is already known."""
        self._samples += 1
        self._tokens += completion.tokens
        if source is not None:
            self._merge(source, completion)

    def add_repairs(self, repairs: Sequence[tuple[Candidate, Completion]]) -> None:
        """Take in a round of answers to "this program fails", judge them, and drop those that broke something.

        They are no independent samples: one that repeats a known program adds nothing to its count.

        Raises:
            SandboxError: the sandbox failed.
        """
        tokens = sum(completion.tokens for _, completion in repairs)
        self._tokens += tokens
        before = set(self._candidates)
        for broken, completion in repairs:
            source = self._source(completion)
            if source is not None:
                self._merge(source, completion, mends=broken.source)
        self.filter()
        new = [key for key in self._candidates if key not in before]
        worse = [key for key in new if self._standings[key].passed < self._passed(self._candidates[key].mends)]
        for key in worse:
            del self._candidates[key], self._standings[key]
        spent = self._repair
        self._repair = Repair(
            spent.rounds + 1,
            spent.completions + len(repairs),
            spent.tokens + tokens,
            spent.distinct + len(new),
            spent.regressions + len(worse),
            spent.survivors + sum(key in self._standings and self._standings[key].survives for key in new),
        )
        self.cluster()

    def filter(self) -> None:
        """Judge the candidates that are new on the public cases.

        Raises:
            SandboxError: the sandbox failed.
        """
        new = [key for key in self._candidates if key not in self._standings]
        sources = [self._candidates[key].source for key in new]
        if self._problem.cases:
            rows = judge(self._runner, self._problem, sources)
            found = [(row, accepted(self._problem, row)) for row in rows]
        else:
            found = [((), runs) for runs in self._language.compiles(self._runner, self._problem, sources)]
        for key, (row, survives) in zip(new, found, strict=True):
            self._standings[key] = Standing(self._candidates[key], row, survives)
        for key, candidate in self._candidates.items():
            self._standings[key] = replace(self._standings[key], candidate=candidate)
        self._events.judged(len(self._standings), len(self._survivors()))

    def cluster(self) -> None:
        """Group the survivors by what they do on the inputs, running each on those it has not seen.

        Raises:
            SandboxError: the sandbox failed.
        """
        seen = {key: len(self._standings[key].observations) for key in self._survivors()}
        for start in sorted(set(seen.values())):
            keys = [key for key in seen if seen[key] == start]
            sources = [self._candidates[key].source for key in keys]
            rows = observe(self._runner, self._problem, sources, self._probes.inputs[start:])
            for key, row in zip(keys, rows, strict=True):
                before = self._standings[key]
                self._standings[key] = replace(before, observations=before.observations + row)
        if self._probes.refine([self._standings[key].behaviour for key in seen]):
            self.cluster()
            return
        self._place()
        if self._clusters:
            leading = self._candidates[self._ranked_keys()[0]].source
            sure = confidence(self._features(leading))
            self._events.clustered(len(self._clusters), self._leading_share(), sure)

    def settled(self, options: SolveOptions) -> bool:
        """Whether the completions that are left are unlikely to change the answer: see `agent.budget`."""
        if not self._clusters:
            return False
        lead, *rivals = self._cluster_sizes()
        rival = max(rivals, default=0)
        return overtaking(lead, rival, max(options.n - self._samples, 0)) < options.stop_risk

    def broken(self, k: int, *, but: Container[str] = ()) -> list[Standing]:
        """At most `k` candidates that fail a public case without running out of anything, the closest first.

        Args:
            k: how many.
            but: programs to leave out.
        """
        found = [
            standing
            for standing in self._standings.values()
            if not standing.survives and standing.executions and standing.candidate.source not in but
            if standing.executions[-1].verdict in (Verdict.WA, Verdict.RTE)
        ]
        return sorted(found, key=lambda standing: (-standing.passed, -standing.candidate.count))[:k]

    def rivals(self) -> tuple[str, str] | None:
        """The best programs of the two best clusters; None when one leads clearly.

        It does where it holds nearly all that pass, or where somebody called the other one wrong.
        """
        if len(self._clusters) < 2 or self._leading_share() > _CLEAR_SHARE:
            return None
        wrong = self.matrices().wrong
        if wrong[self._clusters[0][0]] < wrong[self._clusters[1][0]]:
            return None
        first, second = self.submissions(2)
        return first, second

    def differing(self, rivals: tuple[str, str]) -> list[GeneratedInput]:
        """The inputs on which both programs are known to answer, and differently."""
        rows = [self._standings[self._language.normalise(program)].behaviour for program in rivals]
        return [
            given
            for given, one, other in zip(self._probes.inputs, *rows, strict=True)
            if FAILED not in (one, other) and one != other
        ]

    def rule_out(self, given: GeneratedInput, answers: Sequence[Hashable]) -> None:
        """Put candidates that give one of these answers to this input behind all that do not.

        Raises:
            SandboxError: the sandbox failed.
        """
        self._probes.rule_out(given, answers)
        self.cluster()

    def submissions(self, k: int) -> list[str]:
        """At most `k` survivors' programs, best first: one of each behaviour before a second of any."""
        survivors = self._survivors()
        chosen = select.submissions(self.matrices(), k, self._method)
        return [self._standings[survivors[index]].candidate.source for index in chosen]

    def drop(self, program: str) -> None:
        """Count `program`, a survivor, as one no longer: it passes the public cases only sometimes."""
        for key, standing in self._standings.items():
            if standing.survives and standing.candidate.source == program:
                self._standings[key] = replace(standing, survives=False, observations=(), cluster=None)
        self._place()

    def standings(self) -> tuple[Standing, ...]:
        """Every candidate: survivors first, best first, then the others in the order they were drawn."""
        ranked = self._ranked_keys()
        rest = [standing for standing in self._standings.values() if not standing.survives]
        return (*(self._standings[key] for key in ranked), *rest)

    def matrices(self) -> select.Pool:
        """What the selection methods see: survivors in the order they were drawn, informative inputs only."""
        survivors = [self._standings[key] for key in self._survivors()]
        kept = select.informative([standing.behaviour for standing in survivors])
        seen = min((len(standing.observations) for standing in survivors), default=0)
        tests = self._probes.tests_within(seen)
        return select.Pool(
            passes=tuple(tuple(s.observations[at].key == answer for at, answer in tests) for s in survivors),
            support=tuple(self._probes.tests[test] for test in tests),
            outputs=tuple(tuple(standing.behaviour[column] for column in kept) for standing in survivors),
            counts=tuple(standing.candidate.count for standing in survivors),
            logprobs=tuple(standing.candidate.mean_logprob for standing in survivors),
            wrong=tuple(self._probes.wrong(standing.observations) for standing in survivors),
        )

    def solution(self, verified: Mapping[str, tuple[Execution, ...]], *, min_confidence: float) -> Solution:
        """The answer when these survivors, best first, were verified; the first is returned."""
        program, executions = next(iter(verified.items()))
        sure = confidence(self._features(program))
        found = self._answer(program, executions, solved=True, sure=sure)
        return replace(found, abstained=sure < min_confidence, submissions=tuple(verified))

    def best_effort(self) -> Solution:
        """The answer when nothing survived: the program that came furthest through the public cases."""
        if not self._standings:
            return self._answer(None, (), solved=False, sure=0.0)
        best = max(self._standings.values(), key=lambda standing: (standing.passed, standing.candidate.count))
        return self._answer(best.candidate.source, best.executions, solved=False, sure=0.0)

    def _answer(
        self, program: str | None, executions: tuple[Execution, ...], *, solved: bool, sure: float
    ) -> Solution:
        return Solution(
            program,
            solved,
            sure,
            abstained=False,
            executions=executions,
            evidence=self._evidence(),
            standings=self.standings(),
            inputs=tuple(self._probes.inputs),
            cost=self._box.cost(),
        )

    def _features(self, program: str) -> Features:
        """What `agent.confidence` wants to know about the chosen program."""
        standings = self._standings.values()
        place = next(s.cluster for s in standings if s.survives and s.candidate.source == program)
        return Features.of_clusters(
            self._cluster_sizes(),
            place,
            samples=self._samples,
            public=len(self._problem.cases),
            whole_program=not self._problem.is_call,
        )

    def _source(self, completion: Completion) -> str | None:
        return self._language.extract(self._problem, self._prefill + completion.text)

    def _merge(self, source: str, completion: Completion, *, mends: str | None = None) -> None:
        key = self._language.normalise(source)
        mean = completion.logprob / max(completion.tokens, 1)
        known = self._candidates.get(key)
        if known is None:
            self._candidates[key] = Candidate(source, 1, completion.greedy, mean, mends)
        elif mends is None:
            self._candidates[key] = replace(
                known,
                count=known.count + 1,
                greedy=known.greedy or completion.greedy,
                mean_logprob=max(known.mean_logprob, mean),
            )

    def _place(self) -> None:
        """Put every survivor into its cluster."""
        survivors = self._survivors()
        matrices = self.matrices()
        order = select.rank(matrices, self._method)
        self._clusters = sorted(select.clusters(matrices), key=lambda members: min(map(order.index, members)))
        for place, members in enumerate(self._clusters):
            for index in members:
                key = survivors[index]
                self._standings[key] = replace(self._standings[key], cluster=place)

    def _passed(self, source: str | None) -> int:
        """How many public cases a known program passed."""
        return 0 if source is None else self._standings[self._language.normalise(source)].passed

    def _survivors(self) -> list[str]:
        return [key for key, standing in self._standings.items() if standing.survives]

    def _ranked_keys(self) -> list[str]:
        survivors = self._survivors()
        return [survivors[index] for index in select.rank(self.matrices(), self._method)]

    def _cluster_sizes(self) -> list[int]:
        counts = [self._candidates[key].count for key in self._survivors()]
        return [sum(counts[index] for index in members) for members in self._clusters]

    def _leading_share(self) -> float:
        sizes = self._cluster_sizes()
        return sizes[0] / sum(sizes)

    def _evidence(self) -> Evidence:
        verdicts = Counter(
            standing.executions[-1].verdict for standing in self._standings.values() if standing.executions
        )
        return Evidence(
            samples=self._samples,
            tokens=self._tokens,
            candidates=len(self._candidates),
            survivors=len(self._survivors()),
            inputs=len(self._probes.inputs),
            clusters=tuple(self._cluster_sizes()),
            verdicts=tuple((verdict, verdicts[verdict]) for verdict in Verdict if verdicts[verdict]),
            tests=len(self._probes.tests),
            repair=self._repair,
        )
