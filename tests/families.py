"""Tiny random models of three families, made in memory (`tiny_model` is one that goes through files)."""

from __future__ import annotations

from typing import Any

import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from agent.engine import attention

VOCABULARY = 97
SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "tie_word_embeddings": False,
}
FAMILIES: dict[str, Any] = {
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SIZES)),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SIZES)),
    "gemma3": lambda: Gemma3ForCausalLM(
        Gemma3TextConfig(
            **SIZES,
            head_dim=8,
            sliding_window=16,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        )
    ),
}


def make(family: str) -> Any:
    """A model of that family, always the same one."""
    torch.manual_seed(0)
    attention.register()
    program = FAMILIES[family]().eval()
    # Layers that outweigh the embedding, or greedy decoding would only repeat the last token.
    for name, weight in program.named_parameters():
        torch.nn.init.normal_(weight, std=0.1 if "embed" in name else 0.7)
    program.generation_config.eos_token_id = None
    return program


def prompt(length: int, seed: int = 0) -> list[int]:
    return torch.randint(0, VOCABULARY, (length,), generator=torch.Generator().manual_seed(seed)).tolist()
