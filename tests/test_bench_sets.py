"""Loaders: hand-written rows in the schemas of the hub become tasks; what cannot be read is refused."""

from __future__ import annotations

import base64
import json
import pickle
import socket
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from agent.types import Verdict
from benchmarks import rows, tasks
from benchmarks.contests import unpickled_text
from benchmarks.grading.grade import grade
from benchmarks.grading.suites import OutputSuite, ValueSuite
from benchmarks.tasks import load_tasks
from benchmarks.types import TaskError
from problems import CallCase, TestCase
from sandbox import Sandbox

CODECONTESTS = {
    "name": "1_A. Twice",
    "description": "Print twice the number.",
    "public_tests": {"input": ["1\n"], "output": ["2\n"]},
    "private_tests": {"input": ["2\n", "3\n"], "output": ["4\n", "6\n"]},
    "generated_tests": {"input": ["10\n"], "output": ["20\n"]},
    "time_limit": {"seconds": 1, "nanos": 500_000_000},
    "memory_limit_bytes": 1 << 30,
}
APPS = {
    "problem_id": 7,
    "question": "Print twice the number.\n\n-----Examples-----\nInput\n21\nOutput\n42\n",
    "input_output": json.dumps({"inputs": ["21\n", "5\n"], "outputs": ["42\n", "10\n"]}),
    "starter_code": "",
}
APPS_CALL = {
    "problem_id": 8,
    "question": "Double it.",
    "input_output": json.dumps({"fn_name": "double", "inputs": [[1], [4]], "outputs": [[2], [8]]}),
    "starter_code": "def double(x):\n\t",
}
LIVE = {
    "question_id": "abc_a",
    "question_title": "Twice",
    "question_content": "Print twice the number.",
    "starter_code": "",
    "metadata": "{}",
    "public_test_cases": json.dumps([{"input": "1\n", "output": "2\n", "testtype": "stdin"}]),
}
LIVE_CALL = LIVE | {
    "question_id": "3000",
    "starter_code": "class Solution:\n    def pair(self, a: int, b: List[int]) -> List[int]:\n        ",
    "metadata": json.dumps({"func_name": "pair"}),
    "public_test_cases": json.dumps([{"input": "1\n[2]", "output": "[1, 2]", "testtype": "functional"}]),
}


def packed(cases: list[dict[str, str]], *, protocol: int = 4) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(cases), protocol))).decode()


def loaded(path: Path, *objects: dict[str, Any]) -> list[tasks.Task]:
    path.write_text("".join(json.dumps(row) + "\n" for row in objects), encoding="utf-8")
    return load_tasks(str(path))


def test_codecontests_shows_public_tests_and_hides_the_others(tmp_path: Path) -> None:
    (task,) = loaded(tmp_path / "cc.jsonl", CODECONTESTS)
    assert task.problem.cases == (TestCase("1\n", "2\n"),)
    assert "### Sample Input 1\n```\n1\n```" in task.problem.statement
    assert isinstance(task.suite, OutputSuite)
    assert [case.stdin for case in task.suite.cases] == ["1\n", "2\n", "3\n", "10\n"]
    assert (task.problem.time_limit_s, task.problem.memory_limit_mb) == (1.5, 1024)


def test_apps_shows_what_its_statement_shows(tmp_path: Path) -> None:
    (task,) = loaded(tmp_path / "apps.jsonl", APPS)
    assert task.id == "apps/7"
    assert task.problem.cases == (TestCase("21\n", "42\n"),)
    assert isinstance(task.suite, OutputSuite)
    assert len(task.suite.cases) == 2


def test_apps_functions_give_a_list_of_the_value(tmp_path: Path, box: Sandbox) -> None:
    leet = APPS_CALL | {"problem_id": 9, "starter_code": "class Solution:\n    def double(self, x):\n        "}
    leet["input_output"] = json.dumps({"fn_name": "double", "inputs": [[1], [4]], "outputs": [2, 8]})
    wars, code = loaded(tmp_path / "apps.jsonl", APPS_CALL, leet)
    assert wars.problem.cases == (CallCase((1,), 2),)
    free, method = (
        "def double(x):\n    return 2 * x\n",
        "class Solution:\n    def double(self, x):\n        return 2 * x\n",
    )
    assert [item.verdict for item in grade(box, wars.suite, [free, "def double(x):\n    return [2 * x]\n"])] == [
        Verdict.AC,
        Verdict.WA,
    ]
    assert [item.verdict for item in grade(box, code.suite, [method])] == [Verdict.AC]


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_livecodebench_unpacks_its_private_tests(tmp_path: Path, protocol: int) -> None:
    jury_tests = packed([{"input": "é5\n", "output": "10\n", "testtype": "stdin"}], protocol=protocol)
    (task,) = loaded(tmp_path / "live.jsonl", LIVE | {"private_test_cases": jury_tests})
    assert isinstance(task.suite, OutputSuite)
    assert [case.stdin for case in task.suite.cases] == ["1\n", "é5\n"]


