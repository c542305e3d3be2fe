"""Scripted answers where a test needs a model: as a file behind `--model`, or as a sampler that remembers."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path

from agent.models import scripted_sampler
from agent.models.scripted_sampler import Answer
from agent.types import Completion, SampleRequest

TOKENS, LOGPROB = 10, -5.0
"""Of every answer."""


class ScriptedSampler(scripted_sampler.ScriptedSampler):
    """Answers with `programs` in order, over and over; remembers what it was asked."""

    def __init__(self, programs: Sequence[str]) -> None:
        super().__init__([Answer(f"{program}\n", TOKENS, LOGPROB) for program in programs])
        self.requests: list[SampleRequest] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        self.requests += requests
        return super().sample(requests)


def scripted_model(folder: Path, *programs: str) -> str:
    """The name of a model that answers with `programs` in order, over and over; its file goes into `folder`."""
    rows = [{"text": f"{program}\n", "tokens": TOKENS, "logprob": LOGPROB} for program in programs]
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return f"scripted:{path}"
