"""Answers from a file in a model's place, as a `Sampler`: `scripted:answers.jsonl`.

Everything after the model runs as usual: programs are extracted, judged, clustered and ranked. It is for trying
`solve` where there is no model, for repeating what an answer did, and for tests.

Not covered: what the prompt asks for. The n-th answer goes to the n-th completion, whatever that was asked for,
and neither `max_tokens` nor a stop string shortens it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

from agent.extraction.thoughts import thoughts_apart
from agent.thinking import share_of
from agent.types import Completion, SampleRequest, SamplerError

_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text", lambda value: isinstance(value, str)),
    "tokens": ("a whole number", lambda value: type(value) is int and 0 <= value < 1e9),
    "logprob": ("a number, 0 at most", lambda value: type(value) in (int, float) and -1e9 < value <= 0),
    "finish": ('"stop" or "length"', lambda value: value in ("stop", "length")),
    "prompt_tokens": ("a whole number", lambda value: type(value) is int and 0 <= value < 1e9),
    "thoughts": ("a text", lambda value: isinstance(value, str)),
    "thought_tokens": ("a whole number", lambda value: type(value) is int and 0 <= value < 1e9),
}
"""What each field of an answer holds."""
_ANSWERS = "`scripted:FILE` takes a file of answers, one a line, each a JSON text or an object"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said in a model's place; the fields mean what they mean in `Completion`."""

    text: str
    tokens: int = 0
    logprob: float = 0.0
    finish: str = "stop"
    prompt_tokens: int = 0
    thoughts: str = ""
    thought_tokens: int = 0


class ScriptedSampler:
    """Gives the answers in order, over and over."""

    def __init__(self, answers: Sequence[Answer], *, name: str = "scripted") -> None:
        """Begin with the first of `answers`, of which there is at least one.

        Args:
            answers: what is said, in order.
            name: the model's name for records.
        """
        self._answers = cycle(answers)
        self._name = name

    @property
    def name(self) -> str:
        """See `Sampler`."""
        return self._name

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`. One request after the other, its samples in order."""
        for index, request in enumerate(requests):
            for number in range(request.params.first, request.params.first + request.params.n):
                answer = next(self._answers)
                yield Completion(index, number, **asdict(_with_thoughts_apart(answer)))


def _with_thoughts_apart(answer: Answer) -> Answer:
    """The answer, its thoughts taken out of the text and counted where it does not do so itself."""
    if answer.thoughts or answer.thought_tokens:
        return answer
    thoughts, text = thoughts_apart(answer.text)
    if not thoughts:
        return answer
    return replace(answer, text=text, thoughts=thoughts, thought_tokens=share_of(answer.tokens, thoughts, text))


def read_script(path: Path) -> list[Answer]:
    """The answers in a JSON Lines file: each line a text, or an object with the fields of `Answer`.

    Raises:
        SamplerError: it cannot be read, holds no answer, or a line is none; one line, with the line's number.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        raise SamplerError(f"{path}: not UTF-8 text", remedy=_ANSWERS) from None
    except OSError as error:
        raise SamplerError(f"{path}: {error.strerror or error}", remedy=_ANSWERS) from None
    answers = [_answer(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]
    if not answers:
        raise SamplerError(f"{path}: holds no answer", remedy=_ANSWERS)
    return answers


def _answer(where: str, line: str) -> Answer:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SamplerError(f"{where}: not JSON: {error}", remedy=_ANSWERS) from None
    fields = {"text": row} if isinstance(row, str) else row
    if not isinstance(fields, dict) or "text" not in fields:
        raise SamplerError(f"{where}: a text, or an object with the field 'text', was expected", remedy=_ANSWERS)
    for name, value in fields.items():
        _check(where, name, value)
    return Answer(**fields)


def _check(where: str, name: str, value: Any) -> None:
    if name not in _FIELDS:
        raise SamplerError(f"{where}: an answer has no field {name!r}, only {', '.join(_FIELDS)}", remedy=_ANSWERS)
    words, holds = _FIELDS[name]
    if not holds(value):
        raise SamplerError(f"{where}: the field {name!r} is {words}", remedy=_ANSWERS)
