"""Tokens per second of our decode loop beside other engines: `python -m benchmarks.studies.sampler_throughput`.

One run measures all engines: each gets a process of its own, one after the other, and the whole order is repeated;
the best of the repetitions counts, because a shared machine only ever slows an engine down. Loading is not timed,
and every case is preceded by a tiny one of the same shape. Peak memory is that of the engine's process.

Loads: `short` is one prompt of about 100 tokens and 64 new tokens per sample; `contest` one of about 600 tokens
and 256 new ones; `mixed` 20 HumanEval prompts, 8 samples each, of natural length.

Not covered: quality; several machines; a GPU in the peers.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import click

from agent.engine.runtime import settle_waiting
from agent.types import Prompt
from benchmarks.rows import rows_of
from benchmarks.studies.peers import ENGINES, Job, Source
from benchmarks.tasks import data_folder

_SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
_ASK = (
    "Please provide a self-contained Python script that solves the following problem in a markdown code block:\n"
)
_SHORT = (
    "Given the daily takings of a shop, find the longest run of days in which no day took less than the day before"
    " it. Print its length, the first and the last day, and the sum. Explain each step in a long docstring."
)
_EXAMPLES = Path(__file__).resolve().parents[2] / "problems" / "examples"
_CONTEST_CHARACTERS = 2400
_LOAD_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure."""

    load: str
    n: int
    """Samples per prompt."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement of one engine, or why there is none."""

    engine: str
    load: str
    n: int
    tokens: int = 0
    """New tokens in all."""
    seconds: float = 0.0
    """Wall time."""
    peak_mb: int = 0
    """Largest resident size of the engine's process up to then, MiB."""
    problem: str = ""

    @property
    def rate(self) -> float:
        """Tokens per second; 0 where nothing was measured."""
        return self.tokens / self.seconds if self.seconds else 0.0


def jobs_of(case: Case, *, tokens: int | None = None) -> list[Job]:
    """The jobs of a case; `tokens` shortens them for warming up."""
    if case.load == "mixed":
        return [Job(prompt, case.n, tokens or 320, natural=True) for prompt in human_eval(20 if not tokens else 1)]
    if case.load == "contest":
        statements = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(_EXAMPLES.glob("*.md")))
        return [Job(prompt_of(statements[:_CONTEST_CHARACTERS]), case.n, tokens or 256, natural=False)]
    return [Job(prompt_of(_SHORT), case.n, tokens or 64, natural=False)]


def prompt_of(words: str) -> Prompt:
    """The chat turn that asks for what `words` describe, its answer begun."""
    return Prompt(_SYSTEM, _ASK + words, "```python\n")


