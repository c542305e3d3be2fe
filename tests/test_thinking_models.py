"""A model that thinks for 4,000 tokens before it answers, as servers and scripts show it.

Its thoughts hold a draft that would pass where the answer does not, or the other way round: no draft is a program.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_openai_sampler import Server, answer, refusal, server

from agent.cli import run
from agent.models.connection import Connection
from agent.models.openai_sampler import OpenAISampler
from agent.profile import Form, Profile
from agent.solve import solve
from agent.tally import Tally, remarks
from agent.thinking import Effort, Thinking
from agent.types import Completion, Prompt, SampleRequest, SamplingParams, SolveOptions
from problems import Problem
from problems import TestCase as Case
from sandbox import Sandbox

__all__ = ["server"]

DOUBLE = Problem("Double", "Print 2n.", (Case("3\n", "6\n"),))
RIGHT, WRONG = "print(2 * int(input()))", "print(int(input()) ** 2)"
PROFILE = Profile(form=Form.THINK, max_tokens=6000, thinking=Thinking(tokens=5000))
DRAFT = "\n```python\n{}\n```\n"

Behaviour = Callable[[dict[str, Any], int], tuple[int, Any]]


def thought(draft: str) -> str:
    """4,000 tokens, more or less."""
    return "I could try this." + DRAFT.format(draft) + "Hmm, wait. " * 2000


def reply(content: str | None, *, finish: str = "stop", counted: int | None = None, **message: Any) -> Any:
    status, body = answer(content, **message)
    body["choices"][0]["finish_reason"] = finish
    body["usage"] = {"prompt_tokens": 3, "completion_tokens": 4100}
    if counted is not None:
        body["usage"]["completion_tokens_details"] = {"reasoning_tokens": counted}
    return status, body


SHAPES: dict[str, Callable[[str, str], Any]] = {
    "apart": lambda thoughts, text: reply(text, reasoning_content=thoughts, counted=4000),
    "apart, under another name": lambda thoughts, text: reply(text, reasoning=thoughts, counted=4000),
    "apart and not counted": lambda thoughts, text: reply(text, reasoning_content=thoughts),
    "with tags": lambda thoughts, text: reply(f"<think>\n{thoughts}\n</think>\n\n{text}"),
    "with the last tag only": lambda thoughts, text: reply(f"{thoughts}\n</think>\n\n{text}"),
    "in a channel": lambda thoughts, text: reply(
        f"<|channel|>analysis<|message|>{thoughts}<|end|><|start|>assistant<|channel|>final<|message|>{text}"
    ),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("draft", "final"), [(WRONG, RIGHT), (RIGHT, WRONG)], ids=["draft wrong", "draft right"])
def test_only_the_answer_is_a_program(
    name: str, draft: str, final: str, server: tuple[Server, OpenAISampler], box: Sandbox
) -> None:
    server[0].behave = lambda body, number: SHAPES[name](thought(draft), "So:" + DRAFT.format(final))
    solution = solve(DOUBLE, server[1], box, options=SolveOptions(n=2, inputs=4).asked_by(PROFILE))
    assert [standing.candidate.source.strip() for standing in solution.standings] == [final]
    assert solution.solved is (final == RIGHT)
    tally = solution.evidence.tally
    assert tally.tokens == 2 * 4100
    assert 0.9 < tally.thought_share < 1
    assert remarks(tally) == []


def test_thoughts_without_any_mark_lose_to_the_answer_behind_them(
    server: tuple[Server, OpenAISampler], box: Sandbox
) -> None:
    server[0].behave = lambda body, number: reply(thought(WRONG) + DRAFT.format(RIGHT))
    solution = solve(DOUBLE, server[1], box, options=SolveOptions(n=2, inputs=4).asked_by(PROFILE))
    assert solution.solved


CUT: dict[str, Callable[[str], Any]] = {
    "apart": lambda thoughts: reply(None, reasoning_content=thoughts, finish="length"),
    "hidden": lambda thoughts: reply("", counted=4100, finish="length"),
    "with a tag": lambda thoughts: reply(f"<think>\n{thoughts}", finish="length"),
    "without a tag": lambda thoughts: reply(thoughts, finish="length"),
    "in a channel": lambda thoughts: reply(f"<|channel|>analysis<|message|>{thoughts}", finish="length"),
}


@pytest.mark.parametrize("name", CUT)
def test_a_thought_that_is_cut_off_is_said_to_be(
    name: str, server: tuple[Server, OpenAISampler], box: Sandbox
) -> None:
    server[0].behave = lambda body, number: CUT[name](thought(RIGHT))
    solution = solve(DOUBLE, server[1], box, options=SolveOptions(n=3, inputs=4).asked_by(PROFILE))
    assert solution.program is None
    (words,) = remarks(solution.evidence.tally)
    assert words.startswith("3 of 3 answers ended inside their thoughts: --max-tokens allows more")


CUT_BEHIND = [
    reply("print(", reasoning_content="hm", finish="length"),
    reply("hm</think>print(", finish="length"),
    reply("print(", counted=7, finish="length"),
]


@pytest.mark.parametrize("shape", CUT_BEHIND, ids=["apart", "with a tag", "hidden"])
def test_an_answer_that_is_cut_off_behind_its_thoughts_is_no_thought(
    shape: Any, server: tuple[Server, OpenAISampler]
) -> None:
    server[0].behave = lambda body, number: shape
    (completion,) = drawn(server[1], Thinking(tokens=100))
    assert completion.text == "print("
    assert not completion.is_unfinished_thought


def test_a_model_that_is_not_to_think_keeps_what_it_said(server: tuple[Server, OpenAISampler]) -> None:
    server[0].behave = lambda body, number: reply("print(1", finish="length")
    for thinking in (None, Thinking(Effort.OFF)):
        (completion,) = drawn(server[1], thinking)
        assert completion.text == "print(1"


def drawn(sampler: OpenAISampler, thinking: Thinking | None, **params: Any) -> list[Completion]:
    request = SampleRequest(Prompt("", "solve"), SamplingParams(n=1, thinking=thinking, **params))
    return list(sampler.sample([request]))


@pytest.mark.parametrize(
    ("thinking", "effort", "switch"),
    [
        (None, None, None),
        (Thinking(), None, None),
        (Thinking(Effort.HIGH, word="high"), "high", None),
        (Thinking(Effort.OFF, has_switch=True), None, False),
        (Thinking(Effort.LOW, has_switch=True), None, True),
        (Thinking(has_switch=True), None, None),
    ],
)
def test_a_server_is_told_how_hard_to_think(
    thinking: Thinking | None, effort: str | None, switch: bool | None, server: tuple[Server, OpenAISampler]
) -> None:
    drawn(server[1], thinking)
    (body,) = server[0].bodies
    assert body.get("reasoning_effort") == effort
    assert body.get("chat_template_kwargs") == (None if switch is None else {"enable_thinking": switch})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("reasoning_effort", "Unsupported parameter: 'reasoning_effort' is not supported with this model"),
        ("chat_template_kwargs", "extra fields not permitted: chat_template_kwargs"),
    ],
)
def test_a_server_that_knows_no_such_word_is_asked_without(
    field: str, words: str, server: tuple[Server, OpenAISampler]
) -> None:
    server[0].behave = lambda body, number: refusal(400, words) if field in body else answer("print(1)")
    for _ in range(2):
        assert len(drawn(server[1], Thinking(Effort.LOW, has_switch=True, word="low"))) == 1
    assert [field in body for body in server[0].bodies] == [True, False, False]


def test_stop_strings_do_not_end_thoughts(server: tuple[Server, OpenAISampler]) -> None:
    server[0].behave = lambda body, number: reply("a STOP b</think>x STOP y")
    (completion,) = drawn(server[1], Thinking(tokens=100), stop=("STOP",))
    assert "stop" not in server[0].bodies[0]
    assert (completion.thoughts, completion.text) == ("a STOP b", "x ")


def test_a_model_that_thinks_is_waited_for(
    server: tuple[Server, OpenAISampler], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sampler of the tests gives up on others after two seconds."""
    limits: list[tuple[float, bool]] = []
    ask = Connection.ask

    def watched(connection: Connection, body: Any, *, seconds: float, is_patient: bool, **rest: Any) -> bytes:
        limits.append((seconds, is_patient))
        return ask(connection, body, seconds=seconds, is_patient=is_patient, **rest)

    monkeypatch.setattr(Connection, "ask", watched)
    for thinking in (None, Thinking(Effort.OFF), Thinking(tokens=100)):
        assert drawn(server[1], thinking)
    assert limits == [(2, False), (2, False), (7200, True)]


