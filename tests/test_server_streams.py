"""What servers answer, in pieces or in one: counted, said where it is no program, used where it came in full."""

from __future__ import annotations

import json
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from wire_server import LONGEST_DRIP_S, SECRET, Wire, WireServer, choice, events, piece, reply

from agent.budget import Budget
from agent.cli import run
from agent.interrupts import Interrupt
from agent.models import connection
from agent.models.openai_sampler import OpenAISampler
from agent.models.replies import Answer, Reply, Usage
from agent.models.store import StoredSampler
from agent.models.streams import AnswerStream, BrokenStream
from agent.rounds import draw_completions, sample_rounds
from agent.solve import solve
from agent.tally import Leftovers, Tally, leftovers_of, remarks
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams, Silent, SolveOptions
from problems import Problem, TestCase
from sandbox import Sandbox

DOUBLE = Problem("Double", "Print twice the number.", (TestCase("3\n", "6\n"), TestCase("-4\n", "-8\n")))
RIGHT = "```python\nprint(2 * int(input()))\n```"
USAGE = {
    "prompt_tokens": 40,
    "completion_tokens": 30,
    "prompt_tokens_details": {"cached_tokens": 32},
    "completion_tokens_details": {"reasoning_tokens": 12},
}


def request(n: int = 1, *, temperature: float = 0.0, **options: Any) -> SampleRequest:
    """For single answers, unless there is a temperature."""
    return SampleRequest(Prompt("", "solve it"), SamplingParams(n=n, temperature=temperature, **options))


def drawn(server: WireServer, n: int = 1, *, retries: int = 0, **options: Any) -> list[Completion]:
    with closing(OpenAISampler("m", base_url=server.url, retries=retries)) as sampler:
        return list(sampler.sample([request(n, **options)]))


WHOLE = events(
    piece("", role="assistant"),
    {"choices": [{"index": 0, "delta": {"content": "pri"}, "logprobs": {"content": [{"logprob": -1.0}]}}]},
    {"choices": [{"index": 1, "delta": {"content": "x = ü"}}]},
    {"choices": [{"index": 0, "delta": {"content": "nt(1)"}, "logprobs": {"content": [{"logprob": -0.5}]}}]},
    piece(None, reasoning_content="hm", index=1),
    piece(None, finish="stop"),
    piece(None, index=1, finish="length"),
    {"choices": [], "usage": USAGE},
)
EXPECTED = Answer(
    (Reply("print(1)", -1.5, "stop", 2), Reply("x = ü", 0.0, "length", 0, "hm")), Usage(40, 30, 32, 12)
)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_pieces_are_the_same_answer_wherever_they_are_cut(ends: str) -> None:
    data = WHOLE.replace(b"\n", ends.encode())
    for size in (1, 2, 3, 7, 1000):
        stream = AnswerStream()
        for start in range(0, len(data), size):
            stream.feed(data[start : start + size])
        assert stream.answer() == EXPECTED


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (events(piece("a"), done=False), "broke its answer off"),
        (events(piece("a"), done=True), "broke its answer off"),
        (events({"error": {"message": f"out of memory {SECRET}"}}), r"broke its answer off: out of memory \*\*\*"),
        (events(), "without a completion"),
        (b"data: {no}\n", "not an answer"),
        (b": ping\n\nevent: x\ndata:\n\n", "without a completion"),
        (events(piece(3)), "no text"),
    ],
)
def test_a_stream_that_holds_no_answer_says_why(data: bytes, words: str) -> None:
    stream = AnswerStream(key=SECRET)

    def read() -> None:
        stream.feed(data)
        stream.answer()

    with pytest.raises(BrokenStream, match=words):
        read()


def test_odd_pieces_are_left_out() -> None:
    odd = [{"choices": value} for value in (None, 3, [None], [{"index": "x"}], [{"delta": 5}], [{"index": 10**9}])]
    stream = AnswerStream()
    stream.feed(events(*odd, {"usage": 3}, [], "x", piece("a", finish="stop")))
    assert [reply.text for reply in stream.answer().replies] == ["a"]


