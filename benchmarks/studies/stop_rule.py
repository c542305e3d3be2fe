"""What stopping early costs and saves: `python -m benchmarks.studies.stop_rule`.

The loop's rounds are replayed on CodeT's pools as `solve` sees them (`benchmarks.studies.pipeline_matrices`), in
several orders of the completions, for several risks of `agent.budget`. Nothing is executed.

Not covered: other models, whose samples may agree sooner or later.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from agent import select
from agent.budget import overtaking
from agent.journal import JournalError
from agent.rounds import round_ends
from benchmarks.studies.pipeline_matrices import PipelineRecord, load_pipeline_records

_ORDERS = 3
RISKS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True, slots=True)
class Round:
    """What is known after some completions."""

    samples: int
    right: bool
    """Whether the program that would be returned passes the hidden tests."""
    lead: int
    """Completions in its cluster; 0 where nothing survives."""
    rival: int
    """Completions in the largest other one."""


def rounds(record: PipelineRecord, n: int, order: int) -> list[Round]:
    """The rounds of one task over at most `n` completions."""
    indices = [index for index, count in enumerate(record.counts) for _ in range(count)]
    random.Random(f"{record.task_id}/{order}").shuffle(indices)
    return [state(record, indices[:end]) for end in round_ends(min(n, len(indices)))]


def state(record: PipelineRecord, indices: Sequence[int]) -> Round:
    """What is known after these completions, each given by its candidate."""
    alive = [index for index in dict.fromkeys(indices) if record.survives[index]]
    if not alive:
        return Round(len(indices), False, 0, 0)
    matrix = select.selection_matrix(
        [record.outputs[index] for index in alive], [indices.count(index) for index in alive]
    )
    best = select.rank(matrix)[0]
    sizes = {best in members: 0 for members in select.clusters(matrix)}
    for members in select.clusters(matrix):
        size = sum(matrix.counts[index] for index in members)
        sizes[best in members] = max(sizes[best in members], size)
    return Round(len(indices), record.hidden[alive[best]], sizes[True], sizes.get(False, 0))


def stop(tries: Sequence[Round], risk: float) -> Round:
    """The round after which sampling ends."""
    n = tries[-1].samples
    for this in tries:
        if this.lead and overtaking(this.lead, this.rival, n - this.samples) < risk:
            return this
    return tries[-1]


def table(records: Sequence[PipelineRecord], n: int) -> list[str]:
    """One line per risk."""
    tasks = [rounds(record, n, order) for record in records for order in range(_ORDERS)]
    lines = [f"at most {n} completions, {len(records)} tasks in {_ORDERS} orders"]
    for risk in RISKS:
        ends = [stop(task, risk) for task in tasks]
        right = sum(end.right for end in ends) / len(ends)
        samples = sum(end.samples for end in ends) / len(ends)
        lines.append(f"risk {risk:4}: {100 * right:.1f} % right after {samples:.1f} completions")
    return lines


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/codet"), show_default=True)
def main(out: Path) -> None:
    """Replay the stop rule on pools that `benchmarks.studies.fit_confidence` executed."""
    try:
        records = load_pipeline_records(out / "pipeline.jsonl")
    except JournalError as error:
        raise click.ClickException(str(error)) from error
    if not records:
        raise click.ClickException(f"{out} holds no records; run benchmarks.studies.fit_confidence once")
    for n in (32, 100):
        for line in table(records, n):
            click.echo(line)


if __name__ == "__main__":
    main()
