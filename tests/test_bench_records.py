"""What `solve bench` records of a task is what `solve` would have done with the same completions."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from adding import addition, bench, refused, rows
from scripted import TOKENS, ScriptedSampler, scripted_model

from agent.cli import run
from agent.confidence import confidence
from agent.models import scripted_sampler
from agent.models.scripted_sampler import Answer
from agent.models.store import StoredSampler
from agent.profile import Form, Profile
from agent.select import selection_matrix
from agent.solve import solve
from agent.types import SolveOptions
from benchmarks.completions import all_requests, from_store, read_completions
from benchmarks.evaluate import evaluate
from benchmarks.records import TaskRecord
from benchmarks.studies.answers import outcome_of_run
from benchmarks.tasks import load_tasks
from sandbox import Sandbox

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


def test_thoughts_are_recorded(adds: Path, box: Sandbox, tmp_path: Path) -> None:
    program = "```python\ndef add(x):\n    return x + 2\n```"
    answers = [
        Answer(program, 10, thoughts="hm", thought_tokens=7),
        Answer("", 9, finish="length", thoughts="hm", thought_tokens=9),
    ]
    options = SolveOptions(n=2, profile=Profile(form=Form.THINK))
    task = load_tasks(str(adds))[2]
    model = scripted_sampler.ScriptedSampler(answers)
    with StoredSampler(tmp_path / "s.jsonl", "m", lambda: model, name="m") as store:
        record = evaluate(task, from_store(store, options)(task), box, options)
    assert (record.thought_tokens, record.unfinished_thoughts) == (16, 1)
    assert [sample.candidate for sample in record.samples] == [0, None]
    assert record.right(0)


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
    only = rows(tmp_path / "two.jsonl", addition(2))
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


def test_tests_of_a_verifier_are_sampled_once_told_apart_and_in_the_provenance(
    tmp_path: Path, box: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("solver", "verifier"):
        (tmp_path / folder).mkdir()
    solver = scripted_model(tmp_path / "solver", "    return x + 2", *["    return x * 3"] * 2)
    verifier = scripted_model(tmp_path / "verifier", " 5\nassert add(7) == 9")
    only, out = rows(tmp_path / "two.jsonl", addition(2)), tmp_path / "out"
    alone = (only, "-m", solver, "-n", "3", "--sandbox", box.backend)
    args = (*alone, "--tests", "3", "--verifier", verifier, "--out", out)
    result = bench(capsys, *args)
    assert bench(capsys, *args) == result
    config, sampling = result["config"], result["timing"]["sampling"]
    assert (config["model"], config["verifier"]) == (solver, verifier)
    assert config["weights"] != config["verifier_weights"]
    requests = {role: (row["model"], row["requests"]) for role, row in sampling["roles"].items()}
    assert requests == {"solver": (solver, 3), "verifier": (verifier, 3)}
    assert (sampling["completions"], sampling["tokens"]) == (6, 6 * TOKENS)
    bench(capsys, *alone, "--out", tmp_path / "without")
    record, without = (
        json.loads((folder / "records.jsonl").read_text()) for folder in (out, tmp_path / "without")
    )
    assert record["support"] == [3]
    assert record["samples"] == without["samples"]
    assert f"verified by {verifier}" in (out / "report.md").read_text()
    assert f"- verifier {verifier}: 3 requests" in (out / "report.md").read_text()


def test_a_run_that_ran_out_of_money_is_gone_on_with(
    adds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    model = scripted_model(tmp_path, "    return x + 1")  # an answer costs TOKENS millionths
    config.write_text(f'[models.paid]\nmodel = "{model}"\nprompt_price = 0\ncompletion_price = 1\n')
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(config))
    args = ["bench", str(adds), "-m", "paid", "-n", "2", "--out", str(tmp_path / "out"), "-q"]
    assert run([*args, "--max-cost", "0.00066"]) == 3
    assert "no more than 0.00066 USD may be spent" in capsys.readouterr().err
    count = len((tmp_path / "out" / "samples.jsonl").read_text().splitlines())
    assert 0 < count < 8
    assert run([*args, "--json"]) == 0
    sampling = json.loads(capsys.readouterr().out)["timing"]["sampling"]
    assert sampling["roles"]["solver"]["requests"] == 8
    assert sampling["roles"]["solver"]["money"] == pytest.approx(8 * TOKENS / 1e6)
