"""Where a run samples and evaluates: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models import fingerprint, open_sampler
from agent.models.config import find_source
from agent.models.store import StoredSampler
from benchmarks.run import Evaluator, local_evaluator

if TYPE_CHECKING:
    from agent.terminal.console import Console
    from agent.types import Sampler
    from benchmarks.session import Request


_ALONE = ("openai:", "scripted:")
"""Models of which there is one, not one for each node."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a run asks of where it is."""

    store: Callable[[Path], StoredSampler]
    """Opens the store of completions, with the model behind it for what is missing."""
    verifier: Callable[[], Sampler | None]
    """The model that verifies, where that is another."""
    evaluators: Callable[[], AbstractContextManager[tuple[Evaluator, int, str]]]
    """Starts sandboxes: what evaluates a task, how many at once, and the sandbox's name."""


@contextmanager
def here(request: Request, console: Console) -> Iterator[Place]:
    """This machine."""

    @contextmanager
    def evaluators() -> Iterator[tuple[Evaluator, int, str]]:
        with request.sandbox.open(console, request.options.language) as box:
            yield local_evaluator(box, request.options, only_score=request.score_only), box.slots, box.backend

    def store(path: Path) -> StoredSampler:
        return request.sampler.open_store(path, console)

    yield Place(store, lambda: request.sampler.load_verifier(console), evaluators)


@contextmanager
def on_cluster(request: Request, console: Console) -> Iterator[Place]:
    """The Ray cluster at `request.ray`.

    Raises:
        TaskError: Ray is not installed, or there is no cluster at the address.
    """
    from benchmarks.ray_cluster import Cluster, SpreadSampler, connection

    assert request.ray is not None
    with connection(request.ray) as ray:

        def store(path: Path) -> StoredSampler:
            model = find_source(request.sampler.model).model
            if model.startswith(_ALONE):
                return request.sampler.open_store(path, console)
            factory = partial(open_sampler, model, device=request.sampler.device)
            return StoredSampler(
                path, fingerprint(model), lambda: SpreadSampler(ray, factory, name=model), name=model
            )

        def verifier() -> Sampler | None:
            second = request.sampler.load_verifier(console)
            if second is None or second.name.startswith(_ALONE):
                return second
            factory = partial(open_sampler, second.name, device=request.sampler.device)
            return SpreadSampler(ray, factory, name=second.name, profile=second.profile)

        @contextmanager
        def evaluators() -> Iterator[tuple[Evaluator, int, str]]:
            with Cluster(
                ray,
                backend=request.sandbox.backend,
                image=request.sandbox.image,
                packages=request.sandbox.packages,
                options=request.options,
                only_score=request.score_only,
            ) as cluster:
                yield cluster.evaluate, cluster.slots, cluster.backend

        yield Place(store, verifier, evaluators)
