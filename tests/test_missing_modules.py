"""A module that the sandbox lacks: the verdict says how to have it, and nothing where nobody has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubling import PROBLEM
from scripted import scripted_model
from test_packages import distribution

from agent.cli import run
from agent.judging import missing_modules
from sandbox import RunResult, Sandbox, Status


def ended(stderr: str) -> RunResult:
    return RunResult(Status.RTE, 1, None, "", stderr, 0.0, 0.0, 1.0)


@pytest.fixture
def hardly_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python with no package but sortedcontainers, pillow and one of ours."""
    everything = {
        "sortedcontainers": "sortedcontainers",
        "PIL": "pillow",
        "problems": "alphasolve",
        "utils": "utils",
    }
    monkeypatch.setattr(missing_modules, "provider", everything.get)
    monkeypatch.setattr(missing_modules, "find_packages", lambda names: ())


@pytest.mark.parametrize(
    ("program", "remedy"),
    [
        ("from sortedcontainers import SortedList", "--packages sortedcontainers"),
        ("from sortedcontainers.sortedlist import SortedList as S", "--packages sortedcontainers"),
        ("import PIL.Image", "--packages pillow"),
        ("import numpy as np", "-m pip install numpy`, then --packages numpy"),
        ("import scipy.special", "-m pip install scipy`, then --packages scipy"),
        ("try:\n    import gmpy2\nexcept ImportError:\n    import sympy", "install sympy`, then --packages sympy"),
        ("def f():\n    from sklearn import svm\nf()", "install scikit-learn`, then --packages scikit-learn"),
        ("from atcoder.dsu import DSU", "install ac-library-python`, then --packages ac-library-python"),
        # Nobody has these.
        ("import nupmy", None),
        ("import helper", None),
        ("from utils import read", None),
        ("from problems import load_problem", None),
        ("from . import helper", None),
        ("from .numpy import array", None),
        ("import json.numpy", None),
        ("import tkinter", None),
        ("import msvcrt", None),
        ("from math import cubrt", None),
        ("raise Exception(\"ModuleNotFoundError: No module named 'numpy'\")", None),
        ("print(\"ModuleNotFoundError: No module named 'numpy'\")\n1 / 0", None),
        ("import numpy as np\nimport", None),
    ],
)
@pytest.mark.usefixtures("hardly_anything")
def test_what_a_program_is_told(box: Sandbox, program: str, remedy: str | None) -> None:
    advice_words = missing_modules.advice([box.run(program)])
    assert len(advice_words) == (remedy is not None)
    assert all(words.endswith(remedy or "") for words in advice_words)


@pytest.mark.usefixtures("hardly_anything")
def test_the_module_that_most_programs_ask_for_comes_first() -> None:
    runs = [
        ended(f"ModuleNotFoundError: No module named '{name}'\n") for name in ("scipy", "numpy", "foo", "numpy")
    ]
    assert [words.split()[2] for words in missing_modules.advice([*runs, ended("ValueError: no"), ended("")])] == [
        "numpy",
        "scipy",
    ]


def test_one_that_cannot_be_copied_is_to_be_installed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(tmp_path, "mymodule", {"__editable__.mymodule.pth": "/home/somebody/mymodule"})
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(missing_modules, "provider", {"mymodule": "mymodule"}.get)
    (words,) = missing_modules.advice([ended("ModuleNotFoundError: No module named 'mymodule'")])
    assert words.endswith("-m pip install mymodule --force-reinstall`, then --packages mymodule")


def test_judge_says_it(tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    problem, program = tmp_path / "double.md", tmp_path / "mine.py"
    problem.write_text(PROBLEM, encoding="utf-8")
    program.write_text("from sortedcontainers import SortedList\n", encoding="utf-8")
    command = ["judge", str(problem), str(program), "--sandbox", backend]
    assert run(command) == 1
    out, err = capsys.readouterr()
    assert "ModuleNotFoundError: No module named 'sortedcontainers'" in out
    assert "hint (cases 1, 2): the module sortedcontainers is not in the sandbox; try: --packages" in err
    assert run([*command, "--json"]) == 1
    (hint,) = json.loads(capsys.readouterr().out)["cases"][1]["hints"]
    assert hint.endswith("try: --packages sortedcontainers")


def test_solve_says_it_where_nothing_passed(
    tmp_path: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = tmp_path / "double.md"
    problem.write_text(PROBLEM, encoding="utf-8")
    programs = ["import sortedcontainers\nprint(0)", "print(1)", "import helper"]
    model = scripted_model(tmp_path, *programs)
    assert run([str(problem), "-m", model, "--sandbox", backend, "-n", "3", "--json"]) == 1
    out, err = capsys.readouterr()
    (hint,) = json.loads(out)["hints"]
    assert hint == "the module sortedcontainers is not in the sandbox; try: --packages sortedcontainers"
    assert f"hint: {hint}" in err
