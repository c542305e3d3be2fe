"""From a model's name to a sampler: the one place that knows which engine answers to which name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.catalog import CATALOG
from agent.models.config import ADDRESS_VARIABLE, find_source
from agent.types import SamplerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.models.weights import Transfer
    from agent.types import Sampler

_SCRIPT_PREFIX = "scripted:"


def fingerprint(name: str) -> str:
    """What tells the completions of the model called `name` from those of another.

    A catalogue model is known by the hash of its weights, scripted answers by the hash of their file, local files
    by their names, sizes and times, anything else by its name.
    """
    name = find_source(name).model
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


def runs_here(name: str) -> bool:
    """Whether a model is computed on this machine, by our own engine."""
    return not find_source(name).model.startswith(("openai:", _SCRIPT_PREFIX))


def open_sampler(
    name: str,
    *,
    base_url: str | None = None,
    concurrency: int | None = None,
    device: str = "auto",
    progress: Transfer | None = None,
    before_fetch: Callable[[], object] | None = None,
    notice: Callable[[str], object] | None = None,
) -> Sampler:
    """Load or connect to the model called `name`.

    Args:
        name: a catalogue name, a hub id, a local folder, a .gguf file, `openai:NAME` for a server,
            `scripted:FILE.jsonl` for answers in a file, or what the user calls one of these (`find_source`).
        base_url: the server's address, before that of the user's file and of the environment; only for a server.
        concurrency: answers under way at a time, at most, before that of the user's file; only for a server.
        device: where a model on this machine runs: "auto", "cpu", "cuda" or "mps".
        progress: told of downloads.
        before_fetch: called before weights are fetched; what it raises is passed on.
        notice: told in a line what a server does not take.

    Raises:
        SamplerError: unknown model, no network, too little memory or disk; one line, with what to do.
    """
    source = find_source(name)
    name = source.model
    if name.startswith("openai:"):
        from agent.models.openai_sampler import OpenAISampler

        address = base_url or source.base_url or os.environ.get(ADDRESS_VARIABLE)
        return OpenAISampler(
            name.removeprefix("openai:"),
            base_url=address,
            key_variable=source.key,
            concurrency=concurrency or source.concurrency,
            notice=notice,
        )
    if base_url is not None or concurrency is not None:
        option = "--base-url" if base_url is not None else "--concurrency"
        raise SamplerError(
            f"{option} goes with --model openai:NAME; {name} runs without a server",
            remedy=f"leave out {option}, or name the server's model as openai:NAME",
        )
    if name.startswith(_SCRIPT_PREFIX):
        from agent.models.scripted_sampler import ScriptedSampler, read_script

        return ScriptedSampler(read_script(_script(name)), name=name)
    from agent.models.local_sampler import LocalSampler

    return LocalSampler(name, device=device, progress=progress, before_fetch=before_fetch)


def _script(name: str) -> Path:
    """The file behind `scripted:FILE.jsonl`."""
    return Path(name.removeprefix(_SCRIPT_PREFIX)).expanduser()
