"""Servers that send too much, too slowly, or other things than answers: an error in one line, and no more.

`test_openai_sampler.py` has the servers that merely fail.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import time
import tracemalloc
import zlib
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from wire_server import LONGEST_DRIP_S, SECRET, Wire, WireServer, choice, reply

from agent.budget import Budget
from agent.cli import run
from agent.models.openai_sampler import OpenAISampler
from agent.models.replies import read_answer
from agent.rounds import draw_completions
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams, Silent, SolveOptions


def stream(
    server: WireServer, *, n: int = 1, seconds: float = math.inf, timeout_s: float = 60.0, retries: int = 0
) -> Generator[Completion]:
    """What the server's model says, of which nothing is wanted after `seconds`."""
    sampler = OpenAISampler("m", base_url=server.url, timeout_s=timeout_s, retries=retries)
    params = SamplingParams(n=n, max_tokens=64)
    with closing(sampler):
        yield from sampler.sample([SampleRequest(Prompt("", "solve"), params, until=time.monotonic() + seconds)])


def failure_of(server: WireServer, **options: Any) -> str:
    """How sampling ends, in one line that is fit to be shown."""
    with pytest.raises(SamplerError) as error:
        list(stream(server, **options))
    line = str(error.value)
    assert line.startswith("openai:m ")
    assert line.isprintable()
    assert SECRET not in line
    assert len(line) < 400
    assert error.value.remedy
    return line


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPS: dict[str, Callable[[Wire, int], None]] = {
    "nothing at all": lambda wire, number: wire.wait_for_the_end(),
    "headers": lambda wire, number: (wire.send(HEAD + b"X-Slow: "), wire.drip(b"x"))[-1],
    "a body": lambda wire, number: (wire.send(HEAD + b"Content-Length: 900000\r\n\r\n"), wire.drip(b" "))[-1],
    "chunks": lambda wire, number: (
        wire.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
        wire.drip(b"1\r\n \r\n"),
    )[-1],
    "an error": lambda wire, number: (
        wire.send(HEAD.replace(b"200 OK", b"500 Oh") + b"Content-Length: 60000\r\n\r\n"),
        wire.drip(b" "),
    )[-1],
}


@pytest.mark.parametrize("what", DRIPS)
def test_a_server_that_drips_is_left_when_the_time_is_over(what: str, server: WireServer) -> None:
    server.behave = DRIPS[what]
    began = time.monotonic()
    assert re.search("when the time was over|in time", failure_of(server, seconds=0.5))
    assert time.monotonic() - began < LONGEST_DRIP_S / 2
    # On a slow machine the time may be over before anything is asked.
    assert server.count == 0 or server.gone.wait(LONGEST_DRIP_S / 2)


@pytest.mark.parametrize("what", DRIPS)
def test_one_request_has_its_seconds_as_a_whole(what: str, server: WireServer) -> None:
    server.behave = DRIPS[what]
    assert "does not answer in time" in failure_of(server, timeout_s=0.5)
    assert server.count == 0 or server.gone.wait(LONGEST_DRIP_S / 2)


