"""Pictures of a run's figures, each as PNG and as SVG.

Colours are Okabe and Ito's, which people with any colour vision tell apart; lines differ in shape as well.

Not covered: computing figures (`benchmarks.summary`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE, _ORANGE, _GREEN, _RED, _PURPLE, _SKY, _YELLOW, _GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999",
)  # fmt: skip
_VERDICTS = {
    "AC": _GREEN,
    "WA": _ORANGE,
    "RTE": _RED,
    "TLE": _BLUE,
    "MLE": _PURPLE,
    "OLE": _SKY,
    "none": _GREY,
}
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
    "svg.hashsalt": "alphasolve",
    "legend.frameon": False,
}
_SIZE = (6.4, 4.0)
_DPI = 150


def draw(metrics: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Draw whatever `metrics` has figures for.

    Returns:
        (name without suffix, what it shows), in the order they belong in a report.
    """
    pictures = []
    for name, shows, figure, paint in _PICTURES:
        if figure in metrics and (name != "cost" or _tokens_are_known(metrics)):
            _save(folder / name, partial(paint, metrics=metrics))
            pictures.append((name, shows))
    return pictures


def _tokens_are_known(metrics: dict[str, Any]) -> bool:
    """Whether any tokens were counted: stored completions need not say how many they were."""
    return any(point["tokens_per_task"] > 0 for point in metrics["curve"])


def _save(path: Path, paint: Callable[[Axes], None]) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_SIZE, layout="constrained")
        paint(figure.subplots())
        figure.savefig(path.with_suffix(".png"), dpi=_DPI)
        figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})


def _percent(axes: Axes, which: str) -> None:
    from matplotlib.ticker import PercentFormatter

    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _band(
    axes: Axes, at: list[float], figures: list[dict[str, float]], label: str, colour: str, mark: str
) -> None:
    axes.plot(at, [f["value"] for f in figures], mark, color=colour, label=label, markersize=5)
    axes.fill_between(
        at, [f["low"] for f in figures], [f["high"] for f in figures], color=colour, alpha=0.15, lw=0
    )


def _coverage(axes: Axes, metrics: dict[str, Any]) -> None:
    curve = metrics["curve"]
    at = [point["samples"] for point in curve]
    _band(axes, at, [point["coverage"] for point in curve], "coverage: any of them is right", _BLUE, "o-")
    _band(axes, at, [point["selected@1"] for point in curve], "selected@1: the chosen one is", _RED, "s--")
    axes.axhline(metrics["random"]["value"], color=_GREY, ls=":", label="one drawn at random is")
    axes.set_xscale("log", base=2)
    axes.set_xticks(at, [str(k) for k in at])
    axes.minorticks_off()
    axes.set_xlabel("samples per task")
    axes.set_ylabel("tasks")
    _percent(axes, "y")
    axes.legend(loc="upper left")


def _methods(axes: Axes, metrics: dict[str, Any]) -> None:
    rows = [("random", metrics["random"], _GREY)]
    if metrics["greedy"]:
        rows.append(("greedy", metrics["greedy"], _GREY))
    ordered = sorted(metrics["methods"].items(), key=lambda item: item[1]["selected@1"]["value"])
    rows += [(name, row["selected@1"], _BLUE if name == metrics["select"] else _SKY) for name, row in ordered]
    rows.append(("oracle", metrics["oracle"], _GREEN))
    for place, (_, figure, colour) in enumerate(rows):
        error = [[figure["value"] - figure["low"]], [figure["high"] - figure["value"]]]
        axes.barh(place, figure["value"], color=colour, xerr=error, error_kw={"ecolor": "#333333", "capsize": 3})
        axes.text(figure["high"] + 0.012, place, f"{figure['value']:.1%}", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.set_xlim(0, max(1.0, max(figure["high"] for _, figure, _ in rows) + 0.12))
    axes.set_xlabel("tasks whose chosen program is right (95 % interval)")
    axes.grid(visible=False, axis="y")
    _percent(axes, "x")


def _verdicts(axes: Axes, metrics: dict[str, Any]) -> None:
    rows = [("all samples", metrics["verdicts"]), *metrics.get("verdicts_of", {}).items()]
    names = [name for name, _ in rows][::-1]
    starts = [0.0] * len(rows)
    for verdict, colour in _VERDICTS.items():
        shares = [row.get(verdict, 0) / sum(row.values()) for _, row in rows][::-1]
        if not any(shares):
            continue
        axes.barh(names, shares, left=starts, color=colour, label=verdict, edgecolor="white", linewidth=0.5)
        for place, share in enumerate(shares):
            if share >= 0.06:
                axes.text(starts[place] + share / 2, place, f"{share:.0%}", ha="center", va="center", fontsize=9)
        starts = [before + share for before, share in zip(starts, shares, strict=True)]
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of programs, by verdict on the hidden tests")
    axes.grid(visible=False, axis="y")
    _percent(axes, "x")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=7)


