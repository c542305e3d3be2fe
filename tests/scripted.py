"""A sampler that says what it is told to: the stand-in for a model, behind the same Protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.types import Completion, SampleRequest


class ScriptedSampler:
    """Answers with `programs` in order, over and over, each in a code fence; remembers what it was asked."""

    name = "scripted"

    def __init__(self, programs: Sequence[str]) -> None:
        self._programs = list(programs)
        self._next = 0
        self.requests: list[SampleRequest] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        self.requests += requests
        for index, request in enumerate(requests):
            for sample in range(request.params.n):
                program = self._programs[self._next % len(self._programs)]
                self._next += 1
                text = f"{program}\n" if request.prompt.prefill else f"```python\n{program}\n```"
                yield Completion(index, sample, text, tokens=10, logprob=-5.0, finish="stop")
