"""Fit `agent.confidence` and say how well calibrated it is: `python -m benchmarks.fit_confidence`.

Each HumanEval pool of 100 completions that `benchmarks.pipeline_matrices` executed is cut into four pools of 25,
about as many as `solve` draws; in each the program that `solve` would return is found, with what is known about
it, and whether it passes HumanEval's hidden tests. Every other task fits the coefficients, the rest report them.

Not covered: other models and other kinds of problems; a 16B model of 2022 without instruction tuning is what the
figures hold for.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import click
import numpy as np
import numpy.typing as npt

from agent import select
from agent.confidence import Features, confidence, terms
from benchmarks.codet_matrices import data_folder, matrices
from benchmarks.metrics import expected_calibration_error, risk_coverage
from benchmarks.pipeline_matrices import PipelineRecord, load_pipeline_records, pipeline_matrices

Column: TypeAlias = npt.NDArray[np.float64]

_PARTS = 4
_RIDGE = 1.0
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pool's chosen program."""

    features: Features
    right: bool


def outcomes(record: PipelineRecord) -> list[Outcome]:
    """What would be returned from each quarter of a task's completions; none where nothing survives."""
    drawn = [index for index, count in enumerate(record.counts) for _ in range(count)]
    random.Random(record.task_id).shuffle(drawn)
    found = [_outcome(record, drawn[part::_PARTS]) for part in range(_PARTS)]
    return [outcome for outcome in found if outcome is not None]


def _outcome(record: PipelineRecord, drawn: Sequence[int]) -> Outcome | None:
    alive = [index for index in dict.fromkeys(drawn) if record.survives[index]]
    if not alive:
        return None
    kept = select.informative([record.outputs[index] for index in alive])
    pool = select.Pool(
        outputs=tuple(tuple(record.outputs[index][column] for column in kept) for index in alive),
        counts=tuple(drawn.count(index) for index in alive),
    )
    chosen = select.rank(pool)[0]
    sizes = [sum(pool.counts[m] for m in members) for members in select.clusters(pool) if chosen not in members]
    agreeing = sum(pool.counts[m] for members in select.clusters(pool) if chosen in members for m in members)
    features = Features(
        samples=len(drawn),
        agreeing=agreeing,
        survivors=sum(pool.counts),
        runner_up=max(sizes, default=0),
    )
    return Outcome(features, record.hidden[alive[chosen]])


def fit(found: Sequence[Outcome]) -> Column:
    """Coefficients of a ridge logistic regression by Newton's method; the intercept comes first, unpenalised."""
    design = np.array([(1.0, *terms(outcome.features)) for outcome in found])
    right = np.array([outcome.right for outcome in found], dtype=float)
    weights = np.zeros(design.shape[1])
    ridge = _RIDGE * np.eye(len(weights))
    ridge[0, 0] = 0.0
    for _ in range(_STEPS):
        stated = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (stated - right) + ridge @ weights
        curve = (design * (stated * (1 - stated))[:, None]).T @ design + ridge
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def report(found: Sequence[Outcome], stated: Sequence[float]) -> str:
    """Calibration and risk-coverage of stated confidences, as text."""
    right = [outcome.right for outcome in found]
    error = expected_calibration_error(stated, right)
    brier = sum((s - r) ** 2 for s, r in zip(stated, right, strict=True)) / len(right)
    points = risk_coverage(stated, right)
    curve = ", ".join(
        f"{share:.0%}: {min(points, key=lambda point: abs(point[0] - share))[1]:.1%}"
        for share in (0.25, 0.5, 0.75, 1.0)
    )
    return (
        f"{len(found)} pools, {sum(right) / len(right):.1%} right, stated {sum(stated) / len(stated):.1%}; "
        f"ECE {error:.3f}, Brier {brier:.3f}; error rate at coverage {curve}"
    )


def _stated(found: Sequence[Outcome], weights: Column) -> list[float]:
    design = np.array([(1.0, *terms(outcome.features)) for outcome in found])
    return [float(p) for p in 1 / (1 + np.exp(-design @ weights))]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/codet"), show_default=True)
@click.option("--sandbox", "backend", default="auto", show_default=True)
@click.option("--replay", is_flag=True, help="Execute nothing; use the records that are there.")
def main(out: Path, backend: str, *, replay: bool) -> None:
    """Fit the confidence on every other task, and report it on the rest."""
    records = load_pipeline_records(out / "pipeline.jsonl") if replay else _executed(out, backend)
    if len(records) < 2:
        raise click.ClickException(f"{out} holds too few records; run once without --replay")
    halves = [[o for record in records[start::2] for o in outcomes(record)] for start in (0, 1)]
    for name, fitted, held_out in (("A", halves[0], halves[1]), ("B", halves[1], halves[0])):
        click.echo(f"half {name}, fitted:   {report(fitted, _stated(fitted, fit(fitted)))}")
        click.echo(f"        held out: {report(held_out, _stated(held_out, fit(fitted)))}")
    click.echo("coefficients of half A: " + ", ".join(f"{w:.3f}" for w in fit(halves[0])))
    click.echo(f"shipped, held out: {report(halves[1], [confidence(o.features) for o in halves[1]])}")


def _executed(out: Path, backend: str) -> list[PipelineRecord]:
    from sandbox import SandboxError, open_sandbox

    try:
        with open_sandbox(backend) as box:
            pools = {record.task_id: record for record in matrices(data_folder(), out / "matrices.jsonl", box)}
            return list(pipeline_matrices(data_folder(), pools, out / "pipeline.jsonl", box))
    except (OSError, SandboxError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
