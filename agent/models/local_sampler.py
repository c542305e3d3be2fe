"""A model on this machine, as a `Sampler`.

Not covered: how it decodes (`agent.engine`) and where weights come from (`agent.models.weights`).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from agent.engine.runtime import settle_waiting
from agent.models.catalog import DEFAULT_MODEL
from agent.models.weights import resolve

if TYPE_CHECKING:
    from agent.models.weights import Transfer
    from agent.types import Completion, SampleRequest


class LocalSampler:
    """Samples with `transformers` weights on the CPU, or on CUDA where there is one."""

    def __init__(self, name: str = DEFAULT_MODEL, *, progress: Transfer | None = None) -> None:
        """Fetch and load a model.

        Args:
            name: a catalogue name, a hub id, a local folder or a .gguf file.
            progress: told of downloads.

        Raises:
            SamplerError: it cannot be had or loaded; one line, with what to do.
        """
        self._name = name
        folder = resolve(name, progress=progress)
        settle_waiting()
        from agent.engine.load import LoadedModel

        self._loaded = LoadedModel(folder, name)

    @property
    def name(self) -> str:
        """The model's name, as it was asked for."""
        return self._name

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`."""
        yield from self._loaded.decoder.decode(self._loaded.work(requests))