def _calibration(axes: Axes, metrics: dict[str, Any]) -> None:
    calibration = metrics["calibration"]
    axes.plot([0, 1], [0, 1], color=_GREY, ls=":", label="perfectly calibrated")
    confidence = [entry["stated"] for entry in calibration["bins"]]
    correct = [entry["observed"] for entry in calibration["bins"]]
    axes.plot(confidence, correct, "-", color=_BLUE, lw=1)
    most = max((entry["answers"] for entry in calibration["bins"]), default=1)
    sizes = [20 + 180 * entry["answers"] / most for entry in calibration["bins"]]
    axes.scatter(confidence, correct, s=sizes, color=_BLUE, label="answers, larger for more", zorder=3)
    for x, y, entry in zip(confidence, correct, calibration["bins"], strict=True):
        axes.annotate(str(entry["answers"]), (x, y), textcoords="offset points", xytext=(9, -11), fontsize=8)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(-0.03, 1.05)
    axes.set_xlabel("stated probability of being right")
    axes.set_ylabel("share that is right")
    axes.set_title(f"ECE {calibration['ece']:.3f} over {calibration['answers']} answers", fontsize=10)
    _percent(axes, "x")
    _percent(axes, "y")
    axes.legend(loc="upper left")


def _cost(axes: Axes, metrics: dict[str, Any]) -> None:
    curve = [point for point in metrics["curve"] if point["tokens_per_task"] > 0]
    at = [point["tokens_per_task"] for point in curve]
    _band(axes, at, [point["selected@1"] for point in curve], "chosen from this many samples", _RED, "s--")
    for x, point in zip(at, curve, strict=True):
        spot = (x, point["selected@1"]["value"])
        axes.annotate(
            f"{point['samples']}", spot, textcoords="offset points", xytext=(0, 7), fontsize=8, ha="center"
        )
    answers = metrics["solve"]
    if answers["tokens_per_task"] > 0:
        right = answers["right"]
        error = [[right["value"] - right["low"]], [right["high"] - right["value"]]]
        axes.errorbar(
            answers["tokens_per_task"], right["value"], yerr=error, fmt="D", color=_BLUE, capsize=3,
            label=f"solve, which stops early: {answers['samples_per_task']:g} samples",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlabel("tokens generated per task")
    axes.set_ylabel("tasks whose chosen program is right")
    _percent(axes, "y")
    axes.legend(loc="upper left")


_PICTURES: tuple[tuple[str, str, str, Callable[..., None]], ...] = (
    ("coverage", "Coverage and selected@1 against the number of samples", "curve", _coverage),
    ("methods", "Every selection method on the same pool", "methods", _methods),
    ("verdicts", "Verdicts on the hidden tests", "verdicts", _verdicts),
    ("calibration", "Stated against observed correctness", "calibration", _calibration),
    ("cost", "Accuracy against tokens", "curve", _cost),
)
"""File name, what it shows, the figures it needs, how it is drawn."""
