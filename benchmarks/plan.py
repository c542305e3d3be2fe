"""`solve bench plan`: for a budget, which model and how many samples of a problem, predicted from finished runs.

Chinchilla's question (Hoffmann et al., 2022), asked for inference: a small model draws more samples for the same
seconds or tokens. Coverage is predicted as in `benchmarks.forecast`, for samples drawn afresh of the tasks that
all runs have done. What is chosen is a share of what is covered, and that share falls in a straight line with the
logarithm of the samples, as far as it was seen; the line is fitted on subsets of the samples.

Not covered: seconds for judging and choosing, and for loading a model; budgets split over several models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.coverage import fit, fit_power
from benchmarks.folder import read_folder, read_object
from benchmarks.forecast import LEAST_SAMPLES, LEAST_TASKS, TIMES, Drawn, Outlook, afresh
from benchmarks.metrics import Column
from benchmarks.records import TaskRecord
from benchmarks.summary import doublings, subset_figures, tokens_of
from benchmarks.types import TaskError

_LEAST_COVERED = 10
"""Covered tasks from which on the share that is chosen is told."""
_LEAST_POINTS = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """What a problem may cost, in one unit."""

    amount: float
    unit: str
    """`seconds` or `tokens`."""


@dataclass(frozen=True, slots=True)
class Point:
    """What subsets of the samples came to."""

    samples: int
    covered: Column
    """Of each task, the share of the subsets with a right program."""
    chosen: Column
    """Of each task, the share of the subsets whose chosen program is right."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What a plan takes from one run."""

    name: str
    model: str
    drawn: Drawn
    points: list[Point]
    cost: float
    """Of one sample, in the unit of the budget."""


def plan(folders: Sequence[Path], budget: Budget, *, method: str = "default") -> dict[str, Any]:
    """What each run's model is predicted to do with the budget, the best first, ready for JSON.

    Args:
        folders: result folders of one set.
        budget: for each problem.
        method: whose choice counts as `selected@1`.

    Raises:
        TaskError: one is not a result folder, they share too few tasks, or a cost is not known.
    """
    runs, tasks = _runs(folders, budget, method)
    told = all(share_at(run.points, 1) is not None for run in runs)
    rows = [_row(run, budget, told=told) for run in runs]
    order = sorted(range(len(rows)), key=lambda number: -rows[number][1])
    return {
        "budget": asdict(budget),
        "tasks": tasks,
        "by": "selected@1" if told else "coverage",
        "models": [rows[number][0] for number in order],
        "lead": _lead([rows[number][2] for number in order[:2]]),
    }


def share_at(points: Sequence[Point], samples: float, weights: Column | None = None) -> float | None:
    """The share of the covered tasks whose chosen program is right, at so many samples, 0 to 1.

    A line in the logarithm of the samples through the shares from two samples on; None where these are too few, or
    too few tasks are covered.

    Args:
        points: of the same tasks, the fewest samples first.
        samples: at least 1.
        weights: how often each task counts; once by default.
    """
    if not points or points[-1].covered.sum() < _LEAST_COVERED:
        return None
    ones = np.ones_like(points[-1].covered) if weights is None else weights
    seen = [point for point in points if point.samples > 1 and ones @ point.covered > 0]
    if len(seen) < _LEAST_POINTS:
        return None
    shares = [float(ones @ point.chosen) / float(ones @ point.covered) for point in seen]
    slope, level = np.polyfit(np.log2([point.samples for point in seen]), shares, 1)
    return float(np.clip(level + slope * math.log2(samples), 0.0, 1.0))


def chosen_outlook(found: Outlook, points: Sequence[Point], samples: float) -> Outlook:
    """What is chosen where `found` is covered; each simulation has the line of a resample of the tasks.

    Raises:
        ValueError: the share cannot be told.
    """
    share = share_at(points, samples)
    if share is None:
        raise ValueError("too few points or covered tasks for a share")
    size = len(points[-1].covered)
    draw = np.random.default_rng(1)
    shares = [
        share_at(points, samples, draw.multinomial(size, [1 / size] * size).astype(float)) or share
        for _ in found.simulated
    ]
    return Outlook(found.value * share, found.simulated * np.asarray(shares))


def lines(figures: dict[str, Any]) -> list[str]:
    """The plan as text."""
    budget = figures["budget"]
    rows = [f"{budget['amount']:g} {budget['unit']} a problem, predicted on {figures['tasks']} tasks:"]
    rows += [f"{row['model']} ({row['run']}): {_words(row)}" for row in figures["models"]]
    best = figures["models"][0]
    if best["samples"]:
        rows.append(
            f"best by {figures['by']}: {best['model']}, {best['samples']} samples{_lead_words(figures['lead'])}"
        )
    if figures["by"] == "coverage":
        rows.append(
            "selected@1 cannot be told: the runs have too few samples, too few right ones, or no selection"
        )
    return rows


def _words(row: dict[str, Any]) -> str:
    if not row["samples"]:
        return f"the budget is less than one sample, which costs {row['cost']:.3g}"
    words: str = f"{row['samples']} samples, coverage {_percent(row['coverage'])}"
    if row["selected@1"]:
        words += f", selected@1 {_percent(row['selected@1'])}"
    far: str = f"; more than {TIMES} times the samples that were drawn, so far out no forecast was checked"
    return words + far if row["far"] else words


