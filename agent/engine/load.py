"""From a folder to a decoder: device, precision, threads, and how a prompt becomes tokens.

Not covered: where the folder comes from (`agent.models.weights`), in which numbers layers are multiplied
(`precision`).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers import logging as transformers_logging

from agent.engine import attention
from agent.engine.decode import Decoder, Work
from agent.engine.devices import agrees, choose_device, free_memory
from agent.engine.fused import fuse
from agent.engine.layers import rebuild
from agent.engine.packed import PackedLayers, key_of
from agent.engine.precision import dtype_on, precision_for
from agent.engine.runtime import keep_memory
from agent.engine.thoughts import ThoughtPlan
from agent.models.weights import packed_file
from agent.thinking import Effort, Tags, Thinking, tags_of
from agent.types import Prompt, SampleRequest, SamplerError

_SYSTEM, _USER = "\ue000alphasolve-system\ue000", "\ue000alphasolve-user\ue000"
_END_WORDS = ("<|im_end|>", "<|endoftext|>", "<end_of_turn>", "<|eot_id|>", "<|end|>", "</s>")
_CPU_ROWS, _GPU_ROWS = 128, 256
_CACHE_SHARE = 0.4


class LoadedModel:
    """A model that is ready to decode."""

    def __init__(self, folder: Path, name: str, *, device: str = "auto") -> None:
        """Load the model saved in `folder`.

        Args:
            folder: weights and tokenizer, as transformers saves them.
            name: what messages call it.
            device: see `choose_device`. MPS gives way to the processor where it computes something else.

        Raises:
            SamplerError: the files cannot be loaded, no such device, or memory is too small; one line.
        """
        _settle()
        attention.register()
        self._device = choose_device(device)
        dtype = dtype_on(self._device)
        packed = PackedLayers(packed_file(folder, key_of(folder)))
        precision = precision_for(dtype, packed.make) if self._device == "cpu" else None
        _check_memory(folder, name, self._device, dtype, share=precision.share if precision else 1.0)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder, dtype=dtype, attn_implementation=attention.NAME
            )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise SamplerError(f"{name} cannot be loaded: {reason}") from error
        model.eval()
        if precision is not None and precision.kind is not None:
            rebuild(model, precision.kind)
            packed.save()
        if precision is not None and precision.is_grouped and dtype is torch.bfloat16:
            fuse(model)
        self._model, self._device = _move(model, self._device)
        self._name = name
        self._tags = tags_of(str(self._tokenizer.chat_template or "")) or Tags.THINK
        keep_memory()
        config = model.config.get_text_config()
        self._context = int(getattr(config, "max_position_embeddings", 1 << 30))
        self._decoder = Decoder(
            self._model,
            self._tokenizer,
            self._ends(config),
            max_rows=_CPU_ROWS if self._device == "cpu" else _GPU_ROWS,
            room=_room(config, self._device, dtype),
        )

    def work(self, requests: Sequence[SampleRequest]) -> list[Work]:
        """Requests as tokens.

        Raises:
            SamplerError: a prompt leaves no room for an answer in the model's context.
        """
        work = []
        for index, request in enumerate(requests):
            thinking = request.params.thinking
            item = Work(index, self.encode(request.prompt, thinking), request.params, self._plan(request))
            if len(item.tokens) + item.most_tokens > self._context:
                raise SamplerError(
                    f"the prompt has {len(item.tokens)} tokens and the answer may have {item.most_tokens},"
                    f" but the context of {self._name} is {self._context}",
                    remedy="shorten the statement, or ask for less with --max-tokens",
                )
            work.append(item)
        return work

    def _plan(self, request: SampleRequest) -> ThoughtPlan | None:
        """What is known of the thoughts that the request asks for."""
        thinking = request.params.thinking
        if thinking is None or thinking.effort is Effort.OFF:
            return None
        opening = request.prompt.opening
        return ThoughtPlan(
            self._tags,
            is_open=_ends_in(self._template(request.prompt, thinking), self._tags),
            budget=thinking.tokens,
            closing=self._marks(_closing(self._tags)),
            beginning=self._plain(opening),
            opening=opening,
        )

    @property
    def decoder(self) -> Decoder:
        """The decode loop over this model."""
        return self._decoder

    @torch.inference_mode()
    def logits(self, tokens: Sequence[int]) -> torch.Tensor:
        """Logits after each of `tokens`, (tokens, vocabulary)."""
        return _logits(self._model, torch.tensor(tokens, device=self._device))

    def encode(self, prompt: Prompt, thinking: Thinking | None = None) -> list[int]:
        """A chat turn as tokens; only the template's marks become control tokens, never the statement's text.

        A thought that the template opens, and that is not wanted, is closed at once.
        """
        template = self._template(prompt, thinking)
        if thinking is not None and thinking.effort is Effort.OFF and _ends_in(template, self._tags):
            template += _closing(self._tags)
        tokens: list[int] = []
        for piece in _split(template):
            if piece in (_SYSTEM, _USER):
                text = prompt.system if piece == _SYSTEM else prompt.user
                tokens += self._plain(text)
            elif piece:
                tokens += self._marks(piece)
        return tokens + self._plain(prompt.prefill)

    def _marks(self, text: str) -> list[int]:
        """Text of the chat format, whose marks are control tokens."""
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _plain(self, text: str) -> list[int]:
        if not text:
            return []
        clean = text.encode("utf-8", "replace").decode("utf-8")
        ids = self._tokenizer(clean, add_special_tokens=False, split_special_tokens=True).input_ids
        return list(ids)

    def _template(self, prompt: Prompt, thinking: Thinking | None) -> str:
        """The chat template around two marks; a template that refuses a system turn gets it in the user's."""
        if not self._tokenizer.chat_template:
            return f"{_SYSTEM}\n\n{_USER}\n\n"
        user = {"role": "user", "content": _USER}
        turns = [{"role": "system", "content": _SYSTEM}, user] if prompt.system else [user]
        switch = {}
        if thinking is not None and thinking.has_switch:
            switch["enable_thinking"] = thinking.effort is not Effort.OFF
        for attempt in (turns, [{"role": "user", "content": f"{_SYSTEM}\n\n{_USER}"}]):
            try:
                text = self._tokenizer.apply_chat_template(
                    attempt, tokenize=False, add_generation_prompt=True, **switch
                )
            except Exception:  # noqa: BLE001, S112 - a template is a program of its own and raises what it likes
                continue
            if _USER in text:
                return str(text)
        raise SamplerError(f"the chat template of {self._name} cannot be used")

    def _ends(self, config: Any) -> frozenset[int]:
        vocabulary = self._tokenizer.get_vocab()
        ends = {vocabulary[word] for word in _END_WORDS if word in vocabulary}
        for tokens in (config.eos_token_id, self._tokenizer.eos_token_id):
            ends |= set(tokens) if isinstance(tokens, list) else {tokens}
        return frozenset(end for end in ends if end is not None)


