"""Figures as text for a terminal. Not covered: the report with pictures (`benchmarks.report`)."""

from __future__ import annotations

from typing import Any


def lines(metrics: dict[str, Any]) -> list[str]:
    """The figures of one run, one to a line."""
    rows = [f"tasks {metrics['tasks']}, samples {metrics['samples']}, tokens {metrics['tokens']}"]
    if "thought_share" in metrics:
        rows.append(
            f"thoughts: {metrics['thought_share']:.0%} of the tokens;"
            f" {metrics['unfinished_thoughts']} of {metrics['samples']} samples ended inside theirs (--max-tokens)"
        )
    rows += [_row(f"pass@{k}", figure) for k, figure in metrics["pass@k"].items()]
    rows += [
        _row(name, metrics[name]) for name in ("greedy", "random", "selected@1", "oracle") if metrics.get(name)
    ]
    if "forecast" in metrics:
        rows.append(_forecast(metrics["forecast"]))
    if metrics.get("gap_closed"):
        rows.append(_row("gap closed", metrics["gap_closed"]))
    if "methods" in metrics:
        rows += _selection(metrics)
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in metrics["verdicts"].items())
    rows.append(f"verdicts: {verdicts}")
    if metrics["levels"]:
        rows.append(
            "hidden tests: " + ", ".join(f"{s:.1%} level {level}" for level, s in metrics["levels"].items())
        )
    return rows


def _forecast(figures: dict[str, Any]) -> str:
    """In words, because nothing of it was measured."""
    head, figure = f"coverage at {figures['times']}x the samples: ", figures["coverage"]
    if figure is None:
        return head + "cannot be told, because no drawn sample is right"
    return (
        f"{head}{figure['value']:.2%} ({figure['low']:.2%} to {figure['high']:.2%}),"
        f" the share of these tasks predicted to have a right program among {figures['samples']} samples each"
    )


def _selection(metrics: dict[str, Any]) -> list[str]:
    k = metrics["n@k"]["k"]
    rows = [_row(f"{n}@{k}", figure) for n, figure in metrics["n@k"]["n"].items()]
    rows += [_row(f"by {name}", row["selected@1"]) for name, row in metrics["methods"].items()]
    answers, calibration = metrics["solve"], metrics["calibration"]
    rows.append(_row("solve", answers["right"]) + f", stopping after {answers['samples_per_task']} samples")
    rows.append(f"confidence: ECE {calibration['ece']:.3f} over {calibration['answers']} answers")
    return rows


def _row(name: str, figure: dict[str, float]) -> str:
    return f"{name:18} {figure['value']:7.2%}  [{figure['low']:.2%}, {figure['high']:.2%}]"
