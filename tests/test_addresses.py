"""A statement as it comes to hand: a path, a browser's address of a file, a saved page, the clipboard."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from doubling import PROBLEM, RIGHT, one_line
from scripted import scripted_model

from agent.addresses import local_path
from agent.cli import run
from problems import ProblemError

PAGE = """<!DOCTYPE html>
<html><head><title>Double</title></head><body>
<h1>Double</h1><p>Read one integer and print it twice as large. It is between -1000 and 1000.</p>
<h2>Sample Input 1</h2><pre>3
</pre><h2>Sample Output 1</h2><pre>6
</pre></body></html>
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str) -> Path:
    """A folder whose name must be quoted in an address."""
    monkeypatch.setenv("ALPHASOLVE_SANDBOX", backend)
    monkeypatch.setenv("ALPHASOLVE_MODEL", scripted_model(tmp_path, RIGHT))
    folder = tmp_path / "über 100% #1"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("name", "text"), [("Aufgabe ?.md", PROBLEM), ("Saved page.html", PAGE)])
def test_the_address_of_a_file_is_as_good_as_its_path(
    folder: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    address = path.as_uri()
    assert "%20" in address
    for form in (str(path), address, address.replace("file://", "file://localhost"), address + "#sample"):
        assert run([form, "-n", "2"]) == 0, form
        assert capsys.readouterr().out.strip() == RIGHT


def test_a_program_may_be_named_so_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statement, program = folder / "p.md", folder / "my program.py"
    statement.write_text(PROBLEM, encoding="utf-8")
    program.write_text(RIGHT, encoding="utf-8")
    assert run(["judge", statement.as_uri(), program.as_uri()]) == 0
    assert capsys.readouterr().out.count("AC") == 2


@pytest.mark.parametrize("text", [PROBLEM, PAGE], ids=["text", "page"])
def test_the_clipboard_comes_by_standard_input(
    folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(["-", "-n", "2"]) == 0
    assert capsys.readouterr().out.strip() == RIGHT


@pytest.mark.parametrize(
    ("address", "what", "remedy"),
    [
        ("https://site.example/problem/1", "is an address on the web", "save the page"),
        ("HTTP://site.example", "is an address on the web", "paste it into `solve -`"),
        ("ftp://site.example/p.md", "is an address on the web", "save the page"),
        ("file://nas.example/p.md", "is a file of nas.example, another machine", "copy it here"),
        ("file:///nowhere/p%20q.md", "/nowhere/p q.md: cannot be read: No such file", "name the file"),
        ("file:///nul%00.md", "cannot be read", "name the file"),
        ("http://[half", "is no address", "give the path"),
    ],
)
def test_what_is_no_file_here_gets_one_line_on_what_to_do(
    address: str, what: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ([address], ["judge", address, __file__]):
        assert run(command) == 2
        message = capsys.readouterr().err
        assert what in one_line(message)
        assert remedy in message.splitlines()[1]


def test_a_path_is_its_own_whatever_it_looks_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file:").mkdir()
    Path("file:/p.md").write_text(PROBLEM, encoding="utf-8")
    for name in ("-", "p.md", "a/b", "C:/x.md", "c++", "file:/p.md"):
        assert local_path(name) == name
    with pytest.raises(ProblemError, match="another machine"):
        local_path("file://server/share")