def _lead_words(lead: dict[str, float] | None) -> str:
    if lead is None:
        return ""
    value, low, high = (100 * lead[name] for name in ("value", "low", "high"))
    words = f", ahead of the next by {value:.1f} points ({low:.1f} to {high:.1f})"
    return words + (": the two cannot be told apart" if lead["low"] <= 0 else "")


def _percent(figure: dict[str, float]) -> str:
    return f"{figure['value']:.1%} ({figure['low']:.1%} to {figure['high']:.1%})"


def _row(run: _Run, budget: Budget, *, told: bool) -> tuple[dict[str, Any], float, Outlook | None]:
    """A model's line, the figure that it is judged by, and that figure's simulations."""
    head: dict[str, Any] = {"run": run.name, "model": run.model, "cost": round(run.cost, 4)}
    samples = _best_number(run, int(budget.amount / run.cost), told=told)
    if not samples:
        return {**head, "samples": 0, "coverage": None, "selected@1": None, "far": False}, -1.0, None
    covered = afresh(run.drawn.counts, samples)
    chosen = chosen_outlook(covered, run.points, samples) if told else None
    figures = {
        "samples": samples,
        "coverage": _json(covered),
        "selected@1": None if chosen is None else _json(chosen),
        "far": samples > TIMES * int(run.drawn.counts.samples.min()),
    }
    judged = chosen or covered
    return {**head, **figures}, judged.estimate.value, judged


def _best_number(run: _Run, most: int, *, told: bool) -> int:
    """All that the budget allows, or fewer where selected@1 is predicted to be better by those."""
    if most < 1 or not told:
        return max(most, 0)
    counts = run.drawn.counts
    beta, power = fit(counts), fit_power(counts)

    def chosen(samples: int) -> float:
        covered = (float(beta.success(counts, samples).mean()) + power.coverage(samples)) / 2
        return covered * (share_at(run.points, samples) or 0.0)

    return max(doublings(most), key=chosen)


def _lead(two: Sequence[Outlook | None]) -> dict[str, float] | None:
    """How far the best is ahead of the next; None where there is no other."""
    known = [found for found in two if found is not None]
    if len(known) < 2:
        return None
    best, other = known
    return _json(Outlook(best.value - other.value, best.simulated - other.simulated))


def _json(found: Outlook) -> dict[str, float]:
    return {name: round(value, 6) for name, value in asdict(found.estimate).items()}


def _runs(folders: Sequence[Path], budget: Budget, method: str) -> tuple[list[_Run], int]:
    """The runs over the tasks that all have done, and how many those are."""
    read = [read_folder(folder) for folder in folders]
    sets = {str(config["set"]) for config, _ in read}
    if len(sets) > 1:
        raise TaskError(f"the runs are of {' and '.join(sorted(sets))}: only runs of one set can be compared")
    common = set.intersection(*({record.task for record in records} for _, records in read))
    runs = []
    for folder, (config, records) in zip(folders, read, strict=True):
        rows = sorted((record for record in records if record.task in common), key=lambda record: record.task)
        runs.append(_run(folder, str(config.get("model") or config.get("completions")), rows, budget, method))
    return runs, len(common)


def _run(folder: Path, model: str, records: Sequence[TaskRecord], budget: Budget, method: str) -> _Run:
    drawn = Drawn.of(records)
    if drawn is None:
        raise TaskError(
            f"{folder}: a plan needs {LEAST_TASKS} tasks that all runs have done,"
            f" with {LEAST_SAMPLES} drawn samples each beside the greedy one"
        )
    if not drawn.counts.right.any():
        raise TaskError(f"{folder}: no drawn sample is right, so nothing says what more of them would bring")
    return _Run(folder.name, model, drawn, _points(records, method), _cost(folder, records, budget))


def _points(records: Sequence[TaskRecord], method: str) -> list[Point]:
    """None where nothing was chosen."""
    if any(record.answer is None for record in records):
        return []
    smallest = min(len(record.samples) for record in records)
    points = []
    for k in doublings(smallest):
        pairs = [subset_figures(record, k, method)[:2] for record in records]
        covered, chosen = (np.asarray(column) for column in zip(*pairs, strict=True))
        points.append(Point(k, cast("Column", covered), cast("Column", chosen)))
    return points


def _cost(folder: Path, records: Sequence[TaskRecord], budget: Budget) -> float:
    """Of one sample: its tokens with its part of all else that the model wrote, or their seconds."""
    tokens = sum(map(tokens_of, records)) / sum(len(record.samples) for record in records)
    if not tokens:
        raise TaskError(f"{folder}: the tokens of its samples are not known")
    if budget.unit == "tokens":
        return tokens
    path = folder / "sampling.json"
    sampling = read_object(path) if path.is_file() else {}
    if not sampling.get("wall_s") or not sampling.get("tokens"):
        raise TaskError(f"{folder}: the seconds of its sampling are not known; give the budget as --tokens")
    return tokens * float(sampling["wall_s"]) / float(sampling["tokens"])
