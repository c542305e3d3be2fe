"""docs/security.md points to what backs each promise and each row, and what it points to exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sandbox.walls import walls

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
SOURCES = {path.name: ast.parse(path.read_bytes()) for path in (ROOT / "tests").glob("test_*.py")}
FUNCTIONS = {node.name for tree in SOURCES.values() for node in tree.body if isinstance(node, ast.FunctionDef)}


def table(first: str) -> list[list[str]]:
    """The cells of the table whose first heading is `first`."""
    lines = PAGE[PAGE.index(f"| {first} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


PROMISES = [(promise, tests) for promise, _, tests in table("promise")]
WALLS = [(wall, probes) for wall, _, probes in table("wall")]
ROWS = [(row, tests) for row, _, tests, _ in table("row")]


def pointers(cell: str) -> list[str]:
    """What a cell names in code spans; a bare file name lies in the folder of the one before."""
    paths: list[str] = []
    folder = ""
    for name in re.findall(r"`([^`]+)`", cell):
        if "/" in name:
            name = name.replace("P/", "tests/programs/", 1)
            folder = name.rpartition("/")[0]
        elif name.endswith(".py"):
            name = f"tests/{name}" if name.startswith("test_") else f"{folder}/{name}"
        paths.append(name)
    return paths


def is_function(name: str) -> bool:
    """Whether tests are called this, or begin so where it ends in dots."""
    return name in FUNCTIONS or (name.endswith("…") and any(f.startswith(name[:-1]) for f in FUNCTIONS))


@pytest.mark.parametrize(("promise", "cell"), PROMISES, ids=[promise for promise, _ in PROMISES])
def test_each_promise_names_a_test_function(promise: str, cell: str) -> None:
    assert any(map(is_function, pointers(cell))), promise


@pytest.mark.parametrize(("name", "cell"), PROMISES + ROWS, ids=[name for name, _ in PROMISES + ROWS])
def test_all_that_is_pointed_to_exists(name: str, cell: str) -> None:
    assert pointers(cell)
    for pointer in pointers(cell):
        assert is_function(pointer) or any(ROOT.glob(pointer)), pointer


def test_every_probe_of_a_wall_is_in_the_table_and_nothing_else_is() -> None:
    named = {name for _, cell in WALLS for name in re.findall(r"`([^`]+)`", cell)}
    assert {"filter: …" if probe.promise.startswith("filter: ") else probe.promise for probe in walls()} == named


def test_every_row_is_in_the_table() -> None:
    assert [int(number) for row, _ in ROWS for number in row.split(",")] == list(range(1, 51))
