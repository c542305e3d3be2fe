"""How good forecasts from few samples are: `python -m benchmarks.studies.coverage_law`.

Pools with many samples are cut to a few, in several orders; laws fitted on those predict the share of the tasks
with a right sample in the whole pool, which is known. Compared are the two laws of `benchmarks.coverage` and what
`benchmarks.forecast` makes of both. The share that is chosen is predicted by its line (`benchmarks.plan`), beside
the assumption that it stays.

Pools: CodeT's 100 CodeGen-16B programs of each HumanEval problem, as `benchmarks.studies.codet_replay` executed
them, parts of it, and as `solve` sees them (`benchmarks.studies.fit_confidence --codet`) for what is chosen; and
simulated ones, whose law is known.

Not covered: other models. Orders of one pool have their outcome in common: errors over them hang together.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from scipy.special import expit

from agent.journal import JournalError
from benchmarks.coverage import Counts
from benchmarks.forecast import Drawn, Outlook, by_beta, by_power, extension
from benchmarks.metrics import Column, Estimate
from benchmarks.plan import Point, chosen_outlook, share_at
from benchmarks.studies.codet_matrices import load_records
from benchmarks.studies.pipeline_matrices import PipelineRecord, load_pipeline_records
from benchmarks.studies.stop_rule import state
from benchmarks.summary import doublings

PREFIXES = (10, 20)
_ORDERS = 8
_CHOICE_ORDERS = 4
_SHUFFLES = 4
_HARD = 0.1
_FEW = 8
_CURVES = ("coverage", "selected@1")
RESULTS = Path(__file__).parents[1] / "results"

Pool = list[list[bool]]
"""Of each task, whether each of its samples is right."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One forecast and what came out."""

    forecast: Estimate
    outcome: float

    @property
    def is_inside(self) -> bool:
        """Whether the outcome is in the interval."""
        return self.forecast.low - 1e-9 <= self.outcome <= self.forecast.high + 1e-9


@dataclass(frozen=True, slots=True)
class Score:
    """Many forecasts of one kind."""

    error: float
    """Mean absolute error, share of tasks."""
    bias: float
    """Mean of forecast less outcome."""
    inside: float
    """Share of outcomes within the 95 % interval."""
    width: float
    """Mean width of the intervals."""

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> Score:
        """Means over the trials, at least one."""
        gaps = [trial.forecast.value - trial.outcome for trial in trials]
        return cls(
            float(np.abs(gaps).mean()),
            float(np.mean(gaps)),
            float(np.mean([trial.is_inside for trial in trials])),
            float(np.mean([trial.forecast.high - trial.forecast.low for trial in trials])),
        )


SIMULATED: Mapping[str, Callable[[np.random.Generator, int], Column]] = {
    "Beta(0.4, 0.8)": lambda draw, tasks: draw.beta(0.4, 0.8, tasks),
    "Beta(0.2, 3)": lambda draw, tasks: draw.beta(0.2, 3.0, tasks),
    "Beta(1, 1), half out of reach": lambda draw, tasks: draw.beta(1.0, 1.0, tasks) * (draw.random(tasks) < 0.5),
    "logistic normal (-2, 3)": lambda draw, tasks: expit(draw.normal(-2.0, 3.0, tasks)),
}
"""Chances of success of so many tasks."""
LAWS = ("Beta", "power", "both")


def forecasts(prefix: Pool, total: int) -> dict[str, Outlook]:
    """Coverage by `total` samples of each task, foretold from the first few by each of `LAWS`."""
    n = len(prefix[0])
    counts = Counts.of([n] * len(prefix), [sum(row) for row in prefix])
    drawn = Drawn(counts, np.asarray([float(any(row)) for row in prefix]))
    beta, power = by_beta(counts, total - n, drawn.sure), by_power(counts, total, drawn.sure)
    return dict(zip(LAWS, (beta, power, extension(drawn, total - n)), strict=True))


def trials(pool: Pool, n: int, *, orders: int = _ORDERS) -> dict[str, list[Trial]]:
    """Forecasts from `n` samples of each task, in so many orders; orders without a right sample say nothing."""
    found: dict[str, list[Trial]] = {name: [] for name in LAWS}
    outcome = sum(map(any, pool)) / len(pool)
    for order in range(orders):
        draw = random.Random(order)
        prefix = [draw.sample(row, n) for row in pool]
        if any(map(any, prefix)):
            for name, outlook in forecasts(prefix, len(pool[0])).items():
                found[name].append(Trial(outlook.estimate, outcome))
    return found


def simulated(law: str, tasks: int, samples: int, seed: int) -> Pool:
    """A pool whose chances of success are drawn by one of `SIMULATED`, each sample apart."""
    draw = np.random.default_rng(seed)
    return [(draw.random(samples) < p).tolist() for p in SIMULATED[law](draw, tasks)]


def codet_pools(path: Path) -> Iterator[tuple[str, Pool]]:
    """CodeT's pool: all tasks, both halves, and those tasks of whose samples at most a tenth is right."""
    records = load_records(path)
    if not records:
        return
    pool = [
        [ok for ok, count in zip(record.hidden, record.counts, strict=True) for _ in range(count)]
        for record in records
    ]
    yield "HumanEval, CodeGen-16B", pool
    yield "its even tasks", pool[::2]
    yield "its odd tasks", pool[1::2]
    yield "its hard tasks", [row for row in pool if sum(row) <= _HARD * len(row)]


