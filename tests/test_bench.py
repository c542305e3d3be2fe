"""`solve bench` as a person meets it: figures, resuming, and one line for whatever goes wrong."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from scripted import TOKENS, ScriptedSampler, scripted_model

from agent.cli import run
from agent.confidence import confidence
from agent.models.store import StoredSampler
from agent.select import selection_matrix
from agent.solve import solve
from agent.types import SolveOptions
from benchmarks.completions import all_requests, from_store, read_completions
from benchmarks.evaluate import evaluate
from benchmarks.records import TaskRecord
from benchmarks.studies.answers import outcome_of_run
from benchmarks.tasks import data_folder, load_tasks
from sandbox import Sandbox

DATA = data_folder()
SANITY = DATA / "samples"
TESTS = Path(__file__).parent


def rows(path: Path, *objects: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in objects), encoding="utf-8")
    return path


def task(number: int) -> dict[str, str]:
    """Add `number`, in HumanEval's schema."""
    return {
        "task_id": f"Add/{number}",
        "prompt": f'def add(x):\n    """Add {number}.\n\n    >>> add(1)\n    {number + 1}\n    """\n',
        "entry_point": "add",
        "canonical_solution": f"    return x + {number}\n",
        "test": f"def check(f):\n    assert f(5) == {number + 5}\n    assert f(0) == {number}\n",
    }


@pytest.fixture
def adds(tmp_path: Path) -> Path:
    return rows(tmp_path / "adds.jsonl", *map(task, range(4)))


