"""Every snippet in the READMEs and in docs/ does what it says.

- `python`: executed, top to bottom, one namespace per file, with a scripted model in place of the local one.
- `sh`: lines of `make` and `python -m` are checked: the target exists, the module's `--help` answers and knows the
  flags. Lines of `solve` are executed in `test_install.py`, from an installed wheel.
- `json`: parsed.

A fence of another language (none, `text`) is not a snippet. Links to files must lead somewhere.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from scripted import ScriptedSampler
from snippets import PAGES, ROOT, Snippet, commands, every, snippets

import agent
from sandbox import Sandbox

JOURNAL = ROOT / "benchmarks/LOG.md"
LANGUAGES = {"", "text", "python", "sh", "json"}
SOLUTION = (ROOT / "tests/solutions/running_gap.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_runs(page: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("ALPHASOLVE_SANDBOX", box.backend)
    monkeypatch.setattr(agent, "LocalSampler", lambda *_: ScriptedSampler([SOLUTION]))
    names: dict[str, object] = {"__name__": page.stem}
    for snippet in snippets(page, "python"):
        exec(compile("\n" * snippet.line + snippet.text, str(page), "exec"), names)


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
def help_texts() -> dict[str, str]:
    """What `python -m MODULE --help` prints, for every module that a page names; one Python for all."""
    modules = {shlex.split(line)[2] for _, line in commands("python")}
    environment = {**os.environ, "COLUMNS": "200"}
    command = [sys.executable, "tests/module_help.py", *sorted(modules)]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return dict(json.loads(process.stdout))


@pytest.mark.parametrize(("snippet", "line"), commands("python"), ids=str)
def test_modules_exist_and_know_their_flags(snippet: Snippet, line: str) -> None:
    python, dash_m, module, *flags = shlex.split(line)
    assert (python, dash_m) == ("python", "-m")
    help_text = help_texts()[module]
    assert all(flag in help_text for flag in flags if flag.startswith("-"))


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
