"""The search: rounds of inputs, judged until one shows a flaw, which is confirmed and made smaller.

A flaw of which a judge is certain ends it. One that is less sure, because a council says what is right, is kept,
and a few more rounds may bring a surer one.

Not covered: where inputs come from (`agent.hacking.sources`), and what is right (`agent.hacking.referee`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.hacking.collisions import table_of
from agent.hacking.measure import Size, size_of
from agent.hacking.referee import Referee
from agent.hacking.shrinking import Shrinker
from agent.hacking.sources import Source
from agent.hacking.types import Attempts, Flaw, Hacking, HackOptions, Program
from agent.hacking.weighing import Weighing
from agent.interrupts import Interrupt

if TYPE_CHECKING:
    from agent.hacking.referee import Finding
    from agent.hacking.weighing import Judge
    from agent.inputs import GeneratedInput
    from problems import Problem
    from sandbox import Sandbox

_SHRINK_SHARE = 0.5
_SURE = 0.8
_FURTHER_ROUNDS = 4  # after a flaw that is less sure
_SLACK = 0.05  # so much less sure may a smaller input be
_MOST_KEPT = 1 << 16  # characters of a contested input


def hack(
    problem: Problem, box: Sandbox, program: Program, right: Program, *, options: HackOptions | None = None
) -> Hacking:
    """The smallest input on which `program` fails, as `right` says.

    Args:
        problem: its examples and its statement tell what inputs look like.
        box: where both run; opened with `cpp=True` where one is in C++.
        program: what is to be broken.
        right: a program that is right, and may be slow.
        options: how long to search; 60 s where not given.

    Raises:
        CheckerError: the problem's checker gave no verdict.
        SandboxError: the sandbox failed.
    """
    return Search(problem, Referee(problem, box, program, right), options or HackOptions()).run()


class Search:
    """Looks for an input that breaks a program."""

    def __init__(
        self,
        problem: Problem,
        referee: Judge,
        options: HackOptions,
        *,
        interrupt: Interrupt | None = None,
        generated: Sequence[GeneratedInput] = (),
    ) -> None:
        """Prepare.

        Args:
            problem: whose inputs are made.
            referee: says on which of them the program fails.
            options: for how long.
            interrupt: tells of Ctrl-C, after which what there is must do; None where that is the caller's affair.
            generated: inputs that a model's generators printed.
        """
        self._source = Source(problem, options.seed, generated)
        unread = len(self._source.unread)
        kind = self._source.kind if unread else None
        self._referee = Weighing(referee, options.min_confidence, unread=unread, kind=kind)
        self._options = options
        self._interrupt = interrupt or Interrupt()
        self._attempts = Attempts()
        self._portion = _FEW_AT_ONCE
        self._suspects: list[Flaw] = []
        self._contested: list[Flaw] = []

    def run(self) -> Hacking:
        """Search until something is found, the time is over or Ctrl-C comes.

        Raises:
            CheckerError: the problem's checker gave no verdict.
            SandboxError: the sandbox failed.
        """
        start = time.monotonic()
        end = start + self._options.seconds
        flaw = self._found(end) or self._suspect()
        possible = self._possible() if flaw is None else None
        original = flaw.item if flaw else None
        flaw, possible = self._shrunk(flaw), self._shrunk(possible and self._confirmed(possible))
        unread = self._source.unread
        attempts = replace(self._attempts, seconds=time.monotonic() - start)
        contested = tuple(sorted(self._contested, key=_order))
        return Hacking(flaw, attempts, original, unread, self._doubtful(), contested, possible)

    def _shrunk(self, flaw: Flaw | None) -> Flaw | None:
        if flaw is None or not self._options.shrink:
            return flaw
        self._referee.least = max(self._referee.least, flaw.confidence - _SLACK)
        until = time.monotonic() + max(5.0, _SHRINK_SHARE * self._options.seconds)
        return Shrinker(self._source, self._referee, lambda: self._is_over(until)).smallest(flaw)

    def _possible(self) -> Flaw | None:
        """The surest of those that only a doubt about the input keeps from being sure enough."""
        least = self._options.min_confidence
        doubtful = (each for each in self._contested if each.confidence >= least * each.validity)
        flaw = min((each for each in doubtful if each.validity < 1), key=_order, default=None)
        if flaw is not None:
            self._referee.least = flaw.confidence
        return flaw

    def _found(self, end: float) -> Flaw | None:
        """The surest flaw; None where there is none when the time is over."""
        best: Flaw | None = None
        further = _FURTHER_ROUNDS
        for batch in self._source.rounds():
            flaws = sorted(self._flaws(batch, end), key=_order)
            flaw = next(filter(None, map(self._confirmed, flaws)), None)
            if best is not None:
                further -= 1
            if flaw is not None and (best is None or flaw.confidence > best.confidence):
                best = flaw
            if self._is_over(end) or (best is not None and (best.confidence >= _SURE or not further)):
                break
        return best

    def _is_over(self, end: float) -> bool:
        return self._interrupt.came or time.monotonic() >= end

    def _flaws(self, batch: Sequence[GeneratedInput], end: float) -> list[Flaw]:
        """What a batch shows; a few inputs at a time, so that the time can be kept."""
        flaws: list[Flaw] = []
        for items in _portions(batch, lambda: self._portion):
            began = time.monotonic()
            for finding in self._referee.findings(items):
                self._count(finding)
                if finding.flaw is not None and finding.is_answered:
                    flaws.append(finding.flaw)
                elif finding.flaw is not None and table_of(finding.item) is None:
                    self._suspects.append(finding.flaw)
            if any(flaw.confidence >= _SURE for flaw in flaws) or self._is_over(end):
                break
            self._adapt(time.monotonic() - began)
        return flaws

    def _adapt(self, seconds: float) -> None:
        """Fewer inputs at once where the last ones took long, which keeps the time; more where not."""
        most = _MOST_CALLS if self._source.calls else _MOST_AT_ONCE
        self._portion = max(1, self._portion // 4) if seconds > _LONG_S else min(most, 2 * self._portion)

    def _count(self, finding: Finding) -> None:
        length = len(size_of(finding.item)[2])
        attempts = self._attempts
        if finding.contested is not None and length <= _MOST_KEPT:
            self._contested.append(finding.contested)
        differs = finding.is_answered and (finding.flaw is not None or finding.contested is not None)
        self._attempts = attempts = replace(
            attempts,
            inputs=attempts.inputs + finding.is_answered,
            largest=max(attempts.largest, length) if finding.is_answered else attempts.largest,
            unanswered=attempts.unanswered + (not finding.is_answered),
            differing=attempts.differing + differs,
            contested=attempts.contested + (finding.contested is not None),
        )
        self._referee.differing = attempts.differing / max(attempts.inputs, 1)
        if finding.is_too_large:
            self._source.note_too_large(finding.item)

    def _confirmed(self, flaw: Flaw) -> Flaw | None:
        """The flaw as it shows again when the input runs alone; None where it does not."""
        (again,) = self._referee.findings([flaw.item])
        return again.flaw if again.flaw is not None and again.flaw.verdict is flaw.verdict else None

    def _suspect(self) -> Flaw | None:
        """A failure on an input for which nobody vouches; it counts where nothing of the statement is unread."""
        if self._source.unread:
            return None
        sure = [flaw for flaw in self._suspects if flaw.confidence >= self._options.min_confidence]
        return next(filter(None, map(self._confirmed, sorted(sure, key=_order))), None)

    def _doubtful(self) -> tuple[str, ...]:
        if not self._suspects:
            return ()
        verdicts = ", ".join(sorted({flaw.verdict for flaw in self._suspects}))
        count = len(self._suspects)
        return (f"{verdicts} on {count} inputs for which there is no right answer to compare with",)


def _order(flaw: Flaw) -> tuple[float, Size]:
    """The surest first, and of those the smallest."""
    return -round(flaw.confidence, 2), size_of(flaw.item)


_FEW_AT_ONCE, _MOST_AT_ONCE, _MOST_CALLS, _MOST_CHARACTERS = 16, 32, 128, 1 << 18
_LONG_S = 2.0


def _portions(batch: Sequence[GeneratedInput], most: Callable[[], int]) -> Iterator[list[GeneratedInput]]:
    """Small inputs by the dozen, large ones one by one, in their order."""
    portion: list[GeneratedInput] = []
    room = _MOST_CHARACTERS
    for item in batch:
        length = size_of(item)[1]
        if portion and (length > room or len(portion) >= most()):
            yield portion
            portion, room = [], _MOST_CHARACTERS
        portion.append(item)
        room -= length
    if portion:
        yield portion
