"""A benchmark set of small sums, and `solve bench` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import run

if TYPE_CHECKING:
    import pytest


def rows(path: Path, *objects: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in objects), encoding="utf-8")
    return path


def addition(number: int) -> dict[str, str]:
    """Add `number`, in HumanEval's schema."""
    return {
        "task_id": f"Add/{number}",
        "prompt": f'def add(x):\n    """Add {number}.\n\n    >>> add(1)\n    {number + 1}\n    """\n',
        "entry_point": "add",
        "canonical_solution": f"    return x + {number}\n",
        "test": f"def check(f):\n    assert f(5) == {number + 5}\n    assert f(0) == {number}\n",
    }


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
