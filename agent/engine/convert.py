"""GGUF to safetensors, once per model."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

from agent.types import SamplerError


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Dequantise `gguf` and save model and tokenizer in bfloat16 under `folder`.

    Raises:
        SamplerError: transformers cannot read the file.
    """
    import torch
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        GenerationConfig,
        GgufConfig,
    )
    from transformers import (
        logging as hf_logging,
    )

    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()
    logging.getLogger("accelerate").setLevel(logging.ERROR)
    try:
        # The libraries draw progress bars of their own; ours is drawn by the caller.
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()), _header_read_once():
            warnings.simplefilter("ignore")
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
            model = AutoModelForCausalLM.from_pretrained(
                gguf.parent,
                gguf_file=gguf.name,
                quantization_config=GgufConfig(gguf_file=gguf.name, dequantize=True),
                dtype=torch.bfloat16,
            )
    except Exception as error:  # tokenizers raises nothing narrower where a vocabulary makes no sense
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise SamplerError(f"{gguf.name} cannot be loaded: {reason}") from error
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.generation_config = GenerationConfig()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@contextlib.contextmanager
def _header_read_once() -> Iterator[None]:
    """Let transformers share one reader: it makes one for each of configuration, tokenizer and weights."""
    import gguf

    from agent.engine.gguf_reader import GgufReader

    library_reader = gguf.GGUFReader
    gguf.GGUFReader = functools.cache(GgufReader)  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        gguf.GGUFReader = library_reader  # type: ignore[misc]
