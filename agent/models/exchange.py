"""One request to a server and what comes of it: completions, as each ends, and what all of it costs.

The server counts once for all answers to a request, at its end. Answers before that are counted by their scored
tokens or by their length; the first answer waits, and takes the rest of the count.

Not covered: the bytes (`agent.models.connection`), and when to ask again (`agent.models.openai_sampler`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from agent.extraction.thoughts import thoughts_apart, without_thoughts
from agent.models.replies import Reply, Usage, read_answer
from agent.models.streams import AnswerStream, BrokenStream
from agent.sampling import Completion, SampleRequest
from agent.tally import Tally
from agent.thinking import Effort, share_of

_CHARACTERS_PER_TOKEN = 128
"""No token is longer; what goes beyond is not what was asked for."""


class Exchange:
    """Asks for some samples of a request, once."""

    def __init__(
        self,
        index: int,
        request: SampleRequest,
        numbers: Sequence[int],
        *,
        key: str,
        hand_in: Callable[[Completion], object],
        began: Callable[[float], object],
    ) -> None:
        """Begin the clock.

        Args:
            index: of the request among all.
            request: what is asked.
            numbers: of the samples that are wanted.
            key: appears in no message.
            hand_in: given each completion.
            began: told after how many seconds the answer began.
        """
        self._index, self._request, self._numbers = index, request, numbers
        self._hand_in, self._began = hand_in, began
        self._stream = AnswerStream(key=key, told=self._end)
        self._since = time.monotonic()
        self._is_begun = False
        self._first: Reply | None = None
        self._paid = 0
        self.left = list(numbers)
        """Samples that have not come."""

    def take(self, data: bytes) -> bool:
        """Take in a piece of the answer; says whether the answer has begun.

        Raises:
            BrokenStream: it is none.
        """
        self._stream.feed(data)
        if self._stream.has_begun:
            self._begin()
        return self._is_begun

    def finish(self, data: bytes) -> None:
        """Take in the end: the whole answer, where it did not come in pieces. There may be fewer than asked for.

        Raises:
            ValueError: there is no answer; the message goes on where the server's name stands.
            BrokenStream: likewise, or it was broken off.
        """
        answer = read_answer(data) if data or not self._stream.has_data else self._stream.answer()
        self._begin()
        replies = {
            index: reply
            for index, reply in enumerate(answer.replies[: len(self._numbers)])
            if self._numbers[index] in self.left and reply.finish != "error"
        }
        is_one = len(self._numbers) == 1 or len(answer.replies) == 1
        usage = answer.usage if is_one else replace(answer.usage, reasoning=None)
        total = None if usage.completion is None else max(usage.completion - self._paid, 0)
        tokens = _shares(total, list(replies.values()))
        for (index, reply), share in zip(replies.items(), tokens, strict=True):
            self._deliver(index, reply, replace(usage, completion=share))
            usage = Usage(0, usage.completion, 0)  # the first of them has paid
        if any(reply.finish == "error" for reply in answer.replies):
            raise BrokenStream("broke its answer off", passes=True)

    def break_off(self, *, was_sent: bool) -> Tally:
        """Hand in what ended before the exchange did; returns what else was paid for, as far as is known.

        Args:
            was_sent: whether the server is likely to have read the prompt.
        """
        is_paid = was_sent or self._is_begun
        prompt = guess(self._request.prompt.system + self._request.prompt.user) if is_paid else 0
        if self._first is not None and self._numbers[0] in self.left:
            self._deliver(0, self._first, Usage())
            prompt = 0
        tokens = sum(_tokens_in(reply) for reply in self._stream.unfinished)
        return Tally(tokens=tokens, unused_tokens=tokens, prompt_tokens=prompt, guesses=int(tokens + prompt > 0))

    def _begin(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._began(time.monotonic() - self._since)

    def _end(self, index: int, reply: Reply) -> None:
        """A choice of a stream has ended."""
        if reply.finish == "error" or index >= len(self._numbers):
            return
        if index == 0:
            self._first = reply
            return
        tokens = _tokens_in(reply)
        self._paid += tokens
        self._deliver(index, reply, Usage(0, tokens, 0))

    def _deliver(self, index: int, reply: Reply, usage: Usage) -> None:
        request = self._request
        most = _CHARACTERS_PER_TOKEN * request.params.max_tokens
        self.left.remove(self._numbers[index])
        prompt = guess(request.prompt.system + request.prompt.user) if usage.prompt is None else usage.prompt
        tokens = _tokens_in(reply) if usage.completion is None else usage.completion
        finish = "length" if len(reply.text) > most and reply.finish == "stop" else reply.finish
        said = replace(reply, text=reply.text[:most], finish=finish)
        thoughts, text = _thoughts_apart(said, request, counted=usage.reasoning)
        is_hidden = _thinks(request) and finish == "length" and not text.strip()
        share = tokens if is_hidden else share_of(tokens, thoughts, text)
        self._hand_in(
            Completion(
                request=self._index,
                sample=self._numbers[index],
                text=clean(text, request),
                tokens=tokens,
                logprob=reply.logprob,
                finish=finish,
                prompt_tokens=prompt,
                cached_tokens=usage.cached or 0,
                thoughts=thoughts,
                thought_tokens=min(tokens, share if usage.reasoning is None else usage.reasoning),
                is_estimate=usage.completion is None,
            )
        )


def guess(text: str) -> int:
    """How many tokens a text may have: a quarter of its characters."""
    return max(1, len(text) // 4)


def _tokens_in(reply: Reply) -> int:
    """How many tokens a reply has, as far as it says so itself."""
    return reply.scored or guess(reply.text + reply.thoughts)


def _thoughts_apart(reply: Reply, request: SampleRequest, *, counted: int | None) -> tuple[str, str]:
    """The thoughts of a reply, and the rest of what was said.

    What a model said that was to think, and was cut off, is a thought where nothing tells: many chat templates
    open one for the answer, so that its beginning is not in it.
    """
    if reply.thoughts:
        return reply.thoughts, reply.text
    thoughts, text = thoughts_apart(reply.text)
    if _thinks(request) and reply.finish == "length" and not thoughts and not counted:
        return text, ""
    return thoughts, text


def _thinks(request: SampleRequest) -> bool:
    """Whether the model was to think."""
    thinking = request.params.thinking
    return thinking is not None and thinking.effort is not Effort.OFF


def _shares(total: int | None, replies: Sequence[Reply]) -> Iterable[int | None]:
    """What each reply has of a count for all of them, by their own; the first takes what is left over."""
    if total is None or not replies:
        return [None] * len(replies)
    own = [_tokens_in(reply) for reply in replies]
    shares = [total * one // sum(own) for one in own]
    return [shares[0] + total - sum(shares), *shares[1:]]


def clean(text: str, request: SampleRequest) -> str:
    """The answer without reasoning, an echoed prefill, and what follows a stop string.

    A server that took the prefilled answer goes on inside its fence; one that did not answers anew, in words and
    with fences of its own, which are left to extraction.
    """
    text = without_thoughts(text)
    prefill = request.prompt.prefill
    if prefill and text.startswith(prefill):
        text = text[len(prefill) :]
    elif _is_answered_anew(text):
        return text
    ends = [at for stop in request.params.stop if (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text


def _is_answered_anew(text: str) -> bool:
    """Whether the first fence opens a block: it says a language, begins the text, or has a partner."""
    fences = [line.strip() for line in text.split("\n") if line.lstrip().startswith(("```", "~~~"))]
    if not fences:
        return False
    return bool(fences[0].strip("`~ ")) or len(fences) % 2 == 0 or text.lstrip().startswith(fences[0])
