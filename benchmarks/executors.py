"""Where a run samples and plays: on this machine, or on a Ray cluster."""

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
from benchmarks.run import Player, local_player

if TYPE_CHECKING:
    from agent.terminal.console import Console
    from benchmarks.session import Request


@dataclass(frozen=True, slots=True)
class Place:
    """The two things that a run asks of where it is."""

    store: Callable[[Path], StoredSampler]
    """Opens the store of completions, with the model behind it for what is missing."""
    players: Callable[[], AbstractContextManager[tuple[Player, int, str]]]
    """Starts sandboxes: what plays a task, how many at once, and the sandbox's name."""


@contextmanager
def here(request: Request, console: Console) -> Iterator[Place]:
    """This machine."""

    @contextmanager
    def players() -> Iterator[tuple[Player, int, str]]:
        with open_box(request.backend, request.image, console, request.language, request.packages) as box:
            yield local_player(box, request.options, only_score=request.score_only), box.slots, box.backend

    yield Place(lambda path: open_store(path, request.model, request.base_url, console), players)


@contextmanager
def on_cluster(request: Request, console: Console) -> Iterator[Place]:
    """The Ray cluster at `request.ray`.

    Raises:
        TaskError: Ray is not installed, or there is no cluster at the address.
    """
    from benchmarks.ray_cluster import Cluster, SpreadSampler, connected

    assert request.ray is not None
    with connected(request.ray) as ray:

        def store(path: Path) -> StoredSampler:
            if request.model.startswith("openai:"):
                return open_store(path, request.model, request.base_url, console)
            factory = partial(open_sampler, request.model)
            model = fingerprint(request.model)
            return StoredSampler(
                path, model, lambda: SpreadSampler(ray, factory, name=request.model), name=request.model
            )

        @contextmanager
        def players() -> Iterator[tuple[Player, int, str]]:
            with Cluster(
                ray,
                backend=request.backend,
                image=request.image,
                packages=request.packages,
                options=request.options,
                only_score=request.score_only,
            ) as cluster:
                yield cluster.play, cluster.slots, cluster.backend

        yield Place(store, players)
