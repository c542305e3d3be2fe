"""`solve judge --hack`: the examples first, then inputs that break the program; one exit code, one object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_hacking import BRUTE, files  # noqa: F401 - a fixture

from agent.cli import run


def judged(folder: Path, backend: str, *words: str, program: str = "mine.py") -> int:
    paths = [str(folder / name) for name in ("p.md", program)]
    return run(["judge", *paths, "--sandbox", backend, *words])


def test_examples_pass_and_another_input_breaks_it(
    files: Path,  # noqa: F811
    backend: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output, page = files / "input.txt", files / "page.html"
    words = ["--hack", "--against", str(files / "brute.py"), "-o", str(output), "--report", str(page)]
    assert judged(files, backend, *words) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line[:13] for line in lines[:2]] == ["case 1: AC   ", "case 2: AC   "]
    assert lines[2].partition(",")[0] == "broken: WA on an input of 3 tokens"
    assert output.read_text(encoding="utf-8").split()[0] == "2"
    assert "Broken: wrong answer" in page.read_text(encoding="utf-8")


def test_nothing_found_is_accepted_in_one_object(
    files: Path,  # noqa: F811
    backend: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--hack", "--against", str(files / "brute.py"), "--seconds", "0.5", "--json", "-q"]
    assert judged(files, backend, *words, program="brute.py") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["accepted"] is True
    assert record["hack"]["broken"] is False
    assert record["hack"]["tried"]["inputs"] > 0


def test_where_an_example_fails_nothing_else_is_tried(
    files: Path,  # noqa: F811
    backend: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (files / "mine.py").write_text("print(8)\n", encoding="utf-8")
    assert judged(files, backend, "--hack", "--against", str(files / "brute.py"), "--json") == 1
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert (record["accepted"], record["hack"]) == (False, None)
    assert "an example fails already" in err


@pytest.mark.parametrize("words", [["--against", "brute.py"], ["--seconds", "3"], ["-n", "4"], ["-o", "x"]])
def test_options_of_the_search_go_with_hack(
    files: Path,  # noqa: F811
    backend: str,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    assert judged(files, backend, *words) == 2
    assert "goes with --hack" in capsys.readouterr().err
    assert not (files / "x").exists()


def test_a_model_says_what_is_right_where_no_program_is_known_to_be(
    files: Path,  # noqa: F811
    backend: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = files / "answers.jsonl"
    answers.write_text(json.dumps(f"```python\n{BRUTE}```") + "\n", encoding="utf-8")
    words = ["--hack", "-m", f"scripted:{answers}", "--seconds", "10", "--min-confidence", "0", "--json", "-q"]
    assert judged(files, backend, *words) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["accepted"] is True
    assert record["hack"]["verdict"] == "WA"
