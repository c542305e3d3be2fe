"""`solve bench` as a person meets it: figures, a second run, and one line for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from adding import addition, bench, refused, rows
from scripted import scripted_model

from agent.cli import run
from benchmarks.tasks import data_folder, load_tasks
from sandbox import Sandbox

DATA = data_folder()


SANITY = DATA / "samples"


@pytest.mark.skipif(not SANITY.is_dir(), reason="needs the benchmark data (ALPHASOLVE_DATA)")
def test_human_evals_own_sanity_check(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = bench(
        capsys,
        SANITY / "example_problem.jsonl",
        "--completions",
        SANITY / "example_samples.jsonl",
        "--sandbox",
        backend,
        "--score-only",
    )
    assert result["metrics"]["pass@k"]["1"]["value"] == pytest.approx(0.4999999999999999)
    assert result["metrics"]["verdicts"]["AC"] == 3


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the benchmark data (ALPHASOLVE_DATA)")
def test_every_canonical_solution_passes_and_no_empty_body_does(
    tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = load_tasks("humaneval")
    right = rows(tmp_path / "right.jsonl", *({"task_id": t.id, "solution": t.reference} for t in tasks))
    empty = rows(tmp_path / "empty.jsonl", *({"task_id": t.id, "completion": "    pass\n"} for t in tasks))
    for file, count in ((right, 164), (empty, 0)):
        result = bench(capsys, "humaneval", "--completions", file, "--score-only", "--sandbox", backend)
        assert result["metrics"]["verdicts"].get("AC", 0) == count
        assert result["metrics"]["pass@k"]["1"]["value"] == count / 164


def test_a_pool_is_filtered_chosen_from_and_graded(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ("return x + {n}", "return {n} + x", "return {n} if x == 0 else {n} + 1", "return x")
    completions = rows(
        tmp_path / "drawn.jsonl",
        *({"task_id": f"Add/{n}", "completion": "    " + text.format(n=n)} for n in range(4) for text in answers),
    )
    result = bench(capsys, adds, "--completions", completions, "--sandbox", backend)["metrics"]
    # Add/0: the first, second and last are right; elsewhere the first two.
    assert result["random"]["value"] == (3 / 4 + 3 * 2 / 4) / 4
    assert result["selected@1"]["value"] == result["solve"]["right"]["value"] == result["oracle"]["value"] == 1.0
    assert result["gap_closed"]["value"] == 1.0
    assert result["verdicts"] == {"AC": 9, "WA": 7}


def test_completions_that_say_no_tokens_have_no_picture_of_cost(
    adds: Path, box: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ("return x + {n}", "return x")
    completions = rows(
        tmp_path / "drawn.jsonl",
        *({"task_id": f"Add/{n}", "completion": "    " + text.format(n=n)} for n in range(4) for text in answers),
    )
    bench(capsys, adds, "--completions", completions, "--out", tmp_path / "out", "--sandbox", box.backend)
    pictures = {path.stem for path in (tmp_path / "out").glob("*.png")}
    assert "coverage" in pictures
    assert "cost" not in pictures
    assert "cost.png" not in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_a_second_run_does_nothing_again(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = scripted_model(tmp_path, "def add(x):\n    return x + 1")
    args = (adds, "-m", model, "-n", "2", "--out", tmp_path / "out", "--sandbox", backend)
    first = bench(capsys, *args)
    samples = (tmp_path / "out" / "samples.jsonl").read_bytes()
    assert samples.count(b"\n") == 4 * 2
    assert bench(capsys, *args) == first
    assert (tmp_path / "out" / "samples.jsonl").read_bytes() == samples


def test_another_configuration_is_refused(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = [adds, "-m", scripted_model(tmp_path, "x = 1"), "--out", tmp_path / "out", "--sandbox", backend]
    bench(capsys, *args)
    line = refused(capsys, *args, "-n", "2")
    assert line == f"solve: {tmp_path / 'out'}: holds a run with n = 1, not 2: choose another folder"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("{", "bad.jsonl:2: not JSON"),
        ("[1]", "bad.jsonl:2: an object was expected"),
        ('{"completion": "x"}', "bad.jsonl:2: the field 'task_id' is missing"),
        ('{"task_id": "Add/1"}', "bad.jsonl:2: one field 'completion' or 'solution' with text was expected"),
        ('{"task_id": "Add/1", "solution": 3}', "bad.jsonl:2: one field"),
        ('{"task_id": "Add/99", "solution": ""}', "bad.jsonl:2: there is no task 'Add/99' in this set"),
        ('{"task_id": "Add/1", "solution": "", "tokens": "many"}', "bad.jsonl:2: 'tokens' is a whole number"),
    ],
)
def test_a_bad_row_of_completions_is_named(
    adds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str, message: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"task_id": "Add/0", "completion": "    return x"}\n' + damage + "\n")
    line = refused(capsys, adds, "--completions", file)
    assert message in line


def test_a_bad_set_is_named(adds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such file, and not one of humaneval" in refused(capsys, "humanevil")
    twice = rows(tmp_path / "twice.jsonl", addition(1), addition(1))
    assert "twice.jsonl:2: the id Add/1 occurs twice" in refused(capsys, twice)
    lacking = rows(tmp_path / "lacking.jsonl", addition(1), {"task_id": "Add/2", "prompt": "def add(x):\n"})
    assert "lacking.jsonl:2: the field 'entry_point' is missing" in refused(capsys, lacking)
    assert "no such file" in refused(capsys, adds, "--completions", tmp_path / "none.jsonl").lower()
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    assert "binary.jsonl: not UTF-8 text" in refused(capsys, adds, "--completions", tmp_path / "binary.jsonl")


@pytest.mark.parametrize(
    "args",
    [
        ("--completions", "FILE", "-m", "some-model"),
        ("--completions", "FILE", "-n", "3"),
        ("--score-only", "--select", "codet"),
        ("--select", "magic"),
        ("--temperature", "0", "-n", "2"),
        ("--verifier", "some-model"),
        ("--completions", "FILE", "--verifier", "some-model", "--tests", "1"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(
    adds: Path, capsys: pytest.CaptureFixture[str], args: Sequence[str]
) -> None:
    arguments = [str(adds) if arg == "FILE" else arg for arg in args]
    assert run(["bench", str(adds), *arguments]) == 2
    assert capsys.readouterr().err.startswith("solve: ")


def test_tasks_without_a_completion_are_left_out_and_counted(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = rows(tmp_path / "one.jsonl", {"task_id": "Add/3", "completion": "    return x + 3"})
    result = bench(capsys, adds, "--completions", one, "--sandbox", backend)["metrics"]
    assert (result["tasks"], result["tasks_left_out"]) == (1, 3)
    assert result["pass@k"]["1"]["value"] == 1.0


def test_programs_in_cpp_are_graded_on_sets_of_standard_input(
    adds: Path, tmp_path: Path, cpp_box: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    def case(stdin: str, stdout: str) -> dict[str, str]:
        return {"input": stdin, "output": stdout}

    tests = [case("-4\n", "-8\n"), case("5\n", "10\n")]
    tasks = [{"id": "double", "statement": "Print twice it.", "samples": [case("2\n", "4\n")], "tests": tests}]
    program = "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << %s << std::endl; }"
    answers = [f"```cpp\n{program % text}\n```" for text in ("2 * n", "n + 2", "n + x", "n + n // twice\n")]
    completions = rows(tmp_path / "a.jsonl", *({"task_id": "double", "completion": answer} for answer in answers))
    command = [rows(tmp_path / "set.jsonl", *tasks), "--language", "cpp", "--sandbox", cpp_box.backend]
    for extra in ([], ["--score-only"]):
        result = bench(capsys, *command, "--completions", completions, *extra)
        assert result["config"]["language"] == "cpp"
        assert result["metrics"]["verdicts"] == {"AC": 2, "WA": 1, "RTE": 1}
    assert "C++20 answers problems that read standard input" in refused(capsys, adds, "--language", "cpp")