def test_a_silence_in_an_answer_is_borne_where_a_model_thinks(server: tuple[Server, OpenAISampler]) -> None:
    connection = server[1]._idle[0]
    connection._end, connection._heard = 1000.0, 10.0
    assert connection._deadline == 130.0
    drawn(server[1], Thinking(tokens=100))
    connection._end, connection._heard = 9000.0, 10.0
    assert connection._deadline == 7210.0


def script(folder: Path, *rows: dict[str, Any]) -> str:
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return f"scripted:{path}"


def statement(folder: Path) -> str:
    path = folder / "double.md"
    path.write_text("# Double\n\nPrint 2n.\n\nInput\n```\n3\n```\nOutput\n```\n6\n```\n", encoding="utf-8")
    return str(path)


def test_the_share_of_thoughts_is_shown_and_thoughts_are_kept(
    tmp_path: Path, box: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    text = f"<think>{thought(WRONG)}</think>" + DRAFT.format(RIGHT)
    model = script(tmp_path, {"text": text, "tokens": 5000})
    store, report = tmp_path / "s.jsonl", tmp_path / "report.html"
    command = [statement(tmp_path), "-m", model, "--answer-form", "think", "-n", "2", "--json"]
    command += ["--sandbox", box.backend, "--store", str(store), "--report", str(report)]
    assert run(command) == 0
    shown = capfd.readouterr()
    record = json.loads(shown.out)["evidence"]["model"]
    assert 0.99 < record["thought_share"] < 1
    assert record["thought_tokens"] == round(record["thought_share"] * 10_000)
    assert "10000 tokens (100% of them thoughts)" in shown.err
    assert "100 % of them thoughts" in report.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]
    assert all(WRONG in row["thoughts"] and WRONG not in row["text"] for row in rows)
    assert run(command) == 0
    assert json.loads(capfd.readouterr().out)["evidence"]["model"] == record


def test_unfinished_thoughts_of_a_script_are_said_on_the_console_and_in_the_report(
    tmp_path: Path, box: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    row = {"text": "<think>" + thought(RIGHT), "tokens": 4000, "finish": "length"}
    report = tmp_path / "report.html"
    command = [statement(tmp_path), "-m", script(tmp_path, row), "--answer-form", "think", "-n", "4"]
    assert run([*command, "--sandbox", box.backend, "--report", str(report)]) == 1
    words = "4 of 4 answers ended inside their thoughts: --max-tokens allows more"
    assert words in capfd.readouterr().err
    assert words in report.read_text(encoding="utf-8")


def test_some_unfinished_thoughts_are_said_beside_other_limits() -> None:
    tally = Tally(answers=10, cut=9, cut_thoughts=2)
    assert remarks(tally)[0].startswith("2 of 10 answers ended inside their thoughts")
    assert remarks(tally)[1].startswith("7 of 10 answers were cut off")
    assert remarks(Tally(answers=10, cut=2, cut_thoughts=2)) == [remarks(tally)[0]]
