"""Completions gathered into distinct programs, in the order they were drawn.

Completions that differ only in spelling are one candidate; how many there were is its multiplicity.

Not covered: what a candidate does (`agent.standings`), how a program is found in a completion
(`agent.extraction.source`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.types import Candidate, Completion, Purpose

if TYPE_CHECKING:
    from agent.languages import Language
    from problems import Problem


class Candidates:
    """The distinct programs of one problem, by key: their normalised text."""

    def __init__(self, problem: Problem, language: Language) -> None:
        self._problem = problem
        self._language = language
        self._by_key: dict[str, Candidate] = {}
        self.samples = 0
        """Completions of programs drawn independently."""
        self.tokens = 0
        """Tokens generated for all purposes."""

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[tuple[str, Candidate]]:
        """Every key and its candidate."""
        return iter(self._by_key.items())

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Candidate:
        return self._by_key[key]

    def key_of(self, program: str) -> str:
        """The key that `program` has or would have."""
        return self._language.normalise(program)

    def add(self, completion: Completion) -> None:
        """Take in a completion; one without a program in it only adds to the cost."""
        self.tokens += completion.tokens
        if completion.purpose is Purpose.PROGRAM:
            self.samples += 1
            self._merge(completion, mends=None)

    def add_repair(self, original: Candidate, completion: Completion) -> None:
        """Take in an answer to "this program fails": no independent sample, so it adds to no count."""
        self.tokens += completion.tokens
        self._merge(completion, mends=original.source)

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
        candidate = self._by_key.get(key)
        if candidate is None:
            self._by_key[key] = Candidate(source, 1, completion.greedy, mean, mends)
        elif mends is None:
            self._by_key[key] = replace(
                candidate,
                count=candidate.count + 1,
                greedy=candidate.greedy or completion.greedy,
                mean_logprob=max(candidate.mean_logprob, mean),
            )
