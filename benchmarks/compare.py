"""Two runs over the same tasks: the difference of each figure, with its interval.

The tasks are resampled in pairs, so what both runs find hard widens no interval. Not covered: runs over
different tasks; only those that both have done count.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.folder import read_folder
from benchmarks.metrics import paired_difference
from benchmarks.summary import FIGURES
from benchmarks.types import TaskError

_NEED_SELECTION = ("selected@1", "solve")


def compare(left: Path, right: Path) -> dict[str, Any]:
    """Each figure in both result folders and its difference `right - left`, ready for JSON.

    Raises:
        TaskError: one of them is not a result folder, or they share no task.
    """
    (config, ours), (other, theirs) = read_folder(left), read_folder(right)
    if config["set"] != other["set"]:
        raise TaskError(f"{left} is a run of {config['set']}, {right} of {other['set']}: nothing to compare")
    other_records = {record.task: record for record in theirs}
    pairs = [(record, other_records[record.task]) for record in ours if record.task in other_records]
    if not pairs:
        raise TaskError(f"{left} and {right} have no finished task in common")
    selected = all(a.answer is not None and b.answer is not None for a, b in pairs)
    rows = {}
    for name, figure in FIGURES.items():
        if name in _NEED_SELECTION and not selected:
            continue
        a, b = [figure(record) for record, _ in pairs], [figure(record) for _, record in pairs]
        difference = paired_difference(b, a)
        rows[name] = {
            "left": round(sum(a) / len(a), 6),
            "right": round(sum(b) / len(b), 6),
            "difference": {end: round(value, 6) for end, value in asdict(difference).items()},
        }
    return {"left": str(left), "right": str(right), "tasks": len(pairs), "figures": rows}


def lines(comparison: dict[str, Any]) -> list[str]:
    """The comparison as text; a star marks an interval that leaves out zero."""
    rows = [f"{comparison['tasks']} tasks in common; difference = {comparison['right']} - {comparison['left']}"]
    for name, row in comparison["figures"].items():
        gap = row["difference"]
        star = " *" if gap["low"] > 0 or gap["high"] < 0 else ""
        rows.append(
            f"{name:12} {row['left']:7.2%} -> {row['right']:7.2%}   {gap['value']:+.2%}"
            f"  [{gap['low']:+.2%}, {gap['high']:+.2%}]{star}"
        )
    return rows
