"""Votes of the model's checkers, asked for and reported by the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripted import TOKENS, scripted_model
from two_parts import CREDULOUS, FIFTHS, HONEST, ONES, STATEMENT, TOO_MUCH

from agent.checkers import remark
from agent.cli import run
from agent.types import Evidence

if TYPE_CHECKING:
    import pytest

ONE_ANSWER = STATEMENT.replace("If there are several answers, print any of them.", "The first is the smaller one.")
PROGRAMS = [TOO_MUCH, TOO_MUCH, TOO_MUCH, ONES, ONES, FIFTHS, FIFTHS]


def solved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], backend: str, *options: str, checkers: tuple[str, ...] = ()
) -> tuple[dict[str, Any], str]:
    """What `solve` prints, and what it says beside."""
    problem = tmp_path / "parts.md"
    problem.write_text(STATEMENT, encoding="utf-8")
    model = scripted_model(tmp_path, *checkers, *PROGRAMS)
    with_checkers = ["--checkers", str(len(checkers))] if checkers else []
    command = [str(problem), "-m", model, "-n", "7", "--json", "--sandbox", backend, *with_checkers, *options]
    assert run(command) == 0
    out, err = capsys.readouterr()
    return dict(json.loads(out)), err


def test_solve_says_whose_votes_these_are(
    tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    record, message = solved(tmp_path, capsys, backend, "--report", str(page), checkers=(HONEST, CREDULOUS))
    assert record["program"].strip() in (ONES, FIFTHS)
    assert record["evidence"]["clusters"] == [4, 3]
    assert (record["evidence"]["checkers"], record["evidence"]["untrusted_checkers"]) == (1, 1)
    words = "1 checker that the model wrote, verified on the examples, voted"
    assert words in message
    assert words in page.read_text(encoding="utf-8")


def test_without_the_option_nothing_is_said(
    tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record, message = solved(tmp_path, capsys, backend)
    assert record["program"].strip() == TOO_MUCH
    assert record["evidence"]["checkers"] == 0
    assert "checkers:" not in message


def test_a_statement_with_one_answer_needs_no_checker(
    tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = tmp_path / "parts.md"
    problem.write_text(ONE_ANSWER, encoding="utf-8")
    command = [str(problem), "-m", scripted_model(tmp_path, ONES), "-n", "1", "--sandbox", backend]
    assert run([*command, "--checkers", "3"]) == 0
    assert "no checker is asked of the model" in capsys.readouterr().err
    assert run(command) == 0
    assert "no checker is asked of the model" not in capsys.readouterr().err


def evidence(checkers: int, distrust: int) -> Evidence:
    return Evidence(1, 1, 1, 1, 1, (1,), (), checkers=checkers, untrusted_checkers=distrust)


def test_checkers_that_misjudge_an_example_are_owned_up_to() -> None:
    assert remark(evidence(0, 0)) is None
    assert "none that judges the examples rightly" in (remark(evidence(0, 2)) or "")
    assert "2 more misjudged an example" in (remark(evidence(1, 2)) or "")
    assert "misjudged" not in (remark(evidence(3, 0)) or "")


def contest(name: str, statement: str) -> dict[str, object]:
    sample, jury_case = ({"input": f"{n}\n", "output": f"1 {n - 1}\n"} for n in (5, 9))
    return {"id": name, "statement": statement, "samples": [sample], "tests": [jury_case]}


def benched(capsys: pytest.CaptureFixture[str], out: Path, *args: object) -> dict[str, Any]:
    code = run(["bench", *map(str, args), "--out", str(out), "--json", "-q"])
    stdout, err = capsys.readouterr()
    assert code == 0, err
    return dict(json.loads(stdout))


def test_a_benchmark_asks_where_statements_accept_any_valid_answer(
    tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = tmp_path / "set.jsonl"
    rows = [contest("open", STATEMENT), contest("closed", ONE_ANSWER)]
    tasks.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    common = (tasks, "-n", 7, "--sandbox", backend)
    model = scripted_model(tmp_path, *PROGRAMS)
    plain = benched(capsys, tmp_path / "plain", *common, "-m", model)
    assert "checkers" not in plain["config"]
    again = tmp_path / "again"
    again.mkdir()
    model = scripted_model(again, HONEST, *PROGRAMS, *PROGRAMS)
    with_checkers = benched(capsys, tmp_path / "asked", *common, "-m", model, "--checkers", 1)
    assert with_checkers["config"]["checkers"] == 1
    records = [json.loads(line) for line in (tmp_path / "asked" / "records.jsonl").read_text().splitlines()]
    tokens = {record["task"]: record["other_tokens"] for record in records}
    assert tokens == {"open": TOKENS, "closed": 0}
    answers = {record["task"]: record["answer"]["candidate"] for record in records}
    assert answers["closed"] == 0
    assert answers["open"] != 0
