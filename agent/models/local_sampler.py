"""A model on this machine, as a `Sampler`.

Not covered: how it decodes (`agent.engine`) and where weights come from (`agent.models.weights`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from agent.engine.runtime import settle_waiting
from agent.models.catalog import DEFAULT_MODEL
from agent.models.profiles import choose
from agent.models.weights import resolve
from agent.sampling import GIVE_TIME, SamplerError
from agent.tally import Leftovers, Tally

if TYPE_CHECKING:
    from agent.models.weights import Transfer
    from agent.profile import Profile
    from agent.types import Completion, SampleRequest


class LocalSampler:
    """Samples with `transformers` weights on the processor, or on a GPU where torch offers one."""

    def __init__(
        self,
        name: str = DEFAULT_MODEL,
        *,
        device: str = "auto",
        progress: Transfer | None = None,
        before_fetch: Callable[[], object] | None = None,
    ) -> None:
        """Fetch and load a model.

        Args:
            name: a catalogue name, a hub id, a local folder or a .gguf file.
            device: "auto", "cpu", "cuda" or "mps".
            progress: told of downloads.
            before_fetch: called before weights are fetched; what it raises is passed on.

        Raises:
            SamplerError: it cannot be had or loaded; one line, with what to do.
        """
        self._name = name
        folder = resolve(name, progress=progress, before_fetch=before_fetch)
        settle_waiting()
        from agent.engine.load import LoadedModel

        self._loaded = LoadedModel(folder, name, device=device)
        self._decoder = self._loaded.decoder
        self._unused = Tally()

    @property
    def name(self) -> str:
        """The model's name, as it was asked for."""
        return self._name

    @property
    def profile(self) -> Profile:
        """How its model likes to be asked."""
        return choose(self.name).profile

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`. What is under way when the time of all requests is over is broken off."""
        until = max((request.until for request in requests), default=math.inf)
        has_answers = False
        try:
            for completion in self._decoder.decode(self._loaded.work(requests), until=until):
                has_answers = True
                yield completion
        finally:
            self._unused += Tally(tokens=self._decoder.unused_tokens, unused_tokens=self._decoder.unused_tokens)
        if not has_answers and time.monotonic() >= until:
            raise SamplerError(f"{self.name} had not answered when the time was over", remedy=GIVE_TIME)

    def leftovers(self) -> Leftovers:
        """See `agent.tally.Frugal`."""
        unused, self._unused = self._unused, Tally()
        return Leftovers(unused=unused)
