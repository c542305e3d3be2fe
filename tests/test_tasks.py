"""Reading benchmark sets: rows become tasks, and what is no row is refused with its place."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.grading.grade import grade
from benchmarks.grading.suites import CodeSuite, OutputSuite
from benchmarks.tasks import SETS, data_folder, load_tasks
from benchmarks.types import TaskError
from problems import CallCase, Checker, Comparator, TestCase
from sandbox import Sandbox

HUMANEVAL = {
    "task_id": "Mine/0",
    "prompt": 'def twice(x):\n    """Twice x.\n\n    >>> twice(2)\n    4\n    """\n',
    "entry_point": "twice",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(5) == 10\n",
}
MBPP = {
    "task_id": 7,
    "text": "Add.",
    "code": "def add(a, b): return a + b",
    "test_list": ["assert add(1, 2) == 3"],
}
CONTEST = {
    "id": "double",
    "statement": "Print twice the integer.",
    "samples": [{"input": "3\n", "output": "6\n"}],
    "tests": [{"input": "-4\n", "output": "-8\n"}],
}
DOCTESTS = {**HUMANEVAL, "test": ">>> twice(3)\n6\n>>> twice('a')\n'aa'\n"}
INPUTS = {**HUMANEVAL, "base_input": [[5]], "plus_input": [[0], [[1.5]]], "atol": 0}


def write(path: Path, *rows: Any) -> str:
    path.write_text("\n\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return str(path)


def test_a_function_shows_its_doctest_and_hides_its_tests(tmp_path: Path) -> None:
    (task,) = load_tasks(write(tmp_path / "a.jsonl", HUMANEVAL))
    assert task.problem.cases == (CallCase((2,), 4),)
    assert task.problem.entry_point == "twice"
    assert isinstance(task.suite, CodeSuite)
    assert task.reference == HUMANEVAL["prompt"] + HUMANEVAL["canonical_solution"]
    assert "candidate(5)" not in task.problem.statement


def test_of_asserts_the_first_is_shown_and_all_count(tmp_path: Path) -> None:
    row = {**MBPP, "test_list": ["assert add(1, 2) == 3", "assert add(4, 4) == 8"], "test_setup_code": "x = 1"}
    (task,) = load_tasks(write(tmp_path / "a.jsonl", row))
    assert task.id == "Mbpp/7"
    assert task.problem.cases == (CallCase((1, 2), 3),)
    assert "add(4, 4)" not in task.problem.statement
    assert isinstance(task.suite, CodeSuite)
    assert task.suite.code.count("assert") == 2
    assert task.suite.setup.strip() == "x = 1"


def test_a_contest_shows_its_samples_and_hides_its_tests(tmp_path: Path) -> None:
    row = {**CONTEST, "validator_flags": "float_absolute_tolerance 1e-6", "time_limit_s": 3, "checker": "tokens"}
    (task,) = load_tasks(write(tmp_path / "a.jsonl", row))
    sample, jury_case = TestCase("3\n", "6\n"), TestCase("-4\n", "-8\n")
    assert task.problem.cases == (sample,)
    assert "-8" not in task.problem.statement
    assert "Sample Input 1" in task.problem.statement
    assert isinstance(task.suite, OutputSuite)
    assert task.suite.cases == (sample, jury_case)
    assert task.suite.comparator == Comparator("kattis", abs_tol=1e-6)
    assert (task.suite.time_limit_s, task.suite.checker) == (3.0, None)


@pytest.mark.parametrize(
    ("fields", "comparator"),
    [
        ({"validator_flags": "case_sensitive"}, Comparator("kattis", case_sensitive=True)),
        ({"validator_flags": "", "source": "Kattis package"}, Comparator("kattis")),
        ({"validator_flags": None, "source": "Kattis package"}, Comparator("kattis")),
        ({"validator_flags": "", "source": "Codeforces"}, Comparator()),
        ({}, Comparator()),
    ],
)
def test_rows_of_kattis_are_compared_as_its_validator_does(
    tmp_path: Path, fields: dict[str, str | None], comparator: Comparator
) -> None:
    (task,) = load_tasks(write(tmp_path / "a.jsonl", {**CONTEST, **fields}))
    assert isinstance(task.suite, OutputSuite)
    assert task.suite.comparator == task.problem.comparator == comparator


def test_a_row_with_flags_that_no_validator_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="unknown validator flag 'float'"):
        load_tasks(write(tmp_path / "a.jsonl", {**CONTEST, "validator_flags": "float 1e-6"}))


def test_a_contest_may_bring_a_checker(tmp_path: Path) -> None:
    row = {**CONTEST, "checker": {"source": "pass", "convention": "kattis"}}
    (task,) = load_tasks(write(tmp_path / "a.jsonl", row))
    assert isinstance(task.suite, OutputSuite)
    assert task.suite.checker == task.problem.checker == Checker("pass", "kattis")


def test_files_may_be_gzipped_or_one_list(tmp_path: Path) -> None:
    archive = tmp_path / "a.jsonl.gz"
    archive.write_bytes(gzip.compress(json.dumps(MBPP).encode()))
    listing = tmp_path / "a.json"
    listing.write_text(json.dumps([MBPP, {**MBPP, "task_id": 8}], indent=1))
    assert [task.id for task in load_tasks(str(archive))] == ["Mbpp/7"]
    assert [task.id for task in load_tasks(str(listing))] == ["Mbpp/7", "Mbpp/8"]


def without(row: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != field}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (without(HUMANEVAL, "test"), "'test' is missing"),
        (without(HUMANEVAL, "canonical_solution"), "'canonical_solution' is missing"),
        ({**HUMANEVAL, "test": 5}, "'test' is not text"),
        ({**HUMANEVAL, "prompt": None}, "'prompt' is not text"),
        ({**HUMANEVAL, "test": ">>> x = 1\n5"}, "not an expression"),
        (without(MBPP, "code"), "'code' is missing"),
        (without(MBPP, "text"), "'prompt' is missing"),
        ({**MBPP, "test_list": []}, "'test_list' is not a list of texts"),
        ({**MBPP, "test_list": "assert"}, "'test_list' is not a list of texts"),
        ({**MBPP, "test_list": ["assert 1 == 1"]}, "call no function"),
        ({**CONTEST, "samples": [{"input": "1"}]}, "'output' is missing"),
        ({**CONTEST, "samples": [{"input": "1", "output": 1}]}, "'output' is not text"),
        ({**CONTEST, "samples": 5}, "malformed"),
        ({**CONTEST, "samples": [], "tests": []}, "no cases"),
        ({**CONTEST, "statement": None}, "'statement' is not text"),
        ({**CONTEST, "time_limit_s": "soon"}, "malformed"),
        ({**CONTEST, "checker": {"source": "pass", "convention": "polygon"}}, "convention"),
        ({**CONTEST, "checker": {"convention": "kattis"}}, "'source' is missing"),
        ({"assertion": "assert 1", "plus_input": [], "task_id": "Mbpp/1"}, "OriginFmt"),
        ([1], "an object was expected"),
        (5, "an object was expected"),
    ],
)
def test_a_malformed_row_is_refused_with_file_and_line(tmp_path: Path, row: Any, message: str) -> None:
    path = write(tmp_path / "a.jsonl", {**CONTEST, "id": "first"}, row)
    with pytest.raises(TaskError) as error:
        load_tasks(path)
    assert str(error.value).startswith(f"{path}:3: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"id": "x"\n', ":1: not JSON"),
        (b"", ": no task in it"),
        (b"\xff\xfe", ": not UTF-8 text"),
        (b"[1, 2", ":1: not JSON"),
        (b"[1]", ": entry 1: an object was expected"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    with pytest.raises(TaskError) as error:
        load_tasks(str(path))
    assert str(error.value).startswith(f"{path}{message}")


@pytest.mark.parametrize("damage", [slice(0, 30), slice(5, None)], ids=["cut", "headless"])
def test_a_damaged_archive_is_refused(tmp_path: Path, damage: slice) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(MBPP).encode())[damage])
    with pytest.raises(TaskError, match=r"a\.jsonl\.gz: (?!not)"):
        load_tasks(str(path))


def test_an_archive_with_damaged_contents_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = bytearray(gzip.compress(bytes(range(256)) * 40))
    whole[12:20] = b"\xff" * 8
    path.write_bytes(bytes(whole))
    with pytest.raises(TaskError, match=r"a\.jsonl\.gz: (?!not)"):
        load_tasks(str(path))


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", CONTEST, CONTEST)
    with pytest.raises(TaskError, match=r":3: the id double occurs twice"):
        load_tasks(path)


def test_a_set_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="no such file, and not one of humaneval, "):
        load_tasks(str(tmp_path / "nothing.jsonl"))


@pytest.mark.parametrize(
    ("row", "right", "wrong", "total"),
    [
        (INPUTS, "def twice(x): return x + x", "def twice(x): return 10", 3),
        (DOCTESTS, "def twice(x): return x + x", "twice = int", 2),
        (HUMANEVAL, "def twice(x): return x + x", "def twice(x): return x", 1),
    ],
    ids=["inputs", "doctests", "check"],
)  # fmt: skip
def test_every_form_of_tests_is_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: Sandbox, row: Any, right: str, wrong: str, total: int
) -> None:
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path))
    (task,) = load_tasks(write(tmp_path / "a.jsonl", row))
    good, bad = grade(box, task.suite, [right, wrong])
    assert (good.verdict, good.passed, good.total, good.level) == ("AC", total, total, "A")
    assert bad.verdict != "AC"


def test_files_of_known_sets_are_looked_for_where_a_user_keeps_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHASOLVE_DATA", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"
    monkeypatch.delenv("ALPHASOLVE_DATA")
    home = Path("/nowhere/home")  # a temporary folder may lie beside a clone
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    assert data_folder().name == "benchmarks"
    assert not data_folder().is_relative_to(Path(__file__).parents[2]), "nothing beside the program"
    if sys.platform == "linux":
        assert data_folder() == home / "alphasolve" / "benchmarks"


SIZES = {"humaneval": 164, "humaneval+": 164, "mbpp": 974, "mbpp-sanitized": 427, "mbpp+": 378}


@pytest.mark.parametrize("name", SIZES)
def test_the_published_sets_are_read_whole(name: str) -> None:
    file = SETS[name].file
    if file is None or not (data_folder() / file).is_file():
        pytest.skip(f"{file} is not in the data folder")
    tasks = load_tasks(name)
    assert len(tasks) == SIZES[name]
    assert all(task.reference and task.problem.entry_point for task in tasks)
