"""The table of committed results and their origins: `python -m benchmarks.studies.results`.

`benchmarks/README.md` shows the table, `benchmarks/LOG.md` the origins.

`solve bench` leaves a `summary.json` in its result folder; one that is worth keeping is copied into
`benchmarks/results/` under a name of its own, and the table made anew. So no figure is typed.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import click

FOLDER = Path(__file__).parents[1] / "results"
_HEAD = (
    "| run | greedy | random | selected@1 | 10@k | oracle | gap closed | ECE | tokens/s | CPU s per task "
    "| processor |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
)

_FIGURES = ("greedy", "random", "selected@1", "10@k", "oracle", "gap_closed")


def table(folder: Path = FOLDER) -> str:
    """One row per summary in `folder`, by name."""
    return "\n".join([_HEAD, *(_row(name, summary) for name, summary in _summaries(folder))])


def origins(folder: Path = FOLDER) -> str:
    """Where each row of the table comes from: command, date, commit, machine, samples."""
    return "\n".join(_origin(name, summary) for name, summary in _summaries(folder))


def _summaries(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    return [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]


def _row(name: str, summary: dict[str, Any]) -> str:
    metrics, timing = summary["metrics"], summary["timing"]
    figures = metrics | {"10@k": metrics.get("n@k", {}).get("n", {}).get("10")}
    shares = [_share(figures.get(figure)) for figure in _FIGURES]
    calibration, sampling = metrics.get("calibration"), timing.get("sampling")
    error = f"{calibration['ece']:.3f}" if calibration and calibration["answers"] else ""
    rate = f"{sampling['tokens_per_s']:.0f}" if sampling and "tokens_per_s" in sampling else ""
    cost = f"{rate} | {timing['cpu_s_per_task']:.2f} | {_processor(summary['run'])}"
    return f"| {name} | {' | '.join(shares)} | {error} | {cost} |"


def _processor(run: dict[str, Any]) -> str:
    """The processor's name, first in what `benchmarks.provenance` says of a machine."""
    return str(run["machine"]).split(",")[0].replace("(R)", "")


def _share(figure: dict[str, float] | None) -> str:
    if figure is None:
        return ""
    return f"{100 * figure['value']:.1f} [{100 * figure['low']:.1f}, {100 * figure['high']:.1f}]"


def _origin(name: str, summary: dict[str, Any]) -> str:
    run, metrics = summary["run"], summary["metrics"]
    hashes = "".join(f"; {file} sha256 `{value}`" for file, value in run["sha256"].items())
    origin = (
        f"- {name}: {metrics['tasks']} tasks, {metrics['samples']} samples, {metrics['tokens']} tokens."
        f" `{run['command']}`, {run['date']}, commit {run['commit']}, {run['machine']}{hashes}"
    )
    return textwrap.fill(origin, 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


@click.command()
def main() -> None:
    """Print the table of committed results, and where each row comes from."""
    click.echo(f"{table()}\n\n{origins()}")


if __name__ == "__main__":
    main()
