"""Where a run samples and evaluates: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.commands.options import open_box, open_store
from agent.models import fingerprint, open_sampler
from agent.models.store import StoredSampler
from benchmarks.run import Evaluator, local_evaluator

if TYPE_CHECKING:
    from agent.terminal.console import Console
    from benchmarks.session import Request


@dataclass(frozen=True, slots=True)
class Place:
    """The two things that a run asks of where it is."""

    store: Callable[[Path], StoredSampler]
    """Opens the store of completions, with the model behind it for what is missing."""
    evaluators: Callable[[], AbstractContextManager[tuple[Evaluator, int, str]]]
    """Starts sandboxes: what evaluates a task, how many at once, and the sandbox's name."""


@contextmanager
def here(request: Request, console: Console) -> Iterator[Place]:
    """This machine."""

    @contextmanager
    def evaluators() -> Iterator[tuple[Evaluator, int, str]]:
        with open_box(request.backend, request.image, console, request.language, request.packages) as box:
            yield local_evaluator(box, request.options, only_score=request.score_only), box.slots, box.backend

    yield Place(lambda path: open_store(path, request.model, request.base_url, console), evaluators)


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
            if request.model.startswith(("openai:", "scripted:")):  # of which there is one, not one per node
                return open_store(path, request.model, request.base_url, console)
            factory = partial(open_sampler, request.model)
            model = fingerprint(request.model)
            return StoredSampler(
                path, model, lambda: SpreadSampler(ray, factory, name=request.model), name=request.model
            )

        @contextmanager
        def evaluators() -> Iterator[tuple[Evaluator, int, str]]:
            with Cluster(
                ray,
                backend=request.backend,
                image=request.image,
                packages=request.packages,
                options=request.options,
                only_score=request.score_only,
            ) as cluster:
                yield cluster.evaluate, cluster.slots, cluster.backend

        yield Place(store, evaluators)