def test_livecodebench_functions_are_methods(tmp_path: Path, box: Sandbox) -> None:
    jury_tests = packed([{"input": "3\n[]", "output": "[3]", "testtype": "functional"}])
    (task,) = loaded(tmp_path / "live.jsonl", LIVE_CALL | {"private_test_cases": jury_tests})
    assert task.problem.cases == (CallCase((1, [2]), [1, 2]),)
    assert isinstance(task.suite, ValueSuite)
    right = "class Solution:\n    def pair(self, a, b):\n        return [a] + b\n"
    result = grade(box, task.suite, [right, right.replace("[a] + b", "(a, *b)"), right.replace("+ b", "+ [2]")])
    assert [(f.verdict, f.passed) for f in result] == [(Verdict.AC, 2), (Verdict.AC, 2), (Verdict.WA, 1)]


class Bomb:
    """Would write a file if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_pickle_that_would_run_something_is_refused_unrun(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    jury_tests = base64.b64encode(zlib.compress(pickle.dumps(Bomb(mark)))).decode()
    with pytest.raises(TaskError, match=r"live\.jsonl:1: malformed row: a pickle of one text was expected"):
        loaded(tmp_path / "live.jsonl", LIVE | {"private_test_cases": jury_tests})
    assert not mark.exists()


@pytest.mark.parametrize("value", [["[]"], 3, None, {"a": "b"}, b"[]"])
def test_a_pickle_of_something_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="one text"):
        unpickled_text(pickle.dumps(value))


@pytest.mark.parametrize("damage", ["%%%", "aGVsbG8=", ""])
def test_private_tests_that_do_not_unpack_are_named(tmp_path: Path, damage: str) -> None:
    with pytest.raises(TaskError, match=r"live\.jsonl:1: malformed row"):
        loaded(tmp_path / "live.jsonl", LIVE | {"private_test_cases": damage})


def test_a_folder_saved_by_datasets_and_a_table_are_read(tmp_path: Path) -> None:
    import datasets

    result = datasets.Dataset.from_list([CODECONTESTS])
    result.save_to_disk(str(tmp_path / "saved"))
    datasets.DatasetDict({"train": result, "test": result}).save_to_disk(str(tmp_path / "splits"))
    result.to_parquet(str(tmp_path / "rows.parquet"))
    tasks_of_names = loaded(tmp_path / "cc.jsonl", CODECONTESTS)
    for place in ("saved", "splits", "rows.parquet"):
        assert load_tasks(str(tmp_path / place)) == tasks_of_names, place


def test_without_the_hub_a_set_is_refused_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:  # takes connections, never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("ALPHASOLVE_DATA", str(tmp_path))
        monkeypatch.setenv("HF_HUB_OFFLINE", "")
        monkeypatch.setattr(rows, "_HUB_SECONDS", 0.2)
        requests_seen: list[str] = []

        def refuse(name: str, load: object) -> Any:
            requests_seen.append(name)
            raise TaskError(f"{name}: not in the cache")

        monkeypatch.setattr(rows, "_through_datasets", refuse)
        began = time.monotonic()
        with pytest.raises(TaskError, match=r"^livecodebench: not in .*, nor to be had from the hub \("):
            load_tasks("livecodebench")
        assert time.monotonic() - began < 60
        assert requests_seen == ["livecodebench/code_generation_lite"]
        assert rows.os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("words", ["Couldn't reach 'a/b' on the Hub (OfflineModeIsEnabled)", "no"])
def test_being_offline_is_said_in_words(words: str) -> None:
    class LocalEntryNotFoundError(Exception):
        pass

    def refuse(datasets: Any) -> Any:
        raise LocalEntryNotFoundError(words) if words == "no" else RuntimeError(words)

    with pytest.raises(TaskError, match=r"^a/b: the Hugging Face hub cannot be reached$"):
        rows._through_datasets("a/b", refuse)
