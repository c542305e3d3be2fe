"""The command line: output, exit codes, and one clear line for whatever goes wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from doubling import PROBLEM, RIGHT, one_line
from host_processes import alive, eventually, slot_containers, slot_processes
from scripted import scripted_model

from agent import models
from agent.cli import run

Backend = str


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "double.md"
    path.write_text(PROBLEM, encoding="utf-8")
    return path


@pytest.fixture
def script(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make scripted answers the model that is used where none is named."""

    def use(*programs: str) -> None:
        monkeypatch.setenv("ALPHASOLVE_MODEL", scripted_model(tmp_path_factory.mktemp("script"), *programs))

    return use


def test_the_program_goes_to_stdout_and_the_rest_to_stderr(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    script("print(1)", RIGHT)
    assert run([str(problem), "-n", "4", "--sandbox", backend]) == 0
    out, err = capsys.readouterr()
    assert out == RIGHT + "\n"
    assert "passes 2 of 2 examples" in err


def test_json_is_one_object(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    script(RIGHT)
    assert run([str(problem), "-n", "2", "--json", "-q", "--sandbox", backend]) == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["solved"] is True
    assert record["program"].strip() == RIGHT
    assert [case["verdict"] for case in record["cases"]] == ["AC", "AC"]
    assert record["sandbox"] == backend
    assert err == ""


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--time-scale", "0.1"], 1)])
def test_the_time_limit_may_be_scaled_to_this_machine(
    problem: Path,
    backend: Backend,
    script: Callable[..., None],
    options: list[str],
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The limit is 2 s, and the first case takes 0.6 s; inputs of our own are answered at once."""
    script("import time\nn = int(input())\nwhile n == 3 and time.process_time() < 0.6: pass\nprint(2 * n)")
    assert run([str(problem), "-n", "1", "--json", "--sandbox", backend, *options]) == code
    record = json.loads(capsys.readouterr().out)
    assert record["time_scale"] == (0.1 if options else 1)
    assert record["solved"] is (code == 0)


def test_output_file(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    script(RIGHT)
    answer = problem.with_suffix(".py")
    assert run([str(problem), "-n", "1", "-o", str(answer), "--sandbox", backend]) == 0
    assert answer.read_text(encoding="utf-8") == RIGHT + "\n"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("program", "code", "message"),
    [(RIGHT, 0, "Passes the examples"), ("print(6)", 1, "Nothing passes the examples")],
)
def test_a_report_is_written_whatever_the_outcome(
    problem: Path, backend: Backend, script: Callable[..., None], program: str, code: int, message: str
) -> None:
    script(program)
    report = problem.with_suffix(".html")
    assert run([str(problem), "-n", "2", "-q", "--report", str(report), "--sandbox", backend]) == code
    page = report.read_text(encoding="utf-8")
    assert f"{message}</strong>" in page
    assert "scripted" in page


def test_unsolved_prints_nothing_without_best_effort(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    script("print(6)")
    assert run([str(problem), "-n", "2", "--sandbox", backend]) == 1
    assert capsys.readouterr().out == ""
    assert run([str(problem), "-n", "2", "--best-effort", "--sandbox", backend]) == 1
    assert capsys.readouterr().out == "print(6)\n"


def test_abstaining_prints_nothing_and_says_why(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    script(RIGHT)
    command = [str(problem), "-n", "2", "--min-confidence", "1", "--sandbox", backend]
    assert run(command) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "abstained: P(right) about 0." in err
    assert run([*command, "--json", "--best-effort"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["abstained"] is True
    assert record["program"].strip() == RIGHT


def test_a_person_is_asked_and_believed(
    problem: Path,
    backend: Backend,
    script: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = "n = int(input())\nprint(2 * n if n < 4 else n)"
    script(RIGHT, other, other)
    command = [str(problem), "-n", "3", "--sandbox", backend]
    assert run(command) == 0
    assert capsys.readouterr().out == other + "\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("maybe\n2\n"))
    assert run([*command, "--ask"]) == 0
    out, err = capsys.readouterr()
    assert "which output is right? 1:\n    4\nor 2:\n    8\n" in err
    assert out == RIGHT + "\n"


def test_answers_cannot_come_from_where_the_problem_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-", "--ask"]) == 2
    assert "--ask" in capsys.readouterr().err


def test_submissions_go_to_numbered_files(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    other = "n = int(input())\nprint(2 * n if n < 4 else n)"
    script(RIGHT, RIGHT, other)
    answer = problem.with_suffix(".py")
    command = [str(problem), "-n", "6", "--submissions", "3", "--sandbox", backend]
    assert run([*command, "-o", str(answer)]) == 0
    assert answer.read_text(encoding="utf-8") == RIGHT + "\n"
    assert answer.with_stem("double_2").read_text(encoding="utf-8") == other + "\n"
    assert not answer.with_stem("double_3").exists()
    capsys.readouterr()
    assert run(command) == 0
    out, err = capsys.readouterr()
    assert out == f"{RIGHT}\n\n# ---- submission 2 of 2 ----\n\n{other}\n"
    assert "2 of 3 submissions: no more behave differently and pass." in err


def test_programs_that_behave_alike_are_one_submission(
    problem: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    script(RIGHT, "n = int(input())\nprint(n + n)", "print(int(input()) << 1)")
    assert run([str(problem), "-n", "6", "--submissions", "3", "--sandbox", backend]) == 0
    out, err = capsys.readouterr()
    assert out == f"{RIGHT}\n"
    assert "1 of 3 submissions" in err


def test_a_problem_without_examples_works_and_says_so(
    tmp_path: Path, backend: Backend, script: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "free.md"
    path.write_text("# Free\n\nPrint the number 42 and nothing else.\n", encoding="utf-8")
    script("print(42)")
    assert run([str(path), "-n", "2", "--sandbox", backend]) == 0
    out, err = capsys.readouterr()
    assert out == "print(42)\n"
    assert "nothing can be filtered by" in err


VERDICT_RECORD = {
    "AC": RIGHT,
    "WA": "print(int(input()))",
    "RTE": "print(1 // 0)",
    "TLE": "while True: pass",
    "MLE": "x = bytearray(1 << 32)",
    "OLE": "while True: print('x' * 1000)",
}


@pytest.mark.parametrize("verdict", VERDICT_RECORD)
def test_judge_gives_a_verdict_per_case(
    problem: Path, backend: Backend, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = problem.with_suffix(".py")
    program.write_text(VERDICT_RECORD[verdict], encoding="utf-8")
    command = ["judge", str(problem), str(program), "--time-scale", "0.1", "--json", "--sandbox", backend]
    code = run(command)
    record = json.loads(capsys.readouterr().out)
    assert [case["verdict"] for case in record["cases"]] == [verdict, verdict]
    assert record["accepted"] is (verdict == "AC")
    assert code == (0 if verdict == "AC" else 1)


def test_judge_prints_a_line_per_case(problem: Path, backend: Backend, capsys: pytest.CaptureFixture[str]) -> None:
    program = problem.with_suffix(".py")
    program.write_text("print(6)", encoding="utf-8")
    assert run(["judge", str(problem), str(program), "--sandbox", backend]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [["case", "1:", "AC"], ["case", "2:", "WA"]]


def test_an_unavailable_model_is_one_line_and_exit_code_3(
    problem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(problem.parent / "nothing"))
    monkeypatch.setenv("ALPHASOLVE_OFFLINE", "1")
    assert run([str(problem), "-q"]) == 3
    assert one_line(capsys.readouterr().err).startswith("solve: qwen2.5-coder-1.5b is not in ")


def test_an_unwritable_output_is_found_before_any_work(
    problem: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for flag in ("-o", "--report"):
        assert run([str(problem), flag, str(tmp_path / "no" / "folder" / "x")]) == 2
        assert "no such folder" in one_line(capsys.readouterr().err)


def test_a_docker_that_is_not_there_is_exit_code_3(
    problem: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    script(RIGHT)
    assert run([str(problem), "--sandbox", "docker", "-q"]) == 3
    assert "docker" in one_line(capsys.readouterr().err).lower()


def test_without_a_sandbox_no_weights_are_fetched(
    problem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.setattr(models, "open_sampler", lambda *_, **__: pytest.fail("asked for the model"))
    assert run([str(problem), "--sandbox", "docker", "-q"]) == 3
    assert capsys.readouterr().err.endswith("try: start Docker\n")


def test_standard_input_is_a_problem_too(backend: Backend, tmp_path: Path) -> None:
    program = tmp_path / "right.py"
    program.write_text(RIGHT, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "agent.cli", "judge", "-", str(program), "--sandbox", backend],
        input=PROBLEM,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr


@pytest.mark.each_backend
def test_interrupt_stops_at_once_and_leaves_nothing_behind(problem: Path, backend: Backend) -> None:
    program = problem.with_suffix(".py")
    program.write_text("import os, time\nany(os.fork() == 0 for _ in range(8))\ntime.sleep(1e9)", encoding="utf-8")
    problem.write_text("Time limit: 30 seconds\n\n" + PROBLEM, encoding="utf-8")
    command = [sys.executable, "-m", "agent.cli", "judge", str(problem), str(program), "--sandbox", backend]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        # Two slots by themselves are six processes at most.
        assert eventually(lambda: len(slot_processes(process.pid, backend)) >= 10)
        slots = slot_processes(process.pid, backend)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert one_line(err) == "solve: interrupted"
    assert out == ""
    assert eventually(lambda: not alive(slots))
    assert backend != "docker" or not slot_containers(process.pid)


def test_a_stored_run_is_repeated_without_the_model(
    problem: Path, backend: Backend, script: Callable[..., None], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    script("print(1)", RIGHT)
    command = [str(problem), "--sandbox", backend, "-n", "4", "-q", "--store", str(tmp_path / "s.jsonl")]
    assert run(command) == 0
    first = capsys.readouterr().out

    def refuse(name: str, **_: object) -> None:
        raise AssertionError(f"{name} was loaded")

    monkeypatch.setattr(models, "open_sampler", refuse)
    assert run(command) == 0
    assert capsys.readouterr().out == first
