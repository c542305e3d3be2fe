"""What a server's answer says: bytes in, and replies of a closed form out, whatever a server puts in them.

What must be there is a choice with a message; its text may be a string, parts, or nothing. Everything else
is taken where it is what it should be, and is otherwise as if it was not there. Time and memory grow with the
bytes.

Not covered: how many bytes there are (`agent.models.connection`), answers in pieces (`agent.models.streams`),
what a failure means (`agent.models.complaints`).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

_MOST_TOKENS = 10_000_000
_LEAST_LOGPROB = -10_000.0
"""Of one token, nats; servers write -9999 for what they rule out."""
_MOST_DIGITS = 18
_MOST_CHOICES = 128
"""The protocol's own limit."""
_FINISHES = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
    "safety": "filtered",
    "refusal": "refused",
    "error": "error",
}
"""What reasons to end are called here; every other one is "stop"."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counts them; None for what it does not say."""

    prompt: int | None = None
    completion: int | None = None
    """Of all choices, thoughts among them."""
    cached: int | None = None
    """Of the prompt, read from a cache, and cheaper."""
    reasoning: int | None = None
    """Of the completion, thoughts."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One completion."""

    text: str
    """What the model said."""
    logprob: float = 0.0
    """Sum over the tokens, nats; 0 where the server gives none."""
    finish: str = "stop"
    """As in `Completion`, or "error" for one that the server broke off."""
    scored: int = 0
    """How many tokens came with a log-probability: all of them or none."""
    thoughts: str = ""
    """What the server keeps apart as reasoning."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request brought."""

    replies: tuple[Reply, ...]
    """At least one, in the order of their numbers."""
    usage: Usage = field(default_factory=Usage)


def read_answer(data: bytes) -> Answer:
    """The replies in the body of an answer.

    Raises:
        ValueError: there is none; the message goes on where the server's name stands.
    """
    answer = parsed(data)
    choices = field_of(answer, "choices")
    replies = [
        _reply(choice, message)
        for choice in (choices[:_MOST_CHOICES] if isinstance(choices, list) else [])
        if isinstance(message := field_of(choice, "message"), dict)
    ]
    if not replies:
        raise ValueError("answered without a completion")
    return Answer(tuple(replies), usage_of(field_of(answer, "usage")))


def _reply(choice: object, message: dict[str, Any]) -> Reply:
    total, scored = score_of(choice)
    refusal = refusal_in(message)
    finish = finish_of(field_of(choice, "finish_reason"))
    return Reply(
        text=text_of(message.get("content")),
        logprob=total,
        finish="refused" if refusal else finish,
        scored=scored,
        thoughts=thoughts_in(message),
    )


def finish_of(reason: object) -> str:
    """What a reason to end is called here."""
    return _FINISHES.get(reason.lower(), "stop") if isinstance(reason, str) else "stop"


def refusal_in(message: object) -> str:
    """With what words the model refuses, in a message or a piece of one."""
    refusal = field_of(message, "refusal")
    return refusal if isinstance(refusal, str) else ""


def thoughts_in(message: object) -> str:
    """The reasoning that a message or a piece of one keeps apart, under the names that servers give it."""
    for name in ("reasoning_content", "reasoning"):
        thoughts = field_of(message, name)
        if isinstance(thoughts, str) and thoughts:
            return thoughts
    return ""


def usage_of(usage: object) -> Usage:
    """The counts in a usage object; llama.cpp and DeepSeek count what is cached at the top."""
    prompt_details = field_of(usage, "prompt_tokens_details")
    cached = _count(field_of(prompt_details, "cached_tokens"))
    return Usage(
        prompt=_count(field_of(usage, "prompt_tokens")),
        completion=_count(field_of(usage, "completion_tokens")),
        cached=_count(field_of(usage, "prompt_cache_hit_tokens")) if cached is None else cached,
        reasoning=_count(field_of(field_of(usage, "completion_tokens_details"), "reasoning_tokens")),
    )


def score_of(choice: object) -> tuple[float, int]:
    """The sum of those log-probabilities of a choice that are some, and how many tokens it is about."""
    scores = field_of(field_of(choice, "logprobs"), "content")
    entries = [score for score in scores if isinstance(score, dict)] if isinstance(scores, list) else []
    values: list[Any] = [score.get("logprob") for score in entries]
    numbers = [value for value in values if type(value) in (int, float) and value >= _LEAST_LOGPROB]
    return math.fsum(min(float(value), 0.0) for value in numbers), len(entries)


def text_of(content: object) -> str:
    """The text of a message, which some servers send in parts.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(content, list):
        parts = [part if isinstance(part, str) else field_of(part, "text") for part in content]
        return "".join(part for part in parts if isinstance(part, str))
    if content is None or isinstance(content, str):
        return content or ""
    raise ValueError("sent a completion that is no text")


def parsed(data: bytes | str) -> Any:
    """What JSON says.

    Raises:
        ValueError: it is none, in a few words that go on where the server's name stands.
    """
    try:
        return json.loads(data, parse_int=_number)
    except json.JSONDecodeError as error:
        what = f"no JSON: {error.msg}"
    except UnicodeDecodeError:
        what = "no JSON: not UTF-8"
    except RecursionError:
        what = "JSON nested too deep"
    raise ValueError(f"sent what is not an answer ({what})")


def field_of(value: object, name: str) -> Any:
    """A field of an object; None where it has none, or is none."""
    return value.get(name) if isinstance(value, dict) else None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _number(digits: str) -> int | float:
    """A whole number; one that nobody counts to becomes a float, which takes no time however long it is."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)
