"""The report of a run: Markdown with tables and pictures, in the run's own folder.

Not covered: figures (`benchmarks.summary`), drawing (`benchmarks.pictures`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.terminal.costs import recorded_lines
from benchmarks.folder import write_whole
from benchmarks.pictures import draw


def write_report(folder: Path, summary: dict[str, Any]) -> Path:
    """Write `report.md` and its pictures; returns where the report is.

    Args:
        folder: the result folder.
        summary: `config`, `metrics`, `timing` and `run`, as in `summary.json`.
    """
    metrics = summary["metrics"]
    pictures = draw(metrics, folder)
    parts = [
        f"# {summary['config']['set']}: {_subject(summary['config'])}",
        _about(summary),
        "## Figures\n\n" + _table(_figures(metrics)),
    ]
    if "methods" in metrics:
        parts += ["## Selection\n\n" + _methods(metrics), _confidence(metrics)]
    parts += [f"## {shows}\n\n![{shows}]({name}.png)\n\n[as SVG]({name}.svg)" for name, shows in pictures]
    path = folder / "report.md"
    write_whole(path, "\n\n".join(parts) + "\n")
    return path


def _subject(config: dict[str, Any]) -> str:
    model = str(config.get("model") or config["completions"])
    return f"{model}, verified by {config['verifier']}" if "verifier" in config else model


def _about(summary: dict[str, Any]) -> str:
    run, timing, config = summary["run"], summary["timing"], summary["config"]
    amount = f"{summary['metrics']['samples']} samples, {summary['metrics']['tokens']} tokens"
    per_task = f"{timing['cpu_s_per_task']:.2f} s per task"
    lines = [
        f"- {config['tasks']} tasks, {amount}; seed {config['seed']}",
        f"- `{run['command']}`, {run['date']}, commit {run['commit']}, alphasolve {run['version']}",
        f"- {run['machine']}; sandbox: {timing['sandbox']}",
        f"- {timing['runs']} runs, {timing['cpu_s']:.1f} s of CPU time ({per_task});",
        f"  a task takes {timing['wall_s_per_task']:.2f} s from its first run to its last",
    ]
    if "sampling" in timing:
        sampling = timing["sampling"]
        rate = f", {sampling['tokens_per_s']:.1f} tokens/s" if "tokens_per_s" in sampling else ""
        lines.append(f"- sampling: {sampling['tokens']} tokens in {sampling['wall_s']:.0f} s{rate}")
        lines += [f"- {words}" for words in recorded_lines(sampling)]
    lines += [f"- {name}: sha256 {value}" for name, value in run["sha256"].items()]
    if summary["metrics"]["tasks_left_out"]:
        lines.append(f"- {summary['metrics']['tasks_left_out']} tasks without a completion are left out")
    return "\n".join(lines)


def _figures(metrics: dict[str, Any]) -> list[tuple[str, dict[str, float] | None]]:
    rows: list[tuple[str, dict[str, float] | None]] = [(f"pass@{k}", f) for k, f in metrics["pass@k"].items()]
    rows += [(name, metrics.get(name)) for name in ("random", "greedy", "selected@1", "oracle", "gap_closed")]
    if "n@k" in metrics:
        rows += [(f"{n}@{metrics['n@k']['k']}", figure) for n, figure in metrics["n@k"]["n"].items()]
        rows.append((f"solve, {metrics['solve']['samples_per_task']:g} samples", metrics["solve"]["right"]))
    return [(name.replace("_", " "), figure) for name, figure in rows]


def _table(rows: list[tuple[str, dict[str, float] | None]]) -> str:
    head = "| figure | value | 95 % interval |\n|---|---:|---|"
    return "\n".join([head, *(f"| {name} | {_value(f)} | {_interval(f)} |" for name, f in rows if f)])


def _methods(metrics: dict[str, Any]) -> str:
    head = "| method | selected@1 | 95 % interval | gap closed |\n|---|---:|---|---:|"
    rows = [
        f"| {name} | {_value(row['selected@1'])} | {_interval(row['selected@1'])} |"
        f" {_value(row['gap_closed']) if row['gap_closed'] else 'no gap'} |"
        for name, row in metrics["methods"].items()
    ]
    return "\n".join([head, *rows])


def _confidence(metrics: dict[str, Any]) -> str:
    calibration = metrics["calibration"]
    if not calibration["answers"]:
        return "No answer passes the public cases: there is nothing to be sure of."
    return (
        f"Confidence of {calibration['answers']} answers: expected calibration error {calibration['ece']:.3f},"
        f" Brier score {calibration['brier']:.3f}."
    )


def _value(figure: dict[str, float]) -> str:
    return f"{figure['value']:.1%}"


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['low']:.1%} to {figure['high']:.1%}"
