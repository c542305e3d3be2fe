"""From a model's name to a sampler: the one place that knows which engine answers to which name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.catalog import CATALOG
from agent.types import SamplerError

if TYPE_CHECKING:
    from agent.models.weights import Transfer
    from agent.types import Sampler

_SCRIPT_PREFIX = "scripted:"


def fingerprint(name: str) -> str:
    """What tells the completions of the model called `name` from those of another.

    A catalogue model is known by the hash of its weights, scripted answers by the hash of their file, local files
    by their names, sizes and times, anything else by its name.
    """
    if name in CATALOG:
        return f"sha256:{CATALOG[name].sha256}"
    if name.startswith(_SCRIPT_PREFIX) and (script := _script(name)).is_file():
        return f"{_SCRIPT_PREFIX}sha256:{hashlib.sha256(script.read_bytes()).hexdigest()}"
    path = Path(name).expanduser()
    files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        return name
    facts = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return f"files:{hashlib.sha256(repr(facts).encode()).hexdigest()}"


def open_sampler(name: str, *, base_url: str | None = None, progress: Transfer | None = None) -> Sampler:
    """Load or connect to the model called `name`.

    Args:
        name: a catalogue name, a hub id, a local folder, a .gguf file, `openai:NAME` for a server, or
            `scripted:FILE.jsonl` for answers in a file.
        base_url: the server's address; only with `openai:NAME`.
        progress: told of downloads.

    Raises:
        SamplerError: unknown model, no network, too little memory or disk; one line, with what to do.
    """
    if name.startswith("openai:"):
        from agent.models.openai_sampler import OpenAISampler

        return OpenAISampler(name.removeprefix("openai:"), base_url=base_url)
    if base_url is not None:
        raise SamplerError("--base-url goes with --model openai:NAME; the model named here runs without a server")
    if name.startswith(_SCRIPT_PREFIX):
        from agent.models.scripted_sampler import ScriptedSampler, read_script

        return ScriptedSampler(read_script(_script(name)), name=name)
    from agent.models.local_sampler import LocalSampler

    return LocalSampler(name, progress=progress)


def _script(name: str) -> Path:
    """The file behind `scripted:FILE.jsonl`."""
    return Path(name.removeprefix(_SCRIPT_PREFIX)).expanduser()
