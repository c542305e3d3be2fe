"""A run spread over a Ray cluster: sandboxes on every node, and replicas of a local model.

The driver alone writes: completions into the store, records into the result folder. What a lost node had in hand
is given to another, so each completion and each record is there once. Every node needs this package, and what its
sandbox and its model need; models behind a server (`openai:NAME`) and scripted answers are asked by the driver.

Not covered: starting a cluster (`ray start`, or a provider's own means), and nodes with other processors than
the others, where seconds mean something else.
"""

from __future__ import annotations

import copyreg
import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from agent.types import Completion, Sampler, SampleRequest, SamplerError, SolveOptions
from benchmarks.records import TaskRecord
from benchmarks.types import Task, TaskError
from sandbox import SandboxError

if TYPE_CHECKING:
    from types import TracebackType

    from agent.profile import Profile

_ATTEMPTS = 5
"""A task, or a share of the requests, that loses so many nodes is at fault itself."""
_PATIENCE_SECONDS = 60.0
"""How long to wait for a node when none is left."""
_SHARES = 4
"""Shares of the requests per replica: fewer keep more rows in a batch, more lose less with a node."""

SamplerFactory = Callable[[], Sampler]
"""Makes a model ready, on whichever node it is called."""


@contextmanager
def connection(address: str) -> Iterator[Any]:
    """The `ray` module, connected to the cluster at `address` ("local" starts one here) for as long as this lasts.

    Raises:
        TaskError: Ray is not installed, or there is no cluster at the address.
    """
    try:
        import ray
    except ImportError:
        raise TaskError("--ray needs Ray: pip install 'alphasolve[ray]'") from None
    # Cases hold read-only mappings, which pickle does not know.
    copyreg.pickle(MappingProxyType, _reduce_mapping)
    ours = not ray.is_initialized()
    try:
        if ours:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise TaskError(f"--ray {address}: {first}") from None
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()


class Cluster:
    """Evaluates tasks on every node of a cluster, one slot to a core. Use it as a context manager."""

    def __init__(
        self,
        ray: Any,
        *,
        backend: str,
        image: str | None,
        options: SolveOptions,
        only_score: bool,
        packages: tuple[str, ...] = (),
    ) -> None:
        """Start a sandbox on every node.

        Raises:
            SandboxError: on some node there is none.
        """
        self._ray = ray
        self._node = ray.remote(_Node)
        self._arguments = (backend, image, options, only_score, packages)
        self._actors: dict[str, Any] = {}
        self._seats: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._backends: set[str] = set()
        self.slots = 0
        """Tasks under way at once."""
        self.slots = self._grow()
        if not self.slots:
            raise SandboxError("the cluster has no node with a core to spare")

    @property
    def backend(self) -> str:
        """Which kind of sandbox the nodes have."""
        return "+".join(sorted(self._backends))

    def evaluate(self, task: Task, completions: Sequence[Completion]) -> TaskRecord:
        """Evaluate a task on some node; on another if that one is lost.

        Raises:
            SandboxError: the sandbox failed, or no node is left.
        """
        for _ in range(_ATTEMPTS):
            node = self._seat()
            try:
                record = self._ray.get(self._actors[node].evaluate.remote(task, list(completions)))
            except self._ray.exceptions.RayActorError:
                continue  # its seats go with it
            except self._ray.exceptions.RayTaskError as error:
                self._seats.put(node)
                raise error.cause from None
            self._seats.put(node)
            return cast("TaskRecord", record)
        raise SandboxError(f"{_ATTEMPTS} nodes were lost while they had this task")

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for actor in self._actors.values():
            self._ray.kill(actor)

    def _seat(self) -> str:
        """A node that has a slot free.

        Raises:
            SandboxError: none is left, and none came.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._seats.get(timeout=1.0)
            except queue.Empty:
                alive = {node["NodeID"] for node in self._ray.nodes() if node["Alive"]}
                if alive & set(self._actors):
                    deadline = time.monotonic() + _PATIENCE_SECONDS
                self._grow()
            if time.monotonic() > deadline:
                raise SandboxError("no node of the cluster is left; start some and run it again to go on")

    def _grow(self) -> int:
        """Start a sandbox on each node that has none; returns how many slots that makes.

        Raises:
            SandboxError: a node has no sandbox.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        count = 0
        with self._lock:
            for node in self._ray.nodes():
                name, slots = node["NodeID"], int(node["Resources"].get("CPU", 0)) if node["Alive"] else 0
                if not slots or name in self._actors:
                    continue
                place = NodeAffinitySchedulingStrategy(name, soft=False)
                actor = self._node.options(
                    num_cpus=slots, max_concurrency=slots, scheduling_strategy=place
                ).remote(slots, *self._arguments)
                self._actors[name] = actor
                count += self._start(name, actor, slots)
        return count

    def _start(self, name: str, actor: Any, slots: int) -> int:
        try:
            self._backends.add(self._ray.get(actor.start.remote()))
        except self._ray.exceptions.RayActorError:
            return 0  # the node went away again
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        for _ in range(slots):
            self._seats.put(name)
        return slots


