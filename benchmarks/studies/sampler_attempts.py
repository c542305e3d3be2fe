"""Ways to decode faster that the engine does not take, measured: `python -m benchmarks.studies.sampler_attempts`.

`torch.compile`: one feed-forward block of a decoder, where most of a step is spent, eager, in each form
of `agent.engine`, and compiled by inductor with the weights as arguments and frozen into the code. Speculative
decoding: `transformers.generate` for one greedy sample with and without a smaller model that drafts (Leviathan et
al., 2023). It is for one row at a time there; what it must beat is a batch.

Not covered: engines of other projects (`benchmarks.studies.sampler_throughput`); CUDA.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from agent.engine.runtime import settle_waiting
from benchmarks.studies.sampler_throughput import human_eval

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

_TURNS = 5
_SECONDS = 0.4
_DRAFTED_PROMPTS = 5
_DRAFTED_TOKENS = 64


def best_seconds(call: Callable[[], object]) -> float:
    """Seconds of one call: the best of a few turns, each long enough to be measured."""
    call()
    begin = time.perf_counter()
    call()
    repeat = max(1, int(_SECONDS / max(time.perf_counter() - begin, 1e-9)))
    turns = []
    for _ in range(_TURNS):
        begin = time.perf_counter()
        for _ in range(repeat):
            call()
        turns.append((time.perf_counter() - begin) / repeat)
    return min(turns)


def stock(folder: Path) -> Any:
    """The model as transformers runs it, in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    return model.eval()


def blocks(folder: Path) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """The feed-forward block of a middle layer, in one form after the other."""
    import copy

    import torch

    from agent.engine.layers import PackedLinear, packing_pays_off, rebuild
    from agent.engine.quantize import Int8Linear

    layers = stock(folder).get_decoder().layers
    block: nn.Module = layers[len(layers) // 2].mlp
    yield "eager", block
    for name, kind in (("packed", PackedLinear), ("int8", Int8Linear)):
        if name == "packed" and not packing_pays_off(torch.bfloat16):
            continue
        other = copy.deepcopy(block)
        rebuild(other, kind)
        yield name, other
    for name, frozen in (("compiled", False), ("compiled, frozen", True)):
        torch._dynamo.reset()
        with torch._inductor.config.patch(freezing=frozen):
            # Compiled at the first call, which has to fall within the patch: so each form is used up in turn.
            yield name, torch.compile(copy.deepcopy(block), dynamic=False)


def compare_blocks(folder: Path, rows: list[int], width: int) -> None:
    """Print microseconds of a block for so many rows, each form beside eager."""
    import torch

    inputs = [torch.randn(n, 1, width, dtype=torch.bfloat16) for n in rows]
    eager: list[float] = []
    click.echo(f"{'block, microseconds':20} " + " ".join(f"{f'{n} rows':>16}" for n in rows))
    with torch.inference_mode():
        for name, block in blocks(folder):
            took = [best_seconds(partial(block, batch)) for batch in inputs]
            eager = eager or took
            cells = (f"{1e6 * t:9.0f} ({e / t:4.2f}x)" for t, e in zip(took, eager, strict=True))
            click.echo(f"{name:20} " + " ".join(f"{cell:>16}" for cell in cells))


def compare_drafting(folder: Path, draft: Path) -> None:
    """Print tokens per second of one greedy sample at a time, with and without drafts."""
    import torch
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model, small = stock(folder), stock(draft)
    prompts = [tokenizer(prompt.user + "\n\n" + prompt.prefill, return_tensors="pt") for prompt in
               human_eval(_DRAFTED_PROMPTS)]  # fmt: skip
    for name, helper in (("alone", None), ("with drafts", small), ("alone", None), ("with drafts", small)):
        tokens, begin = 0, time.perf_counter()
        for prompt in prompts:
            with torch.inference_mode():
                whole = model.generate(
                    **prompt, do_sample=False, max_new_tokens=_DRAFTED_TOKENS, assistant_model=helper,
                    pad_token_id=tokenizer.pad_token_id,
                )  # fmt: skip
            tokens += whole.shape[1] - prompt.input_ids.shape[1]
        seconds = time.perf_counter() - begin
        click.echo(f"one sample at a time, {name}: {tokens / seconds:.1f} tokens/s ({tokens} tokens)")


@click.command()
@click.option("--model", default="qwen2.5-coder-1.5b", show_default=True, help="A catalogue name.")
@click.option("--draft", default="qwen2.5-coder-0.5b", show_default=True, help="The smaller model.")
@click.option("--rows", default="1,8,64,128", show_default=True, help="Of a step.")
def main(model: str, draft: str, rows: str) -> None:
    """Measure what the engine leaves out."""
    settle_waiting()
    import torch
    from transformers import AutoConfig

    from agent.models.weights import resolve

    torch.manual_seed(0)
    folder = resolve(model)
    width = AutoConfig.from_pretrained(folder).get_text_config().hidden_size
    compare_blocks(folder, [int(n) for n in rows.split(",")], width)
    compare_drafting(folder, resolve(draft))


if __name__ == "__main__":
    main()
