"""Figures, comparisons and reports as functions of records, on pools small enough to do by hand."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agent.cli import run
from agent.select import METHODS
from benchmarks.folder import Folder
from benchmarks.progress import ProgressLine
from benchmarks.records import AnswerRecord, CandidateRecord, RecordFile, SampleRecord, TaskRecord, read_records
from benchmarks.report import write_report
from benchmarks.session import facts
from benchmarks.studies import results
from benchmarks.summary import summarise
from benchmarks.table import lines
from benchmarks.timing import timing
from benchmarks.types import TaskError
from problems import Problem, TestCase

RIGHT = CandidateRecord("AC", 3, 3, public=1, survives=True, outputs=(0, 0))
WRONG = CandidateRecord("WA", 1, 3, public=1, survives=True, outputs=(1, 1))
CRASH = CandidateRecord("RTE", 0, 3, public=0)


def record(
    task: str, candidates: list[CandidateRecord], samples: list[int | None], choice: int | None
) -> TaskRecord:
    """The first sample is the greedy one; every sample has 10 tokens."""
    return TaskRecord(
        task,
        tuple(SampleRecord(place, 10, -1.0, greedy=number == 0) for number, place in enumerate(samples)),
        tuple(candidates),
        AnswerRecord(choice, 0.75, choice is not None, samples=2),
        cases=1,
        level="A",
        cpu_s=0.5,
        wall_s=0.25,
        runs=4,
    )


EASY = record("easy", [RIGHT, WRONG], [1, 0, 0, 0], 0)
HARD = record("hard", [CRASH, WRONG], [0, 1, None, 1], 1)


def test_figures_by_hand() -> None:
    result = summarise([EASY, HARD])
    assert result["greedy"]["value"] == 0.0
    assert result["random"]["value"] == result["pass@k"]["1"]["value"] == 0.5  # 3 of 3 drawn, 0 of 3
    assert result["oracle"]["value"] == result["selected@1"]["value"] == 0.5
    assert result["gap_closed"] is None  # nothing lies between random and oracle
    assert result["verdicts"] == {"AC": 3, "WA": 3, "RTE": 1, "none": 1}
    assert result["verdicts_of"]["selected"] == {"AC": 1, "WA": 1}
    assert (result["samples"], result["tokens"]) == (8, 80)
    assert result["levels"] == {"A": 1.0}
    assert set(result["methods"]) == set(METHODS)
    assert result["solve"]["tokens_per_task"] == 20.0
    # Two answers, each 75 % sure, one of them right.
    assert result["calibration"]["ece"] == pytest.approx(0.25)
    assert result["calibration"]["brier"] == pytest.approx((0.25**2 + 0.75**2) / 2)


def test_thoughts_are_shown_as_a_share_of_the_tokens_where_there_are_any() -> None:
    assert not {"thought_share", "unfinished_thoughts"} & set(summarise([EASY, HARD]))
    assert not [line for line in lines(summarise([EASY, HARD])) if "thoughts" in line]
    thinkers = [replace(EASY, thought_tokens=38), replace(HARD, thought_tokens=22, unfinished_thoughts=1)]
    metrics = summarise(thinkers)
    assert (metrics["thought_share"], metrics["unfinished_thoughts"]) == (60 / 80, 1)
    assert "thoughts: 75% of the tokens; 1 of 8 samples ended inside theirs (--max-tokens)" in lines(metrics)


def test_gap_closed_is_measured_from_the_drawn_samples() -> None:
    lone = record("lone", [RIGHT, WRONG], [0, 0, 1, 1], 0)
    # Random: 1 of 3 drawn; selected and oracle: right.
    result = summarise([lone, lone])
    assert result["random"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert result["gap_closed"]["value"] == 1.0


def test_submissions_take_one_of_each_behaviour_before_a_second_of_any() -> None:
    popular = replace(WRONG, outputs=(1, 1))
    pool = record("pool", [popular, replace(popular), RIGHT], [0, 1, 1, 0, 2], 0)
    result = summarise([pool])
    assert [result["n@k"]["n"][n]["value"] for n in ("1", "2", "3")] == [0.0, 1.0, 1.0]
    assert result["n@k"]["k"] == 5


def test_where_nothing_survives_the_program_that_came_furthest_is_chosen() -> None:
    near = CandidateRecord("AC", 3, 3, public=2)
    result = summarise([record("task", [CRASH, near], [0, 0, 1], 1)])
    assert result["selected@1"]["value"] == 1.0


def test_the_curve_begins_with_the_greedy_sample_and_ends_with_the_pool() -> None:
    result = summarise([EASY, HARD])
    assert [point["samples"] for point in result["curve"]] == [1, 2, 4]
    assert result["curve"][0]["coverage"] == result["greedy"]
    assert result["curve"][-1]["coverage"] == result["oracle"]
    assert result["curve"][-1]["selected@1"] == result["selected@1"]
    assert [point["tokens_per_task"] for point in result["curve"]] == [10.0, 20.0, 40.0]


def test_scores_alone_leave_selection_out() -> None:
    bare = replace(EASY, answer=None, candidates=(replace(RIGHT, public=None, survives=False),) * 2)
    result = summarise([bare])
    assert result["pass@k"]["3"]["value"] == 1.0
    assert "selected@1" not in result


def test_records_survive_the_file_and_a_torn_last_line(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with RecordFile(path) as file:
        file.append(EASY)
        file.append(HARD)
    assert read_records(path) == [EASY, HARD]
    path.write_bytes(path.read_bytes()[:-9])
    assert read_records(path) == [EASY]
    with RecordFile(path) as file:
        assert list(file.records) == ["easy"]
        file.append(HARD)
    assert read_records(path) == [EASY, HARD]


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"task": 1}\n{"task": 2}\n')
    with pytest.raises(TaskError, match=r"records\.jsonl:1: no row of this file"):
        read_records(path)


def folder(path: Path, *records: TaskRecord, name: str = "toy") -> Path:
    with Folder(path, {"set": name}) as result_folder:
        for item in records:
            result_folder.results.append(item)
    return path


def test_comparison_is_paired_over_common_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = replace(EASY, candidates=(WRONG, WRONG))
    first = folder(tmp_path / "a", worse, HARD, replace(EASY, task="only here"))
    second = folder(tmp_path / "b", HARD, EASY)
    assert run(["bench", "compare", str(first), str(second), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["tasks"] == 2
    assert result["figures"]["oracle"] == {
        "left": 0.0,
        "right": 0.5,
        "difference": {"value": 0.5, "low": 0.0, "high": 1.0},
    }
    assert run(["bench", "compare", str(first), str(second)]) == 0
    assert "oracle         0.00% ->  50.00%   +50.00%" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "tasks", "message"),
    [
        ("toy", (), "no finished task in common"),
        ("other", (EASY,), "a run of toy"),
        (None, (), "not a result folder"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str | None,
    tasks: tuple[TaskRecord, ...],
    message: str,
) -> None:
    first = folder(tmp_path / "a", EASY)
    second = tmp_path / "b" if name is None else folder(tmp_path / "b", *tasks, name=name)
    assert run(["bench", "compare", str(first), str(second)]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(TaskError, match=r"holds other files but no config\.json"):
        folder(tmp_path, EASY)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    with Folder(tmp_path / "a", {"set": "toy"}), pytest.raises(TaskError, match="another process"):
        folder(tmp_path / "a")


def test_every_picture_in_the_report_is_there(tmp_path: Path) -> None:
    records = [replace(EASY, task=f"easy/{n}") for n in range(6)] + [
        replace(HARD, task=f"hard/{n}") for n in range(6)
    ]
    summary = {
        "config": {"set": "toy", "model": "scripted", "tasks": 12, "seed": 0},
        "metrics": summarise(records) | {"tasks_left_out": 0},
        "timing": timing(records, sandbox="bwrap", sampling={"tokens": 100, "wall_s": 4.0}),
        "run": {
            "command": "solve bench toy",
            "date": "",
            "commit": "",
            "version": "",
            "machine": "",
            "sha256": {},
        },
    }
    text = write_report(tmp_path, summary).read_text()
    links = [line.partition("](")[2].rstrip(")") for line in text.splitlines() if "](" in line]
    assert len(links) == 10
    for name in links:
        data = (tmp_path / name).read_bytes()
        if name.endswith(".png"):
            assert data.startswith(b"\x89PNG")
        else:
            assert ET.fromstring(data).tag.endswith("svg")
    assert "| selected@1 | 50.0% |" in text
    assert "25.0 tokens/s" in text


def test_time_is_not_among_the_figures() -> None:
    slower = [replace(item, cpu_s=9.0, wall_s=9.0) for item in (EASY, HARD)]
    assert summarise(slower) == summarise([EASY, HARD])
    assert timing(slower, sandbox="", sampling={})["cpu_s"] == 18.0
    assert json.loads(json.dumps(asdict(EASY)))["wall_s"] == 0.25


@pytest.mark.parametrize(
    ("page", "name", "block"), [("README.md", "results", results.table), ("LOG.md", "origins", results.origins)]
)
def test_the_pages_show_the_committed_results(page: str, name: str, block: Callable[[], str]) -> None:
    text = results.FOLDER.with_name(page).read_text(encoding="utf-8")
    assert text.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- end of {name} -->")[0] == block()


def test_a_row_says_where_its_figures_come_from(tmp_path: Path) -> None:
    summary = {
        "metrics": summarise([EASY, HARD]),
        "timing": timing([EASY, HARD], sandbox="bwrap", sampling={"tokens": 100, "wall_s": 4.0}),
        "run": {
            "command": "solve bench toy",
            "date": "d",
            "commit": "c",
            "machine": "m",
            "sha256": {"s.jsonl": "ab"},
        },
    }
    (tmp_path / "toy.json").write_text(json.dumps(summary))
    _, _, row = results.table(tmp_path).splitlines()
    # Four samples a task are too few for ten submissions.
    assert row.startswith("| toy | 0.0 [0.0, 0.0] | 50.0 [0.0, 100.0] | 50.0 [0.0, 100.0] |  | 50.0")
    assert row.endswith("|  | 0.250 | 25 | 0.50 | m |")
    assert results.origins(tmp_path) == (
        "- toy: 2 tasks, 8 samples, 80 tokens. `solve bench toy`, d, commit c, m; s.jsonl sha256 `ab`"
    )


def test_before_the_first_record_a_folder_may_be_asked_for_more(tmp_path: Path) -> None:
    with Folder(tmp_path / "a", {"set": "toy", "model": "m", "n": 2}):
        pass
    with Folder(tmp_path / "a", {"set": "toy", "model": "m", "n": 4}) as result_folder:
        result_folder.results.append(EASY)
    with pytest.raises(TaskError, match="with n = 4, not 2"):
        Folder(tmp_path / "a", {"set": "toy", "model": "m", "n": 2})
    with Folder(tmp_path / "b", {"set": "toy", "model": "m"}):
        pass
    with pytest.raises(TaskError, match="with model = 'm', not 'other'"):
        Folder(tmp_path / "b", {"set": "toy", "model": "other"})


def test_a_field_with_its_default_does_not_make_tasks_others() -> None:
    assert (
        facts(Problem("t", "s"))
        == facts(Problem("t", "s", (), None, "", 2.0))
        == ["Problem", ("title", "t"), ("statement", "s")]
    )
    assert facts(Problem("t", "s", (TestCase("1", "2"),))) != facts(Problem("t", "s"))


def test_progress_tells_rate_and_time_left_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine("sampling", count=2, total=4, unit="tokens") as line:
        line.step(30)
        assert capsys.readouterr().err == ""  # a line now and then, not one per step
        line.step(30)
    line = capsys.readouterr().err
    assert re.fullmatch(r"sampling: 4 of 4, [\d.]+ tokens/s, 0 s left\n", line)


def test_progress_is_silent_when_asked_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine("tasks", count=0, total=1, unit="tasks", quiet=True) as line:
        line.step()
    assert capsys.readouterr().err == ""
