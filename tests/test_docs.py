"""Every snippet in the READMEs and in docs/ does what it says.

- `python`: executed, top to bottom, one namespace per file, with a scripted model in place of the local one.
- `sh`, lines of `solve`: executed with scripted answers for a model, in a folder that holds the files they name.
  Those that need the network, data or minutes (`solve bench`, `solve doctor`, `solve models fetch`) and those that
  wait for a person (`--watch`) are only checked: the command and its flags exist. Of `make` and `python -m`,
  likewise: the target exists, the module's `--help` answers and knows the flags.
- `json`: parsed.

A fence of another language (none, `text`) is not a snippet. Links to files must lead somewhere.
"""

from __future__ import annotations

import functools
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt
from scripted import ScriptedSampler, scripted_model

import agent
from agent.cli import cli, run
from sandbox import Sandbox

ROOT = Path(__file__).parent.parent
JOURNAL = ROOT / "benchmarks/LOG.md"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks/README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
LANGUAGES = {"", "text", "python", "sh", "json"}
SOLUTION = (ROOT / "tests/solutions/running_gap.py").read_text(encoding="utf-8")
SOLUTION_CPP = (ROOT / "tests/solutions_cpp/running_gap/ac.cpp").read_text(encoding="utf-8")
ONLY_CHECKED = {"bench", "doctor", "fetch", "remove"}
STOPPED_BY_HAND = {"--watch", "--ask"}


@dataclass(frozen=True)
class Snippet:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets(page: Path, language: str) -> list[Snippet]:
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    return [
        Snippet(page, token.map[0] + 1, language, token.content)
        for token in tokens
        if token.type == "fence" and token.map and token.info.strip() == language
    ]


def every(language: str) -> list[Snippet]:
    return [snippet for page in PAGES for snippet in snippets(page, language)]