def human_eval(count: int) -> list[Prompt]:
    """Prompts of `count` tasks of HumanEval, spread over the whole set."""
    rows = rows_of(data_folder() / "humaneval" / "HumanEval.jsonl.gz")
    return [prompt_of(f"```python\n{row['prompt'].strip()}\n```\n") for row in rows[:: len(rows) // count][:count]]


def _work(engine: str, source: Source, cases: Sequence[Case], out: Connection) -> None:
    """In the engine's own process: measure every case and send the figures."""
    try:
        running = ENGINES[engine](source)
    except (ImportError, ValueError, RuntimeError, OSError) as error:
        _send(out, [Figure(engine, case.load, case.n, problem=_line(error)) for case in cases])
        return
    for case in cases:
        try:
            running.run(jobs_of(case, tokens=2))
            begin = time.perf_counter()
            tokens = running.run(jobs_of(case))
            seconds = time.perf_counter() - begin
        except (RuntimeError, ValueError, TypeError, KeyError, AttributeError) as error:
            _send(out, [Figure(engine, case.load, case.n, problem=_line(error))])
            continue
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        _send(out, [Figure(engine, case.load, case.n, tokens, seconds, peak)])


def _send(out: Connection, figures: Sequence[Figure]) -> None:
    for figure in figures:
        out.send(figure)


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:160]


def measure(engine: str, source: Source, cases: Sequence[Case], limit_s: float) -> Iterator[Figure]:
    """Figures of one engine, case by case; a case that takes longer than `limit_s` ends its process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(engine, source, cases, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        for place, case in enumerate(cases):
            figure = _receive(ours, limit_s + (_LOAD_SECONDS if place == 0 else 0))
            if isinstance(figure, str):
                yield from (Figure(engine, rest.load, rest.n, problem=figure) for rest in cases[place:])
                return
            assert (figure.load, figure.n) == (case.load, case.n)
            yield figure
    finally:
        process.kill()
        process.join()


def _receive(pipe: Connection, limit_s: float) -> Figure | str:
    if not pipe.poll(limit_s):
        return f"no result within {limit_s:.0f} s"
    try:
        figure = pipe.recv()
    except EOFError:
        return "its process died"
    assert isinstance(figure, Figure)
    return figure


def best(figures: Sequence[Figure]) -> list[Figure]:
    """The fastest repetition of every engine and case, in the order they were first measured."""
    fastest: dict[tuple[str, str, int], Figure] = {}
    for figure in figures:
        key = (figure.engine, figure.load, figure.n)
        if key not in fastest or figure.rate > fastest[key].rate:
            fastest[key] = figure
    return list(fastest.values())


def table(figures: Sequence[Figure]) -> str:
    """Tokens per second, a line per case, with our ratio to `generate` and to the best other engine."""
    rates = {(figure.load, figure.n, figure.engine): figure for figure in figures}
    engines = list(dict.fromkeys(figure.engine for figure in figures))
    cases = list(dict.fromkeys((figure.load, figure.n) for figure in figures))
    head = f"{'load':8} {'n':>4} " + " ".join(f"{engine:>14}" for engine in engines)
    lines = [head + f" {'/generate':>10} {'/best other':>11}"]
    for load, n in cases:
        row = {engine: rates[load, n, engine].rate for engine in engines if (load, n, engine) in rates}
        cells = " ".join(f"{row.get(engine, 0.0) or float('nan'):>14.1f}" for engine in engines)
        others = max((rate for engine, rate in row.items() if engine != "ours"), default=0.0)
        ratios = [row.get("ours", 0.0) / rate if rate else float("nan") for rate in (row.get("generate"), others)]
        lines.append(f"{load:8} {n:>4} {cells} {ratios[0]:>10.2f} {ratios[1]:>11.2f}")
    lines += [f"{f.engine}, {f.load} n={f.n}: {f.problem}" for f in figures if f.problem]
    lines += [f"{engine}: peak {max(f.peak_mb for f in figures if f.engine == engine)} MiB" for engine in engines]
    return "\n".join(lines)


@click.command()
@click.option("--model", default="qwen2.5-coder-0.5b", show_default=True, help="A catalogue name.")
@click.option("--gguf", type=click.Path(path_type=Path, exists=True), help="The same model's Q4 file, for peers.")
@click.option("--engines", default=",".join(ENGINES), show_default=True, help="Which, in this order.")
@click.option("--samples", default="1,8,32,64,128", show_default=True, help="n of the short load.")
@click.option("--contest", default="64", show_default=True, help="n of the contest load; empty leaves it out.")
@click.option("--mixed/--no-mixed", default=True, help="The HumanEval load.")
@click.option("--rounds", default=2, show_default=True, help="Repetitions; the best counts.")
@click.option("--limit", default=600.0, show_default=True, help="Seconds that one case may take.")
@click.option("--out", type=click.Path(path_type=Path), help="Write every figure to this JSON file.")
def main(
    model: str, gguf: Path | None, engines: str, samples: str, contest: str, mixed: bool, rounds: int,
    limit: float, out: Path | None,
) -> None:  # fmt: skip
    """Measure our decode loop beside its peers."""
    settle_waiting()  # for every engine alike
    from agent.models.weights import resolve

    source = Source(resolve(model), gguf)
    cases = [Case("short", int(n)) for n in samples.split(",") if n]
    cases += [Case("contest", int(n)) for n in contest.split(",") if n]
    cases += [Case("mixed", 8)] if mixed else []
    figures: list[Figure] = []
    for turn in range(rounds):
        for engine in engines.split(","):
            for figure in measure(engine, source, cases, limit):
                click.echo(f"[{turn + 1}] {figure.engine} {figure.load} n={figure.n}: {figure.rate:.1f}", err=True)
                figures.append(figure)
                if out:
                    out.write_text(json.dumps(_record(model, figures), indent=1), encoding="utf-8")
    click.echo(table(best(figures)))


def _record(model: str, figures: Sequence[Figure]) -> dict[str, object]:
    machine = {"cpu": _cpu(), "cores": os.cpu_count(), "python": platform.python_version()}
    rows = [asdict(figure) | {"tokens_per_s": round(figure.rate, 2)} for figure in figures]
    return {"model": model, "machine": machine, "load_average": os.getloadavg(), "figures": rows}


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
