"""What servers refuse, in the words of each: it is left out, all else stays, and the answers come.

The errors are those that the providers document or that their users quote; a server of this file refuses one thing
and answers everything else. `test_server_streams.py` has what comes back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from wire_server import SECRET, Wire, WireServer, choice, events, piece, reply

from agent.models.complaints import read_complaint
from agent.models.forms import Form
from agent.models.openai_sampler import OpenAISampler
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams

PROMPT = Prompt("be brief", "solve", "```python\n")


def openai(parameter: str, code: str, words: str) -> tuple[str, dict[str, Any]]:
    error = {"message": words, "type": "invalid_request_error", "param": parameter, "code": code}
    return "400 Bad Request", {"error": error}


def unsupported(parameter: str, more: str = "") -> tuple[str, dict[str, Any]]:
    words = f"Unsupported parameter: '{parameter}' is not supported with this model.{more}"
    return openai(parameter, "unsupported_parameter", words)


def vllm(words: str) -> tuple[str, dict[str, Any]]:
    return "400 Bad Request", {"object": "error", "message": words, "type": "BadRequestError", "param": None}


def llama(words: str, status: str = "400 Bad Request") -> tuple[str, dict[str, Any]]:
    return status, {"error": {"code": int(status[:3]), "message": words, "type": "invalid_request_error"}}


def extra(parameter: str) -> tuple[str, dict[str, Any]]:
    """As Mistral's."""
    detail = [{"type": "extra_forbidden", "loc": ["body", parameter], "msg": "Extra inputs are not permitted"}]
    return "422 Unprocessable", {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error"}


def gemini(parameter: str) -> tuple[str, Any]:
    words = f'Invalid JSON payload received. Unknown name "{parameter}": Cannot find field.'
    return "400 Bad Request", [{"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}]


@dataclass(frozen=True)
class Refusal:
    """A server that refuses one thing."""

    where: Callable[[dict[str, Any]], bool]
    answer: tuple[str, Any]
    said: str
    """What is said of it."""


def has(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda body: name in body


def begins_answers(body: dict[str, Any]) -> bool:
    return bool(body["messages"][-1]["role"] == "assistant")


def has_system(body: dict[str, Any]) -> bool:
    return bool(body["messages"][0]["role"] == "system")


def is_greedy(body: dict[str, Any]) -> bool:
    return body.get("temperature") == 0


ONE_TEMPERATURE = "Unsupported value: 'temperature' does not support 0.8 with this model. Only the default (1) is."
LIMIT = unsupported("max_tokens", " Use 'max_completion_tokens' instead.")
UNVERIFIED = "Your organization must be verified to stream this model. Please go to: https://platform.example/"
NO_SYSTEM = "Unsupported value: 'messages[0].role' does not support 'system' with this model."
REFUSALS = {
    "o-series, max_tokens": Refusal(has("max_tokens"), LIMIT, ""),
    "o-series, temperature": Refusal(
        has("temperature"), openai("temperature", "unsupported_value", ONE_TEMPERATURE), "a temperature"
    ),
    "o-series, top_p": Refusal(has("top_p"), unsupported("top_p"), "top_p"),
    "o-series, logprobs": Refusal(has("logprobs"), unsupported("logprobs"), "log-probabilities"),
    "alternatives alone": Refusal(has("top_logprobs"), unsupported("top_logprobs"), ""),
    "o-series, stop": Refusal(has("stop"), unsupported("stop"), "stop strings"),
    "o1-mini, system": Refusal(has_system, openai("messages[0].role", "unsupported_value", NO_SYSTEM), "a system"),
    "unverified, stream": Refusal(has("stream"), openai("stream", "unsupported_value", UNVERIFIED), "streams"),
    "OpenAI, unknown": Refusal(
        has("continue_final_message"),
        openai("", "", "Unrecognized request argument supplied: continue_final_message"),
        "answers begun for it",
    ),
    "Mistral, seed": Refusal(has("seed"), extra("seed"), "a seed"),
    "Mistral, stream_options": Refusal(has("stream_options"), extra("stream_options"), "a count of tokens"),
    "Mistral, last role": Refusal(
        begins_answers,
        vllm("Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"),
        "answers begun for it",
    ),
    "Gemini, seed": Refusal(has("seed"), gemini("seed"), "a seed"),
    "Groq, logprobs": Refusal(
        has("logprobs"), openai("", "", "`logprobs` is not supported with this model"), "log-probabilities"
    ),
    "Groq, n": Refusal(has("n"), openai("", "", "'n' : number must be at most 1"), "several answers"),
    "llama.cpp, n": Refusal(
        has("n"), llama("Only one completion choice is allowed", "500 Internal Server Error"), "several answers"
    ),
    "llama.cpp, slots": Refusal(
        has("n"),
        llama("n_cmpl cannot be greater than the number of slots"),
        "several answers",
    ),
    "llama.cpp of October 2026, slots": Refusal(
        has("n"), llama("Field 'n': Value must be between 1 <= value <= 4, but got 5"), "several answers"
    ),
    "transformers, prefill": Refusal(
        has("continue_final_message"),
        (
            "422 Unprocessable Entity",
            {"detail": "Unexpected fields in the request: {'add_generation_prompt', 'continue_final_message'}"},
        ),
        "answers begun for it",
    ),
    "llama.cpp, thinking": Refusal(
        begins_answers,
        llama("Assistant response prefill is incompatible with enable_thinking."),
        "answers begun for it",
    ),
    "Anthropic, prefill": Refusal(
        begins_answers,
        openai(
            "",
            "",
            "This model does not support assistant message prefill."
            " The conversation must end with a user message.",
        ),
        "answers begun for it",
    ),
    "vLLM on Gaudi, logprobs": Refusal(
        has("logprobs"),
        vllm("Gaudi doesn't support logprobs. Please remove 'logprobs'/'top_logprobs' from your request."),
        "log-probabilities",
    ),
    "vLLM, system": Refusal(has_system, vllm("System role not supported"), "a system"),
    "TGI, temperature of 0": Refusal(
        is_greedy,
        ("422 Unprocessable", {"error": "`temperature` must be strictly positive", "error_type": "validation"}),
        "a temperature of 0",
    ),
}


GONE = {
    "": {"max_tokens", "top_logprobs"},
    "a temperature": {"temperature"},
    "a temperature of 0": {"temperature"},
    "top_p": {"top_p"},
    "log-probabilities": {"logprobs", "top_logprobs"},
    "stop strings": {"stop"},
    "a seed": set(),
    "several answers": set(),
    "a system": {"system"},
    "streams": {"stream", "stream_options"},
    "a count of tokens": {"stream_options"},
    "answers begun for it": {"assistant", "stop", "continue_final_message", "add_generation_prompt"},
}
"""What is not in requests any more, by what is said of it."""


def answers_of(body: dict[str, Any], text: str = "print(1)\n```\n") -> Callable[[Wire], None]:
    """An answer as the request wants it."""
    count = body.get("n", 1)
    usage = {"prompt_tokens": 30, "completion_tokens": 7 * count}
    if not body.get("stream"):
        data = json.dumps({"choices": [choice(text)] * count, "usage": usage}).encode()
        return lambda wire: wire.answer(data)
    pieces = [piece(text, index=index, finish="stop") for index in range(count)]
    end = [{"choices": [], "usage": usage}] if "stream_options" in body else []
    return lambda wire: wire.stream(events(*pieces, *end))


def refusing(refusal: Refusal) -> Callable[[Wire, int], None]:
    def behave(wire: Wire, number: int) -> None:
        if refusal.where(wire.request):
            status, data = refusal.answer
            wire.answer(json.dumps(data).encode(), status=status)
        else:
            answers_of(wire.request)(wire)

    return behave


def drawn(server: WireServer, said: list[str], *, n: int = 5) -> list[Completion]:
    """The greedy answer, and `n` others."""
    params = SamplingParams(n=n, stop=("\n```",), max_tokens=64)
    greedy = SamplingParams(temperature=0.0, stop=("\n```",), max_tokens=64)
    with closing(OpenAISampler("m", base_url=server.url, retries=1, notice=said.append)) as sampler:
        return list(sampler.sample([SampleRequest(PROMPT, greedy), SampleRequest(PROMPT, params)]))


def options_of(body: dict[str, Any]) -> set[str]:
    """What a request has of that which may be left out."""
    roles = {message["role"] for message in body["messages"]}
    return {*body, *roles} - {"seed", "n", "messages", "model", "user"}


def titles_of(said: list[str]) -> list[str]:
    """What is said to be refused, in the order of the lines.

    Two requests are under way at first: what the second learns after the first's answer is said in another line.
    """
    return [title for line in said for title in line.partition(" refuses ")[2].partition(":")[0].split(", ")]


@pytest.mark.parametrize("name", REFUSALS)
def test_what_a_server_refuses_by_name_is_left_out_and_nothing_else(name: str, server: WireServer) -> None:
    refusal = REFUSALS[name]
    server.behave = lambda wire, number: answers_of(wire.request)(wire)
    drawn(server, [])
    everything = options_of(server.requests[-1])
    server.behave = refusing(refusal)
    said: list[str] = []
    result = drawn(server, said)
    assert sorted((one.request, one.sample) for one in result) == [(0, 0), *((1, number) for number in range(5))]
    assert {one.text for one in result} == {"print(1)"}
    last = next(body for body in reversed(server.requests) if not is_greedy(body))
    assert not refusal.where(last)
    assert everything - options_of(last) <= GONE[refusal.said]
    titles = titles_of(said)
    assert len(titles) == len(set(titles))
    assert bool(titles) == bool(refusal.said)
    assert all(title.startswith(refusal.said) for title in titles)
    assert not any(SECRET in line for line in said)


def test_only_a_temperature_of_0_is_left_out_where_only_that_is_refused(server: WireServer) -> None:
    server.behave = refusing(REFUSALS["TGI, temperature of 0"])
    drawn(server, [])
    assert [body.get("temperature") for body in server.requests if "n" in body] == [0.8]


def test_a_limit_on_tokens_is_renamed(server: WireServer) -> None:
    server.behave = refusing(REFUSALS["o-series, max_tokens"])
    drawn(server, [])
    assert server.requests[-1]["max_completion_tokens"] == 64


def test_a_server_that_refuses_nearly_everything_still_answers(server: WireServer) -> None:
    rules = [REFUSALS[name] for name in REFUSALS if name.startswith("o-series") or "unverified" in name]
    rules += [REFUSALS["Anthropic, prefill"], REFUSALS["Mistral, seed"], REFUSALS["Groq, n"]]

    def behave(wire: Wire, number: int) -> None:
        rule = next((rule for rule in rules if rule.where(wire.request)), None)
        refusing(rule or rules[0])(wire, number)

    server.behave = behave
    said: list[str] = []
    assert len(drawn(server, said)) == 6
    assert set(server.requests[-1]) == {"model", "messages", "max_completion_tokens"}
    titles = titles_of(said)
    assert len(titles) == len(set(titles))
    assert all(any(title.startswith(rule.said) for title in titles) for rule in rules)


@pytest.mark.parametrize(
    "words",
    [
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens",
        "This request was flagged by a safety system",
        "The model is overloaded with cool ideas",
        "top_k must be a positive number",
    ],
)
def test_an_error_that_names_nothing_that_was_sent_drops_nothing(words: str) -> None:
    form = Form()
    request = SampleRequest(PROMPT, SamplingParams(n=2, stop=("\n```",)))
    body = form.body("m", request, 0, 1)
    assert not form.learn(read_complaint(json.dumps({"error": {"message": words}}).encode()), body)
    assert form.body("m", request, 0, 1) == body


def test_one_request_that_is_rejected_for_another_reason_changes_nothing_for_the_others(
    server: WireServer,
) -> None:
    server.behave = lambda wire, number: (
        wire.answer(b'{"error": {"message": "flagged"}}', status="400 Bad Request")
        if number == 2
        else answers_of(wire.request)(wire)
    )
    said: list[str] = []
    with pytest.raises(SamplerError, match="rejects the request: flagged"):
        drawn(server, said)
    assert said == []
    server.requests.clear()
    drawn(server, said)
    assert {"logprobs", "stop", "temperature", "stream"} <= set(server.requests[-1])


def test_answers_that_a_server_leaves_out_are_asked_for_again(server: WireServer) -> None:
    server.behave = lambda wire, number: wire.answer(reply("print(1)\n```"))
    said: list[str] = []
    assert len(drawn(server, said, n=20)) == 21
    assert sum(body.get("n", 1) > 1 for body in server.requests) <= 3
    assert said == ["Note: the server of openai:m refuses several answers to one request: it is asked without"]


def test_several_answers_to_a_request_are_paid_for_once(server: WireServer) -> None:
    server.behave = lambda wire, number: answers_of(wire.request)(wire)
    result = drawn(server, [], n=8)
    assert server.count == 2
    assert sum(one.prompt_tokens for one in result) == 2 * 30
    assert sum(one.tokens for one in result) == 9 * 7
    assert not any(one.is_estimate for one in result)


CONTEXTS = {
    "OpenAI": openai(
        "messages",
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    ),
    "vLLM": vllm(
        "'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's maximum context length is 8192"
        " tokens and your request has 10 input tokens (9000 > 8192 - 10)."
    ),
    "llama.cpp": llama("the request exceeds the available context size, try increasing it"),
    "older llama.cpp": (
        "500 Oh",
        {"error": {"code": 500, "message": "context size exceeded", "type": "exceed_context_size_error"}},
    ),
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_that_is_too_short_is_one_line_with_what_to_do(name: str, server: WireServer) -> None:
    status, data = CONTEXTS[name]
    server.behave = lambda wire, number: wire.answer(json.dumps(data).encode(), status=status)
    with pytest.raises(SamplerError, match=r"openai:m has too short a context for this: .*context") as error:
        drawn(server, [])
    assert "--max-model-len" in error.value.remedy
    assert server.count <= 6  # nothing is tried again


@pytest.mark.parametrize(
    ("status", "data", "words", "remedy"),
    [
        (
            "404 Not Found",
            {"error": {"message": "The model `m` does not exist"}},
            "404: The model `m` does",
            "/models",
        ),
        ("404 Not Found", {"detail": "Not Found"}, "status 404: Not Found", "/v1"),
        (
            "429 Too Many",
            {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
            "no quota left .*: You exceeded",
            "charged",
        ),
        ("402 Pay", {"error": {"message": "Insufficient credits"}}, "no quota left .status 402.: Ins", "charged"),
        (
            "400 Bad",
            {"error": {"message": "triggering the content management policy", "code": "content_filter"}},
            "filters this prompt out: trig",
            "otherwise",
        ),
    ],
)
def test_what_will_not_pass_is_said_in_the_servers_words(
    status: str, data: object, words: str, remedy: str, server: WireServer
) -> None:
    server.behave = lambda wire, number: wire.answer(json.dumps(data).encode(), status=status)
    with pytest.raises(SamplerError, match=words) as error:
        drawn(server, [])
    assert remedy in error.value.remedy
    assert server.count <= 6


def test_a_request_for_several_that_becomes_one_for_a_single_answer_has_the_seed_of_that_sample() -> None:
    form = Form()
    request = SampleRequest(PROMPT, SamplingParams(n=5, seed=3))
    assert "seed" not in form.body("m", request, 2, 3)
    alone = form.body("m", request, 2, 1)["seed"]
    form.give_up("n")
    body = form.body("m", request, 2, 3)
    assert "n" not in body
    assert body["seed"] == alone
