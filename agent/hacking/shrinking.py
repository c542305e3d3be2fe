"""The smallest input that still breaks the program, in the manner of delta debugging.

Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002), take out ever smaller stretches
while the failure stays. Here a stretch goes together with the count that counts it (`agent.hacking.edits`), many
versions run at once, and each must be believed valid and must fail in the same way. Hypothesis shrinks the choices
of its own strategies, one run at a time, and cannot start from an input that it did not draw; so its shrinker is
not used.

Not covered: a smallest input among all: what is found is smallest in that no single step makes it smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.hacking.call_edits import call_edits
from agent.hacking.edits import edits
from agent.hacking.measure import size_of
from agent.hacking.sources import Source
from agent.hacking.types import EXAMPLE
from agent.inputs import GeneratedInput, key_of
from agent.types import Verdict

if TYPE_CHECKING:
    from agent.hacking.types import Flaw
    from agent.hacking.weighing import Judge

_BATCH = 16
_SLOW_BATCH = 2
_SLOW = (Verdict.TLE, Verdict.MLE, Verdict.OLE)


class Shrinker:
    """Makes one flaw's input smaller."""

    def __init__(self, source: Source, referee: Judge, is_over: Callable[[], bool]) -> None:
        """Prepare; once `is_over` says so, what there is must do."""
        self._source = source
        self._referee = referee
        self._is_over = is_over
        self._tried: set[str] = set()

    def smallest(self, flaw: Flaw) -> Flaw:
        """The flaw on the smallest input that was found.

        Raises:
            CheckerError: the problem's checker gave no verdict.
            SandboxError: the sandbox failed.
        """
        while not self._is_over():
            smaller = self._smaller(flaw)
            if smaller is None:
                break
            flaw = smaller
        return flaw

    def _smaller(self, flaw: Flaw) -> Flaw | None:
        """The first version that fails likewise; None where none does."""
        size = _SLOW_BATCH if flaw.verdict in _SLOW else _BATCH
        batch: list[GeneratedInput] = []
        for item in self._versions(flaw):
            batch.append(item)
            if len(batch) == size:
                smaller = self._first(batch, flaw)
                if smaller is not None or self._is_over():
                    return smaller
                batch = []
        return self._first(batch, flaw) if batch else None

    def _first(self, batch: Sequence[GeneratedInput], flaw: Flaw) -> Flaw | None:
        return next(
            (
                finding.flaw
                for finding in list(self._referee.findings(batch))
                if finding.flaw is not None
                and finding.flaw.verdict is flaw.verdict
                and (finding.is_answered or flaw.case is None)
            ),
            None,
        )

    def _versions(self, flaw: Flaw) -> Iterator[GeneratedInput]:
        """Smaller versions that are new and believed valid."""
        size = size_of(flaw.item)
        for item in self._edits(flaw.item):
            if self._is_over():
                return
            key = key_of(item)
            if key not in self._tried and size_of(item) < size:
                self._tried.add(key)
                if self._source.accepts(item):
                    yield item

    def _edits(self, item: GeneratedInput) -> Iterator[GeneratedInput]:
        if item.origin == EXAMPLE:  # what is made smaller is the statement's own no more
            item = replace(
                item, origin="smaller example", reason="made of an example; keeps what all of them share"
            )
        if self._source.calls is not None:
            yield from map(self._source.calls.tied, call_edits(item))
        elif self._source.form is not None:
            yield from (replace(item, stdin=text) for text in edits(self._source.form, item.stdin))