def commands(first: str) -> list[tuple[Snippet, str]]:
    """The lines of shell snippets whose program is `first`, comments and variables cut off."""
    result = []
    for snippet in every("sh"):
        for line in snippet.text.splitlines():
            words = shlex.split(line, comments=True)
            while words and re.fullmatch(r"\w+=\S*", words[0]):
                words = words[1:]
            if first in words[:1] or ("|" in words and words[words.index("|") + 1] == first):
                result.append((snippet, shlex.join(words).replace("'|'", "|")))
    return result


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_runs(page: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("ALPHASOLVE_SANDBOX", box.backend)
    monkeypatch.setattr(agent, "LocalSampler", lambda *_: ScriptedSampler([SOLUTION]))
    names: dict[str, object] = {"__name__": page.stem}
    for snippet in snippets(page, "python"):
        exec(compile("\n" * snippet.line + snippet.text, str(page), "exec"), names)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: Sandbox) -> Path:
    """A folder with the files that snippets name, among them answers, which are the model."""
    statement = (ROOT / "problems/examples/running_gap.md").read_text(encoding="utf-8")
    (tmp_path / "problem.md").write_text(statement, encoding="utf-8")
    (tmp_path / "mine.py").write_text(SOLUTION, encoding="utf-8")
    (tmp_path / "mine.cpp").write_text(SOLUTION_CPP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALPHASOLVE_SANDBOX", box.backend)
    monkeypatch.setenv("ALPHASOLVE_MODEL", scripted_model(tmp_path, SOLUTION, SOLUTION_CPP))
    return tmp_path


@pytest.mark.parametrize(("snippet", "line"), commands("solve"), ids=str)
def test_solve_runs(
    snippet: Snippet,
    line: str,
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    words = shlex.split(line)
    if "|" in words:
        assert words[:2] == ["cat", "problem.md"]
        statement = io.TextIOWrapper(io.BytesIO((desk / "problem.md").read_bytes()))
        monkeypatch.setattr("sys.stdin", statement)
        words = words[words.index("|") + 1 :]
    redirect = next((n for n, word in enumerate(words) if word in (">", ">>")), len(words))
    arguments = words[1:redirect]
    if ONLY_CHECKED & set(arguments) or STOPPED_BY_HAND & set(arguments):
        assert is_understood(cli, arguments), snippet
        return
    if {"cpp", "mine.cpp"} & set(arguments):
        request.getfixturevalue("cpp_box")  # or a skip where there is no g++
    assert run(without_model(arguments)) == 0, (str(snippet), capfd.readouterr().err)


def without_model(arguments: Sequence[str]) -> list[str]:
    """The arguments but for `-m NAME` and `--base-url ADDRESS`: no model is here, and no server."""
    flags = ("-m", "--base-url")
    return [word for before, word in pairwise(["", *arguments]) if before not in flags and word not in flags]


def is_understood(command: click.Command, arguments: list[str]) -> bool:
    """Whether click takes the arguments, down to the last command; nothing is run."""
    with command.make_context("solve", list(arguments)) as context:
        if not isinstance(command, click.Group):
            return True
        _, child, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        return child is not None and is_understood(child, rest)


@pytest.mark.parametrize(("snippet", "line"), commands("make"), ids=str)
def test_make_targets_exist(snippet: Snippet, line: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    _, target, *settings = shlex.split(line)
    assert target in targets
    for setting in settings:
        name, value = setting.split("=", 1)
        assert name in ("PROBLEM", "ARGS", "PYTHON")
        assert name != "PROBLEM" or (ROOT / value).is_file()


@functools.cache
def help_of(module: str) -> str:
    """What `python -m MODULE --help` prints; starting one takes seconds, and several lines are of one module."""
    environment = {**os.environ, "COLUMNS": "200"}
    command = [sys.executable, "-m", module, "--help"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("snippet", "line"), commands("python"), ids=str)
def test_modules_exist_and_know_their_flags(snippet: Snippet, line: str) -> None:
    python, dash_m, module, *flags = shlex.split(line)
    assert (python, dash_m) == ("python", "-m")
    known = help_of(module)
    assert all(flag in known for flag in flags if flag.startswith("-"))


@pytest.mark.parametrize(("snippet", "line"), commands("uv"), ids=str)
def test_what_is_installed_is_this_folder(snippet: Snippet, line: str) -> None:
    assert shlex.split(line, comments=True) == ["uv", "tool", "install", "."]
    assert (ROOT / "pyproject.toml").is_file()


@pytest.mark.parametrize("snippet", every("json"), ids=str)
def test_json_parses(snippet: Snippet) -> None:
    for line in snippet.text.splitlines():
        json.loads(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_escapes_these_tests(page: Path) -> None:
    """Each fence has a language that is known here, and each shell line a program that is."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    assert {token.info.strip() for token in tokens if token.type == "fence"} <= LANGUAGES
    lines = [line for snippet in snippets(page, "sh") for line in snippet.text.splitlines() if line.strip()]
    known = [s for first in ("solve", "make", "python", "uv") for s, _ in commands(first) if s.page == page]
    assert len(known) == len([line for line in lines if not line.lstrip().startswith("#")])


@pytest.mark.parametrize("page", [*PAGES, JOURNAL], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        assert "://" in target or (page.parent / target).exists(), target


def test_contributing_is_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) < 60


def test_the_journal_of_measurements_fits_an_editor() -> None:
    assert max(map(len, JOURNAL.read_text(encoding="utf-8").splitlines())) < 120


def test_the_readme_begins_with_the_committed_results() -> None:
    """Picture and table are in its first 40 lines, and each row is that of a file in `benchmarks/results`."""
    begin = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    rows = [re.findall(r"\d+\.\d(?=B|\*| )|\d+(?= tasks)", line) for line in begin if " tasks |" in line]
    committed = []
    for file in (ROOT / "benchmarks/results").glob("*.json"):
        summary = json.loads(file.read_text(encoding="utf-8"))
        metrics, (size,) = summary["metrics"], re.findall(r"(\d\.\d)b$", summary["config"]["model"])
        shares = [metrics[figure]["value"] for figure in ("greedy", "random", "selected@1", "oracle")]
        committed.append([str(metrics["tasks"]), size, *(f"{100 * share:.1f}" for share in shares)])
    assert sorted(rows) == sorted(committed)
    assert any("docs/session.svg" in line for line in begin)
