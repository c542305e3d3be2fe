"""What cannot be understood at all: files that are no problem, and options that do not exist; exit code 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from doubling import one_line

from agent.cli import run


def _missing(folder: Path) -> Path:
    return folder / "nowhere.md"


def _empty(folder: Path) -> Path:
    path = folder / "empty.md"
    path.write_bytes(b"")
    return path


def _binary(folder: Path) -> Path:
    path = folder / "binary.md"
    path.write_bytes(bytes(range(256)) * 4)
    return path


def _directory(folder: Path) -> Path:
    return folder


def _half_a_sample(folder: Path) -> Path:
    path = folder / "half.md"
    path.write_text("# Half\n\n## Sample Input 1\n```\n3\n```\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("make", [_missing, _empty, _binary, _directory, _half_a_sample])
def test_an_unreadable_problem_is_one_line_and_exit_code_2(
    make: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path)
    assert run([str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert str(path) in one_line(err)


@pytest.mark.parametrize(
    "args",
    [
        ["--no-such-option"],
        ["problem.md", "-n", "0"],
        ["problem.md", "-n", "many"],
        ["problem.md", "--sandbox", "chroot"],
        ["judge"],
        ["judge", "problem.md", "no-such-program.py"],
        ["models", "burn"],
        [],
    ],
)
def test_wrong_usage_is_exit_code_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
