"""From a folder to a decoder: device, precision, threads, and how a prompt becomes tokens.

Not covered: where the folder comes from (`agent.models.weights`).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers import logging as transformers_logging

from agent.engine import attention
from agent.engine.decode import Decoder, Work
from agent.engine.layers import PackedLinear, multiplies_bfloat16, packing_pays_off, rebuild
from agent.engine.quantize import Int8Linear, pays_off
from agent.engine.runtime import keep_memory
from agent.types import Prompt, SampleRequest, SamplerError

_SYSTEM, _USER = "\ue000alphasolve-system\ue000", "\ue000alphasolve-user\ue000"
_END_WORDS = ("<|im_end|>", "<|endoftext|>", "<end_of_turn>", "<|eot_id|>", "<|end|>", "</s>")
_CPU_ROWS, _GPU_ROWS = 128, 256
_CACHE_SHARE = 0.4


class LoadedModel:
    """A model that is ready to decode."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the model saved in `folder`.

        Raises:
            SamplerError: the files cannot be loaded, or memory is too small; one line.
        """
        _settle()
        attention.register()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = _dtype(self._device)
        _check_memory(folder, name, self._device, dtype)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder, dtype=dtype, attn_implementation=attention.NAME
            )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise SamplerError(f"{name} cannot be loaded: {reason}") from error
        if self._device == "cpu" and _wants_int8():
            rebuild(model, Int8Linear)
        elif self._device == "cpu" and packing_pays_off(dtype):
            rebuild(model, PackedLinear)
        self._model = model.to(self._device).eval()
        self._name = name
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
            tokens = self.encode(request.prompt)
            if len(tokens) + request.params.max_tokens > self._context:
                raise SamplerError(
                    f"the prompt has {len(tokens)} tokens and the answer may have {request.params.max_tokens},"
                    f" but the context of {self._name} is {self._context}: shorten the statement"
                )
            work.append(Work(index, tokens, request.params))
        return work

    @property
    def decoder(self) -> Decoder:
        """The decode loop over this model."""
        return self._decoder

    def encode(self, prompt: Prompt) -> list[int]:
        """A chat turn as tokens; only the template's marks become control tokens, never the statement's text."""
        tokens: list[int] = []
        for piece in _split(self._template(prompt)):
            if piece in (_SYSTEM, _USER):
                text = prompt.system if piece == _SYSTEM else prompt.user
                tokens += self._plain(text)
            elif piece:
                tokens += self._tokenizer(piece, add_special_tokens=False).input_ids
        return tokens + self._plain(prompt.prefill)

    def _plain(self, text: str) -> list[int]:
        if not text:
            return []
        clean = text.encode("utf-8", "replace").decode("utf-8")
        ids = self._tokenizer(clean, add_special_tokens=False, split_special_tokens=True).input_ids
        return list(ids)

    def _template(self, prompt: Prompt) -> str:
        """The chat template around two marks; a template that refuses a system turn gets it in the user's."""
        if not self._tokenizer.chat_template:
            return f"{_SYSTEM}\n\n{_USER}\n\n"
        user = {"role": "user", "content": _USER}
        turns = [{"role": "system", "content": _SYSTEM}, user] if prompt.system else [user]
        for attempt in (turns, [{"role": "user", "content": f"{_SYSTEM}\n\n{_USER}"}]):
            try:
                text = self._tokenizer.apply_chat_template(attempt, tokenize=False, add_generation_prompt=True)
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


def _dtype(device: str) -> torch.dtype:
    """bfloat16 where the processor multiplies it, float32 where it would be emulated."""
    if os.environ.get("ALPHASOLVE_PRECISION") == "float32":
        return torch.float32
    return torch.bfloat16 if device == "cuda" or multiplies_bfloat16() else torch.float32


def _wants_int8() -> bool:
    """8-bit layers where they pay off; `ALPHASOLVE_PRECISION` may say "int8", "full" or "float32" instead."""
    wish = os.environ.get("ALPHASOLVE_PRECISION", "auto")
    return wish == "int8" or (wish == "auto" and pays_off())


def _check_memory(folder: Path, name: str, device: str, dtype: torch.dtype) -> None:
    """Refuse before the machine starts to swap or kills us."""
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    need = int(1.15 * weights * (2 if dtype is torch.float32 else 1)) + (400 << 20)
    there = psutil.virtual_memory().available if device == "cpu" else torch.cuda.mem_get_info()[0]
    if there < need:
        raise SamplerError(
            f"too little memory for {name}: {need / 1e9:.1f} GB are needed, {there / 1e9:.1f} GB are free;"
            " close something, or take a smaller model (--model qwen2.5-coder-0.5b)"
        )


def _room(config: Any, device: str, dtype: torch.dtype) -> int:
    """Tokens whose keys and values fit into a share of the free memory."""
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    token = 2 * config.num_hidden_layers * config.num_key_value_heads * size * dtype.itemsize
    free = psutil.virtual_memory().available if device == "cpu" else torch.cuda.mem_get_info()[0]
    return int(_CACHE_SHARE * free / token)
