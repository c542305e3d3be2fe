"""Why a server gave no answer: what its status and its words mean, and what can be done about it.

Not covered: what is given up of a request that it rejects (`agent.models.forms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agent.models.complaints import Complaint, read_complaint, server_words

_LONGEST_WAIT_S = 60.0
_PASSING = (408, 409, 429)
_CROWDED = (429, 503, 529)
_REJECTING = (400, 422, 500, 501)
"""llama.cpp says with 500 what it does not take."""

_CHECK_KEY = "check that {} is a key of the server that --base-url names"
CHECK_ADDRESS = "check that the server runs, and that --base-url is its address and usually ends in /v1"
LOOK_AT_SERVER = "the server's log says more; check that it serves this model by chat completions"
_CHECK_NAME = (
    "check the model's name (the server lists them under /models) and --base-url, which usually ends in /v1"
)
_LONGER_CONTEXT = (
    "shorten the statement, ask for shorter answers, or give the server a longer context"
    " (vLLM: --max-model-len, llama.cpp: -c, Ollama: OLLAMA_CONTEXT_LENGTH)"
)
_REWORD = "word the statement otherwise, or ask another model"
_PAY = "the account of this key has to be charged, or another key named"
_NAME_THE_SERVER = "let --base-url name the server itself: its address usually ends in /v1"


class NoAnswer(Exception):
    """The server gave no answer. `str(error)` goes on where its name stands: "refuses the key"."""

    def __init__(
        self,
        what: str,
        *,
        remedy: str = LOOK_AT_SERVER,
        complaint: Complaint | None = None,
        rejects: bool = False,
        passes: bool = False,
        crowded: bool = False,
        wait_s: float | None = None,
        is_ours: bool = False,
        is_final: bool = False,
    ) -> None:
        super().__init__(f"{what}: {complaint.words}" if complaint and complaint.words else what)
        self.remedy = remedy
        """What can be done about it."""
        self.complaint = complaint or Complaint("")
        """What the server says itself."""
        self.rejects = rejects
        """Whether it is the request that is wrong: another form of it may do."""
        self.passes = passes
        """Whether the same request may do later."""
        self.crowded = crowded
        """Whether fewer requests at a time may do."""
        self.wait_s = wait_s
        self.is_ours = is_ours
        """Whether it was broken off here, so that the server may have begun."""
        self.is_final = is_final
        """Whether no other request will fare better."""
        """How long the server asks to wait, seconds."""


def refusal(status: int, headers: Mapping[str, str], content: bytes, *, key: str, key_variable: str) -> NoAnswer:
    """What an answer with this status, which tells of a failure, means.

    Args:
        status: 300 or more.
        headers: of the answer.
        content: its beginning.
        key: appears in no message.
        key_variable: where in the environment it came from.
    """
    if status == 401:
        return NoAnswer(
            f"refuses the key in {key_variable}", remedy=_CHECK_KEY.format(key_variable), is_final=True
        )
    if status < 400:
        place = server_words(headers.get("location", "").encode(), key)
        return NoAnswer(
            f"sends us elsewhere (status {status}), which is not followed",
            complaint=Complaint(place),
            remedy=_NAME_THE_SERVER,
        )
    complaint = read_complaint(content, key)
    return _known_refusal(status, complaint) or NoAnswer(
        "rejects the request" if status in (400, 422) else f"failed with status {status}",
        complaint=complaint,
        remedy=_CHECK_NAME if status == 404 else LOOK_AT_SERVER,
        rejects=status in _REJECTING,
        passes=status in _PASSING or status >= 500,
        crowded=status in _CROWDED,
        wait_s=_wait(headers.get("retry-after", "")),
    )


def _known_refusal(status: int, complaint: Complaint) -> NoAnswer | None:
    """What no other form of the request, and no waiting, would change."""
    if complaint.is_quota or status == 402:
        return NoAnswer(f"has no quota left (status {status})", complaint=complaint, remedy=_PAY, is_final=True)
    if complaint.is_context and status in (400, 413, 422, 500):
        return NoAnswer("has too short a context for this", complaint=complaint, remedy=_LONGER_CONTEXT)
    if complaint.is_filter and status in (400, 403):
        return NoAnswer("filters this prompt out", complaint=complaint, remedy=_REWORD)
    return None


def _wait(text: str) -> float | None:
    """How long a Retry-After asks to wait, seconds; None for what is none, or too long."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return seconds if 0 <= seconds <= _LONGEST_WAIT_S else None
