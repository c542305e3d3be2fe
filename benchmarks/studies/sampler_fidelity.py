"""Whether our decode loop says what the model says: `python -m benchmarks.studies.sampler_fidelity`.

HumanEval prompts are answered greedily by `transformers.generate`, one by one, and by our loop, all in one batch,
and compared token for token: in float32, where both must agree, and in the precisions that `solve` uses, where
near-ties may fall the other way; 8-bit layers are compared with `generate` in bfloat16.

Not covered: sampling (tests of `agent.engine`), whether answers are any good (`solve bench`).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.engine.runtime import settle_waiting
from agent.types import Prompt, SampleRequest, SamplingParams
from benchmarks.studies.sampler_throughput import human_eval

if TYPE_CHECKING:
    from agent.engine.load import LoadedModel

REFERENCE = {"float32": "float32", "full": "bfloat16", "grouped": "bfloat16", "int8": "bfloat16"}
"""What `ALPHASOLVE_PRECISION` may say, and the precision of `generate` that it is compared with."""
_FIRST = 0x10000  # past the surrogates, which text may not hold


class Ids:
    """In a tokenizer's place: every token is one character, so that a text tells its tokens."""

    def decode(self, tokens: Sequence[int]) -> str:
        """A character for each token."""
        return "".join(chr(_FIRST + token) for token in tokens)


def tokens_of(text: str) -> list[int]:
    """The tokens behind a text of `Ids`."""
    return [ord(letter) - _FIRST for letter in text]


def first_difference(ours: Sequence[int], theirs: Sequence[int]) -> int | None:
    """The first place where two token sequences differ; None if they are equal."""
    for place, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
        if mine != other:
            return place
    return None if len(ours) == len(theirs) else min(len(ours), len(theirs))


def answers(model: LoadedModel, prompts: Sequence[Prompt], tokens: int) -> list[list[int]]:
    """What our loop says, greedily."""
    model.decoder._tokenizer, tokenizer = Ids(), model.decoder._tokenizer
    params = SamplingParams(n=1, temperature=0, max_tokens=tokens)
    ids: dict[int, list[int]] = {}
    try:
        for completion in model.decoder.decode(model.work([SampleRequest(prompt, params) for prompt in prompts])):
            ids[completion.request] = tokens_of(completion.text)
    finally:
        model.decoder._tokenizer = tokenizer
    return [ids[place] for place in range(len(prompts))]


def references(
    folder: Path, prompts: Iterable[Sequence[int]], ends: frozenset[int], tokens: int, dtype: str
) -> list[list[int]]:
    """What `generate` says, greedily, one prompt after the other; without the token that ended it."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    rows = []
    for ids in prompts:
        with torch.inference_mode():
            whole = model.generate(
                torch.tensor([ids]), do_sample=False, max_new_tokens=tokens, eos_token_id=sorted(ends),
                pad_token_id=min(ends),
            )  # fmt: skip
        rows.append([token for token in whole[0, len(ids) :].tolist() if token not in ends])
    return rows


@click.command()
@click.option("--model", default="qwen2.5-coder-0.5b", show_default=True, help="A catalogue name.")
@click.option("--prompts", default=50, show_default=True, help="How many of HumanEval.")
@click.option("--tokens", default=64, show_default=True, help="New tokens at most.")
@click.option("--precisions", default="float32,full,int8", show_default=True, help="Of ours, in this order.")
def main(model: str, prompts: int, tokens: int, precisions: str) -> None:
    """Compare our greedy answers with those of `generate`."""
    settle_waiting()
    from agent.engine.load import LoadedModel
    from agent.models.weights import resolve

    folder = resolve(model)
    questions = human_eval(prompts)
    references_of: dict[str, list[list[int]]] = {}
    for precision in precisions.split(","):
        os.environ["ALPHASOLVE_PRECISION"] = precision
        loaded_model = LoadedModel(folder, model)
        ours = answers(loaded_model, questions, tokens)
        ids, ends = [loaded_model.encode(prompt) for prompt in questions], loaded_model.decoder._ends
        del loaded_model
        gc.collect()
        dtype = REFERENCE[precision]
        if dtype not in references_of:
            references_of[dtype] = references(folder, ids, ends, tokens, dtype)
        differences = [first_difference(*pair) for pair in zip(ours, references_of[dtype], strict=True)]
        places = [place for place in differences if place is not None]
        equal = len(differences) - len(places)
        line = f"{precision}: {equal} of {len(differences)} answers equal those of generate in {dtype}"
        click.echo(line + (f"; the others differ first at token {sorted(places)}" if places else ""))


if __name__ == "__main__":
    main()
