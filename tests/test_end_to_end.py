"""The whole program on the small real model: two of our problems, hidden cases and all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.judging.judge import verdict_of
from agent.types import SamplerError, Verdict
from problems import CallCase, TestCase, load_problem
from sandbox import CallJob, Limits, RunJob, Sandbox

ROOT = Path(__file__).parent.parent
SMALL = "qwen2.5-coder-0.5b"


@pytest.fixture(scope="session")
def small_model() -> str:
    """The 0.5B model, in the cache; fetched on first use. CI makes its absence a failure."""
    from agent.models.weights import fetch

    try:
        fetch(SMALL)
    except SamplerError as error:
        if os.environ.get("ALPHASOLVE_REQUIRE_MODEL") == "1":
            raise
        pytest.skip(str(error))
    return SMALL


def hidden_verdicts(box: Sandbox, name: str, program: str) -> list[Verdict]:
    """Verdicts of `program` on the cases that no solver has seen."""
    problem = load_problem(ROOT / "problems" / "examples" / f"{name}.md")
    rows = [json.loads(line) for line in (ROOT / "tests" / "hidden" / f"{name}.jsonl").read_text().splitlines()]
    limits = Limits(cpu_s=problem.time_limit_s, memory_mb=problem.memory_limit_mb)
    verdicts = []
    for row in rows:
        if "stdin" in row:
            (result,) = box.run_many([RunJob(program, row["stdin"], limits)])
            verdicts.append(verdict_of(result, TestCase(row["stdin"], row["stdout"]), problem.comparator))
        else:
            (result,) = box.run_many([CallJob(program, row["function"], tuple(row["args"]), limits=limits)])
            case = CallCase(tuple(row["args"]), row["expected"])
            verdicts.append(verdict_of(result, case, problem.comparator))
    return verdicts


# A problem on each backend: which one it is makes no difference to the model, nor the other way round.
@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "box"),
    [
        pytest.param("mirror_number", "docker", marks=pytest.mark.docker),
        pytest.param("running_gap", "bwrap", marks=pytest.mark.bwrap),
    ],
    indirect=["box"],
    scope="session",
)
def test_a_real_model_solves_a_real_problem(name: str, small_model: str, box: Sandbox) -> None:
    command = [sys.executable, "-m", "agent.cli", str(ROOT / "problems" / "examples" / f"{name}.md")]
    process = subprocess.run(
        [*command, "-m", small_model, "-n", "16", "--max-seconds", "900", "--json", "--sandbox", box.backend],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    record = json.loads(process.stdout)
    assert record["solved"] is True
    assert 0 < record["confidence"] < 1
    assert set(hidden_verdicts(box, name, record["program"])) == {Verdict.AC}
