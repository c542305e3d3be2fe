"""A server that misbehaves in every way servers do: samples or one clear error, and never a key in sight."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agent.models.openai_sampler import OpenAISampler
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams

SECRET = "sk-secret-0451"
PROMPT = Prompt("be brief", "solve", "```python\n")


def answer(text: str | None, **message: Any) -> tuple[int, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, **message}}
    usage = {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10}
    return 200, {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def refusal(status: int, words: str) -> tuple[int, Any]:
    return status, {"error": {"message": words, "type": "bad", "code": None}}


class Server:
    """Answers with what `behave` makes of each request; remembers the requests."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.behave: Callable[[dict[str, Any], int], tuple[int, Any]] = lambda body, number: answer(
            "print(1)\n```"
        )
        self.lock = threading.Lock()


class Patient(ThreadingHTTPServer):
    """Takes no offence at clients that hang up early."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, OpenAISampler]]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                state.bodies.append(body)
                number = len(state.bodies)
            status, message = state.behave(body, number)
            data = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    http = Patient(("127.0.0.1", 0), Handler)
    # It looks only so often whether it is to stop, and each test waits for that.
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    sampler = OpenAISampler("m", base_url=f"http://127.0.0.1:{http.server_port}/v1", timeout_s=2, retries=2)
    yield state, sampler
    sampler.close()
    http.shutdown()
    http.server_close()
    thread.join()


def drawn(sampler: OpenAISampler, n: int = 3, **options: Any) -> list[Completion]:
    return list(sampler.sample([SampleRequest(PROMPT, SamplingParams(n=n, stop=("\n```",), **options))]))


def test_samples_come_with_their_cost(server: tuple[Server, OpenAISampler]) -> None:
    result = drawn(server[1])
    assert sorted(completion.sample for completion in result) == [0, 1, 2]
    assert {completion.text for completion in result} == {"print(1)"}
    assert {completion.tokens for completion in result} == {7}
    assert {completion.is_estimate for completion in result} == {False}
    assert sum(completion.prompt_tokens for completion in result) == 3 * 3
    # One of three asked for at once came, so that the others are asked for one by one, each with its seed.
    assert [body.get("n") for body in server[0].bodies] == [3, None, None]
    assert len({body["seed"] for body in server[0].bodies[1:]}) == 2


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("seed", "unknown field: seed"),
        ("stop", "stop is not supported"),
        ("logprobs", "logprobs are not available"),
        ("continue_final_message", "the last message must not be of the assistant"),
    ],
)
def test_an_option_that_is_rejected_is_left_out(
    option: str, words: str, server: tuple[Server, OpenAISampler]
) -> None:
    server[0].behave = lambda body, number: (
        refusal(400, words) if option in body else answer("print(1)\n```\nmore")
    )
    assert {completion.text for completion in drawn(server[1])} == {"print(1)"}
    request_count = len(server[0].bodies)
    drawn(server[1])
    assert len(server[0].bodies) == request_count + 3  # learnt once


def test_a_server_that_rejects_everything_is_one_error(server: tuple[Server, OpenAISampler]) -> None:
    server[0].behave = lambda body, number: refusal(400, "no")
    with pytest.raises(SamplerError, match="rejects"):
        drawn(server[1])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_once_is_asked_again(status: int, server: tuple[Server, OpenAISampler]) -> None:
    server[0].behave = lambda body, number: refusal(status, "later") if number == 1 else answer("x")
    assert len(drawn(server[1])) == 3


FAILURES: dict[str, tuple[Callable[[dict[str, Any], int], tuple[int, Any]], str]] = {
    "always failing": (lambda body, number: refusal(500, "broken"), "status 500"),
    "wrong key": (lambda body, number: refusal(401, f"bad key {SECRET}"), "refuses the key"),
    "unknown model": (lambda body, number: refusal(404, "no such model"), "status 404"),
    "truncated JSON": (lambda body, number: (200, b'{"choices": [{"mess'), "not an answer|without a completion"),
    "no choices": (lambda body, number: (200, {"id": "x", "choices": []}), "without a completion"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failures_are_one_line_without_the_key(name: str, server: tuple[Server, OpenAISampler]) -> None:
    server[0].behave, message = FAILURES[name]
    with pytest.raises(SamplerError, match=message) as error:
        drawn(server[1])
    assert "\n" not in str(error.value)
    assert SECRET not in str(error.value)
    assert "solve models" not in error.value.remedy
    assert error.value.remedy


def test_a_server_that_hangs_is_an_error(server: tuple[Server, OpenAISampler]) -> None:
    given_up = threading.Event()

    def hang(body: dict[str, Any], number: int) -> tuple[int, Any]:
        given_up.wait(60)
        return answer("late")

    server[0].behave = hang
    sampler = OpenAISampler("m", base_url=str(server[1].base_url), timeout_s=0.2, retries=0)
    with pytest.raises(SamplerError, match="in time"):
        drawn(sampler, n=1)
    sampler.close()
    given_up.set()


def test_nobody_listening_is_an_error(server: tuple[Server, OpenAISampler]) -> None:
    sampler = OpenAISampler("m", base_url="http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(SamplerError, match="cannot be reached"):
        drawn(sampler, n=1)
    sampler.close()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (None, ""),
        ("", ""),
        ("<think>hm\n```python\nno\n```</think>print(2)", "print(2)"),
        ("```python\nprint(3)\n```", "print(3)"),
        ("Here it is:\n```python\nprint(4)\n```\nDone.", "Here it is:\n```python\nprint(4)\n```\nDone."),
    ],
)
def test_shapes_of_answers(message: str | None, text: str, server: tuple[Server, OpenAISampler]) -> None:
    server[0].behave = lambda body, number: answer(message, reasoning_content="secret thoughts")
    assert {completion.text for completion in drawn(server[1])} == {text}


def test_without_a_key_or_an_address_there_is_nothing_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SamplerError, match="OPENAI_API_KEY"):
        OpenAISampler("m")
