"""Thoughts while they are decoded: where one ends, and what follows one that grows too long.

At the end of its budget, or where the model would end its turn without an answer, a thought is closed and the
answer begun, so that what was thought is not lost: budget forcing (Muennighoff et al., "s1: Simple test-time
scaling", 2025). What is put there is not drawn: it takes none of the sample's random numbers, but for the one that
drew the end of a turn, has no log-probability, and is not counted among its tokens.

Not covered: formats without a pair of tags around thoughts, such as the channels of gpt-oss.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from agent.thinking import Tags

_FENCE_END = "\n```"
"""Ends an answer whose fence was opened for the model."""


@dataclass(frozen=True, slots=True)
class ThoughtPlan:
    """What is known of the thoughts of a request before any is drawn."""

    tags: Tags
    is_open: bool
    """Whether the prompt ends inside a thought."""
    budget: int
    """Tokens of a thought, at most."""
    closing: Sequence[int]
    """Tokens that close a thought."""
    beginning: Sequence[int] = ()
    """Tokens that begin the answer behind it."""
    opening: str = ""
    """The same as text."""

    @property
    def most_forced(self) -> int:
        """How many tokens may be put in place of drawn ones."""
        return len(self.closing) + len(self.beginning)


class _Phase(enum.Enum):
    """Where a sample is."""

    BEFORE = enum.auto()
    """Nothing tells yet whether it opens a thought."""
    INSIDE = enum.auto()
    AFTER = enum.auto()


class Thought:
    """The thought of one sample, from its first token on."""

    def __init__(self, plan: ThoughtPlan) -> None:
        self._plan = plan
        self._phase = _Phase.INSIDE if plan.is_open else _Phase.BEFORE
        self._pending: deque[int] = deque()
        self._end = 0
        """Where the thought ends in the sample's text, the tag left out."""
        self._drawn = 0
        self._is_closed = False
        self.tokens = 0
        """Drawn tokens of the thought, its tags among them."""
        self.forced = 0
        """Tokens that were put in place of drawn ones."""

    @property
    def is_forcing(self) -> bool:
        """Whether the next token is not drawn."""
        return bool(self._pending)

    @property
    def is_over(self) -> bool:
        """Whether what comes now belongs to the answer."""
        return self._phase is _Phase.AFTER and not self._pending

    def is_unanswered(self, text: str) -> bool:
        """Whether nothing has come but a thought, closed or not, so that it is no time to end."""
        if self._pending or self.forced:
            return False
        if self._phase is _Phase.AFTER:
            return self._is_closed and not text[self._end + len(self._plan.tags.end) :].strip()
        return self._phase is _Phase.INSIDE

    def answer(self) -> None:
        """Have the thought closed, where it is not, and the answer begun."""
        if self._phase is _Phase.INSIDE:
            self._pending.extend(self._plan.closing)
        self._pending.extend(self._plan.beginning)

    def next_forced(self) -> int:
        """The token that is next."""
        self.forced += 1
        return self._pending.popleft()

    def observe(self, text: str, drawn: int) -> None:
        """Take note of the sample's text so far, and of how many of its tokens were drawn."""
        self._drawn = drawn
        tags = self._plan.tags
        if self._phase is _Phase.BEFORE:
            head = text.lstrip()
            if head.startswith(tags.start):
                self._phase = _Phase.INSIDE
            elif not tags.start.startswith(head):
                self._phase = _Phase.AFTER
        if self._phase is not _Phase.INSIDE:
            return
        if (end := text.find(tags.end)) >= 0:
            self._phase, self._end, self.tokens = _Phase.AFTER, end, drawn
            self._is_closed = True
        elif drawn >= self._plan.budget and not self._pending:
            self.answer()

    def parts(self, text: str) -> tuple[str, str]:
        """The thought and the answer in the sample's whole text."""
        tags = self._plan.tags
        if self._phase is _Phase.INSIDE:
            self.tokens = self._drawn
            return text.lstrip().removeprefix(tags.start).strip(), ""
        if not self._is_closed:
            return "", text
        thought = text[: self._end].lstrip().removeprefix(tags.start).strip()
        answer = text[self._end + len(tags.end) :].lstrip("\n")
        is_empty = self.forced and answer.strip() == self._plan.opening.strip()
        return thought, "" if is_empty else answer

    def cut(self, text: str, stops: Sequence[str]) -> str | None:
        """The text up to where a stop string ends the answer; None where none does, or the thought is not over."""
        if not self.is_over:
            return None
        since = self._end
        if self.forced and self._plan.opening.startswith("```"):
            stops = (*stops, _FENCE_END)
            since = text.find(self._plan.opening, since) + len(self._plan.opening) - 1
        ends = [at for stop in stops if (at := text.find(stop, since)) >= 0]
        return text[: min(ends)] if ends else None
