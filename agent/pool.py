"""The candidates of one problem, and what is known about each: grown by rounds, never run twice on one input.

A candidate is a distinct program; completions that differ only in spelling count as its multiplicity.
Survivors are the candidates that pass every public case, or, where the statement has none, that compile.

Not covered: how a program is found in a completion (`agent.extract`), how behaviours are compared and ordered
(`agent.select`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent import select
from agent.confidence import Features, confidence
from agent.extract import extract_source, normalise
from agent.judge import accepted, compiles, judge, observe
from agent.prompts import build_prompt
from agent.types import Candidate, Completion, Events, Evidence, Execution, Solution, Verdict

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from problems import Problem
    from sandbox import Sandbox

_SETTLED_COUNT = 5
_SETTLED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Known:
    """What has been found out about one candidate."""

    executions: tuple[Execution, ...]
    """On the public cases, up to the first that was not accepted."""
    survives: bool
    """Whether it is still in the race."""


class Pool:
    """Gathers completions into candidates and remembers how each ran."""

    def __init__(
        self, problem: Problem, box: Sandbox, inputs: Sequence[GeneratedInput], events: Events
    ) -> None:
        self._problem = problem
        self._box = box
        self._inputs = tuple(inputs)
        self._events = events
        self._prefill = build_prompt(problem).prefill
        self._samples = 0
        self._tokens = 0
        self._candidates: dict[str, Candidate] = {}
        self._known: dict[str, _Known] = {}
        self._behaviours: dict[str, tuple[Hashable, ...]] = {}
        self._clusters: list[list[int]] = []
        self._informative: list[int] = []

    def add(self, completions: Sequence[Completion]) -> None:
        """Take in new completions; one without a program in it only adds to the cost."""
        for completion in completions:
            self._samples += 1
            self._tokens += completion.tokens
            source = extract_source(self._problem, completion.text, prefill=self._prefill)
            if source is not None:
                self._merge(source, completion)

    def filter(self) -> None:
        """Judge the candidates that are new on the public cases.

        Raises:
            SandboxError: the sandbox failed.
        """
        new = [key for key in self._candidates if key not in self._known]
        sources = [self._candidates[key].source for key in new]
        if self._problem.cases:
            rows = judge(self._box, self._problem, sources)
            known = [_Known(row, accepted(self._problem, row)) for row in rows]
        else:
            known = [_Known((), runs) for runs in compiles(self._box, self._problem, sources)]
        self._known.update(zip(new, known, strict=True))
        self._events.judged(len(self._candidates), len(self._survivors()))

    def cluster(self) -> None:
        """Group the survivors by what they do on the generated inputs.

        Raises:
            SandboxError: the sandbox failed.
        """
        new = [key for key in self._survivors() if key not in self._behaviours]
        sources = [self._candidates[key].source for key in new]
        self._behaviours.update(
            zip(new, observe(self._box, self._problem, sources, self._inputs), strict=True)
        )
        self._informative = select.informative([self._behaviours[key] for key in self._survivors()])
        self._clusters = select.clusters(self._matrices())
        if self._clusters:
            self._events.clustered(len(self._clusters), self._leading_share())

    def settled(self) -> bool:
        """Whether more samples are unlikely to change the answer: one cluster is large and dominant."""
        if not self._clusters:
            return False
        leading = self._cluster_sizes()[0]
        return leading >= _SETTLED_COUNT and self._leading_share() >= _SETTLED_SHARE

    def ranked(self) -> Iterator[str]:
        """Survivors' programs, best first."""
        survivors = self._survivors()
        for index in select.rank(self._matrices()):
            yield self._candidates[survivors[index]].source

    def solution(self, program: str, executions: tuple[Execution, ...]) -> Solution:
        """The answer when `program`, a survivor, was verified by `executions`."""
        return Solution(program, True, confidence(self._features(program)), executions, self._evidence())

    def best_effort(self) -> Solution:
        """The answer when nothing survived: the program that came furthest through the public cases."""
        if not self._candidates:
            return Solution(None, False, 0.0, (), self._evidence())
        key = max(self._candidates, key=lambda key: (self._passed(key), self._candidates[key].count))
        return Solution(
            self._candidates[key].source, False, 0.0, self._known[key].executions, self._evidence()
        )

    def _merge(self, source: str, completion: Completion) -> None:
        key = normalise(source)
        mean = completion.logprob / max(completion.tokens, 1)
        known = self._candidates.get(key)
        if known is None:
            self._candidates[key] = Candidate(source, 1, completion.greedy, mean)
            return
        self._candidates[key] = replace(
            known,
            count=known.count + 1,
            greedy=known.greedy or completion.greedy,
            mean_logprob=max(known.mean_logprob, mean),
        )

    def _survivors(self) -> list[str]:
        return [key for key, known in self._known.items() if known.survives]

    def _passed(self, key: str) -> int:
        return sum(e.verdict is Verdict.AC for e in self._known[key].executions)

    def _matrices(self) -> select.Pool:
        survivors = self._survivors()
        return select.Pool(
            passes=tuple(() for _ in survivors),
            outputs=tuple(
                tuple(self._behaviours[key][column] for column in self._informative) for key in survivors
            ),
            counts=tuple(self._candidates[key].count for key in survivors),
            logprobs=tuple(self._candidates[key].mean_logprob for key in survivors),
        )

    def _cluster_sizes(self) -> list[int]:
        counts = [self._candidates[key].count for key in self._survivors()]
        return [sum(counts[index] for index in members) for members in self._clusters]

    def _leading_share(self) -> float:
        sizes = self._cluster_sizes()
        return sizes[0] / sum(sizes)

    def _evidence(self) -> Evidence:
        verdicts = Counter(known.executions[-1].verdict for known in self._known.values() if known.executions)
        return Evidence(
            samples=self._samples,
            tokens=self._tokens,
            candidates=len(self._candidates),
            survivors=len(self._survivors()),
            inputs=len(self._inputs),
            clusters=tuple(self._cluster_sizes()),
            verdicts=tuple((verdict, verdicts[verdict]) for verdict in Verdict if verdicts[verdict]),
        )
