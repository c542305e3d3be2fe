"""Selection methods side by side on the CodeT pools: `python -m benchmarks.studies.codet_replay`.

100 CodeGen-16B programs per HumanEval problem, of which one is chosen; no model is needed. The first run executes
the pools (`benchmarks.studies.codet_matrices`), later runs replay them in seconds.

A method's figure is the chance that a program drawn from its best-scored completions is right, as CodeT's
evaluation counts ties; `first` is the one program that `agent.select.rank` puts first.

Not covered: public cases as a filter, which CodeT's prompts leave out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from agent import select
from agent.journal import JournalError
from benchmarks.metrics import Estimate, gap_closed, paired_difference
from benchmarks.studies.codet_matrices import PoolRecord, load_records, matrices
from benchmarks.tasks import data_folder
from benchmarks.types import TaskError
from sandbox import SandboxError, open_sandbox

_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """One method over all tasks."""

    method: str
    selected: float
    """Chance that a best-scored completion is right, mean over tasks, 0 to 1."""
    first: float
    """Share of tasks whose first-ranked program is right."""
    ahead: Estimate
    """`selected` less that of CodeT, paired over tasks."""
    gap: Estimate | None
    """Share of the gap between a random sample and the best one that is closed."""


def matrix_of(record: PoolRecord) -> select.SelectionMatrix:
    """The matrix as selection sees it."""
    return select.selection_matrix(record.outputs, record.counts, passes=record.passes, support=record.support)


def random_pass(record: PoolRecord) -> float:
    """Share of right completions: what a choice by lot gets, exactly."""
    right = sum(count for count, ok in zip(record.counts, record.hidden, strict=True) if ok)
    return right / sum(record.counts)


def chance_right(record: PoolRecord, scores: Sequence[float]) -> float:
    """Share of right completions among those with the best score."""
    best = max(scores)
    ties = [index for index, score in enumerate(scores) if score >= best - _TIE * max(1.0, abs(best))]
    right = sum(record.counts[index] for index in ties if record.hidden[index])
    return right / sum(record.counts[index] for index in ties)


def comparison(records: Sequence[PoolRecord]) -> list[Row]:
    """Every method of `agent.select` on the same tasks."""
    pools = [matrix_of(record) for record in records]
    by_lot = [random_pass(record) for record in records]
    oracle = [float(any(record.hidden)) for record in records]
    columns = {
        name: [chance_right(record, score(pool)) for record, pool in zip(records, pools, strict=True)]
        for name, score in select.METHODS.items()
    }
    rows = []
    for name, column in columns.items():
        first = [
            float(record.hidden[select.rank(pool, name)[0]]) for record, pool in zip(records, pools, strict=True)
        ]
        rows.append(
            Row(
                name,
                sum(column) / len(column),
                sum(first) / len(first),
                paired_difference(column, columns["codet"]),
                gap_closed(column, by_lot, oracle),
            )
        )
    return sorted(rows, key=lambda row: row.selected)


def table(records: Sequence[PoolRecord]) -> str:
    """The comparison as text, percentages."""
    size = len(records)
    by_lot = 100 * sum(map(random_pass, records)) / size
    oracle = 100 * sum(any(record.hidden) for record in records) / size
    lines = [
        f"{size} tasks; random {by_lot:.1f}, oracle {oracle:.1f}",
        f"{'method':14} {'selected':>8} {'first':>6} {'ahead of CodeT':>24} {'gap closed':>10}",
    ]
    for row in comparison(records):
        ahead = f"{100 * row.ahead.value:+.1f} [{100 * row.ahead.low:+.1f}, {100 * row.ahead.high:+.1f}]"
        gap = "-" if row.gap is None else f"{100 * row.gap.value:.0f} %"
        lines.append(f"{row.method:14} {100 * row.selected:8.1f} {100 * row.first:6.1f} {ahead:>24} {gap:>10}")
    return "\n".join(lines)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Folder with codet/ and humaneval/.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/codet"), show_default=True)
@click.option("--sandbox", "backend", default="auto", show_default=True)
@click.option("--replay", is_flag=True, help="Execute nothing; use the records that are there.")
def main(data: Path | None, out: Path, backend: str, *, replay: bool) -> None:
    """Compare selection methods on the CodeT pools."""
    path = out / "matrices.jsonl"
    try:
        records = load_records(path) if replay else _execute(data or data_folder(), path, backend)
    except (OSError, JournalError, TaskError, SandboxError) as error:
        raise click.ClickException(str(error)) from error
    if not records:
        raise click.ClickException(f"{path} holds no records; run once without --replay")
    click.echo(table(records))


def _execute(data: Path, path: Path, backend: str) -> list[PoolRecord]:
    records = []
    with open_sandbox(backend) as box:
        for record in matrices(data, path, box):
            records.append(record)
            click.echo(f"\r{len(records)} tasks", nl=False, err=True)
    click.echo(err=True)
    return records


if __name__ == "__main__":
    main()
