"""The decode loop: many samples of many prompts in one batch that never waits for its slowest row.

A prompt is prefilled once, when its first sample gets a row. A row that ends is filled from the queue at once,
unless keys and values would outgrow their room. Every sample draws from a generator seeded by (seed, sample), so
its tokens do not depend on what else is in the batch, but for the rounding of matrix products whose shape differs
(no test found a difference in float32; in bfloat16 a near-tie may fall the other way).

Not covered: loading a model and rendering prompts (`load`), speculative decoding.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor

from agent.engine.attention import PromptCache, Rows
from agent.engine.sampling import choose
from agent.engine.thoughts import Thought, ThoughtPlan
from agent.types import Completion, SamplingParams


@dataclass(slots=True)
class Work:
    """A request as the loop sees it."""

    index: int
    """Its place among the requests."""
    tokens: list[int]
    """The prompt."""
    params: SamplingParams
    thoughts: ThoughtPlan | None = None
    """For a model that thinks."""

    @property
    def most_tokens(self) -> int:
        """Of a completion: drawn ones, and those that close a thought."""
        return self.params.max_tokens + (self.thoughts.most_forced if self.thoughts else 0)


@dataclass(slots=True)
class _Prompt:
    """A prompt that was prefilled, while samples of it wait for a row."""

    cache: PromptCache
    logits: Tensor
    """Of its last position: (vocabulary,), float32."""


@dataclass(slots=True)
class _Sample:
    """One completion under way."""

    work: Work
    number: int
    draw: random.Random
    thought: Thought | None = None
    """None for a model that does not think."""
    cache: PromptCache | None = None
    """Its prompt's keys and values, shared with the prompt's other samples; None once they are in its own row."""
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    decoded: int = 0
    """Tokens whose text is final."""
    context: int = 0
    """Tokens before `decoded` that detokenising the next ones needs as context."""
    logprob: float = 0.0
    prompt_tokens: int = 0
    """Tokens of the prompt that were prefilled for it; 0 where that was done for another one."""

    @property
    def prompt_length(self) -> int:
        """Tokens of its prompt."""
        return len(self.work.tokens)

    @property
    def drawn(self) -> int:
        """How many of its tokens were drawn."""
        return len(self.tokens) - (self.thought.forced if self.thought else 0)

    @property
    def is_forcing(self) -> bool:
        """Whether its next token is put there, not drawn."""
        return self.thought is not None and self.thought.is_forcing

    @property
    def row_length(self) -> int:
        """Tokens whose keys and values its row holds; the last one drawn has none yet."""
        return len(self.tokens) - 1 + (self.prompt_length if self.cache is None else 0)


class Decoder:
    """Decodes with one model."""

    def __init__(self, model: Any, tokenizer: Any, ends: frozenset[int], *, max_rows: int, room: int) -> None:
        """Get ready to decode.

        Args:
            model: of transformers.
            tokenizer: of transformers.
            ends: tokens that end an answer.
            max_rows: samples under way at once, at most.
            room: tokens whose keys and values may be held at once; a single sample may take more.
        """
        self._model = model
        self._tokenizer = tokenizer
        self._ends = ends
        self._max_rows = max_rows
        self._room = room
        self._device = model.device
        self._cap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
        self.unused_tokens = 0
        """Drawn in the last `decode` for completions that did not end."""

    def decode(self, work: Sequence[Work], *, until: float = math.inf) -> Iterator[Completion]:
        """Yield every completion as soon as it ends, those that end before `until` by `time.monotonic()`."""
        queue = deque(
            _Sample(
                item,
                number,
                random.Random(f"{item.params.seed}/{number}"),
                Thought(item.thoughts) if item.thoughts else None,
            )
            for item in work
            for number in range(item.params.first, item.params.first + item.params.n)
        )
        self.unused_tokens = 0
        if not queue:
            return
        # Where no two samples share a prompt, it goes into the row: then one operation attends for all rows.
        apart = len({tuple(sample.work.tokens) for sample in queue}) == len(queue)
        most, per_row = self._rows_for(list(queue), apart=apart)
        active: list[_Sample] = []
        try:
            yield from self._work_off(queue, active, Rows(most, per_row), until, apart=apart)
        finally:
            self.unused_tokens = sum(sample.drawn for sample in active)

    def _work_off(
        self, queue: deque[_Sample], active: list[_Sample], rows: Rows, until: float, *, apart: bool
    ) -> Iterator[Completion]:
        """Go on until nothing is queued or active, or the time is over."""
        prompts: dict[tuple[int, ...], _Prompt] = {}
        while (queue or active) and time.monotonic() < until:
            while queue and len(active) < rows.count and self._fits(queue[0], active, prompts, rows.tokens):
                if time.monotonic() >= until:
                    return
                sample = queue.popleft()
                self._begin(sample, prompts, keep=bool(queue) and queue[0].work.tokens == sample.work.tokens)
                if (finish := self._finish(sample)) is None:
                    if apart and sample.cache is not None:
                        rows.take_in(len(active), sample.cache)
                        sample.cache = None
                    active.append(sample)
                else:
                    yield _completion(sample, finish)
            if active:
                self._step(active, rows)
                yield from self._retire(active, rows)

    def _rows_for(self, samples: Sequence[_Sample], *, apart: bool) -> tuple[int, int]:
        """How many rows there is room for, and the tokens that each of them may come to hold."""
        own = max(sample.work.most_tokens + (sample.prompt_length if apart else 0) for sample in samples)
        most = min(self._max_rows, len(samples))
        if apart:
            return max(1, min(most, self._room // own)), own
        uses = Counter(tuple(sample.work.tokens) for sample in samples)
        lengths = sorted(map(len, uses), reverse=True)
        least = min(uses.values())
        # Rows of a prompt follow one another: so many prompts are under way, and one more as one ends.
        while most > 1 and most * own + sum(lengths[: -(-most // least) + 1]) > self._room:
            most -= 1
        return most, own

    def _fits(
        self, sample: _Sample, active: list[_Sample], prompts: dict[tuple[int, ...], _Prompt], row_tokens: int
    ) -> bool:
        """Whether the sample's prompt fits beside those under way and `row_tokens` tokens of all rows."""
        if not active or tuple(sample.work.tokens) in prompts:
            return True
        under_way = {id(other.cache): other.prompt_length for other in active if other.cache is not None}
        return row_tokens + sum(under_way.values()) + sample.prompt_length <= self._room or not under_way

    @torch.inference_mode()
    def _begin(self, sample: _Sample, prompts: dict[tuple[int, ...], _Prompt], *, keep: bool) -> None:
        """Prefill the sample's prompt if that was not done, and draw its first token."""
        key = tuple(sample.work.tokens)
        if key not in prompts:
            prompts[key] = self._prefill(sample.work.tokens)
            sample.prompt_tokens = len(key)
        prompt = prompts[key]
        sample.cache = prompt.cache
        if not keep:
            del prompts[key]  # its other samples hold the cache as long as they live
        self._advance([sample], prompt.logits.unsqueeze(0))

    def _prefill(self, tokens: list[int]) -> _Prompt:
        cache = PromptCache()
        ids = torch.tensor([tokens], device=self._device)
        places = torch.arange(len(tokens), device=self._device).unsqueeze(0)
        hidden_states = self._forward(ids, places, cache)
        return _Prompt(cache, self._logits(hidden_states[:, -1])[0])

    @torch.inference_mode()
    def _step(self, active: list[_Sample], rows: Rows) -> None:
        """One token for every row."""
        rows.begin_step([sample.row_length for sample in active], self._groups(active), self._device)
        ids = torch.tensor([[sample.tokens[-1]] for sample in active], device=self._device)
        places = torch.tensor([[s.prompt_length + len(s.tokens) - 1] for s in active], device=self._device)
        hidden_states = self._forward(ids, places, rows)
        self._advance(active, self._logits(hidden_states[:, -1]))

    def _groups(self, active: list[_Sample]) -> list[tuple[PromptCache, Tensor | None]]:
        """The prompts that are shared, each with its rows; None where these are all."""
        members: dict[int, tuple[PromptCache, list[int]]] = {}
        for row, sample in enumerate(active):
            if sample.cache is not None:
                members.setdefault(id(sample.cache), (sample.cache, []))[1].append(row)
        if len(members) == 1:
            return [(cache, None) for cache, _ in members.values()]
        return [(cache, torch.tensor(numbers, device=self._device)) for cache, numbers in members.values()]

    def _forward(self, ids: Tensor, places: Tensor, memory: PromptCache | Rows) -> Tensor:
        backbone = self._model.get_decoder() if hasattr(self._model, "get_decoder") else self._model.model
        output = backbone(input_ids=ids, position_ids=places, use_cache=False, memory=memory)
        return cast("Tensor", output.last_hidden_state)

    def _logits(self, hidden_states: Tensor) -> Tensor:
        logits: Tensor = self._model.get_output_embeddings()(hidden_states).float()
        return logits if self._cap is None else torch.tanh(logits / self._cap) * self._cap

    def _advance(self, samples: list[_Sample], logits: Tensor) -> None:
        """Draw each sample's next token, unless it is forced, and extend its text."""
        tokens, logprobs = choose(
            logits,
            [sample.work.params.temperature for sample in samples],
            [sample.work.params.top_p for sample in samples],
            [0.0 if sample.is_forcing else sample.draw.random() for sample in samples],
        )
        for sample, token, logprob in zip(samples, tokens, logprobs, strict=True):
            thought = sample.thought
            if thought is not None and token in self._ends and thought.is_unanswered(sample.text):
                thought.answer()  # in place of that token
            if thought is not None and thought.is_forcing:
                sample.tokens.append(thought.next_forced())
            else:
                sample.tokens.append(token)
                sample.logprob += logprob
            if sample.tokens[-1] not in self._ends:
                self._extend_text(sample)
            if thought is not None:
                thought.observe(sample.text, sample.drawn)

    def _extend_text(self, sample: _Sample) -> None:
        """Add the text of new tokens once it is final: half a character waits for its other half."""
        before = self._tokenizer.decode(sample.tokens[sample.context : sample.decoded])
        now = self._tokenizer.decode(sample.tokens[sample.context :])
        if len(now) > len(before) and not now.endswith("\ufffd"):
            sample.text += now[len(before) :]
            sample.context, sample.decoded = sample.decoded, len(sample.tokens)

    def _finish(self, sample: _Sample) -> str | None:
        """Whether and how the sample has ended; cuts a stop string and what follows it off its text."""
        if sample.tokens[-1] in self._ends:
            return "stop"
        params = sample.work.params
        cut = sample.thought.cut if sample.thought is not None else _cut
        if (text := cut(sample.text, params.stop)) is not None:
            sample.text = text
            return "stop"
        return "length" if sample.drawn >= params.max_tokens and not sample.is_forcing else None

    def _retire(self, active: list[_Sample], rows: Rows) -> Iterator[Completion]:
        """Take finished samples out; the last row moves into each hole."""
        row = 0
        while row < len(active):
            finish = self._finish(active[row])
            if finish is None:
                row += 1
                continue
            sample, last = active[row], active.pop()
            if last is not sample:
                rows.move(len(active), row, last.row_length)
                active[row] = last
            yield _completion(sample, finish)


def _cut(text: str, stops: Sequence[str]) -> str | None:
    """The text up to the first stop string; None where there is none."""
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else None


def _completion(sample: _Sample, finish: str) -> Completion:
    thought = sample.thought
    thoughts, text = thought.parts(sample.text) if thought is not None else ("", sample.text)
    return Completion(
        request=sample.work.index,
        sample=sample.number,
        text=text,
        tokens=sample.drawn,
        logprob=sample.logprob,
        finish=finish,
        prompt_tokens=sample.prompt_tokens,
        thoughts=thoughts,
        thought_tokens=thought.tokens if thought is not None else 0,
    )