def bench(capsys: pytest.CaptureFixture[str], *args: object) -> dict[str, Any]:
    """Run it with --json; the one object that it prints."""
    code = run(["bench", *map(str, args), "--json", "-q"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return dict(json.loads(out))


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Run it, expect exit code 2; the line that says what is wrong."""
    code = run(["bench", *map(str, args)])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    message, _ = err.strip().split("\n")  # the second says what to do
    return message


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
    for file, passed in ((right, 164), (empty, 0)):
        result = bench(capsys, "humaneval", "--completions", file, "--score-only", "--sandbox", backend)
        assert result["metrics"]["verdicts"].get("AC", 0) == passed
        assert result["metrics"]["pass@k"]["1"]["value"] == passed / 164


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


POOLS = {
    "agreement": ["return x + 2", "return 2 + x", "return x * 3", "return x + 2 if x else 2"],
    "early stop": ["return x + 2", *["return 2 + x"] * 19],
    "nothing passes": ["return 1", "return x", "return x - 1"],
    "crashers": ["return x + 2 if x == 1 else 1 / 0", "return x + 2", "return [3][x - 1]"],
    "a late majority": [*["return x * 3"] * 3, *["return x + 2"] * 14],
}


@pytest.mark.parametrize("name", POOLS)
def test_solve_and_bench_make_the_same_of_the_same_completions(
    adds: Path, box: Sandbox, tmp_path: Path, name: str
) -> None:
    sampler = ScriptedSampler(["def add(x):\n    " + text for text in POOLS[name]])
    options = SolveOptions(n=len(POOLS[name]))
    (task,) = [task for task in load_tasks(str(adds)) if task.id == "Add/2"]
    with StoredSampler(tmp_path / "store.jsonl", "scripted", lambda: sampler, name="scripted") as store:
        solution = solve(task.problem, store, box, options=options)
        list(store.sample(all_requests([task], options)))  # what `solve` left when it stopped early
        record = evaluate(task, from_store(store, options)(task), box, options)
    answer = record.answer
    assert answer is not None
    assert solution.program is not None
    bodies = list(dict.fromkeys(POOLS[name]))
    choice = bodies.index(solution.program.strip().splitlines()[-1].strip())
    evidence = solution.evidence
    assert (answer.candidate, answer.solved, answer.samples) == (choice, solution.solved, evidence.samples)
    assert answer.confidence == solution.confidence
    assert clusters_of(record, answer.samples) == evidence.clusters


def clusters_of(record: TaskRecord, samples: int) -> tuple[int, ...]:
    """Completions per behaviour among the first samples, by what the record says each survivor put out."""
    numbers = [sample.candidate for sample in record.samples[:samples]]
    counts = Counter(number for number in numbers if number is not None and record.candidates[number].survives)
    matrix = selection_matrix([record.candidates[number].outputs for number in counts], list(counts.values()))
    sizes = Counter(dict.fromkeys(matrix.outputs, 0))
    for row, count in zip(matrix.outputs, matrix.counts, strict=True):
        sizes[row] += count
    return tuple(sorted(sizes.values(), reverse=True))


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
    drawn = (tmp_path / "out" / "samples.jsonl").read_bytes()
    assert drawn.count(b"\n") == 4 * 2
    assert bench(capsys, *args) == first
    assert (tmp_path / "out" / "samples.jsonl").read_bytes() == drawn


def test_another_configuration_is_refused(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = [adds, "-m", scripted_model(tmp_path, "x = 1"), "--out", tmp_path / "out", "--sandbox", backend]
    bench(capsys, *args)
    line = refused(capsys, *args, "-n", "2")
    assert line == f"solve: {tmp_path / 'out'}: holds a run with n = 1, not 2: choose another folder"


@pytest.mark.parametrize(
    ("broken", "message"),
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
    adds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str, message: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"task_id": "Add/0", "completion": "    return x"}\n' + broken + "\n")
    line = refused(capsys, adds, "--completions", file)
    assert message in line


def test_a_bad_set_is_named(adds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such file, and not one of humaneval" in refused(capsys, "humanevil")
    twice = rows(tmp_path / "twice.jsonl", task(1), task(1))
    assert "twice.jsonl:2: the id Add/1 occurs twice" in refused(capsys, twice)
    lacking = rows(tmp_path / "lacking.jsonl", task(1), {"task_id": "Add/2", "prompt": "def add(x):\n"})
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
    ],
)
def test_options_that_mean_nothing_together_are_refused(
    adds: Path, capsys: pytest.CaptureFixture[str], args: Sequence[str]
) -> None:
    given = [str(adds) if arg == "FILE" else arg for arg in args]
    assert run(["bench", str(adds), *given]) == 2
    assert capsys.readouterr().err.startswith("solve: ")


def test_tasks_without_a_completion_are_left_out_and_counted(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = rows(tmp_path / "one.jsonl", {"task_id": "Add/3", "completion": "    return x + 3"})
    result = bench(capsys, adds, "--completions", one, "--sandbox", backend)["metrics"]
    assert (result["tasks"], result["tasks_left_out"]) == (1, 3)
    assert result["pass@k"]["1"]["value"] == 1.0


SLOW_MODEL = """
import random, sys, time
from agent import models
from agent.cli import run
from agent.select import selection_matrix
from agent.solve import solve
from agent.models.store import StoredSampler
from agent.types import Completion, SampleRequest, SolveOptions
from agent.types import Completion

class Slow:
    name = "slow"

    def sample(self, requests):
        # Finishes in another order each time, as a real engine does.
        order = [(i, r.params.first + k) for i, r in enumerate(requests) for k in range(r.params.n)]
        random.shuffle(order)
        for index, number in order:
            time.sleep(0.004)
            prompt, warm = requests[index].prompt, requests[index].params.temperature > 0
            draw = random.Random(f"{prompt.user}/{number}/{warm}")
            body = draw.choice(["x + {n}", "{n} + x", "x", "{n} + 1", "x * {n} + 1"])
            task = prompt.user.split("Add ")[1].split(".")[0]
            yield Completion(index, number, f"    return {body.format(n=task)}", 9, draw.uniform(-9, 0), "stop")

models.open_sampler = lambda name, **_: Slow()
sys.exit(run(sys.argv[1:]))
"""


def test_killed_five_times_it_ends_with_the_same_bytes(tmp_path: Path, backend: str) -> None:
    file = rows(tmp_path / "adds.jsonl", *map(task, range(40)))

    def begin(out: Path) -> subprocess.Popen[bytes]:
        args = ["bench", str(file), "-m", "slow", "-n", "6", "--out", str(out), "--sandbox", backend, "-q"]
        return subprocess.Popen(
            [sys.executable, "-c", SLOW_MODEL, *args],
            stdout=subprocess.DEVNULL,
            cwd=TESTS.parent,
            start_new_session=True,
        )

    disturbed, replayed = tmp_path / "disturbed", tmp_path / "replayed"
    chance = random.Random(6)
    kills = 0
    for part in range(5):
        process = begin(disturbed)
        progressed(disturbed, chance.uniform(0.05, 0.95) * 40, part, process)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills == 5
    assert begin(disturbed).wait() == 0
    samples = [json.loads(line) for line in (disturbed / "samples.jsonl").read_text().splitlines()]
    assert set(Counter((row["request"], row["sample"]) for row in samples).values()) == {1}
    assert len(samples) == 40 * 6
    done = [json.loads(line)["task"] for line in (disturbed / "records.jsonl").read_text().splitlines()]
    assert sorted(done) == sorted(f"Add/{n}" for n in range(40))

    replayed.mkdir()
    (replayed / "samples.jsonl").write_bytes((disturbed / "samples.jsonl").read_bytes())
    assert begin(replayed).wait() == 0
    assert (replayed / "samples.jsonl").read_bytes() == (disturbed / "samples.jsonl").read_bytes()
    assert (replayed / "metrics.json").read_bytes() == (disturbed / "metrics.json").read_bytes()


def progressed(out: Path, share: float, part: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the run has come some way into its present phase: sampling at first, then playing."""
    if part < 2:
        file, lines = out / "samples.jsonl", part * 100 + share
    else:
        file, lines = out / "records.jsonl", part * 9 - 17 + share / 5
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and file.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.002)


def test_ctrl_c_prints_what_is_known(tmp_path: Path, backend: str) -> None:
    file = rows(tmp_path / "adds.jsonl", *map(task, range(300)))
    completions = rows(
        tmp_path / "drawn.jsonl",
        *({"task_id": f"Add/{n}", "completion": f"    return x + {n}"} for n in range(300)),
    )
    args = [file, "--completions", completions, "--out", tmp_path / "o", "--sandbox", backend]
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.cli", "bench", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=TESTS.parent,
    )
    records = tmp_path / "o" / "records.jsonl"
    while not (records.exists() and records.read_bytes().count(b"\n") >= 5) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "of 300 tasks done; the same command goes on" in out
    assert "pass@1             100.00%" in out


