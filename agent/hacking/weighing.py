"""A judge whose flaws are as sure as they must be: votes become probabilities, and too little is contested.

Not covered: the model behind the probability (`agent.hacking.belief`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from agent.hacking.belief import belief
from agent.hacking.likeness import LIKE, UNLIKE
from agent.hacking.types import EXAMPLE

if TYPE_CHECKING:
    from agent.hacking.likeness import Kind
    from agent.hacking.referee import Finding
    from agent.hacking.types import Flaw
    from agent.inputs import GeneratedInput


class Judge(Protocol):
    """Says what becomes of inputs."""

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """In order."""


class Weighing:
    """A `Judge` in front of another one."""

    def __init__(self, judge: Judge, least: float, *, unread: int = 0, kind: Kind | None = None) -> None:
        """Report what is at least so sure.

        Args:
            judge: whose flaws are weighed.
            least: probability, 0 to 1.
            unread: sentences of the statement that may demand more of inputs than was checked.
            kind: what its examples share; None where nothing is unread, so that no input is doubted.
        """
        self.least = least
        """Less sure flaws are contested."""
        self.differing = 0.0
        """Share of all inputs so far on which the program does not do what is held to be right."""
        self._judge = judge
        self._unread = unread
        self._kind = kind

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """See `Judge`. What nobody answered stays a suspicion, however little sure."""
        for finding in self._judge.findings(items):
            if finding.flaw is None:
                yield finding
                continue
            flaw = self._weighed(finding.flaw)
            if finding.is_answered and flaw.confidence < self.least:
                yield replace(finding, flaw=None, contested=flaw)
            else:
                yield replace(finding, flaw=flaw)

    def _weighed(self, flaw: Flaw) -> Flaw:
        if flaw.votes is not None:
            votes = replace(flaw.votes, differing=self.differing, unread=self._unread)
            flaw = replace(flaw, votes=votes, confidence=belief(votes))
        if self._kind is None or flaw.item.origin == EXAMPLE:
            return flaw
        doubt = self._kind.difference(flaw.item.stdin, flaw.case)
        validity = LIKE if doubt is None else UNLIKE
        return replace(flaw, doubt=doubt, validity=validity, confidence=flaw.confidence * validity)
