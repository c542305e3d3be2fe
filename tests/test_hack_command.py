"""`solve hack` without `--against`: what it says, whom it asks, and what it does not ask for."""

from __future__ import annotations

import json
import signal
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from scripted import TOKENS, ScriptedSampler, scripted_model
from test_hacking import BRUTE, EQUAL, RIGHT, STATEMENT
from test_hacking_agreement import FEW

import agent.models
from agent.cli import run
from agent.types import Completion, SampleRequest

MISSING = "scripted:/nowhere/answers.jsonl"
"""A model that fails as soon as it is opened."""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    wrong = "input()\nprint(8)\n"
    programs = (("equal.py", EQUAL), ("right.py", RIGHT), ("brute.py", BRUTE), ("wrong.py", wrong))
    for name, text in (("p.md", STATEMENT.format(most=9)), *programs):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


class Hack:
    """`solve hack` on files of a folder."""

    def __init__(self, files: Path, backend: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._files, self._backend, self._capsys = files, backend, capsys

    def __call__(self, program: str, *options: str) -> tuple[int, str, str]:
        files = [str(self._files / name) for name in ("p.md", program)]
        code = run(["hack", *files, *options, "--sandbox", self._backend])
        out, err = self._capsys.readouterr()
        return code, out, err

    def record(self, program: str, *options: str) -> tuple[int, dict[str, Any]]:
        code, out, _ = self(program, *options, "--json", "-q")
        return code, json.loads(out)


@pytest.fixture
def hack(files: Path, backend: str, capsys: pytest.CaptureFixture[str]) -> Hack:
    return Hack(files, backend, capsys)


def test_a_wrong_program_is_broken_by_a_models_programs(hack: Hack, files: Path) -> None:
    model = scripted_model(files, RIGHT, RIGHT, BRUTE)
    code, out, err = hack("equal.py", "-m", model, "-n", "12", "--brutes", "6", "-o", str(files / "input.txt"))
    assert code == 1
    assert "broken: WA on an input of 3 tokens" in out
    assert f"expected, by 18 of 18 programs of {model}, 6 of them brute forces:" in out
    assert "\nsure: 0.8" in out
    assert "2 <= n <= 9" in out
    assert f"18 samples, {18 * TOKENS} tokens, 2 distinct: 18 samples pass the examples" in err
    assert (files / "input.txt").read_text(encoding="utf-8").startswith("2\n")


def test_the_record_holds_the_votes_and_the_cost(hack: Hack, files: Path) -> None:
    model = scripted_model(files, RIGHT, BRUTE, RIGHT, BRUTE, EQUAL)
    code, record = hack.record("equal.py", "-m", model, "-n", "10", "--brutes", "5")
    assert code == 1
    votes = record["votes"]
    assert (votes["lead"], votes["accused"], votes["members"], votes["samples"]) == (12, 3, 15, 15)
    assert votes["brutes"] == 4  # of the last five answers those that are no EQUAL
    assert 0.6 <= record["confidence"] < 0.8
    assert record["council"]["brutes"] == 5
    assert record["cost"]["roles"]["solver"]["completion_tokens"] == 15 * TOKENS


SPLIT = (RIGHT, EQUAL, RIGHT, EQUAL, RIGHT, EQUAL, RIGHT)
"""Of 24 samples 14 and 10."""


def test_a_split_model_convicts_nobody(hack: Hack, files: Path) -> None:
    (files / "p.md").write_text(FEW, encoding="utf-8")
    model = scripted_model(files, RIGHT, EQUAL)
    for program in ("right.py", "equal.py"):
        code, record = hack.record(program, "-m", model)
        assert (code, record["broken"]) == (0, False)
    code, out, _ = hack("equal.py", "-m", scripted_model(files, *SPLIT))
    assert code == 0
    assert "nothing found" in out
    assert "contested on" in out
    assert "the likeliest flaw has a probability of 0." in out


def test_contested_inputs_are_in_the_record_with_their_votes(hack: Hack, files: Path) -> None:
    (files / "p.md").write_text(FEW, encoding="utf-8")
    model = scripted_model(files, *SPLIT)
    _, record = hack.record("equal.py", "-m", model)
    contested = record["contested"]
    assert 0 < len(contested["surest"]) <= contested["inputs"] < record["tried"]["inputs"]
    assert contested["surest"][0]["votes"]["lead"] == 14
    assert contested["surest"][0]["votes"]["accused"] == 10


def test_nothing_is_said_where_no_program_passes(hack: Hack, files: Path) -> None:
    model = scripted_model(files, "print(8)")
    code, out, _ = hack("right.py", "-m", model)
    assert code == 0
    assert out == f"nothing can be said: none of 24 programs of {model} passes the examples\n"
    _, record = hack.record("right.py", "-m", model)
    assert f"nothing can be said: {record['nothing_can_be_said']}\n" == out


def test_an_example_that_fails_needs_no_model(hack: Hack) -> None:
    code, out, _ = hack("wrong.py", "-m", MISSING)
    assert code == 1
    assert "expected, by the statement:\n-1" in out
    assert "sure: the input is an example of the statement" in out
    assert "the largest of 0 characters" not in out
    assert hack("right.py", "-m", MISSING)[0] == 3


CHECKER = """
```python checker
import sys
given, answer = (open(name).read().split() for name in sys.argv[1:3])
a = sorted(map(int, given[1:]))
sys.exit(0 if answer == [str(a[-1] + a[-2])] else 1)
```
"""


def test_a_checker_alone_needs_no_model(hack: Hack, files: Path) -> None:
    (files / "p.md").write_text(STATEMENT.format(most=9) + CHECKER, encoding="utf-8")
    code, out, _ = hack("equal.py", "-m", MISSING)
    assert code == 1
    assert "why: the statement's checker rejects this output" in out
    assert "sure: as the checker is right" in out


def test_the_second_time_the_model_is_not_opened(hack: Hack, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["-m", scripted_model(files, RIGHT, BRUTE), "--store", str(files / "pool.jsonl")]
    code, first = hack.record("equal.py", *options)

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the model was opened")

    monkeypatch.setattr(agent.models, "open_sampler", opened)
    again, second = hack.record("equal.py", *options)
    assert code == again == 1
    assert second["council"]["members"] == first["council"]["members"] == 24
    assert (first["cost"]["roles"]["solver"]["requests"], second["cost"]["roles"]["solver"]["requests"]) == (24, 0)


class Interrupted(ScriptedSampler):
    """Ctrl-C comes while it works on its third answer."""

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        for number, completion in enumerate(super().sample(requests), 1):
            if number == 3:
                signal.raise_signal(signal.SIGINT)
            yield completion


def test_ctrl_c_while_the_model_works_ends_it_all(
    hack: Hack, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent.models, "open_sampler", lambda *_, **__: Interrupted([RIGHT]))
    code, out, err = hack("right.py", "-m", scripted_model(files, RIGHT), "--seconds", "3600")
    assert code == 130
    assert out.startswith("nothing found: 2 inputs")
    assert "2 samples" in err


@pytest.mark.parametrize(
    ("name", "value"),
    [("--samples", "4"), ("--store", "s.jsonl"), ("--model", MISSING), ("--brutes", "5")],
)
def test_with_a_right_program_no_model_is_asked(hack: Hack, files: Path, name: str, value: str) -> None:
    code, _, err = hack("equal.py", "--against", str(files / "brute.py"), name, value)
    assert code == 2
    assert f"--against asks no model: leave out {name}" in err


def test_how_sure_it_must_be_is_an_option(hack: Hack, files: Path) -> None:
    model = scripted_model(files, RIGHT, EQUAL, RIGHT)
    code, record = hack.record("equal.py", "-m", model, "--min-confidence", "0.3")
    assert code == 1
    assert 0.3 <= record["confidence"] < 0.8


@pytest.mark.parametrize("option", ["-o", "--report"])
def test_a_file_that_cannot_be_written_is_found_before_any_work(
    hack: Hack, files: Path, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sandbox.open_sandbox", lambda *_, **__: pytest.fail("a sandbox was opened"))
    nowhere = str(files / "no" / "folder" / "x")
    code, out, err = hack("equal.py", "--against", str(files / "right.py"), option, nowhere)
    assert (code, out) == (2, "")
    assert "no such folder" in err
    paths = [str(files / name) for name in ("p.md", "equal.py", "right.py")]
    for command in (["stress", *paths], ["judge", *paths[:2], "--hack", "--against", paths[2]]):
        assert run([*command, option, nowhere]) == 2
        assert "no such folder" in capsys.readouterr().err
