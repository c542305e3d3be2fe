"""A model of a few kilobytes, for what must go through files: weights, tokenizer and chat template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TURN = "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
_TEMPLATE = "{% for m in messages %}" + _TURN + "{% endfor %}<|im_start|>assistant\n"
THINKS = _TEMPLATE + "{% if add_generation_prompt %}<think>\n{% endif %}"
"""Chat template of a model that always thinks."""
MAY_THINK = (
    _TEMPLATE + "{% if add_generation_prompt and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
)
"""And of one that need not."""


def save(folder: Path, template: str = _TEMPLATE) -> None:
    """Write a random Qwen2 and a tokenizer of single bytes into `folder`; always the same ones."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|im_end|>")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    tokenizer.chat_template = template
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: Any = Qwen2ForCausalLM(config)
        # Layers that outweigh the embedding, or greedy decoding would only repeat the last token.
        for name, weight in model.named_parameters():
            torch.nn.init.normal_(weight, std=0.1 if "embed" in name else 0.7)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
