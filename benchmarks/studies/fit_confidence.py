"""Fit `agent.confidence` and say how well calibrated it is: `python -m benchmarks.studies.fit_confidence`.

Fitted on records of real runs (`--records DIR`, result folders of `solve bench`, of as many sets and models as
there are) or on what was kept of them (`--keep`, `--outcomes`): what `solve` knew of its answer when it
stopped, and whether the answer passes the hidden tests. Without any, on CodeT's HumanEval pools
(`benchmarks.studies.pipeline_matrices`): each pool of 100 completions is cut into pools of 20, about as many as
`solve` draws, and what it would return from them is found. Half of the tasks fits the coefficients, the other half
reports them. One split says little about so few tasks, so random halves are drawn many times over.

Not covered: problems of other kinds than the records', whose base rate may be another.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import click
import numpy as np
import numpy.typing as npt

from agent.confidence import confidence, terms
from agent.journal import JournalError
from benchmarks.metrics import expected_calibration_error, risk_coverage
from benchmarks.records import read_records
from benchmarks.studies.answers import Outcome, outcome_of_run, outcomes, read_outcomes, write_outcomes
from benchmarks.studies.codet_matrices import matrices
from benchmarks.studies.pipeline_matrices import PipelineRecord, load_pipeline_records, pipeline_matrices
from benchmarks.tasks import data_folder
from benchmarks.types import TaskError
from sandbox import SandboxError, open_sandbox

Column: TypeAlias = npt.NDArray[np.float64]

_RIDGE = 1.0
_STEPS = 50
_SPLITS = 50


def fit(outcomes: Sequence[Outcome]) -> Column:
    """Coefficients of a ridge logistic regression by Newton's method; the intercept comes first, unpenalised."""
    design = _design(outcomes)
    right = np.array([outcome.right for outcome in outcomes], dtype=float)
    weights = np.zeros(design.shape[1])
    ridge = _RIDGE * np.eye(len(weights))
    ridge[0, 0] = 0.0
    for _ in range(_STEPS):
        confidences = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (confidences - right) + ridge @ weights
        curve = (design * (confidences * (1 - confidences))[:, None]).T @ design + ridge
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def predict(outcomes: Sequence[Outcome], weights: Column) -> list[float]:
    """What these coefficients say."""
    return [float(p) for p in 1 / (1 + np.exp(-_design(outcomes) @ weights))]


