"""An answer that comes in pieces: server-sent events in, and the same replies out as of an answer in one.

A piece is a line `data: {...}`; whatever else lines say is left out. Each choice grows by its pieces until it has
a reason to end; what the server counts comes last. Time and memory grow with the bytes.

Not covered: events over several lines of data, which no server of this protocol sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.models.complaints import complaint_in
from agent.models.replies import (
    Answer,
    Reply,
    Usage,
    field_of,
    finish_of,
    parsed,
    refusal_in,
    score_of,
    text_of,
    thoughts_in,
    usage_of,
)

_MOST_CHOICES = 128


class BrokenStream(Exception):
    """There is no answer in it. `str(error)` goes on where the server's name stands."""

    def __init__(self, what: str, *, passes: bool = False) -> None:
        super().__init__(what)
        self.passes = passes
        """Whether the same request may do later."""


@dataclass(slots=True)
class _Growing:
    """A choice so far."""

    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    logprob: float = 0.0
    scored: int = 0
    refused: bool = False
    finish: str | None = None
    has_begun: bool = False

    def reply(self) -> Reply:
        finish = self.finish or "length"
        return Reply(
            text="".join(self.texts),
            logprob=self.logprob,
            finish="refused" if self.refused else finish,
            scored=self.scored,
            thoughts="".join(self.thoughts),
        )


class AnswerStream:
    """Takes in the bytes of one answer as they come."""

    def __init__(self, *, key: str = "", told: Callable[[int, Reply], object] | None = None) -> None:
        """Begin with nothing.

        Args:
            key: appears in no message.
            told: of each choice as it ends, by its number.
        """
        self._key = key
        self._told = told
        self._rest: list[bytes] = []
        self._has_data = False
        self._choices: dict[int, _Growing] = {}
        self._usage: Usage | None = None

    def feed(self, data: bytes) -> None:
        """Take in what came.

        Raises:
            BrokenStream: it tells of a failure, or is no stream.
        """
        self._has_data = True
        first, *others = data.replace(b"\r", b"\n").split(b"\n")
        self._rest.append(first)
        if not others:
            return
        self._take_rest()
        *lines, rest = others
        for line in lines:
            self._take(line)
        self._rest.append(rest)

    def answer(self) -> Answer:
        """The whole answer, once the stream has ended.

        Raises:
            BrokenStream: it ended before the answer did.
        """
        self._take_rest()
        if not self._choices:
            raise BrokenStream("answered without a completion")
        # Interrupted by another request, llama-cpp-python's server says [DONE] all the same.
        if any(choice.finish is None for choice in self._choices.values()):
            raise BrokenStream("broke its answer off", passes=True)
        return Answer(self.so_far(), self._usage or Usage())

    def so_far(self) -> tuple[Reply, ...]:
        """What came of every choice, ended or not."""
        return tuple(self._choices[index].reply() for index in sorted(self._choices))

    @property
    def has_data(self) -> bool:
        """Whether anything came, even if it was no answer."""
        return self._has_data

    @property
    def has_begun(self) -> bool:
        """Whether any of the model's words came, or an end; some servers name a role before its turn."""
        return any(choice.has_begun for choice in self._choices.values())

    @property
    def unfinished(self) -> tuple[Reply, ...]:
        """What came of choices that have not ended."""
        return tuple(choice.reply() for choice in self._choices.values() if choice.finish is None)

    def _take_rest(self) -> None:
        line = b"".join(self._rest)
        self._rest.clear()
        self._take(line)

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.strip()
        if name != b"data" or not value:
            return
        if value == b"[DONE]":
            return
        try:
            piece = parsed(value)
        except ValueError as error:
            raise BrokenStream(str(error)) from None
        if field_of(piece, "error") is not None and (complaint := complaint_in(piece, self._key)):
            raise BrokenStream(f"broke its answer off: {complaint.words}", passes=True)
        if field_of(piece, "usage") is not None:
            self._usage = usage_of(field_of(piece, "usage"))
        choices = field_of(piece, "choices")
        for choice in choices if isinstance(choices, list) else []:
            self._grow(choice)

    def _grow(self, choice: object) -> None:
        index = field_of(choice, "index")
        index = index if type(index) is int and 0 <= index < _MOST_CHOICES else 0
        delta = field_of(choice, "delta")
        growing = self._choices.setdefault(index, _Growing())
        if growing.finish is not None:
            return
        try:
            growing.texts.append(text_of(field_of(delta, "content")))
        except ValueError as error:
            raise BrokenStream(str(error)) from None
        growing.thoughts.append(thoughts_in(delta))
        growing.refused |= bool(refusal_in(delta))
        total, scored = score_of(choice)
        growing.logprob += total
        growing.scored += scored
        reason = field_of(choice, "finish_reason")
        growing.has_begun |= bool(growing.texts[-1] or growing.thoughts[-1] or growing.refused or scored or reason)
        if isinstance(reason, str):
            growing.finish = finish_of(reason)
            if self._told is not None:
                self._told(index, growing.reply())
