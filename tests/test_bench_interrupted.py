"""`solve bench` that is stopped: killed, it goes on where it was; interrupted, it says what is known."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from adding import addition, rows

TESTS = Path(__file__).parent


SLOW_MODEL = """
import random, sys, time
from agent import models
from agent.cli import run
from agent.select import selection_matrix
from agent.solve import solve
from agent.models.store import StoredSampler
from agent.types import Completion, SampleRequest, SolveOptions
from agent.types import Completion

class Slow:
    name = "openai:slow"

    def sample(self, requests):
        # Finishes in another order each time, as a real engine does.
        order = [(i, r.params.first + k) for i, r in enumerate(requests) for k in range(r.params.n)]
        random.shuffle(order)
        for index, number in order:
            time.sleep(0.004)
            prompt, warm = requests[index].prompt, requests[index].params.temperature > 0
            draw = random.Random(f"{prompt.user}/{number}/{warm}")
            body = draw.choice(["x + {n}", "{n} + x", "x", "{n} + 1", "x * {n} + 1"])
            task = prompt.user.split("Add ")[1].split(".")[0]
            yield Completion(index, number, f"    return {body.format(n=task)}", 9, draw.uniform(-9, 0), "stop")

models.open_sampler = lambda name, **_: Slow()
sys.exit(run(sys.argv[1:]))
"""


def test_killed_five_times_it_ends_with_the_same_bytes(tmp_path: Path, backend: str) -> None:
    file = rows(tmp_path / "adds.jsonl", *map(addition, range(40)))

    def begin(out: Path) -> subprocess.Popen[bytes]:
        args = ["bench", str(file), "-m", "openai:slow", "-n", "6", "--out", str(out), "--sandbox", backend, "-q"]
        return subprocess.Popen(
            [sys.executable, "-c", SLOW_MODEL, *args],
            stdout=subprocess.DEVNULL,
            cwd=TESTS.parent,
            start_new_session=True,
        )

    interruption, replay = tmp_path / "disturbed", tmp_path / "replayed"
    chance = random.Random(6)
    kills = 0
    for part in range(5):
        process = begin(interruption)
        progressed(interruption, chance.uniform(0.05, 0.95) * 40, part, process)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills == 5
    assert begin(interruption).wait() == 0
    samples = [json.loads(line) for line in (interruption / "samples.jsonl").read_text().splitlines()]
    assert set(Counter((row["request"], row["sample"]) for row in samples).values()) == {1}
    assert len(samples) == 40 * 6
    tasks = [json.loads(line)["task"] for line in (interruption / "records.jsonl").read_text().splitlines()]
    assert sorted(tasks) == sorted(f"Add/{n}" for n in range(40))

    replay.mkdir()
    (replay / "samples.jsonl").write_bytes((interruption / "samples.jsonl").read_bytes())
    assert begin(replay).wait() == 0
    assert (replay / "samples.jsonl").read_bytes() == (interruption / "samples.jsonl").read_bytes()
    assert (replay / "metrics.json").read_bytes() == (interruption / "metrics.json").read_bytes()


def progressed(out: Path, share: float, part: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the run has come some way into its present phase: sampling at first, then playing."""
    if part < 2:
        file, lines = out / "samples.jsonl", part * 100 + share
    else:
        file, lines = out / "records.jsonl", part * 9 - 17 + share / 5
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and file.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.002)


def test_ctrl_c_prints_what_is_known(tmp_path: Path, backend: str) -> None:
    file = rows(tmp_path / "adds.jsonl", *map(addition, range(300)))
    completions = rows(
        tmp_path / "drawn.jsonl",
        *({"task_id": f"Add/{n}", "completion": f"    return x + {n}"} for n in range(300)),
    )
    args = [file, "--completions", completions, "--out", tmp_path / "o", "--sandbox", backend]
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.cli", "bench", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=TESTS.parent,
    )
    records = tmp_path / "o" / "records.jsonl"
    while not (records.exists() and records.read_bytes().count(b"\n") >= 5) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "of 300 tasks done; the same command goes on" in out
    assert "pass@1             100.00%" in out