def test_a_line_without_an_end_is_not_copied_over_and_over() -> None:
    def peak(count: int) -> int:
        stream = AnswerStream()
        tracemalloc.start()
        for _ in range(count):
            stream.feed(b"x" * 100)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        stream.feed(b"x" * 100)
        grown = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        return grown

    assert peak(8000) < 2 * peak(100) + 10_000


def test_an_answer_in_pieces_has_its_usage(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.stream(WHOLE)
    (one,) = drawn(server)
    assert (one.text, one.finish, one.logprob) == ("print(1)", "stop", -1.5)
    assert (one.tokens, one.prompt_tokens, one.cached_tokens, one.thought_tokens) == (30, 40, 32, 12)
    assert not one.is_estimate
    assert server.requests[0]["stream_options"] == {"include_usage": True}


def test_a_count_for_several_answers_is_shared_out(server: WireServer) -> None:
    texts = [piece("abcd" * (number + 1), index=number, finish="stop") for number in range(4)]
    server.behave = lambda wire, number: wire.stream(
        events(*texts, {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 100}})
    )
    result = drawn(server, 4, temperature=0.5)
    assert sorted(one.sample for one in result) == [0, 1, 2, 3]
    assert sum(one.tokens for one in result) == 100
    assert sum(one.prompt_tokens for one in result) == 9