def split(outcomes: Sequence[Outcome], number: int) -> tuple[list[Outcome], list[Outcome]]:
    """Two halves of the tasks, drawn with this number as the seed."""
    tasks = sorted({outcome.task for outcome in outcomes})
    random.Random(number).shuffle(tasks)
    first = set(tasks[: len(tasks) // 2])
    return (
        [outcome for outcome in outcomes if outcome.task in first],
        [outcome for outcome in outcomes if outcome.task not in first],
    )


def report(outcomes: Sequence[Outcome], confidences: Sequence[float]) -> str:
    """Calibration and risk-coverage of stated confidences, as text."""
    right = [outcome.right for outcome in outcomes]
    error = expected_calibration_error(confidences, right)
    brier = sum((s - r) ** 2 for s, r in zip(confidences, right, strict=True)) / len(right)
    points = risk_coverage(confidences, right)
    curve = ", ".join(
        f"{share:.0%}: {min(points, key=lambda point: abs(point[0] - share))[1]:.1%}"
        for share in (0.25, 0.5, 0.75, 1.0)
    )
    return (
        f"{len(outcomes)} answers, {sum(right) / len(right):.1%} right,"
        f" stated {sum(confidences) / len(confidences):.1%}; "
        f"ECE {error:.3f}, Brier {brier:.3f}; error rate at coverage {curve}"
    )


def held_out_errors(outcomes: Sequence[Outcome]) -> list[float]:
    """The calibration error on the half of the tasks that did not fit, for many random halves."""
    errors = []
    for number in range(_SPLITS):
        half, held_out = split(outcomes, number)
        confidences = predict(held_out, fit(half))
        errors.append(expected_calibration_error(confidences, [outcome.right for outcome in held_out]))
    return errors


def leave_one_out(outcomes: Sequence[Outcome]) -> list[float]:
    """What is stated of each outcome by a fit on all other tasks."""
    confidences = [0.0] * len(outcomes)
    for task in dict.fromkeys(outcome.task for outcome in outcomes):
        own = [at for at, outcome in enumerate(outcomes) if outcome.task == task]
        weights = fit([outcome for outcome in outcomes if outcome.task != task])
        for at, p in zip(own, predict([outcomes[at] for at in own], weights), strict=True):
            confidences[at] = p
    return confidences


def _design(outcomes: Sequence[Outcome]) -> Column:
    return np.array([(1.0, *terms(outcome.features)) for outcome in outcomes])


@click.command()
@click.option(
    "--records", type=click.Path(path_type=Path), multiple=True, help="A result folder of `solve bench`."
)
@click.option(
    "--outcomes",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file that --keep wrote, or a folder of such files.",
)
@click.option(
    "--keep", "target", type=click.Path(path_type=Path), help="Write here what a fit needs of the records."
)
@click.option("--codet/--no-codet", default=None, help="CodeT's pools; by default where nothing is named.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/codet"), show_default=True)
@click.option("--sandbox", "backend", default="auto", show_default=True)
@click.option("--replay", is_flag=True, help="Execute nothing; use the records that are there.")
def main(
    records: tuple[Path, ...],
    files: tuple[Path, ...],
    target: Path | None,
    codet: bool | None,
    out: Path,
    backend: str,
    *,
    replay: bool,
) -> None:
    """Fit the confidence on half of the tasks, and report it on the rest."""
    all_outcomes: list[Outcome] = []
    try:
        for folder in records:
            runs = read_records(folder / "records.jsonl")
            answers = [outcome_of_run(run, folder.name) for run in runs]
            all_outcomes += [outcome for outcome in answers if outcome is not None]
        if target is not None:
            write_outcomes(target, all_outcomes)
        for path in files:
            all_outcomes += [outcome for file in _files(path) for outcome in read_outcomes(file)]
        if codet or (codet is None and not records and not files):
            pools = load_pipeline_records(out / "pipeline.jsonl") if replay else _records(out, backend)
            all_outcomes += [outcome for record in pools for outcome in outcomes(record)]
    except (OSError, JournalError, TaskError, SandboxError) as error:
        raise click.ClickException(str(error)) from error
    if len({outcome.task for outcome in all_outcomes}) < 4:
        raise click.ClickException("too few tasks with an answer; run without --replay, or name a result folder")
    for line in summary(all_outcomes):
        click.echo(line)


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """What is printed."""
    half, held_out = split(outcomes, 0)
    errors = held_out_errors(outcomes)
    spread = f"mean {np.mean(errors):.3f}, from {min(errors):.3f} to {max(errors):.3f}"
    lines = [
        f"fitted:   {report(half, predict(half, fit(half)))}",
        f"held out: {report(held_out, predict(held_out, fit(half)))}",
        f"held-out ECE over {len(errors)} random halves: {spread}",
        "coefficients of the first half: " + ", ".join(f"{w:.3f}" for w in fit(half)),
        "coefficients of all: " + ", ".join(f"{w:.3f}" for w in fit(outcomes)),
    ]
    confidences = leave_one_out(outcomes)
    for source in dict.fromkeys(outcome.source for outcome in outcomes):
        own = [at for at, outcome in enumerate(outcomes) if outcome.source == source]
        some = [outcomes[at] for at in own]
        lines.append(f"fitted on all other tasks, {source}: {report(some, [confidences[at] for at in own])}")
        lines.append(f"shipped, {source}: {report(some, [confidence(outcome.features) for outcome in some])}")
    return lines


def _records(out: Path, backend: str) -> list[PipelineRecord]:
    with open_sandbox(backend) as box:
        pools = {record.task_id: record for record in matrices(data_folder(), out / "matrices.jsonl", box)}
        return list(pipeline_matrices(data_folder(), pools, out / "pipeline.jsonl", box))


if __name__ == "__main__":
    main()
