"""`solve bench plan`: costs, the choice of a model, and what is refused, on result folders made by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.cli import run
from benchmarks.folder import Folder
from benchmarks.forecast import Outlook
from benchmarks.plan import Budget, Point, chosen_outlook, plan, share_at
from benchmarks.records import AnswerRecord, CandidateRecord, SampleRecord, TaskRecord
from benchmarks.types import TaskError

CANDIDATES = (
    CandidateRecord("AC", 3, 3, public=1, survives=True, outputs=(0,)),
    CandidateRecord("WA", 1, 3, public=1, survives=True, outputs=(1,)),
)


def record(task: str, right: int, samples: int, tokens: int) -> TaskRecord:
    """A wrong greedy sample and `samples` drawn ones, of which the last `right` are right."""
    drawn = [SampleRecord(0 if n >= samples - right else 1, tokens, -1.0, greedy=False) for n in range(samples)]
    answer = AnswerRecord(0, 0.5, solved=True, samples=samples)
    return TaskRecord(task, (SampleRecord(1, tokens, -1.0, greedy=True), *drawn), CANDIDATES, answer, cases=1)


def result(
    folder: Path,
    rights: Sequence[int],
    *,
    tokens: int = 10,
    samples: int = 16,
    name: str = "toy",
    rate: float = 100.0,
) -> Path:
    """A finished run whose task n has `rights[n]` right samples; `rate` in tokens per second, 0 if not known."""
    with Folder(folder, {"format": 1, "set": name, "model": f"model-{folder.name}"}) as opened:
        for number, right in enumerate(rights):
            opened.results.append(record(f"t/{number}", right, samples, tokens))
        if rate:
            total = len(rights) * (samples + 1) * tokens
            opened.write("sampling.json", {"completions": 1, "tokens": total, "wall_s": total / rate})
    return folder


GOOD = [0, 1, 2, 4, 8, 12, 14, 15, 16, 16] * 3
POOR = [0, 0, 0, 1, 1, 2, 4, 8, 12, 14] * 3


def models(figures: dict[str, Any]) -> list[str]:
    return [row["model"] for row in figures["models"]]


def test_samples_are_what_the_budget_pays(tmp_path: Path) -> None:
    figures = plan([result(tmp_path / "a", GOOD, tokens=10)], Budget(165.0, "tokens"))
    assert figures["models"][0]["cost"] == 10.0
    assert figures["models"][0]["samples"] <= 16
    slow = plan([result(tmp_path / "b", GOOD, tokens=10, rate=5.0)], Budget(33.0, "seconds"))
    assert slow["models"][0]["cost"] == pytest.approx(2.0)  # 10 tokens at 5 a second
    assert slow["models"][0]["samples"] <= 16


def test_at_equal_cost_the_better_model_leads(tmp_path: Path) -> None:
    folders = [result(tmp_path / "poor", POOR), result(tmp_path / "good", GOOD)]
    figures = plan(folders, Budget(100.0, "tokens"))
    assert models(figures) == ["model-good", "model-poor"]
    assert figures["by"] == "selected@1"
    assert figures["lead"]["low"] > 0
    best = figures["models"][0]
    assert best["selected@1"]["value"] <= best["coverage"]["value"]
    assert best["coverage"]["low"] <= best["coverage"]["value"] <= best["coverage"]["high"]


def test_a_cheap_model_leads_where_the_dear_one_affords_no_sample(tmp_path: Path) -> None:
    folders = [result(tmp_path / "dear", GOOD, tokens=1000), result(tmp_path / "cheap", POOR, tokens=10)]
    figures = plan(folders, Budget(500.0, "tokens"))
    assert models(figures) == ["model-cheap", "model-dear"]
    assert figures["models"][1]["samples"] == 0
    assert figures["lead"] is None


def test_more_budget_covers_more_and_far_forecasts_say_so(tmp_path: Path) -> None:
    folder = result(tmp_path / "a", POOR)
    few, many, far = (plan([folder], Budget(tokens, "tokens"))["models"][0] for tokens in (20.0, 150.0, 10_000.0))
    assert few["coverage"]["value"] < many["coverage"]["value"]
    assert (few["far"], many["far"]) == (False, False)
    assert far["far"] == (far["samples"] > 160)


def points(shares: Sequence[float], covered: float = 20.0) -> list[Point]:
    """One task a unit of `covered`, all alike."""
    size = int(covered)
    return [Point(1 << n, np.ones(size), np.full(size, share)) for n, share in enumerate(shares)]


def test_the_share_that_is_chosen_follows_a_line_in_the_logarithm() -> None:
    line = points([1.0, 0.95, 0.9, 0.85, 0.8])
    assert share_at(line, 4) == pytest.approx(0.9)
    assert share_at(line, 64) == pytest.approx(0.7)
    assert share_at(line, 1 << 40) == 0.0
    assert share_at(points([1.0] * 5), 1000) == pytest.approx(1.0)


def test_too_little_tells_no_share() -> None:
    assert share_at([], 10) is None
    assert share_at(points([1.0, 0.9, 0.8]), 10) is None  # two sizes beside one sample make no line to trust
    assert share_at(points([1.0, 0.9, 0.8, 0.7], covered=9), 10) is None
    with pytest.raises(ValueError, match="share"):
        chosen_outlook(Outlook(0.5, np.asarray([0.5])), [], 10)


def test_without_selection_coverage_decides_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bare"
    with Folder(folder, {"format": 1, "set": "toy", "model": "m"}) as opened:
        for number, right in enumerate(GOOD):
            fields = asdict(record(f"t/{number}", right, 16, 10)) | {"answer": None}
            opened.results.append(TaskRecord(**fields | {"samples": record("", right, 16, 10).samples,
                                                         "candidates": CANDIDATES}))  # fmt: skip
    assert run(["bench", "plan", str(folder), "--tokens", "100"]) == 0
    shown = capsys.readouterr().out
    assert "best by coverage: m, 10 samples" in shown
    assert "selected@1 cannot be told" in shown


def test_the_command_shows_a_line_a_model_and_the_best(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(result(tmp_path / "poor", POOR)), str(result(tmp_path / "good", GOOD))]
    assert run(["bench", "plan", *folders, "--seconds", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["budget"] == {"amount": 1.0, "unit": "seconds"}
    assert run(["bench", "plan", *folders, "--seconds", "1"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "1 seconds a problem, predicted on 30 tasks:"
    assert shown[1].startswith(f"model-good (good): {figures['models'][0]['samples']} samples, coverage ")
    assert shown[3].startswith("best by selected@1: model-good, ")


@pytest.mark.parametrize("options", [[], ["--seconds", "1", "--tokens", "5"], ["--tokens", "5", "--select", "x"]])
def test_a_budget_is_one_number(tmp_path: Path, options: list[str]) -> None:
    assert run(["bench", "plan", str(result(tmp_path / "a", GOOD)), *options]) == 2


def test_runs_that_say_nothing_are_refused(tmp_path: Path) -> None:
    good = result(tmp_path / "good", GOOD)
    tokens, seconds = Budget(100.0, "tokens"), Budget(1.0, "seconds")
    refused = [
        ([good, result(tmp_path / "other", GOOD, name="another")], tokens, "one set"),
        ([result(tmp_path / "few", [min(c, 4) for c in GOOD], samples=4)], tokens, "5 drawn samples"),
        ([good, result(tmp_path / "small", GOOD[:9])], tokens, "10 tasks"),
        ([result(tmp_path / "none", [0] * 20)], tokens, "no drawn sample is right"),
        ([result(tmp_path / "free", GOOD, tokens=0)], tokens, "tokens of its samples are not known"),
        ([result(tmp_path / "timeless", GOOD, rate=0.0)], seconds, "--tokens"),
        ([tmp_path / "nowhere"], tokens, "not a result folder"),
    ]
    for folders, budget, words in refused:
        with pytest.raises(TaskError, match=words):
            plan(folders, budget)
