"""`scripted:FILE.jsonl`: answers from a file in a model's place, and one line for a file that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubling import PROBLEM, RIGHT, one_line
from test_docs import ROOT, snippets

from agent.cli import run
from agent.models import fingerprint, open_sampler
from agent.models.scripted_sampler import Answer, ScriptedSampler, read_script
from agent.types import Prompt, SampleRequest, SamplerError, SamplingParams

PROMPT = Prompt("system", "user", "```python\n")


def script(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_answers_come_in_order_over_and_over() -> None:
    sampler = ScriptedSampler([Answer("a"), Answer("b"), Answer("c")])
    requests = [SampleRequest(PROMPT, SamplingParams(n=2)), SampleRequest(PROMPT, SamplingParams(n=3, first=2))]
    completions = list(sampler.sample(requests))
    assert [(c.request, c.sample, c.text) for c in completions] == [
        (0, 0, "a"), (0, 1, "b"), (1, 2, "c"), (1, 3, "a"), (1, 4, "b"),
    ]  # fmt: skip
    assert [c.text for c in sampler.sample(requests[:1])] == ["c", "a"]


def test_a_line_is_a_text_or_an_object(tmp_path: Path) -> None:
    short_row = {"text": "", "tokens": 3, "logprob": -2, "finish": "length"}
    path = script(tmp_path / "a.jsonl", "x = 1\n\ud800", short_row)
    sampler = open_sampler(f"scripted:{path}")
    assert sampler.name == f"scripted:{path}"
    first, second = sampler.sample([SampleRequest(PROMPT, SamplingParams(n=2))])
    assert (first.text, first.tokens, first.logprob, first.finish) == ("x = 1\n\ufffd", 0, 0.0, "stop")
    assert (second.text, second.tokens, second.logprob, second.finish) == ("", 3, -2, "length")


def test_a_last_line_without_a_newline_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('\n"a"\r\n  \n"b"', encoding="utf-8")
    assert read_script(path) == [Answer("a"), Answer("b")]


def test_the_script_in_the_docs_solves_the_problem_it_is_about(tmp_path: Path, backend: str) -> None:
    problem, answers = tmp_path / "double.md", tmp_path / "answers.jsonl"
    problem.write_text(PROBLEM, encoding="utf-8")
    (snippet,) = snippets(ROOT / "docs" / "models.md", "json")
    for line in snippet.text.splitlines():
        answers.write_text(line, encoding="utf-8")
        assert run([str(problem), "-m", f"scripted:{answers}", "-n", "1", "-q", "--sandbox", backend]) == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ": holds no answer"),
        (b"\n \n", ": holds no answer"),
        (b'"a"\n{"text": "b', ":2: not JSON"),
        (b'"a"\n[1]\n', ":2: a text, or an object with the field 'text', was expected"),
        (b'{"tokens": 3}\n', ":1: a text, or an object with the field 'text', was expected"),
        (b'{"text": 3}\n', ":1: the field 'text' is a text"),
        (b'{"text": "a", "tokens": true}\n', ":1: the field 'tokens' is a whole number"),
        (b'{"text": "a", "tokens": -1}\n', ":1: the field 'tokens' is a whole number"),
        (b'{"text": "a", "logprob": NaN}\n', ":1: the field 'logprob' is a number, 0 at most"),
        (b'{"text": "a", "finish": []}\n', ":1: the field 'finish' is"),
        (b'{"text": "a", "txet": "b"}\n', ":1: an answer has no field 'txet'"),
        (b"[" * 100_000, ":1: not JSON"),
        (b'"\xff"\n', ": not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_script_is_named_with_its_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(SamplerError) as error:
        open_sampler(f"scripted:{path}")
    assert str(error.value).startswith(f"{path}{words}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["missing.jsonl", "folder", ""])
def test_no_script_is_one_line_and_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("double.md").write_text(PROBLEM, encoding="utf-8")
    Path("folder").mkdir()
    assert run(["double.md", "-m", f"scripted:{name}", "-q"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert one_line(err).startswith(f"solve: {Path(name)}: ")


def test_a_script_and_the_address_of_a_server_are_refused(tmp_path: Path) -> None:
    path = script(tmp_path / "a.jsonl", RIGHT)
    with pytest.raises(SamplerError, match="--base-url goes with"):
        open_sampler(f"scripted:{path}", base_url="http://localhost:1/v1")


def test_a_script_is_known_by_its_content(tmp_path: Path) -> None:
    one, same = script(tmp_path / "1.jsonl", "a"), script(tmp_path / "2.jsonl", "a")
    other = script(tmp_path / "3.jsonl", "b")
    assert fingerprint(f"scripted:{one}") == fingerprint(f"scripted:{same}")
    assert fingerprint(f"scripted:{one}") != fingerprint(f"scripted:{other}")
