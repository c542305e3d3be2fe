"""Our verdicts beside published ones, and references on their own tests, with rows written here."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.studies import agreement, references
from benchmarks.tasks import load_tasks
from sandbox import Sandbox

ROW = {
    "task_id": "HumanEval/0",
    "prompt": "def half(x):\n    return x / 2\ndef f(x):\n",
    "entry_point": "f",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(half(6)) == 6\n    assert candidate(1) == 2\n",
}
RIGHT, WRONG = "def f(x): return x + x", "def f(x): return 6"


def sample(solution: str, base: str, plus: str) -> dict[str, Any]:
    return {
        "model": "m", "dataset": "HumanEval+ v0.1.10", "task_id": "HumanEval/0", "solution": solution,
        "base_status": base, "plus_status": plus, "base_fail_tests": [[1]] if base == "fail" else [],
        "plus_fail_tests": None,
    }  # fmt: skip


def packed(path: Path, *rows: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALPHASOLVE_DATA", str(tmp_path))
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path / "cache"))
    packed(tmp_path / "humaneval/HumanEval.jsonl.gz", ROW)
    more = {**ROW, "test": ROW["test"] + "    assert candidate(5) == 10\n"}
    packed(tmp_path / "humaneval/HumanEvalPlus-OriginFmt-v0.1.10.jsonl.gz", more)
    return tmp_path


def test_only_programs_judged_differently_are_listed(data: Path, box: Sandbox) -> None:
    only_base = "def f(x): return {3: 6, 1: 2, 3.0: 6}.get(x)"
    packed(
        data / "samples/humaneval_samples_with_verdicts.jsonl.gz",
        sample(RIGHT, "pass", "pass"),
        sample(WRONG, "fail", "fail"),
        sample(WRONG, "fail", "pass"),  # a program that fails the original tests fails Plus
        sample(only_base, "pass", "fail"),
        sample(only_base, "pass", "pass"),
        sample(RIGHT, "fail", "fail"),
    )
    programs = agreement.read_programs("humaneval")
    tallies, result = agreement.compare(box, agreement.suites(box, "humaneval", plus=True), programs)
    assert len(tallies) == 6
    assert [(row.tests, programs.index(row.program)) for row in result] == [
        ("base", 5),
        ("plus", 4),
        ("plus", 5),
    ]
    assert result[0].reason == "published run lacked half of the prompt; here tests bring their own"
    assert result[1].reason == "unexplained"
    text = agreement.report("base", "HumanEval+ v0.1.10", 6, result[:1])
    first, second = text.splitlines()
    assert first == "HumanEval+ v0.1.10, base: 1 of 6 programs judged differently (16.67 %)"
    assert second.startswith("  HumanEval/0 (m): published fail, here AC after 2 of 2: published run lacked half")


def test_references_pass_their_own_tests_or_are_named(data: Path, box: Sandbox) -> None:
    packed(data / "mine.jsonl.gz", ROW, {**ROW, "task_id": "broken", "canonical_solution": "    return 3 * x\n"})
    good, bad = references.grade_references(box, load_tasks(str(data / "mine.jsonl.gz")))
    assert (getattr(good, "verdict", None), getattr(good, "total", None)) == ("AC", 2)
    assert "fail their own reference" in str(bad)
