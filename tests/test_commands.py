"""What surrounds solving: new statements, watching, the prompt, completion, help."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

import click
import pytest
from doubling import PROBLEM, RIGHT, one_line
from scripted import scripted_model

from agent.cli import cli, main, run
from agent.commands.model_options import SamplerOptions
from agent.commands.options import collect
from agent.commands.solve import solve_command
from agent.commands.watch import problem_versions
from agent.profile import Wishes
from agent.types import SolveOptions
from benchmarks.cli import run_command
from problems import load_problem

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(("flags", "entry_point"), [([], None), (["--function"], "add")])
def test_a_new_statement_is_a_problem_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], entry_point: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "shortest_walk", *flags]) == 0
    problem = load_problem(tmp_path / "shortest_walk.md")
    assert problem.title == "Shortest walk"
    assert problem.entry_point == entry_point
    assert len(problem.cases) == 2
    assert (problem.time_limit_s, problem.memory_limit_mb) == (2.0, 256)
    assert "Comments like this" in (tmp_path / "shortest_walk.md").read_text(encoding="utf-8")
    assert "<!--" not in problem.statement


def test_a_new_statement_is_solved_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    model = scripted_model(tmp_path, "print(sum(map(int, input().split())))")
    assert run(["new", "sums"]) == 0
    assert run(["sums.md", "-m", model, "-n", "1", "-q", "--sandbox", backend]) == 0


def test_a_file_that_exists_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.md").write_text("precious", encoding="utf-8")
    assert run(["new", "mine.md"]) == 2
    assert "exists already" in one_line(capsys.readouterr().err)
    assert Path("mine.md").read_text(encoding="utf-8") == "precious"
    assert run(["new", "no/such/folder"]) == 2
    assert "cannot write no/such/folder.md" in one_line(capsys.readouterr().err)


def test_the_prompt_is_shown_and_no_model_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALPHASOLVE_MODEL", f"scripted:{tmp_path}/missing.jsonl")
    path = tmp_path / "double.md"
    path.write_text(PROBLEM, encoding="utf-8")
    assert run([str(path), "--show-prompt"]) == 0
    screen = capsys.readouterr().out
    assert "Read one integer and print it twice as large." in screen
    assert run([str(path), "--show-prompt", "--json"]) == 0
    prompt = json.loads(capsys.readouterr().out)
    assert prompt.keys() == {"system", "user", "prefill", "opening", "profile"}
    assert prompt["user"] in screen


def test_a_saved_statement_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "double.md"
    path.write_text(PROBLEM, encoding="utf-8")
    notes: list[str] = []
    versions = problem_versions(str(path), watch=True, note=notes.append)
    assert next(versions).title == "Double"
    saver = _Saver(path, [b"\xff\xfe", PROBLEM.replace("# Double", "# Twice").encode()])
    with saver:
        assert next(versions).title == "Twice"
    assert all("waiting for the next version" in note for note in notes)


class _Saver:
    """Saves the texts as an editor does, one after the other, until it is told that the last was seen."""

    def __init__(self, path: Path, texts: list[bytes]) -> None:
        self._path = path
        self._texts = texts
        self._seen = threading.Event()
        self._thread = threading.Thread(target=self._save)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._seen.set()
        self._thread.join()

    def _save(self) -> None:
        turn = iter(range(1000))
        while not self._seen.wait(0.3):
            new = self._path.with_suffix(".tmp")
            new.write_bytes(self._texts[min(next(turn), len(self._texts) - 1)])
            new.replace(self._path)


def test_standard_input_cannot_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-", "--watch"]) == 2
    assert "not with standard input" in capsys.readouterr().err


def test_watching_solves_again_and_ends_with_ctrl_c(tmp_path: Path, backend: str) -> None:
    path = tmp_path / "double.md"
    path.write_text(PROBLEM, encoding="utf-8")
    command = [str(path), "--watch", "-m", scripted_model(tmp_path, RIGHT), "-n", "1", "--sandbox", backend]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "agent.cli", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == RIGHT + "\n"
        with _Saver(path, [PROBLEM.encode()]):
            assert process.stdout.readline() == RIGHT + "\n"
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[str], list[str]]:
    """What Tab offers after some words, by the protocol that click's bash script speaks."""

    def offered(words: str) -> list[str]:
        monkeypatch.setenv("_SOLVE_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        with pytest.raises(SystemExit):
            main()
        return capfd.readouterr().out.split()

    return offered


def test_tab_completes_commands_options_and_files(complete: Callable[[str], list[str]]) -> None:
    assert "plain,judge" in complete("solve ju")
    assert "file,prob" in complete("solve prob")
    assert "plain,--report" in complete("solve --rep")
    assert "plain,--report" in complete("solve problem.md --rep")
    assert {"plain,docker", "plain,bwrap"} <= set(complete("solve problem.md --sandbox "))
    assert "plain,fetch" in complete("solve models fe")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_SOLVE_COMPLETE" in capfd.readouterr().out


def every_command(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Our own commands at any depth; of those that other packages add, the first level."""
    yield words, command
    if isinstance(command, click.Group):
        names = command.list_commands(click.Context(command)) if command is cli else command.commands
        for name in names:
            child = command.get_command(click.Context(command), name)
            assert child is not None
            if name not in command.commands:
                yield (name,), child
            elif not child.hidden:
                yield from every_command(child, (*words, name))


@pytest.mark.parametrize(
    ("words", "command"), [pytest.param(w, c, id=" ".join(w) or "solve") for w, c in every_command(cli)]
)
def test_every_help_has_an_example_and_explains_every_option(
    words: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--help"]) == 0
    screen = capsys.readouterr().out
    assert "Example" in screen
    assert " ".join(["  solve", *words]) in screen
    assert "\b" not in screen
    for param in command.params:
        assert not isinstance(param, click.Option) or param.help, param.name


def test_the_help_names_the_options_of_the_program_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    screen = capsys.readouterr().out
    assert "--version" in screen
    assert screen.count("\n  --help ") == 1


@pytest.mark.parametrize(
    ("word", "near"), [("modles", "models"), ("docter", "doctor"), ("jugde", "judge"), ("xyzzy", None)]
)
def test_a_word_that_is_neither_command_nor_file_is_said_to_be_so(
    word: str, near: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([word]) == 2
    message = capsys.readouterr().err
    assert f"no such command or file: {word}" in message
    assert ("did you mean" in message) == (near is not None)
    assert near is None or f"`solve {near}`" in message


def test_a_file_without_a_suffix_is_a_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "statement").write_text("# Add\n\nAdd.\n\nInput: 1 2\nOutput: 3\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["statement", "--show-prompt"]) == 0


@pytest.mark.parametrize(("command", "others"), [(solve_command, set()), (run_command, {"n"})])
def test_the_command_line_and_the_library_try_equally_hard(command: click.Command, others: set[str]) -> None:
    own = asdict(SolveOptions())
    defaults = {str(param.name): param.default for param in command.params}
    common = set(own) & set(defaults) - others
    assert {"language", "seed", "tests", "generators", "checkers"} <= common
    asked_as_the_model_likes = {field.name for field in fields(Wishes)}
    for name in common - {"max_tokens_total"} - asked_as_the_model_likes:
        assert defaults[name] == own[name], name


def test_options_come_to_a_command_as_records(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    @click.option("--model")
    @click.option("--base-url")
    @click.option("--loud", is_flag=True)
    @collect(sampler=SamplerOptions)
    def command(sampler: SamplerOptions, loud: bool) -> None:
        click.echo(f"{sampler.model} {sampler.base_url} {sampler.store} {loud}")

    command.main(["--model", "small", "--loud"], standalone_mode=False)
    assert capsys.readouterr().out == "small None None True\n"
