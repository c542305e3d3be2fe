"""The study of layouts, on problems made up here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.studies.statement_layouts import LAYOUTS, main, prose_of, read_back

SAMPLES = [("3\n1 2 3\n", "6\n"), ("2 2\n#.\n.#\n", "YES\nNO\n")]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_back(layout: str) -> None:
    statement = LAYOUTS[layout]("Sums", "You are given numbers. Print their sum.", SAMPLES)
    assert "Print their sum." in statement
    assert read_back("sums", layout, statement, SAMPLES).outcome == "right"


def test_what_is_lost_or_invented_is_told_apart() -> None:
    whole = LAYOUTS["luogu"]("Sums", "Add.", SAMPLES)
    assert read_back("sums", "luogu", whole, [*SAMPLES, ("1\n", "1\n")]).outcome == "missing"
    assert read_back("sums", "luogu", whole, SAMPLES[:1]).outcome == "wrong"
    assert read_back("sums", "luogu", "Sums\n\nSample Input\nSample Output\n1\n2\n", SAMPLES).outcome == "missing"


def test_prose_ends_where_samples_begin() -> None:
    assert prose_of("Add the numbers.\n\nMore.\n\n## Sample Input 1\n1 2\n") == "Add the numbers.\n\nMore."


def test_the_table(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "title": "Sums",
        "statement": "Add.",
        "samples": [{"input": stdin, "output": stdout} for stdin, stdout in SAMPLES],
    }
    (tmp_path / "set.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    result = CliRunner().invoke(main, [str(tmp_path / "set.jsonl"), "--show"])
    assert result.exit_code == 0
    assert result.output.count("100.0%") == len(LAYOUTS)
