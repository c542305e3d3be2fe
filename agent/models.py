"""From a model's name to a sampler: the one place that knows which engine answers to which name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.types import SamplerError

if TYPE_CHECKING:
    from agent.types import Sampler
    from agent.weights import Transfer


def open_sampler(name: str, *, base_url: str | None = None, progress: Transfer | None = None) -> Sampler:
    """Load or connect to the model called `name`.

    Args:
        name: a catalogue name, a hub id, a local folder, a .gguf file, or `openai:NAME` for a server.
        base_url: the server's address; only with `openai:NAME`.
        progress: told of downloads.

    Raises:
        SamplerError: unknown model, no network, too little memory or disk; one line, with what to do.
    """
    if name.startswith("openai:"):
        from agent.openai_sampler import OpenAISampler

        return OpenAISampler(name.removeprefix("openai:"), base_url=base_url)
    if base_url is not None:
        raise SamplerError("--base-url goes with --model openai:NAME; the model named here runs locally")
    from agent.local_sampler import LocalSampler

    return LocalSampler(name, progress=progress)
