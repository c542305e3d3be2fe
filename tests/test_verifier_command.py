"""`solve --verifier`: what both models cost, where they come from, and what is kept of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_verifier import ROUNDS_DOWN, ROUNDS_UP, TESTS

from agent.cli import run

STATEMENT = """# Half

Write `half(n)`: half of n, rounded down.

```python
def half(n: int) -> int:
```

>>> half(4)
2
"""


@dataclass
class Command:
    """`solve` with two models of scripted answers."""

    folder: Path
    capfd: Any
    said: str = ""

    def script(self, name: str, *texts: str) -> str:
        """The name of a model that answers so."""
        path = self.folder / f"{name}.jsonl"
        rows = [json.dumps({"text": text, "tokens": 10, "prompt_tokens": 100}) for text in texts]
        path.write_text("".join(row + "\n" for row in rows), encoding="utf-8")
        return f"scripted:{path}"

    def __call__(self, *args: str, code: int = 0) -> dict[str, Any]:
        """The record that it prints."""
        statement = self.folder / "half.md"
        statement.write_text(STATEMENT, encoding="utf-8")
        assert run([str(statement), "--json", *args]) == code
        said = self.capfd.readouterr()
        self.said = said.err
        record: dict[str, Any] = json.loads(said.out)
        return record


@pytest.fixture
def command(tmp_path: Path, capfd: Any) -> Command:
    return Command(tmp_path, capfd)


def test_the_command_shows_the_cost_of_both(command: Command, tmp_path: Path) -> None:
    solver, verifier = command.script("solver", ROUNDS_UP, ROUNDS_DOWN), command.script("verifier", TESTS)
    page = tmp_path / "page.html"
    record = command(
        *("-m", solver, "--verifier", verifier, "-n", "4", "--tests", "3", "--report", str(page), "-v")
    )
    assert record["program"].strip() == ROUNDS_DOWN
    assert record["model"] == solver
    roles = record["cost"]["roles"]
    assert {role: (row["model"], row["requests"]) for role, row in roles.items()} == {
        "solver": (solver, 4),
        "verifier": (verifier, 3 + 2),  # tests, and a judgement in both orders
    }
    line = f"verifier {verifier}: 5 requests, 500 tokens of prompts and 50 of answers, "
    assert line in command.said
    assert line in page.read_text(encoding="utf-8")
    assert run(["show", "last"]) == 0
    assert line in command.capfd.readouterr().err


def test_the_file_names_a_verifier_and_the_option_takes_another_or_none(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver, verifier = command.script("solver", ROUNDS_DOWN), command.script("verifier", TESTS)
    file = command.folder / "config.toml"
    file.write_text(f'model = "{solver}"\nverifier = "second"\n[models.second]\nmodel = "{verifier}"\n')
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(file))
    roles = command("-n", "1", "--tests", "1")["cost"]["roles"]
    assert roles["verifier"]["model"] == verifier
    assert command("-n", "1", "--tests", "1", "--verifier", "")["cost"]["roles"].keys() == {"solver"}
    assert command("-n", "1", "--tests", "1", "--verifier", solver)["cost"]["roles"].keys() == {"solver"}


def test_a_verifier_that_cannot_be_had_costs_a_line_and_only_where_it_is_asked(command: Command) -> None:
    solver, nobody = command.script("solver", ROUNDS_DOWN), f"scripted:{command.folder / 'nobody.jsonl'}"
    assert command("-m", solver, "--verifier", nobody, "-n", "2")["solved"]
    assert "No such file" not in command.said
    assert command("-m", solver, "--verifier", nobody, "-n", "2", "--tests", "1")["solved"]
    words = f"verifier: {command.folder}/nobody.jsonl: No such file or directory"
    assert command.said.count("No such file") == command.said.count(words) == 1


def test_a_store_keeps_what_both_said(command: Command) -> None:
    solver, verifier = command.script("solver", ROUNDS_DOWN), command.script("verifier", TESTS)
    args = ("-m", solver, "--verifier", verifier, "-n", "2", "--tests", "2", "--store")
    file = str(command.folder / "store.jsonl")
    first = command(*args, file)
    again = command(*args, file)
    assert [record["evidence"]["tests"] for record in (first, again)] == [2, 2]
    assert [[row["requests"] for row in record["cost"]["roles"].values()] for record in (first, again)] == [
        [2, 2],
        [0, 0],
    ]


def test_what_comes_from_a_file_alone_costs_nothing_in_the_user_s_currency(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = command.folder / "config.toml"
    file.write_text('currency = "EUR"\n')
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(file))
    args = ("-m", command.script("solver", ROUNDS_DOWN), "-n", "2", "--store", str(command.folder / "store.jsonl"))
    costs = [command(*args)["cost"] for _ in range(2)]
    assert [(cost["currency"], cost["roles"]["solver"]["requests"]) for cost in costs] == [("EUR", 2), ("EUR", 0)]


def test_going_on_from_the_history_asks_the_verifier_for_nothing_twice(command: Command) -> None:
    solver, verifier = command.script("solver", ROUNDS_DOWN), command.script("verifier", TESTS)
    args = ("-m", solver, "--verifier", verifier, "-n", "2", "--tests", "2")
    command(*args)
    roles = command(*args, "--more")["cost"]["roles"]
    assert [roles[role]["requests"] for role in ("solver", "verifier")] == [2, 0]


def test_the_verifier_is_paid_before_the_solver_takes_all_the_money(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver, verifier = command.script("solver", ROUNDS_DOWN), command.script("verifier", TESTS)
    file = command.folder / "config.toml"
    prices = "prompt_price = 1\ncompletion_price = 1\n"
    tables = [f'[models.{name}]\nmodel = "{model}"\n{prices}' for name, model in (("s", solver), ("v", verifier))]
    file.write_text("".join(tables))
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(file))
    # Two tests cost up to some 2600 millionths, 20 programs up to 30,000; there is money for a few of each.
    record = command("-m", "s", "--verifier", "v", "-n", "20", "--tests", "2", "--max-cost", "0.006")
    roles = record["cost"]["roles"]
    assert roles["verifier"]["requests"] == 2
    assert roles["solver"]["requests"] > 0
    assert record["cost"]["money"] <= 0.006


def test_prices_are_needed_of_both(command: Command) -> None:
    solver = command.script("solver", ROUNDS_DOWN)
    assert run(["x.md", "-m", solver, "--verifier", "openai:m", "--max-cost", "1"]) == 2
    assert "no price of openai:m is known" in command.capfd.readouterr().err