def _ends_in(template: str, tags: Tags) -> bool:
    """Whether a thought is open where the answer is to begin."""
    return template.rstrip().endswith(tags.start)


def _closing(tags: Tags) -> str:
    """What ends a thought."""
    return f"\n{tags.end}\n\n"


def _split(template: str) -> list[str]:
    pieces = [template]
    for mark in (_SYSTEM, _USER):
        pieces = [
            part
            for piece in pieces
            for part in (piece.replace(mark, f"\0{mark}\0").split("\0") if mark in piece else [piece])
        ]
    return pieces


def _settle() -> None:
    """Threads follow the cores that we may use, and the libraries keep their bars and warnings to themselves."""
    warnings.filterwarnings("ignore", module="transformers")
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )


def _move(model: Any, device: str) -> tuple[Any, str]:
    """The model on `device`, and its name; the processor replaces an MPS that fails or computes something else."""
    if device != "mps":
        return model.to(device), device
    reference = _trial(model, "cpu")
    try:
        model = model.to(device)
        if agrees(_trial(model, device), reference):
            return model, device
    except (RuntimeError, NotImplementedError, TypeError):  # an operation that MPS lacks
        pass
    return model.to("cpu"), "cpu"


@torch.inference_mode()
def _trial(model: Any, device: str) -> torch.Tensor:
    """Logits after a few tokens, (vocabulary,)."""
    return _logits(model, torch.arange(1, 9, device=device))[-1]


def _logits(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    """Logits after each of some tokens, (tokens, vocabulary)."""
    places = torch.arange(len(tokens), device=tokens.device).unsqueeze(0)
    backbone = model.get_decoder() if hasattr(model, "get_decoder") else model.model
    state = backbone(
        input_ids=tokens.unsqueeze(0), position_ids=places, use_cache=False, memory=attention.PromptCache()
    )
    logits: torch.Tensor = model.get_output_embeddings()(state.last_hidden_state)[0]
    return logits


def _check_memory(folder: Path, name: str, device: str, dtype: torch.dtype, *, share: float) -> None:
    """Refuse before the machine starts to swap or kills us; `share` of the weights' bytes stay in memory."""
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    need = int((share + 0.15) * weights * (2 if dtype is torch.float32 else 1)) + (400 << 20)
    there = free_memory(device)
    if there < need:
        raise SamplerError(
            f"too little memory for {name}: {need / 1e9:.1f} GB are needed, {there / 1e9:.1f} GB are free",
            remedy="close something, or take a smaller model (--model qwen2.5-coder-0.5b)",
        )


def _room(config: Any, device: str, dtype: torch.dtype) -> int:
    """Tokens whose keys and values fit into a share of the free memory."""
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    token = 2 * config.num_hidden_layers * config.num_key_value_heads * size * dtype.itemsize
    return int(_CACHE_SHARE * free_memory(device) / token)
