"""Hostile and honest programs mixed at random over two slots: do honest ones end as they do alone?

    python -m benchmarks.studies.sandbox_mix [--sandbox docker] [--row 200] [--count 2000] [--same 500] [--seed 0]

First `--row` hostile programs run one after the other, with nothing honest among them; then the mix; then one
program `--same` times under full load, which must get one verdict. The hostile ones are those of this file and of
tests/programs. After each part it is told what the host holds: memory and the kernel's slab, which must not grow.
Exit code 1 if an honest program ended otherwise than by itself.

Not covered: speed (`benchmarks.studies.sandbox_throughput`), honest programs in long use (`sandbox_soak`).
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import psutil

from benchmarks.studies.sandbox_peers import quiet
from sandbox import Limits, RunJob, RunResult, Sandbox, open_sandbox

LIMITS = Limits(cpu_s=0.2, memory_mb=128, output_bytes=1 << 14, wall_s=20)
HOSTILE = {
    "burns": "while True: pass",
    "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "leaves a child": "import os, time\nif os.fork() == 0: time.sleep(3600)",
    "leaves files": "import os\nos.makedirs('/tmp/a/b'); open('/tmp/a/b/c', 'w').close(); os.chmod('/tmp/a', 0)",
    "kills": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "grows": "held = []\nwhile True: held.append(bytearray(10**7))",
    "floods": "while True: print('x' * 999)",
    "forges": (
        "import os\nfor fd in range(3, 256):\n    try: os.write(fd, b'aR01' + bytes(70))\n    except OSError: pass"
    ),
    "breaks builtins": "import builtins, os\nbuiltins.len = builtins.print = None; os.umask(0o777)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "exits": "import os\nos._exit(0)",
    "threads": "import threading\nfor _ in range(200): threading.Thread(target=lambda: [0] * 10**6).start()",
    "closes": "import os\nos.closerange(0, 256)",
    "recurses": "def f(n): return f(n + 1)\nf(0)",
}
"""Short programs of every kind that tests/programs/ holds."""
_PROGRAMS = Path(__file__).parents[2] / "tests" / "programs"
_UNKIND = ("idle", "mle", "ole", "refused", "rte", "tle")
HONEST = {
    "double": "print(int(input()) * 2)",
    "reverse": "print(input()[::-1])",
    "primes": "n = int(input())\nprint(sum(all(k % d for d in range(2, k)) for k in range(2, n % 97)))",
    "file": "open('/tmp/x', 'w').write(input()); print(open('/tmp/x').read())",
    "child": "import os\nif os.fork() == 0: os._exit(3)\nprint(os.wait()[1], input())",
    "fails": "raise ValueError(input())",
}
"""What each does depends on its input alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mix came to."""

    runs: int
    honest: int
    seconds: float
    differing: tuple[str, ...]
    """Honest programs, with their input, whose result was not that of their solo run."""


def mix(box: Sandbox, hostile: Sequence[str], *, count: int, seed: int) -> Outcome:
    """Run `count` programs, about half of them out of `hostile`, and compare the honest ones with solo runs."""
    dice = random.Random(seed)
    plan = [
        ("", RunJob(dice.choice(hostile), "21\n", LIMITS))
        if dice.random() < 0.5
        else (name := dice.choice([*HONEST]), RunJob(HONEST[name], f"{dice.randrange(10**6)}\n"))
        for _ in range(count)
    ]
    jobs = {(job.source, job.stdin): job for name, job in plan if name}
    solo = {key: _end(box.run(job.source, job.stdin)) for key, job in jobs.items()}
    began = time.monotonic()
    ends = [_end(result) for result in box.run_many(job for _, job in plan)]
    differing = tuple(
        f"{name} {job.stdin.strip()}: {end} instead of {solo[job.source, job.stdin]}"
        for (name, job), end in zip(plan, ends, strict=True)
        if name and end != solo[job.source, job.stdin]
    )
    return Outcome(len(ends), sum(bool(name) for name, _ in plan), time.monotonic() - began, differing)


def _end(result: RunResult) -> tuple[str, int | None, str, str]:
    return result.status, result.exit_code, result.stdout, result.stderr


def run_in_a_row(box: Sandbox, hostile: Sequence[str], count: int, seed: int) -> None:
    """Run each program once, then others of them, `count` in all, as one stream."""
    dice = random.Random(seed)
    programs = [*dice.sample(hostile, min(count, len(hostile))), *dice.choices(hostile, k=count)][:count]
    for _ in box.run_many(RunJob(program, "21\n", LIMITS) for program in programs):
        pass


def hostile_programs() -> list[str]:
    """Those of this file, and of tests/programs; two that only wait are left out, for the sake of time."""
    files = [path for kind in _UNKIND if kind != "idle" for path in sorted((_PROGRAMS / kind).glob("*.py"))]
    return [*HOSTILE.values(), *(path.read_text(encoding="utf-8", errors="surrogateescape") for path in files)]


def held() -> str:
    """What this host and this process hold now."""
    facts = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
    sizes = {name: int(facts[name].split()[0]) // 1024 for name in ("MemAvailable", "Slab", "SUnreclaim")}
    me = psutil.Process()
    return (
        f"host: {sizes['MemAvailable']} MiB available, slab {sizes['Slab']} MiB, {sizes['SUnreclaim']} of it for"
        f" good; this process: {me.memory_info().rss >> 20} MiB, {me.num_fds()} descriptors"
    )


@click.command()
@click.option("--sandbox", "backend", type=click.Choice(["auto", "docker", "bwrap"]), default="auto")
@click.option("--row", default=200, show_default=True, help="Hostile programs in a row.")
@click.option("--count", default=2000, show_default=True, help="Programs in the mix.")
@click.option("--same", default=500, show_default=True, help="Repetitions of one program.")
@click.option("--seed", default=0, show_default=True)
def main(backend: str, row: int, count: int, same: int, seed: int) -> None:
    """Run hostile programs in a row, mix them with honest ones, and repeat one program under full load."""
    hostile = hostile_programs()
    with open_sandbox(backend, slots=2, notice=quiet) as box:
        click.echo(f"{box.backend}, {len(hostile)} hostile programs. Before, {held()}")
        run_in_a_row(box, hostile, row, seed)
        click.echo(f"after {row} hostile ones in a row, {held()}")
        outcome = mix(box, hostile, count=count, seed=seed)
        click.echo(f"{box.backend}: {outcome.runs} runs, {outcome.honest} honest, {outcome.seconds:.0f} s")
        click.echo(f"after the mix, {held()}")
        click.echo(f"honest verdicts that differ from their solo runs: {len(outcome.differing)}")
        for line in outcome.differing[:20]:
            click.echo("  " + line)
        ends = {_end(run) for run in box.run_many(RunJob(HONEST["primes"], "4711\n") for _ in range(same))}
        click.echo(f"one program {same} times: {len(ends)} different result{'s' * (len(ends) != 1)}")
    sys.exit(bool(outcome.differing) or len(ends) != 1)


if __name__ == "__main__":
    main()
