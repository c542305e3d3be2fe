"""What a run took: seconds and rates. Unlike `benchmarks.summary`, these differ from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.records import TaskRecord


def timing(records: Sequence[TaskRecord], *, sandbox: str, sampling: dict[str, Any]) -> dict[str, Any]:
    """Totals and means per task; `sampling` is what `sampling.json` holds, empty when nothing was sampled."""
    count = len(records)
    figures: dict[str, Any] = {
        "sandbox": sandbox,
        "runs": sum(record.runs for record in records),
        "cpu_s": round(sum(record.cpu_s for record in records), 3),
        "cpu_s_per_task": round(sum(record.cpu_s for record in records) / count, 4),
        "wall_s_per_task": round(sum(record.wall_s for record in records) / count, 4),
    }
    if sampling.get("wall_s"):
        figures["sampling"] = {
            **sampling,
            "tokens_per_s": round(sampling["tokens"] / sampling["wall_s"], 2),
        }
    return figures
