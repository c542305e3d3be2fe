"""Completions gathered into distinct programs, in the order they were drawn, each with what is known about it.

Completions that differ only in spelling are one candidate; how many there were is its multiplicity.

Not covered: finding out what a candidate does (`agent.trials`), how a program is found in a completion
(`agent.extraction.source`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.tally import Tally
from agent.types import Candidate, Completion, Purpose, Standing

if TYPE_CHECKING:
    from agent.languages import Language
    from problems import Problem


class Candidates(Mapping[str, Standing]):
    """The distinct programs of one problem, by key: their normalised text."""

    def __init__(self, problem: Problem, language: Language) -> None:
        self._problem = problem
        self._language = language
        self._by_key: dict[str, Standing] = {}
        self.unjudged: list[str] = []
        """Keys of the candidates that have not run yet; no more is known of them than their programs."""
        self.samples = 0
        """Completions of programs drawn independently."""
        self.tally = Tally()
        """What was paid for at the model for all purposes, and how the answers with programs ended."""

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __getitem__(self, key: str) -> Standing:
        return self._by_key[key]

    def key_of(self, program: str) -> str:
        """The key that `program` has or would have."""
        return self._language.normalise(program)

    def survivors(self) -> dict[str, Standing]:
        """Those that pass every public case, or, where the statement has none, that compile."""
        return {key: standing for key, standing in self._by_key.items() if standing.survives}

    def add(self, completion: Completion) -> None:
        """Take in a completion; one without a program in it only adds to the cost."""
        if not completion.purpose.is_program:
            self.tally += Tally.of(completion).cost
        else:
            self.tally += Tally.of(completion)
            self.samples += 1
            self._merge(completion, mends=None)

    def add_repair(self, original: Candidate, completion: Completion) -> None:
        """Take in an answer to "this program fails": no independent sample, so it adds to no count."""
        self.tally += Tally.of(completion)
        self._merge(completion, mends=original.source)

    def update(self, standings: Mapping[str, Standing]) -> None:
        """Take in what is now known of some of them."""
        self._by_key |= standings

    def discard(self, keys: Iterable[str]) -> None:
        """Remove these candidates."""
        for key in keys:
            del self._by_key[key]

    def _merge(self, completion: Completion, *, mends: str | None) -> None:
        source = completion.program
        if source is None:
            source = self._language.extract(self._problem, completion.answer)
        if source is None:
            return
        key = self.key_of(source)
        mean = completion.logprob / max(completion.tokens, 1)
        is_brute = completion.purpose is Purpose.BRUTE
        standing = self._by_key.get(key)
        if standing is None:
            candidate = Candidate(source, 1, int(is_brute), (completion.strategy,), completion.greedy, mean, mends)
            self._by_key[key] = Standing(candidate, (), survives=False)
            self.unjudged.append(key)
        elif mends is None:
            old = standing.candidate
            candidate = replace(
                old,
                count=old.count + 1,
                brutes=old.brutes + is_brute,
                strategies=tuple(dict.fromkeys((*old.strategies, completion.strategy))),
                greedy=old.greedy or completion.greedy,
                mean_logprob=max(old.mean_logprob, mean),
            )
            self._by_key[key] = replace(standing, candidate=candidate)
