"""The engines that the sampler is measured beside, each behind one method.

Every engine gets the same rendered text, the same temperature and nucleus, and is used the way its own
documentation recommends for many samples of one prompt. Prompts are rendered in ChatML, which both catalogue
models speak.

Not covered: servers on other machines; quality (only tokens are counted).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agent.types import Prompt, SampleRequest, SamplingParams

TEMPERATURE, TOP_P = 0.8, 0.95
_STOP = "\n```"
_STOCK_ROWS = 64


@dataclass(frozen=True, slots=True)
class Job:
    """Samples of one prompt."""

    prompt: Prompt
    n: int
    tokens: int
    """New tokens per sample: exactly, or at most where `natural`."""
    natural: bool
    """Whether a sample may end by itself."""

    @property
    def text(self) -> str:
        """The prompt as the model sees it."""
        turns = (
            f"<|im_start|>system\n{self.prompt.system}<|im_end|>\n<|im_start|>user\n{self.prompt.user}<|im_end|>\n"
        )
        return f"{turns}<|im_start|>assistant\n{self.prompt.prefill}"


@dataclass(frozen=True, slots=True)
class Source:
    """One model, in the two forms that engines want."""

    folder: Path
    """Saved by transformers."""
    gguf: Path | None
    """The file it was made from."""


class Engine(Protocol):
    """Something that samples."""

    def run(self, jobs: Sequence[Job]) -> int:
        """Sample every job (all fixed or all natural, all of one n); returns the new tokens in all."""


class Ours:
    """`agent.engine`, as `solve` uses it."""

    def __init__(self, source: Source) -> None:
        from agent.engine.load import LoadedModel

        self._loaded = LoadedModel(source.folder, source.folder.parent.name)
        self._ends = self._loaded.decoder._ends

    def run(self, jobs: Sequence[Job]) -> int:
        """See `Engine`."""
        natural = jobs[0].natural
        self._loaded.decoder._ends = self._ends if natural else frozenset()
        requests = [
            SampleRequest(
                job.prompt,
                SamplingParams(
                    n=job.n, temperature=TEMPERATURE, top_p=TOP_P, max_tokens=job.tokens, seed=1,
                    stop=(_STOP,) if natural else (),
                ),
            )
            for job in jobs
        ]  # fmt: skip
        return sum(completion.tokens for completion in self._loaded.decoder.decode(self._loaded.work(requests)))


class Stock:
    """`transformers.generate`, samples of several prompts padded to one batch."""

    def __init__(self, source: Source) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._torch: Any = torch
        self._tokenizer: Any = AutoTokenizer.from_pretrained(source.folder, padding_side="left")
        self._model: Any = AutoModelForCausalLM.from_pretrained(source.folder, dtype=torch.bfloat16).eval()

    def run(self, jobs: Sequence[Job]) -> int:
        """See `Engine`."""
        step = max(1, _STOCK_ROWS // jobs[0].n) if len(jobs) > 1 else 1
        return sum(self._batch(jobs[start : start + step]) for start in range(0, len(jobs), step))

    def _batch(self, jobs: Sequence[Job]) -> int:
        first = jobs[0]
        batch = self._tokenizer([job.text for job in jobs], return_tensors="pt", padding=True)
        ends = {"stop_strings": [_STOP], "tokenizer": self._tokenizer} if first.natural else {}
        least = {} if first.natural else {"min_new_tokens": first.tokens}
        with self._torch.inference_mode():
            whole = self._model.generate(
                **batch, do_sample=True, temperature=TEMPERATURE, top_p=TOP_P, top_k=0,
                num_return_sequences=first.n, max_new_tokens=first.tokens,
                pad_token_id=self._tokenizer.pad_token_id, **ends, **least,
            )  # fmt: skip
        new = whole[:, batch.input_ids.shape[1] :]
        return int(new.numel() if not first.natural else (new != self._tokenizer.pad_token_id).sum())


class StockBatch(Stock):
    """`transformers.generate_batch`: their continuous batching over pages."""

    def run(self, jobs: Sequence[Job]) -> int:
        """See `Engine`."""
        from transformers import GenerationConfig

        first = jobs[0]
        ids = [self._tokenizer(job.text).input_ids for job in jobs for _ in range(job.n)]
        ends = [self._tokenizer.eos_token_id] if first.natural else [-1]
        config = GenerationConfig(
            do_sample=True, temperature=TEMPERATURE, top_p=TOP_P, top_k=0, max_new_tokens=first.tokens,
            eos_token_id=ends, pad_token_id=self._tokenizer.pad_token_id,
        )  # fmt: skip
        outputs = self._model.generate_batch(inputs=ids, generation_config=config)
        return sum(len(output.generated_tokens) for output in outputs.values())


class LlamaCpp:
    """llama.cpp's server in this process, one slot per sample, on the quantised file."""

    def __init__(self, source: Source) -> None:
        import xllamacpp

        if source.gguf is None:
            raise ValueError("needs --gguf")
        self._library: Any = xllamacpp
        self._gguf = source.gguf
        self._server: Any = None
        self._shape = (0, 0)

    def run(self, jobs: Sequence[Job]) -> int:
        """See `Engine`."""
        requests = [job for job in jobs for _ in range(job.n)]
        slots = min(len(requests), 128)
        room = max(len(job.text) // 2 + job.tokens for job in jobs)
        self.prepare(slots, room)
        with ThreadPoolExecutor(slots) as pool:
            return sum(pool.map(self._complete, requests, range(len(requests))))

    def prepare(self, slots: int, room: int) -> None:
        """Start a server of that many slots, unless it runs."""
        if self._shape == (slots, room):
            return
        params = self._library.CommonParams()
        params.model.path = str(self._gguf)
        params.n_parallel, params.n_ctx = slots, slots * room
        params.verbosity = 0
        params.cpuparams.poll = params.cpuparams_batch.poll = (
            0  # spinning loses most of a machine that is not idle
        )
        self._server = None
        self._server = self._library.Server(params)
        self._shape = (slots, room)

    def _complete(self, job: Job, seed: int) -> int:
        reply = self._server.handle_completions({
            "prompt": job.text, "max_tokens": job.tokens, "temperature": TEMPERATURE, "top_p": TOP_P, "top_k": 0,
            "min_p": 0.0, "seed": seed, "ignore_eos": not job.natural, "stop": [_STOP] if job.natural else [],
        })  # fmt: skip
        return int(reply["usage"]["completion_tokens"])


class OpenVino:
    """OpenVINO GenAI with continuous batching, on the quantised file."""

    def __init__(self, source: Source) -> None:
        import openvino_genai

        if source.gguf is None:
            raise ValueError("needs --gguf")
        self._library: Any = openvino_genai
        schedule = openvino_genai.SchedulerConfig()
        schedule.cache_size, schedule.max_num_seqs, schedule.enable_prefix_caching = 2, 256, True
        self._pipe: Any = openvino_genai.LLMPipeline(str(source.gguf), "CPU", scheduler_config=schedule)

    def run(self, jobs: Sequence[Job]) -> int:
        """See `Engine`."""
        first = jobs[0]
        config = self._library.GenerationConfig()
        config.do_sample, config.temperature, config.top_p = True, TEMPERATURE, TOP_P
        config.max_new_tokens, config.num_return_sequences = first.tokens, first.n
        config.apply_chat_template, config.ignore_eos = False, not first.natural
        if first.natural:
            config.stop_strings = {_STOP}
        results = self._pipe.generate([job.text for job in jobs], config)
        return int(results.perf_metrics.get_num_generated_tokens())


ENGINES: dict[str, Callable[[Source], Engine]] = {
    "ours": Ours,
    "generate": Stock,
    "generate_batch": StockBatch,
    "llama.cpp": LlamaCpp,
    "openvino": OpenVino,
}
"""How each engine is opened; opening one raises ImportError where its library is not installed."""