def test_early_stopping_is_recorded_as_solve_would_do_it(adds: Path, tmp_path: Path, box: Sandbox) -> None:
    tasks = load_tasks(str(adds))
    completions = rows(
        tmp_path / "many.jsonl",
        *({"task_id": "Add/2", "completion": f"    return x + 2 + {k} - {k}"} for k in range(20)),
        {"task_id": "Add/3", "completion": "    return x"},
    )
    result = read_completions(completions, tasks)
    easy = evaluate(tasks[2], result["Add/2"], box, SolveOptions())
    hard = evaluate(tasks[3], result["Add/3"], box, SolveOptions())
    assert easy.answer is not None
    assert hard.answer is not None
    assert (easy.answer.samples, len(easy.samples)) == (16, 20)
    assert (hard.answer.samples, hard.answer.solved) == (1, False)


def test_the_confidence_recorded_follows_from_the_record(adds: Path, tmp_path: Path, box: Sandbox) -> None:
    """So a fit on records weighs what `solve` weighed, whatever it returned and when it stopped."""
    case = {"input": "2\n", "output": "4\n"}
    double = {"id": "Double", "statement": "Print twice it.", "samples": [case], "tests": [case]}
    tasks = [load_tasks(str(adds))[2], *load_tasks(str(rows(tmp_path / "set.jsonl", double)))]
    bodies = ["    return x + 2", "    return x * 3", "    return x"]
    programs = ["print(2 * int(input()))", "print(int(input()) + 2)", "print(1)"]
    for task, texts, whole in zip(tasks, (bodies, programs), (False, True), strict=True):
        completions = rows(
            tmp_path / "drawn.jsonl",
            *(
                {"task_id": task.id, ("solution" if whole else "completion"): f"{text}  # {number}"}
                for number in range(7)
                for text in texts
            ),
        )
        record = evaluate(task, read_completions(completions, tasks)[task.id], box, SolveOptions())
        outcome = outcome_of_run(record, "run")
        assert outcome is not None
        assert record.answer is not None
        assert len({record.samples[index].candidate for index in range(3)}) == 3
        assert outcome.features.whole_program is whole
        assert confidence(outcome.features) == record.answer.confidence


def test_tests_that_the_model_writes_are_sampled_recorded_and_weighed(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two programs pass the example, and the tests, which are asked for first, only one of them."""
    tests, programs = [" 5\nassert add(7) == 9"] * 3, ["    return x + 2", "    return x * 3"] * 2
    only = rows(tmp_path / "two.jsonl", task(2))
    model, out = scripted_model(tmp_path, *tests, *programs), tmp_path / "out"
    args = (only, "-m", model, "-n", "4", "--tests", "3", "--out", out, "--sandbox", backend)
    result = bench(capsys, *args)
    (record,) = [json.loads(line) for line in (tmp_path / "out" / "records.jsonl").read_text().splitlines()]
    assert len((tmp_path / "out" / "samples.jsonl").read_text().splitlines()) == 4 + 3
    passes = [candidate["passes"] for candidate in record["candidates"]]
    assert all(passes[0])
    assert not all(passes[1])
    assert set(record["support"]) == {3}
    assert record["other_tokens"] == 3 * TOKENS
    assert result["metrics"]["tokens"] == 7 * TOKENS
    assert result["metrics"]["methods"]["max-pass"]["selected@1"]["value"] == 1.0
    assert "with tests = 3, not 2:" in refused(capsys, *args[:5], "--tests", "2", *args[7:])


def test_programs_in_cpp_are_graded_on_sets_of_standard_input(
    adds: Path, tmp_path: Path, cpp_box: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    def case(given: str, wanted: str) -> dict[str, str]:
        return {"input": given, "output": wanted}

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