def choices(records: Sequence[PipelineRecord], n: int) -> dict[str, list[Trial]]:
    """Forecasts of selected@1 from `n` samples of each task: the share follows its line, or stays as it is."""
    rows = [[i for i, count in enumerate(record.counts) for _ in range(count)] for record in records]
    total = min(map(len, rows))
    outcome = sum(state(record, row).right for record, row in zip(records, rows, strict=True)) / len(records)
    found: dict[str, list[Trial]] = {"line": [], "stays": []}
    for order in range(_CHOICE_ORDERS):
        draw = random.Random(order)
        prefix = [draw.sample(row, n) for row in rows]
        points = [_point(records, prefix, k, draw) for k in doublings(n)]
        right = [[record.hidden[i] for i in row] for record, row in zip(records, prefix, strict=True)]
        counts = Counts.of([n] * len(rows), [sum(row) for row in right])
        covered = extension(Drawn(counts, np.asarray([float(any(row)) for row in right])), total - n)
        if share_at(points, n) is None:
            continue
        found["line"].append(Trial(chosen_outlook(covered, points, total).estimate, outcome))
        found["stays"].append(Trial(chosen_outlook(covered, points, n).estimate, outcome))
    return found


def _point(records: Sequence[PipelineRecord], rows: Sequence[list[int]], k: int, draw: random.Random) -> Point:
    covered, chosen = [], []
    for record, row in zip(records, rows, strict=True):
        subsets = [draw.sample(row, k) for _ in range(_SHUFFLES)]
        covered.append(float(np.mean([any(record.hidden[i] for i in subset) for subset in subsets])))
        chosen.append(float(np.mean([state(record, subset).right for subset in subsets])))
    return Point(k, np.asarray(covered), np.asarray(chosen))


def pool_lines(name: str, pool: Pool) -> Iterator[str]:
    """The rows of one pool: each prefix, each law."""
    total = min(map(len, pool))
    pool = [row[:total] for row in pool]
    outcome = sum(map(any, pool)) / len(pool)
    for n in PREFIXES:
        if 3 * n <= total:
            for law, found in trials(pool, n).items():
                if found:
                    yield _row(f"{name}, {len(pool)} tasks", n, total, outcome, law, Score.of(found))


def _row(name: str, n: int, total: int, outcome: float, law: str, score: Score) -> str:
    figures = [100 * outcome, 100 * score.error, 100 * score.bias, 100 * score.inside, 100 * score.width]
    return (
        f"| {name} | {n} to {total} | {law} | "
        + " | ".join(f"{figure:{sign}.1f}" for figure, sign in zip(figures, ("", "", "+", "", ""), strict=True))
        + " |"
    )


def committed_lines(folder: Path) -> Iterator[str]:
    """Of each committed run with enough covered tasks: the share that is chosen, foretold from 8 samples."""
    for path in sorted(folder.glob("*.json")):
        metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
        points = [
            Point(point["samples"], *(metrics["tasks"] * np.asarray([point[name]["value"]]) for name in _CURVES))
            for point in metrics["curve"]
        ]
        few, last = [point for point in points if point.samples <= _FEW], points[-1]
        line = share_at(few, last.samples)
        if line is not None:
            end, stays = (float(point.chosen[0] / point.covered[0]) for point in (last, few[-1]))
            yield f"{path.stem}: at {last.samples} samples {end:.1%}, by the line {line:.1%}, as at 8 {stays:.1%}"


@click.command()
@click.option("--codet", type=click.Path(path_type=Path), default=Path("runs/codet"), show_default=True)
@click.option("--simulate", type=int, default=0, show_default=True, help="Simulated pools of 164 tasks, per law.")
def main(codet: Path, simulate: int) -> None:
    """Fit on few samples of pools that were executed before, and compare with all of them."""
    click.echo("| pool | samples | law | outcome | error | bias | inside | width |")
    click.echo("|---|---|---|---:|---:|---:|---:|---:|")
    try:
        pools = list(codet_pools(codet / "matrices.jsonl"))
        records = load_pipeline_records(codet / "pipeline.jsonl")
    except (OSError, ValueError, JournalError) as error:
        raise click.ClickException(str(error)) from error
    for name, pool in pools:
        for line in pool_lines(name, pool):
            click.echo(line)
    for n in PREFIXES if records else ():
        for name, found in choices(records, n).items():
            if found:
                label = f"selected@1, CodeGen-16B, {len(records)} tasks"
                click.echo(_row(label, n, 100, found[0].outcome, name, Score.of(found)))
    for line in committed_lines(RESULTS):
        click.echo(line)
    for line in _simulated_lines(simulate):
        click.echo(line)


def _simulated_lines(number: int) -> Iterator[str]:
    for law in SIMULATED if number else ():
        found: dict[str, list[Trial]] = {name: [] for name in LAWS}
        for seed in range(number):
            for name, some in trials(simulated(law, 164, 200, seed), 20, orders=1).items():
                found[name] += some
        for name, some in found.items():
            outcome = float(np.mean([trial.outcome for trial in some]))
            yield _row(f"simulated {law}, 164 tasks", 20, 200, outcome, name, Score.of(some))


if __name__ == "__main__":
    main()