def test_what_is_under_way_is_broken_off_when_nobody_wants_it_any_more(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(reply()) if number == 1 else wire.wait_for_the_end()
    answers = stream(server, n=5)
    assert next(answers).text == "print(1)"
    while server.count < 2:
        time.sleep(0.01)
    answers.close()
    assert server.gone.wait(LONGEST_DRIP_S / 2)


def test_a_wait_that_would_outlive_the_time_is_not_begun(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(b"later", status="503 Busy", headers="Retry-After: 50\r\n")
    assert "status 503: later" in failure_of(server, seconds=20, retries=4)
    assert server.count == 1


def test_an_answer_that_comes_at_once_is_taken_from_the_same_connections(server: WireServer) -> None:
    assert [one.text for one in stream(server, n=20)] == ["print(1)"] * 20


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_bomb_is_not_unpacked(encoding: str, pack: Callable[[bytes], bytes], server: WireServer) -> None:
    honest, bomb = pack(reply()), pack(b" " * (64 << 20))
    headers = f"Content-Encoding: {encoding}\r\n"
    server.behave = lambda wire, number: wire.answer(honest if number == 1 else bomb, headers=headers)
    assert [one.text for one in stream(server)] == ["print(1)"]
    tracemalloc.start()
    try:
        assert "sends more than" in failure_of(server)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("status", "body", "headers", "words"),
    [
        ("200 OK", json.dumps({"choices": [choice()] * 200_000}).encode(), "", "sends more than"),
        ("200 OK", b"[" * 100_000, "", "nested too deep"),
        ("200 OK", b'{"choices":' * 9_000, "", "nested too deep|no JSON"),
        ("500 Oh", b"[" * 100_000, "", "status 500"),
        ("200 OK", b"\xff\xfe\xfd", "", "no JSON"),
        ("200 OK", b"", "", "no JSON"),
        ("200 OK", gzip.compress(reply()), "Content-Encoding: br\r\n", "was not asked for"),
        ("200 OK", b"no gzip", "Content-Encoding: gzip\r\n", "decompressed"),
        ("200 OK", b'{"error": {"message": "out of\\nmemory"}}', "", "without a completion: out of memory"),
        ("200 OK", b'{"choices": []}', "", "without a completion"),
        ("200 OK", b'{"choices": {"0": 1}}', "", "without a completion"),
        ("200 OK", b'{"choices": [null]}', "", "without a completion"),
        ("200 OK", b'{"choices": [{"message": []}]}', "", "without a completion"),
        ("200 OK", b'[{"choices": 1}]', "", "without a completion"),
        ("200 OK", b"1" * 5000, "", "without a completion"),
        ("200 OK", reply(5), "", "no text"),
        ("200 OK", reply({"text": "print(1)"}), "", "no text"),
        (
            "400 Bad",
            b'{"error": {"message": "the prompt is too long"}}',
            "",
            "short a context .*: the prompt is too long",
        ),
        ("400 Bad", b'{"detail": "\\u001b[31mno"}', "", r"rejects the request: \[31mno"),
        ("403 No", json.dumps({"message": f"not with {SECRET}"}).encode(), "", r"403: not with \*\*\*"),
        ("404 No", b"<html>" + b"no " * 90, "", "status 404$"),
        ("418 Tea", b"\xf0\x9f" + b"teapot " * 90_000, "", "status 418: .*teapot"),
    ],
)
def test_what_is_no_answer_is_an_error_in_the_servers_words(
    status: str, body: bytes, headers: str, words: str, server: WireServer
) -> None:
    server.behave = lambda wire, number: wire.answer(body, status=status, headers=headers)
    assert re.search(words, failure_of(server))


@pytest.mark.parametrize(
    "rest",
    [
        *({"usage": {"completion_tokens": count}} for count in ("7", None, -(10**30), 10**30, 1.5, True, [], {})),
        *({"usage": usage} for usage in (None, 3, [], "")),
        *({"id": odd, "object": odd, "created": odd, "model": odd} for odd in (None, [], {"a": [1]}, 10**400)),
        *({"choices": [choice(logprobs=odd)]} for odd in (3, [], "x", {"content": 4}, {"content": [None, 1, []]})),
        *(
            {"choices": [choice(logprobs={"content": [{"logprob": odd}, {"logprob": -2.0}]})]}
            for odd in ("x", None, [], -(10**400), 1e308, math.nan, math.inf, -math.inf, True)
        ),
        *({"choices": [choice(finish_reason=odd)]} for odd in (3, None, [], {})),
        {"choices": [choice(), None, 3]},
    ],
    ids=repr,
)
def test_what_is_not_as_it_should_be_beside_the_text_is_left_out(
    rest: dict[str, object], server: WireServer
) -> None:
    server.behave = lambda wire, number: wire.answer(reply(**rest))
    (completion,) = stream(server)
    assert (completion.text, completion.finish) == ("print(1)", "stop")
    assert completion.tokens == 2  # a quarter of the characters
    assert completion.logprob in (0.0, -2.0)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "image"}, {"text": 3}, None, "b"], "ab"),
        (None, ""),
        ("x\ud800y", "x\ufffdy"),
        ([{"text": "\ud83d"}, {"text": "\ude00"}], "\U0001f600"),
    ],
)
def test_odd_texts_are_read(content: object, text: str, server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(reply(content))
    (completion,) = stream(server)
    assert completion.text == text


def test_a_text_far_longer_than_was_asked_for_is_cut(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(reply("x" * 200_000))
    (completion,) = stream(server)
    assert (len(completion.text), completion.finish) == (64 * 128, "length")


def test_reading_takes_steps_in_proportion_to_the_bytes() -> None:
    def steps(size: int) -> int:
        entries = [{"token": "x", "logprob": -1.0, "bytes": [120]}] * size
        data = json.dumps({"choices": [choice(logprobs={"content": entries})]}).encode()
        tracemalloc.start()
        assert read_answer(data).replies[0].logprob == -size
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert steps(8000) < 2.5 * steps(4000)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Elsewhere", "308 Elsewhere"])
def test_a_redirect_is_not_followed(status: str, server: WireServer) -> None:
    other = WireServer()
    server.behave = lambda wire, number: wire.answer(
        b"", status=status, headers=f"Location: {other.url}/chat/completions\r\n"
    )
    assert "elsewhere" in failure_of(server, retries=2)
    assert other.count == 0
    assert server.count == 1
    other.close()


def test_a_request_that_fails_leaves_the_others_their_answers(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(b"?" if number == 3 else reply())
    answers = []
    with pytest.raises(SamplerError, match="not an answer"):
        answers.extend(stream(server, n=12))
    assert server.count == 12
    assert len(answers) == 11


def test_after_three_failures_in_a_row_nothing_more_is_asked(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(b"", status="401 No")
    assert "refuses the key" in failure_of(server, n=500)
    assert server.count < 30


DOUBLE = "# Double\n\nPrint twice the number.\n\n## Input\n```\n3\n```\n## Output\n```\n6\n```\n"


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, reply(3), b"{}", b'{"choices": 3}', json.dumps({"choices": [choice()] * 200_000}).encode()],
)
def test_solve_ends_as_without_a_model(
    body: bytes, server: WireServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.behave = lambda wire, number: wire.answer(body)
    statement = tmp_path / "double.md"
    statement.write_text(DOUBLE, encoding="utf-8")
    assert run([str(statement), "-m", "openai:m", "--base-url", server.url, "-n", "2"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()[-2:]] == ["solve", "try"]


def test_half_of_a_character_in_an_answer_reaches_no_file(
    server: WireServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Programs that hold some, print some and fail with some: through repair, report, store, record and output."""
    programs = [
        "print(2 * int(input())) # \ud83d",
        "print('\ud800')",
        "import sys; sys.stdout.buffer.write(b'\\xff\\xed\\xa0\\x80')",
        "raise ValueError('\\udcff')",
    ]
    statement, output = tmp_path / "double.md", tmp_path / "program.py"
    statement.write_text(DOUBLE, encoding="utf-8")
    for first in (0, 1):
        server.behave = (
            lambda wire, number, first=first: wire.answer(  # type: ignore[misc]
                reply(f"```python\n{(programs[first:] * 9)[number]}\n```")
            )
        )
        options = ["-n", "6", "--repairs", "1", "--json", "--store", str(tmp_path / f"{first}.jsonl")]
        options += ["--report", str(tmp_path / "report.html"), "-o", str(output)]
        options += ["--seed", str(first), "-m", "openai:m", "--base-url", server.url]
        assert run([str(statement), *options]) == first
        record = json.loads(capsys.readouterr().out)
        assert record["solved"] is (first == 0)
    assert output.read_text(encoding="utf-8").strip() == "print(2 * int(input())) # \ufffd"


class Telling(Silent):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def lost(self, reason: str) -> None:
        self.reasons.append(reason)


def test_what_was_paid_for_is_gone_on_with(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(b"?" if number == 2 else reply())
    sampler = OpenAISampler("m", base_url=server.url, retries=0)
    events = Telling()
    budget = Budget(SolveOptions(), events=events)
    request = SampleRequest(Prompt("", "solve"), SamplingParams(n=10))
    assert len(list(draw_completions(sampler, [request], budget))) == 9
    assert len(events.reasons) == 1
    server.behave = lambda wire, number: wire.answer(b"?")
    assert list(draw_completions(sampler, [request], budget)) == []
    with pytest.raises(SamplerError, match="not an answer"):
        list(draw_completions(sampler, [request], Budget(SolveOptions())))
    sampler.close()
