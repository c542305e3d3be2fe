"""What was known of answers when they were returned, and whether they are right: what a fit of confidence needs.

Taken from the records of a run of `solve bench`, or from CodeT's pools, and kept in a file that holds no program.

Not covered: fitting (`benchmarks.studies.fit_confidence`).
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent import select
from agent.confidence import Features
from agent.journal import read_journal
from benchmarks.records import TaskRecord
from benchmarks.studies.pipeline_matrices import PipelineRecord

_POOL = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer: what was known of it, and what became of it."""

    task: str
    """Answers to one task never fall on both sides of a split."""
    source: str
    """The run it comes from."""
    features: Features
    right: bool
    """Whether it passes the hidden tests."""


def outcomes(record: PipelineRecord, source: str = "codet") -> list[Outcome]:
    """What would be returned of each 20 or so of a task's many completions; none where nothing survives."""
    indices = [index for index, count in enumerate(record.counts) for _ in range(count)]
    random.Random(record.task_id).shuffle(indices)
    parts = max(1, len(indices) // _POOL)
    results = [_outcome(record, indices[part::parts], source) for part in range(parts)]
    return [outcome for outcome in results if outcome is not None]


def _outcome(record: PipelineRecord, indices: Sequence[int], source: str) -> Outcome | None:
    alive = Counter(index for index in indices if record.survives[index])
    if not alive:
        return None
    matrix = _matrix(alive, record.outputs)
    best = select.rank(matrix)[0]
    features = _features(matrix, best, samples=len(indices), public=record.public, whole_program=False)
    return Outcome(record.task_id, source, features, record.hidden[list(alive)[best]])


def outcome_of_run(record: TaskRecord, source: str) -> Outcome | None:
    """What `solve` returned and knew when it stopped; None where nothing survived."""
    answer = record.answer
    if answer is None or answer.candidate is None or not answer.solved:
        return None
    indices = [sample.candidate for sample in record.samples[: answer.samples]]
    alive = Counter(index for index in indices if index is not None and record.candidates[index].survives)
    matrix = _matrix(alive, [candidate.outputs for candidate in record.candidates])
    features = _features(
        matrix,
        list(alive).index(answer.candidate),
        samples=len(indices),
        public=record.cases,
        whole_program=record.whole_program,
    )
    return Outcome(record.task, source, features, record.candidates[answer.candidate].right)


def _matrix(alive: Mapping[int, int], outputs: Sequence[Sequence[int | None]]) -> select.SelectionMatrix:
    """Survivors, each with how often it was drawn, on the inputs that tell them apart."""
    return select.selection_matrix([outputs[index] for index in alive], list(alive.values()))


def _features(
    matrix: select.SelectionMatrix, choice: int, *, samples: int, public: int, whole_program: bool
) -> Features:
    clusters = select.clusters(matrix)
    sizes = [sum(matrix.counts[member] for member in members) for members in clusters]
    place = next(number for number, members in enumerate(clusters) if choice in members)
    return Features.of_clusters(sizes, place, samples=samples, public=public, whole_program=whole_program)


def write_outcomes(path: Path, results: Iterable[Outcome]) -> None:
    """Write outcomes, a JSON object per line: all of a run that a fit needs, and no program."""
    rows = (
        {"task": outcome.task, "source": outcome.source, **asdict(outcome.features), "right": outcome.right}
        for outcome in results
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def read_outcomes(path: Path) -> list[Outcome]:
    """What `write_outcomes` wrote.

    Raises:
        OSError: the file cannot be read.
        JournalError: it is not one of these.
    """
    return read_journal(path, _from_json)


def _from_json(row: dict[str, Any]) -> Outcome:
    task, source, right = row.pop("task"), row.pop("source"), row.pop("right")
    return Outcome(task, source, Features(**row), right)
