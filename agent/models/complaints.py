"""What a server says of a failure: its words on one line, and what kind of failure they tell of.

Servers word it in many ways; those that are known here are OpenAI's (`code` and `param`), vLLM's and
llama.cpp's (words alone), and those of servers that validate with pydantic (`loc` names the parameter).

Not covered: what is done about it (`agent.models.forms`, `agent.models.openai_sampler`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from agent.models.replies import field_of, parsed

_MOST_WORDS = 200
"""Characters of what a server says that are passed on."""
_MOST_BYTES_OF_WORDS = 4096
"""So much of it is looked at."""

_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|context (?:length|window|size)|max_model_len|n_ctx|"
    r"(?:prompt|input|messages?) (?:is|are|was) too long|too many tokens|exceeds? the (?:model|maximum)",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content_filter|content management policy|moderation|ResponsibleAI", re.IGNORECASE)
_NO_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|insufficient (?:balance|credits)", re.I)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an answer says that tells of a failure."""

    words: str
    """The server's own, on one line; "" for a page that is meant for people."""
    parameter: str = ""
    """The part of the request that it names in a field of its own."""
    kind: str = ""
    """Its `code` and `type`."""

    @property
    def is_context(self) -> bool:
        """Whether prompt and answer do not fit the model's context."""
        return bool(_TOO_LONG.search(f"{self.kind} {self.words}"))

    @property
    def is_filter(self) -> bool:
        """Whether the prompt is not let through."""
        return bool(_FILTERED.search(f"{self.kind} {self.words}"))

    @property
    def is_quota(self) -> bool:
        """Whether there is no money left, which waiting does not change."""
        return bool(_NO_QUOTA.search(f"{self.kind} {self.words}"))


def read_complaint(data: bytes, key: str = "") -> Complaint:
    """What a server says about a failure: its message, or else the beginning of what it sent.

    Args:
        data: the body of its answer.
        key: appears nowhere in what is returned.
    """
    text = data[:_MOST_BYTES_OF_WORDS].decode("utf-8", "replace")
    try:
        answer = parsed(data)
    except ValueError:
        # A page for people says nothing in a line.
        return Complaint("" if text.lstrip().startswith("<") else _one_line(text, key))
    return complaint_in(answer, key) or Complaint(_one_line(text, key))


def complaint_in(answer: object, key: str = "") -> Complaint | None:
    """The complaint in an object, in the forms that servers use; None where it has none."""
    if isinstance(answer, list):
        return complaint_in(answer[0], key) if answer else None
    error = field_of(answer, "error")
    for source in (error, answer):
        words, parameter = _words_of(source)
        if words:
            named = field_of(source, "param")
            kinds = (field_of(source, "code"), field_of(source, "type"))
            return Complaint(
                _one_line(words, key),
                _one_line(named if isinstance(named, str) else parameter, key),
                _one_line(" ".join(kind for kind in kinds if isinstance(kind, str)), key),
            )
    return None


def _words_of(source: object) -> tuple[str, str]:
    """The words in an object, and the parameter that they are about where it stands apart."""
    if isinstance(source, str):
        return source.strip(), ""
    for value in (field_of(source, "message"), field_of(source, "detail")):
        if isinstance(value, str) and value.strip():
            return value.strip(), ""
        details = field_of(value, "detail") if isinstance(value, dict) else value
        if isinstance(details, list) and details:
            return _of_validation(details[0])
    return "", ""


def _of_validation(detail: Any) -> tuple[str, str]:
    """What pydantic says of one parameter."""
    words, place = field_of(detail, "msg"), field_of(detail, "loc")
    names = [name for name in place if isinstance(name, str)] if isinstance(place, list) else []
    if not isinstance(words, str):
        return "", ""
    name = names[1] if len(names) > 1 and names[0] == "body" else (names[-1] if names else "")
    return (f"{name}: {words}" if name else words), name


def _one_line(text: str, key: str) -> str:
    if key:
        text = text.replace(key, "***")
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:_MOST_BYTES_OF_WORDS]).split())
    return line if len(line) <= _MOST_WORDS else line[: _MOST_WORDS - 3] + "..."


def server_words(data: bytes, key: str = "") -> str:
    """The words alone of `read_complaint`."""
    return read_complaint(data, key).words