def test_what_a_server_does_not_count_is_guessed_and_said_to_be(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.stream(events(piece("x" * 40, finish="stop")))
    (one,) = drawn(server)
    assert (one.tokens, one.prompt_tokens, one.is_estimate) == (10, 2, True)


@pytest.mark.parametrize(
    ("message", "reason", "finish"),
    [
        ({"content": None, "refusal": "I cannot help with that."}, "stop", "refused"),
        ({"content": "prin"}, "content_filter", "filtered"),
        ({"content": "prin"}, "length", "length"),
        ({"content": "print(1)"}, "stop", "stop"),
        ({"content": "print(1)"}, "eos", "stop"),
    ],
)
@pytest.mark.parametrize("in_pieces", [True, False])
def test_how_an_answer_ended_is_kept(
    message: dict[str, Any], reason: str, finish: str, in_pieces: bool, server: WireServer
) -> None:
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    pieces = events({"choices": [{"index": 0, "delta": message}]}, last)
    whole = json.dumps({"choices": [{"message": message, "finish_reason": reason}]}).encode()
    server.behave = lambda wire, number: wire.stream(pieces) if in_pieces else wire.answer(whole)
    (one,) = drawn(server)
    assert (one.text, one.finish) == (message["content"] or "", finish)


def test_endings_are_counted_and_said() -> None:
    ends = [("", "refused"), ("a", "filtered"), ("", "stop"), ("b", "length"), ("c", "stop")]
    total = sum((Tally.of(Completion(0, 0, text, 5, 0.0, finish)) for text, finish in ends), Tally())
    assert (total.answers, total.refused, total.filtered, total.empty, total.cut) == (5, 1, 1, 1, 1)
    assert remarks(total) == ["of 5 answers, 1 refused by the model, 1 withheld by the server's filter, 1 empty"]
    assert remarks(Tally(answers=4, cut=4)) == [
        "all 4 answers were cut off at the limit on their tokens: --max-tokens allows more"
    ]
    assert "3 of 4 answers were cut off" in remarks(Tally(answers=4, cut=3))[0]
    assert remarks(Tally(answers=4, cut=2)) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            reply("n = int(inp", choices=[choice("n = int(inp", finish_reason="length")]),
            "all 3 answers were cut off",
        ),
        (reply(choices=[choice(None, finish_reason="content_filter")]), "3 withheld by the server's filter"),
        (reply(""), "of 3 answers, 3 empty"),
    ],
)
def test_solve_says_why_there_is_no_program(
    answer: bytes, words: str, server: WireServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = tmp_path / "double.md"
    statement.write_text("# Double\n\n## Input\n```\n3\n```\n## Output\n```\n6\n```\n", encoding="utf-8")
    server.behave = lambda wire, number: wire.answer(answer)
    assert run([str(statement), "-m", "openai:m", "--base-url", server.url, "-n", "3", "--json"]) == 1
    out, err = capsys.readouterr()
    assert words in err
    assert SECRET not in out + err
    assert json.loads(out)["evidence"]["model"]["answers"] == 3


def test_a_stream_that_breaks_is_asked_for_again_and_what_came_is_paid_for(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.stream(
        events(piece("x" * 400), done=False) if number == 1 else events(piece("y", finish="stop"))
    )
    with closing(OpenAISampler("m", base_url=server.url, retries=1)) as sampler:
        assert [one.text for one in sampler.sample([request()])] == ["y"]
        rest = leftovers_of(sampler)
        assert (rest.unused.tokens, rest.unused.unused_tokens, rest.completions) == (100, 100, ())
        assert leftovers_of(sampler) == Leftovers()


def fall_silent(wire: Wire, number: int) -> None:
    wire.stream(events(piece("x"), done=False), end=False)
    wire.wait_for_the_end()


DRIPS: dict[str, Callable[[Wire, int], None]] = {
    "comments": lambda wire, number: (wire.stream(b"", end=False), wire.drip(b": ping\n\n"))[-1],
    "tokens": lambda wire, number: (wire.stream(b"", end=False), wire.drip(events(piece("x"), done=False)))[-1],
    "silence": lambda wire, number: (
        wire.stream(events(piece("x"), done=False), end=False),
        wire.wait_for_the_end(),
    )[-1],
}


@pytest.mark.parametrize("what", DRIPS)
def test_a_stream_has_its_seconds_as_a_whole(what: str, server: WireServer) -> None:
    server.behave = DRIPS[what]
    sampler = OpenAISampler("m", base_url=server.url, timeout_s=0.5, retries=0)
    with closing(sampler), pytest.raises(SamplerError, match="does not answer in time"):
        list(sampler.sample([request()]))
    assert server.gone.wait(LONGEST_DRIP_S / 2)


def test_a_stream_that_falls_silent_is_left(server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_LONGEST_SILENCE_S", 0.2)
    server.behave = fall_silent
    with pytest.raises(SamplerError, match="does not answer in time"):
        drawn(server)


@pytest.mark.parametrize(
    "first", [piece(role="assistant"), {"choices": []}, piece("")], ids=("role", "none", "empty")
)
def test_a_server_that_waits_its_turn_has_not_begun(
    first: dict[str, object], server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of transformers, which names the role at once and then serves others first."""
    monkeypatch.setattr(connection, "_LONGEST_SILENCE_S", 0.2)

    def behave(wire: Wire, number: int) -> None:
        wire.stream(events(first, done=False), end=False)
        server.closed.wait(0.8)
        wire.send(events(piece("x", finish="stop")))
        wire.end()

    server.behave = behave
    assert [one.text for one in drawn(server)] == ["x"]


def test_a_stream_without_end_is_cut_off(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.stream(events(piece("x" * 1000), done=False) * 2000)
    with pytest.raises(SamplerError, match="sends more than"):
        drawn(server, max_tokens=16)


class Holding:
    """A server that gives so many answers at once, and begins others that it never ends."""

    def __init__(self, server: WireServer, count: int, text: str = "print(1)") -> None:
        self._server, self._count, self._text = server, count, text
        server.behave = self._behave
        self.held = threading.Semaphore(0)

    def _behave(self, wire: Wire, number: int) -> None:
        if number <= self._count:
            wire.answer(reply(self._text, usage={"prompt_tokens": 5, "completion_tokens": 8}))
        else:
            wire.stream(events(piece("x" * 40), done=False), end=False)
            self.held.release()
            wire.wait_for_the_end()


def test_what_ended_is_used_and_what_was_begun_is_paid_for_when_the_time_is_over(server: WireServer) -> None:
    Holding(server, 3)
    sampler = OpenAISampler("m", base_url=server.url, concurrency=5)
    budget = Budget(SolveOptions(max_seconds=1.0))
    with closing(sampler):
        assert len(list(draw_completions(sampler, [request(5)], budget))) == 3
    assert server.gone.wait(LONGEST_DRIP_S / 2)
    assert budget.unused.unused_tokens == 2 * 10
    assert budget.unused.prompt_tokens == 2 * 2


def test_answers_that_wait_when_the_budget_is_spent_are_taken(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(json.dumps({"choices": [choice()] * 4}).encode())
    budget = Budget(SolveOptions(max_tokens_total=1))
    with closing(OpenAISampler("m", base_url=server.url)) as sampler:
        assert len(list(draw_completions(sampler, [request(4, temperature=1.0)], budget))) == 4


def test_a_store_keeps_what_waits_when_the_budget_is_spent(server: WireServer, tmp_path: Path) -> None:
    server.behave = lambda wire, number: wire.answer(json.dumps({"choices": [choice()] * 4}).encode())
    sampler = OpenAISampler("m", base_url=server.url)
    asked = [request(4, temperature=1.0)]
    with StoredSampler(tmp_path / "s.jsonl", "m", lambda: sampler, name="m") as store:
        assert len(list(draw_completions(store, asked, Budget(SolveOptions(max_tokens_total=1))))) == 4
        assert store.missing(asked) == 0
    assert SECRET not in (tmp_path / "s.jsonl").read_text(encoding="utf-8")


class Pressed(Interrupt):
    """Ctrl-C came once there was an answer."""

    came = False  # type: ignore[assignment]


def test_after_ctrl_c_what_ended_is_used(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(json.dumps({"choices": [choice()] * 4}).encode())
    interrupt = Pressed()
    with closing(OpenAISampler("m", base_url=server.url)) as sampler:
        answers = draw_completions(sampler, [request(4, temperature=1.0)], Budget(SolveOptions(), interrupt))
        next(answers)
        interrupt.came = True  # type: ignore[misc]
        assert len(list(answers)) == 3


def test_a_solve_that_has_settled_closes_the_streams_and_counts_them(server: WireServer, box: Sandbox) -> None:
    holding = Holding(server, 16, RIGHT)
    sampler = OpenAISampler("m", base_url=server.url, concurrency=20)
    with closing(sampler):
        solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=32, temperature=0.0, inputs=4))
    assert solution.solved
    assert solution.evidence.samples == 16
    assert server.gone.wait(LONGEST_DRIP_S / 2)
    tally = solution.evidence.tally
    assert tally.tokens == 16 * 8 + tally.unused_tokens
    assert tally.prompt_tokens >= 16 * 5
    if holding.held.acquire(blocking=False):  # it may have settled before another request was sent
        assert tally.unused_tokens


def test_answers_that_came_meanwhile_are_used_by_a_solve_that_has_settled(
    server: WireServer, box: Sandbox
) -> None:
    server.behave = lambda wire, number: wire.answer(json.dumps({"choices": [choice(RIGHT)] * 8}).encode())
    budget = Budget(SolveOptions(n=25))
    with closing(OpenAISampler("m", base_url=server.url, concurrency=64)) as sampler:
        rounds = sample_rounds(DOUBLE, sampler, SolveOptions(n=25), budget, Silent(), language())
        taken = len(next(rounds))
        while server.count < 4:
            time.sleep(0.005)
        rounds.close()
    rest = budget.take_untaken()
    assert taken == 16
    assert {one.greedy for one in rest} <= {False}
    assert all(one.prompt is not None for one in rest)


def language() -> Any:
    from agent.languages import PYTHON

    return PYTHON
