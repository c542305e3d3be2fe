"""GGUF files become folders that transformers loads, with the same weights and tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from agent.engine.convert import convert_gguf
from agent.types import SamplerError

NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "post_attention_layernorm": "ffn_norm",
    "input_layernorm": "attn_norm",
    "model.layers": "blk",
}
"""What a part of a weight's name is called in a GGUF file."""


@pytest.fixture(scope="module")
def file(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a GGUF file, its matrices in 8 bits."""
    model: Any = AutoModelForCausalLM.from_pretrained(tiny)
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    config = model.config
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_tokenizer_model("gpt2")
    vocabulary = sorted(AutoTokenizer.from_pretrained(tiny).get_vocab().items(), key=lambda pair: pair[1])
    # One merge is the least that a tokenizer may have, so there is one token more, with weights of its own.
    writer.add_token_list([*(token for token, _ in vocabulary[: config.vocab_size]), "ab"])
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(config.vocab_size - 1)
    for name, weight in model.state_dict().items():
        for part, short in NAMES.items():
            name = name.replace(part, short)
        kind = gguf.GGMLQuantizationType.Q8_0 if weight.dim() == 2 and weight.shape[1] % 32 == 0 else None
        array = weight.float().numpy()
        if len(array) == config.vocab_size:
            array = np.concatenate([array, np.zeros_like(array[:1])])
        writer.add_tensor(name, array if kind is None else gguf.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_weights_and_tokens_are_those_of_the_file(tiny: Path, file: Path, tmp_path: Path) -> None:
    convert_gguf(file, tmp_path / "model")
    originals = AutoModelForCausalLM.from_pretrained(tiny).state_dict()
    copies = AutoModelForCausalLM.from_pretrained(tmp_path / "model").state_dict()
    assert copies.keys() == originals.keys()
    for name, weight in originals.items():
        # Eight bits hold a block of 32 to within half a step of its largest weight, bfloat16 to 1 in 256.
        error = float(weight.abs().max()) * (0.5 / 127 + 1 / 256)
        assert torch.allclose(copies[name][: len(weight)].float(), weight.float(), rtol=0, atol=error), name
    tokens = [AutoTokenizer.from_pretrained(folder)("print(1)").input_ids for folder in (tiny, tmp_path / "model")]
    assert tokens[0] == tokens[1]


def test_the_header_is_read_once(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = []
    build = gguf.GGUFReader._build_fields

    def count(reader: Any, *args: Any) -> Any:
        paths.append(reader.data.filename if hasattr(reader.data, "filename") else "")
        return build(reader, *args)

    monkeypatch.setattr(gguf.GGUFReader, "_build_fields", count)
    library_reader = gguf.GGUFReader
    convert_gguf(file, tmp_path / "model")
    assert paths == [""]  # by one reader, and not through a memory map
    assert gguf.GGUFReader is library_reader


def test_what_is_no_such_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(SamplerError, match=r"^no\.gguf cannot be loaded: .+$"):
        convert_gguf(tmp_path / "no.gguf", tmp_path / "model")