class _Node:
    """The sandbox of one node; lives there."""

    def __init__(
        self,
        slots: int,
        backend: str,
        image: str | None,
        options: SolveOptions,
        only_score: bool,
        packages: tuple[str, ...],
    ) -> None:
        self._slots, self._backend, self._image, self._packages = slots, backend, image, packages
        self._options, self._only_score = options, only_score

    def start(self) -> str:
        """Open the sandbox; apart from making the actor, so that its failure is told as what it is."""
        from agent.languages import LANGUAGES
        from benchmarks.run import local_evaluator
        from sandbox import open_sandbox

        box = open_sandbox(
            self._backend,
            slots=self._slots,
            image=self._image,
            cpp=LANGUAGES[self._options.language].compiled,
            packages=self._packages,
        )
        self._evaluator = local_evaluator(box, self._options, only_score=self._only_score)
        return box.backend

    def evaluate(self, task: Task, completions: list[Completion]) -> TaskRecord:
        """See `benchmarks.evaluate`."""
        return self._evaluator(task, completions)


class SpreadSampler:
    """A `Sampler` with a replica of one model on every node, or on every GPU where the cluster has any."""

    def __init__(self, ray: Any, factory: SamplerFactory, *, name: str, profile: Profile | None = None) -> None:
        self.profile = profile
        """How the model likes to be asked, where that is known."""
        self._ray = ray
        self._factory = factory
        self._name = name

    @property
    def name(self) -> str:
        """See `Sampler`."""
        return self._name

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`. A lost replica's unfinished requests go to the others."""
        replicas, gpus = self._replicas()
        shares = _shares(requests, replicas * _SHARES)
        results: queue.SimpleQueue[Completion | BaseException] = queue.SimpleQueue()
        waiting: queue.SimpleQueue[_Share] = queue.SimpleQueue()
        for share in shares:
            waiting.put(share)
        stop = threading.Event()
        for _ in range(replicas):
            threading.Thread(target=self._serve, args=(gpus, waiting, results, stop), daemon=True).start()
        missing = sum(request.params.n for request in requests)
        try:
            while missing:
                result = results.get()
                if isinstance(result, BaseException):
                    raise result
                missing -= 1
                yield result
        finally:
            stop.set()

    def _replicas(self) -> tuple[int, float]:
        """How many, and how many GPUs each takes."""
        gpus = int(self._ray.cluster_resources().get("GPU", 0))
        if gpus:
            return gpus, 1
        return max(1, sum(bool(n["Alive"] and n["Resources"].get("CPU")) for n in self._ray.nodes())), 0

    def _serve(self, gpus: float, waiting: Any, results: Any, stop: threading.Event) -> None:
        """Keep one replica busy until everything is there."""
        replica = None
        try:
            while not stop.is_set():
                # Ready before it takes a share: where a lost one cannot be replaced, the others do its work.
                replica = replica or self._open(gpus, stop)
                try:
                    share = waiting.get(timeout=0.2)
                except queue.Empty:
                    continue
                try:
                    self._draw(replica, share, results, stop)
                except self._ray.exceptions.RayActorError:
                    replica = None
                    share.attempts += 1
                    if share.attempts == _ATTEMPTS:
                        raise SamplerError(f"{_ATTEMPTS} nodes were lost with the same requests") from None
                    waiting.put(share)
        except self._ray.exceptions.RayTaskError as error:
            results.put(error.cause)
        except Exception as error:  # noqa: BLE001 (whatever it is, the consumer raises it)
            results.put(error)
        finally:
            if replica is not None:
                self._ray.kill(replica)

    def _open(self, gpus: float, stop: threading.Event) -> Any:
        """A replica that is ready; None if that is no longer wanted."""
        while not stop.is_set():
            actor = self._ray.remote(_Replica)
            replica = actor.options(num_cpus=1, num_gpus=gpus, scheduling_strategy="SPREAD").remote(self._factory)
            ready = replica.start.remote()
            while not stop.is_set() and not self._ray.wait([ready], timeout=0.5)[0]:
                pass
            try:
                self._ray.get(ready, timeout=0)
            except self._ray.exceptions.RayActorError:
                continue  # its node went away
            except self._ray.exceptions.GetTimeoutError:
                break
            return replica
        return None

    def _draw(self, replica: Any, share: _Share, results: Any, stop: threading.Event) -> None:
        """Move a share's completions to `results`, and strike them off the share."""
        requests = share.missing()
        for reference in replica.sample.options(num_returns="streaming").remote([r for _, r in requests]):
            completion = self._ray.get(reference)
            if stop.is_set():
                return
            index = requests[completion.request][0]
            share.numbers.add((index, completion.sample))
            results.put(replace(completion, request=index))


class _Replica:
    """One copy of the model; lives on its node."""

    def __init__(self, factory: SamplerFactory) -> None:
        self._factory = factory

    def start(self) -> None:
        """Load the model."""
        self._sampler = self._factory()

    def sample(self, requests: list[SampleRequest]) -> Iterator[Completion]:
        """See `Sampler`."""
        yield from self._sampler.sample(requests)


class _Share:
    """Some of the requests, and which of their completions are there."""

    def __init__(self, requests: Sequence[tuple[int, SampleRequest]]) -> None:
        self._requests = requests
        self.numbers: set[tuple[int, int]] = set()
        self.attempts = 0

    def missing(self) -> list[tuple[int, SampleRequest]]:
        """What is not there yet, each with its index among all requests."""
        from agent.models.store import missing_parts

        return [
            (index, part)
            for index, request in self._requests
            for part in missing_parts(request, [number for i, number in self.numbers if i == index])
        ]


def _shares(requests: Sequence[SampleRequest], count: int) -> list[_Share]:
    """The requests in `count` shares, neighbours together: they are of one problem and share its prompt."""
    entries = list(enumerate(requests))
    size = max(1, -(-len(entries) // count))
    return [_Share(entries[start : start + size]) for start in range(0, len(entries), size)]


def _reduce_mapping(mapping: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    return MappingProxyType, (dict(mapping),)
