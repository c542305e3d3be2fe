"""A run over a Ray cluster of several nodes, one of which is killed in the middle: nothing lost, nothing twice."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.models.store import StoredSampler
from agent.types import Completion, SampleRequest, SolveOptions
from benchmarks.completions import all_requests, from_store
from benchmarks.run import evaluate_all, local_evaluator
from benchmarks.summary import summarise
from benchmarks.tasks import load_tasks
from sandbox import Sandbox, SandboxUnavailable, open_sandbox

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'alphasolve[ray]'")

from ray.cluster_utils import Cluster as RayCluster  # noqa: E402

from benchmarks.ray_cluster import Cluster, SpreadSampler, connection  # noqa: E402

# Ray's own: sockets and processes of a cluster that it leaves to the collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
)

TASKS = 24
SAMPLES = 4
OPTIONS = SolveOptions(n=SAMPLES, inputs=4)


class Slow:
    """A model whose answers depend on nothing but the task and the sample's number."""

    name = "slow"

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        for index, request in enumerate(requests):
            for number in range(request.params.first, request.params.first + request.params.n):
                time.sleep(0.02)
                task = request.prompt.user.split("Add ")[1].split(".")[0]
                body = ("x + {n}", "{n} + x", "x", "x * 2 + {n}")[(int(task) + number) % 4].format(n=task)
                yield Completion(index, number, f"    return {body}", 9, -1.0, "stop")


@pytest.fixture(scope="module")
def nodes() -> Iterator[RayCluster]:
    """Three nodes of one core each; the driver is on the first."""
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parent.parent), *sys.path])
    with pytest.MonkeyPatch.context() as patch:  # what other tests start must not find our tree on its path
        patch.setenv("PYTHONPATH", path)
        yield from _cluster()


def _cluster() -> Iterator[RayCluster]:
    cluster = RayCluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 << 20},
    )
    try:
        for _ in range(2):
            cluster.add_node(num_cpus=1, object_store_memory=80 << 20)
        cluster.wait_for_nodes()
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture(scope="module")
def alone() -> Iterator[Sandbox]:
    """One slot beside the cluster, of the kind that there is here."""
    try:
        box = open_sandbox("auto", slots=1, notice=lambda line: None)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with box:
        yield box


def tasks_file(path: Path) -> Path:
    rows = (
        {
            "task_id": f"Add/{n}",
            "prompt": f'def add(x):\n    """Add {n}.\n\n    >>> add(1)\n    {n + 1}\n    """\n',
            "entry_point": "add",
            "canonical_solution": f"    return x + {n}\n",
            "test": f"def check(f):\n    assert f(5) == {n + 5}\n    assert f(0) == {n}\n",
        }
        for n in range(TASKS)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_node_killed_in_mid_run_changes_no_figure(nodes: RayCluster, tmp_path: Path, alone: Sandbox) -> None:
    tasks = load_tasks(str(tasks_file(tmp_path / "adds.jsonl")))
    requests = all_requests(tasks, OPTIONS)
    with connection(nodes.address) as connected_ray:
        sampler = SpreadSampler(connected_ray, Slow, name="slow")
        path = tmp_path / "samples.jsonl"
        with StoredSampler(path, "slow", lambda: sampler, name="slow") as store:
            for number, _ in enumerate(store.sample(requests)):
                if number == TASKS:
                    lose_one(nodes)
        record_rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert set(Counter((row["request"], row["sample"]) for row in record_rows).values()) == {1}
        assert len(record_rows) == TASKS * SAMPLES

        nodes.add_node(num_cpus=1, object_store_memory=80 << 20)
        nodes.wait_for_nodes()
        with StoredSampler(path, "slow", lambda: sampler, name="slow") as store:
            source = from_store(store, OPTIONS)
            spread = records_of_cluster(connected_ray, nodes, tasks, source, alone.backend)
            evaluator = local_evaluator(alone, OPTIONS, only_score=False)
            here_records = {record.task: record for record in evaluate_all(tasks, source, evaluator, beside=1)}
    assert Counter(record.task for record in spread) == Counter(task.id for task in tasks)
    by_task = {record.task: record for record in spread}
    assert summarise([by_task[task.id] for task in tasks]) == summarise([here_records[task.id] for task in tasks])


def records_of_cluster(ray: Any, nodes: RayCluster, tasks: Any, source: Any, backend: str) -> list[Any]:
    """Evaluate on every node, and lose one when a quarter of the tasks is done."""
    records_of_tasks = []
    with Cluster(ray, backend=backend, image=None, options=OPTIONS, only_score=False) as cluster:
        assert cluster.slots == 3
        assert cluster.backend == backend
        for record in evaluate_all(tasks, source, cluster.evaluate, beside=cluster.slots):
            records_of_tasks.append(record)
            if len(records_of_tasks) == TASKS // 4:
                threading.Thread(target=lose_one, args=(nodes,)).start()
    return records_of_tasks


def lose_one(nodes: RayCluster) -> None:
    """Kill a node that the driver is not on, as a power cut would."""
    victim = next(node for node in nodes.worker_nodes)
    nodes.remove_node(victim, allow_graceful=False)


def test_a_sandbox_that_no_node_has_is_told(nodes: RayCluster) -> None:
    with connection(nodes.address) as connected_ray, pytest.raises(SandboxUnavailable):
        Cluster(
            connected_ray, backend="docker", image="no-such-image-anywhere:1", options=OPTIONS, only_score=True
        )
