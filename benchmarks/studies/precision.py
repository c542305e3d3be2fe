"""What a precision costs: `python -m benchmarks.studies.precision --model NAME --precisions grouped,int8`.

Right answers to HumanEval and MBPP are given to the model token by token, once in bfloat16 and once in each
precision. Reported are the mean divergence of the next token's distribution from that of bfloat16 (Kullback and
Leibler, nats per token), with its bootstrap interval over answers, and the share of tokens whose likeliest
successor is another. Greedy scores cannot tell precisions apart: near-ties fall the other way in a third of all
answers.

A precision passes where the divergence is below 0.0005. For scale: float32 differs from bfloat16, too.

Not covered: answers that the model would draw itself (random@1 by `solve bench`), speed (`sampler_throughput`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.engine.runtime import settle_waiting
from agent.types import Prompt
from benchmarks.metrics import estimate
from benchmarks.rows import rows_of, text
from benchmarks.studies.sampler_throughput import prompt_of
from benchmarks.tasks import data_folder

if TYPE_CHECKING:
    from torch import Tensor

    from agent.engine.load import LoadedModel

LIMIT = 0.0005
"""Nats per token."""
_MOST_TOKENS = 512
_SPLIT = range(11, 511)
"""Ids of MBPP's test split."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A prompt, and a right answer to it."""

    prompt: Prompt
    code: str


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one answer's tokens are from the reference."""

    divergence: float
    """Mean over the tokens, nats."""
    others: int
    """Tokens whose likeliest successor is another."""
    tokens: int


def answers(human_eval: int, mbpp: int) -> list[Answer]:
    """So many answers of each set, spread over it."""
    rows = rows_of(data_folder() / "humaneval" / "HumanEval.jsonl.gz")
    result = [
        Answer(
            prompt_of(f"```python\n{text(row, 'prompt').strip()}\n```\n"),
            text(row, "prompt") + text(row, "canonical_solution"),
        )
        for row in _spread(rows, human_eval)
    ]
    rows = [row for row in rows_of(data_folder() / "mbpp" / "mbpp.jsonl") if row["task_id"] in _SPLIT]
    for row in _spread(rows, mbpp):
        tests = "\n".join(row["test_list"])
        result.append(Answer(prompt_of(f"{text(row, 'text')}\n```python\n{tests}\n```\n"), text(row, "code")))
    return result


def _spread(rows: Sequence[Any], count: int) -> list[Any]:
    return [rows[place * len(rows) // count] for place in range(min(count, len(rows)))]


def drift(reference: Tensor, other: Tensor) -> Drift:
    """How far `other` is from `reference`; both are log-probabilities, (tokens, vocabulary)."""
    divergence = (reference.exp() * (reference - other)).sum(-1)
    others = int((reference.argmax(-1) != other.argmax(-1)).sum())
    return Drift(float(divergence.mean()), others, len(reference))


def log_probabilities(model: LoadedModel, answer: Answer) -> Tensor:
    """Of every token after each of the answer's, and after the prompt: (tokens, vocabulary), float32."""
    import torch

    prompt = model.encode(answer.prompt)
    code = model.encode(Prompt("", "", answer.code))[len(model.encode(Prompt("", "", ""))) :]
    ids = (prompt + code)[: len(prompt) + _MOST_TOKENS]
    with torch.inference_mode():
        return model.logits(ids)[len(prompt) - 1 :].float().log_softmax(-1)


def row_of(precision: str, drifts: Sequence[Drift], seconds: float) -> str:
    """A line of the table."""
    mean = estimate([each.divergence for each in drifts])
    tokens = sum(each.tokens for each in drifts)
    share = sum(each.others for each in drifts) / tokens
    passes = "passes" if mean.value < LIMIT else "does not pass"
    interval = f"{mean.value:.5f} ({mean.low:.5f} to {mean.high:.5f})"
    return f"| {precision} | {interval} | {share:.2%} | {tokens} | {seconds:.1f} | {passes} |"


@click.command()
@click.option("--model", default="qwen2.5-coder-0.5b", show_default=True, help="A catalogue name.")
@click.option("--humaneval", "human_eval", default=164, show_default=True, help="Answers of HumanEval.")
@click.option("--mbpp", default=200, show_default=True, help="Answers of MBPP's test split.")
@click.option("--precisions", default="grouped,int8,float32", show_default=True, help="What is compared.")
def main(model: str, human_eval: int, mbpp: int, precisions: str) -> None:
    """Compare precisions with bfloat16 on right answers."""
    settle_waiting()
    from agent.models.weights import resolve

    folder = resolve(model)
    reference = loaded(folder, model, "full")
    given = answers(human_eval, mbpp)
    click.echo("| precision | divergence, nats a token | likeliest differs | tokens | s to load | gate |")
    click.echo("|---" * 6 + "|")
    for precision in precisions.split(","):
        since = time.perf_counter()
        other = loaded(folder, model, precision)
        seconds = time.perf_counter() - since
        drifts = [drift(log_probabilities(reference, each), log_probabilities(other, each)) for each in given]
        click.echo(row_of(precision, drifts, seconds))


def loaded(folder: Path, name: str, precision: str) -> LoadedModel:
    """The model in one precision."""
    from agent.engine.load import LoadedModel

    before = os.environ.get("ALPHASOLVE_PRECISION")
    os.environ["ALPHASOLVE_PRECISION"] = precision
    try:
        return LoadedModel(folder, name, device="cpu")
    finally:
        if before is None:
            del os.environ["ALPHASOLVE_PRECISION"]
        else:
            os.environ["ALPHASOLVE_PRECISION"] = before


if __name__ == "__main__":
    main()
