"""No input makes a traceback: whatever is fed to the command line ends in a documented exit code and few words."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scripted import scripted_model
from test_markdown import fragments

import sandbox
from agent import models
from agent.cli import run
from agent.cost import Meter
from sandbox import Sandbox

EXIT_CODES = {0, 1, 2, 3}

markdown = st.lists(st.one_of(fragments, st.text(max_size=20)), max_size=14).map("\n".join)
contents = st.one_of(st.binary(max_size=300), markdown.map(lambda text: text.encode("utf-8", "surrogatepass")))
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def place(
    box: Sandbox, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty folder, a scripted model, and one sandbox for all examples."""
    monkeypatch.chdir(tmp_path)
    model = scripted_model(tmp_path_factory.mktemp("script"), "print(1)", "def f(a):\n    return a")
    monkeypatch.setenv("ALPHASOLVE_MODEL", model)
    monkeypatch.setattr(sandbox, "open_sandbox", lambda *_, **__: Meter(box))
    return tmp_path


def outcome(*args: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command line."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(args))
    return code, out.getvalue(), err.getvalue()


def is_documented(code: int, out: str, err: str) -> None:
    assert code in EXIT_CODES, err
    assert "Traceback" not in out + err
    if code >= 2:
        assert out == ""
        message, todo = err.removesuffix("\n").split("\n")
        assert message.startswith("solve: ")
        assert todo.startswith("try: ")


@few
@given(contents)
def test_any_statement_can_be_shown_or_is_refused(place: Path, data: bytes) -> None:
    (place / "any.md").write_bytes(data)
    code, out, err = outcome("any.md", "--show-prompt")
    is_documented(code, out, err)
    assert code in (0, 2)
    if code == 2:
        assert err.startswith("solve: any.md")


@pytest.mark.parametrize("data", [b"", b"# One\n\xff", b"# One\n\0", b"x" * ((1 << 20) + 1)])
def test_standard_input_is_refused_like_a_file(place: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    (place / "any.md").write_bytes(data)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    from_file, from_stdin = outcome("any.md"), outcome("-")
    is_documented(*from_stdin)
    assert from_stdin[0] == 2
    assert from_stdin[2] == from_file[2].replace("any.md", "<stdin>")


@few
@given(contents)
def test_any_statement_can_be_solved_or_is_refused(place: Path, data: bytes) -> None:
    (place / "any.md").write_bytes(data)
    is_documented(*outcome("any.md", "-n", "2", "-q", "--report", "any.html"))


@few
@given(contents, st.binary(max_size=200))
def test_any_program_can_be_judged_on_any_statement(place: Path, data: bytes, program: bytes) -> None:
    (place / "any.md").write_bytes(data)
    (place / "any.py").write_bytes(program)
    is_documented(*outcome("judge", "any.md", "any.py", "-q"))


FLAGS = """-n -o -m -q -v --seed --json --report --best-effort --temperature --max-seconds --sandbox --base-url --
--help --version any.md out.py . / judge new completion docker openai: nan inf 0 1 -1 1e9""".split()  # noqa: SIM905
ODD = ["", "\x00", "a\x00b", "a/b", "\x1b[2J"]
words = st.one_of(st.text(max_size=8), st.sampled_from(FLAGS), st.sampled_from(ODD))


@few
@given(st.lists(words, max_size=6))
@example(["-o", "\x00"])
@example(["any.md", "--report", "a\x00b"])
@example(["judge", "\x00", "\x00"])
def test_any_arguments_end_in_a_documented_way(place: Path, args: list[str]) -> None:
    (place / "any.md").write_text("# One\n\nPrint 1.\n", encoding="utf-8")
    if args:
        is_documented(*outcome(*args))


def test_no_argument_at_all_shows_the_help() -> None:
    code, out, err = outcome()
    assert (code, out) == (2, "")
    assert "Exit codes" in err


def test_a_mistake_of_ours_is_told_apart_and_shown_on_request(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "open_sampler", lambda name, **_: {}["mistake"])
    (place / "any.md").write_text("# One\n\nPrint 1.\n", encoding="utf-8")
    code, out, err = outcome("any.md", "-q")
    assert (code, out) == (70, "")
    message, todo = err.splitlines()
    assert message == "solve: a mistake in this program: KeyError: 'mistake'"
    assert "--debug" in todo
    with pytest.raises(KeyError):
        outcome("any.md", "-q", "--debug")
