"""What a run took: seconds and rates. Unlike `benchmarks.summary`, these differ from run to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agent.terminal.costs import spending_record
from benchmarks.records import TaskRecord

if TYPE_CHECKING:
    from agent.cost import Spending
    from benchmarks.run import Sampling


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
    if sampling:
        seconds = sampling["wall_s"]  # 0 of scripted answers, whose rate means nothing
        rate = {"tokens_per_s": round(sampling["tokens"] / seconds, 2)} if seconds else {}
        figures["sampling"] = {**sampling, **rate}
    return figures


def sampling_record(before: Mapping[str, Any], sampling: Sampling, models: Sequence[Spending]) -> dict[str, Any]:
    """What `sampling.json` holds after `sampling`: its totals, and under `roles` what each model was asked."""
    took = {name: before.get(name, 0) + value for name, value in asdict(sampling).items()}
    earlier = before.get("roles", {})
    return {
        **took,
        "wall_s": round(took["wall_s"], 2),
        "currency": models[0].currency,
        "roles": {model.role: _sum(earlier.get(model.role, {}), spending_record(model)) for model in models},
    }


def _sum(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Figures added up; one that is not known on either side is not known."""
    return {
        name: value if isinstance(value, str) else _added(before.get(name, 0), value)
        for name, value in now.items()
    }


def _added(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else round(before + now, 6)
