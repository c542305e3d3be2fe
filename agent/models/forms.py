"""In what form a server takes requests: what it refuses by name is left out from then on, and the rest stays.

Nothing is given up but for an error that names it, so that one request which is wrong for another reason takes
nothing from the others. The words were collected from OpenAI's errors (`param`, "Unsupported parameter: 'stop' is
not supported with this model"), and from those of vLLM, llama.cpp, Ollama, TGI, Mistral, Groq and Gemini.

Not covered: what servers ignore without a word. Stop strings are applied again to what comes, and answers that
are fewer than was asked for are asked for again (`agent.models.openai_sampler`).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.thinking import Effort

if TYPE_CHECKING:
    from agent.models.complaints import Complaint
    from agent.sampling import SampleRequest
    from agent.thinking import Thinking

_SEED_STRIDE = 100_003
_REFUSES = re.compile(
    r"support|unknown|unrecogni[sz]ed|extra|permitted|allow|available|enabled|implemented|forbidden|incompatible|"
    r"invalid|must|only|remove|cannot|can not|accept|expected|greater than|verified|at most|too many",
    re.IGNORECASE,
)
_ANOTHER_AMOUNT = re.compile(r"too large|at most|at least|less than|greater than|exceed", re.IGNORECASE)
"""Said of `max_tokens`, this is no word against the name."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A part of a request that a server may do without."""

    name: str
    words: re.Pattern[str]
    """How servers call it in words."""
    title: str
    """How it is called here; "" where nobody would miss it."""


def _option(name: str, words: str, title: str = "") -> _Option:
    return _Option(name, re.compile(words, re.IGNORECASE), title)


_OPTIONS = (
    _option("stream_options", r"stream_options|include_usage", "a count of tokens in streams"),
    _option("top_logprobs", r"\btop_logprobs\b"),
    _option("logprobs", r"log_?probs?(?:abilities)?\b", "log-probabilities"),
    _option("seed", r"\bseed\b", "a seed"),
    _option(
        "n",
        r"['\"`]n['\"`]|\bn_cmpl\b|\bn (?:must|should|is|was|>|=)|completion choice|candidate_?count",
        "several answers to one request",
    ),
    _option("stop", r"(?<![-_ ]to )\bstop\b(?! thinking)", "stop strings"),
    _option(
        "prefill",
        r"prefill|continue_final|generation_prompt|(?:last|final) message|(?:end with|last role) (?:a )?user|"
        r"role assistant|assistant messages? (?:at the end|as the last)|two or more assistant|must alternate",
        "answers begun for it",
    ),
    _option("top_p", r"\btop_p\b|nucleus", "top_p"),
    _option("temperature", r"\btemperature\b", "a temperature"),
    _option("system", r"system (?:role|message|prompt)|['\"`]system['\"`]|role system", "a system line"),
    _option("reasoning_effort", r"reasoning[_. ]?effort", "a word on how hard to think"),
    _option("chat_template_kwargs", r"chat_template_kwargs|enable_thinking", "a word on whether to think"),
    _option("stream", r"\bstream(?:ing|ed)?\b(?!_)", "streams"),
)
"""Where several are named, the first goes first."""
_LIMIT = _option("max_tokens", r"\bmax_tokens\b")
_GREEDY = _option("greedy", r"", "a temperature of 0")


class Form:
    """What one server takes, as far as is known; several threads may learn at once."""

    def __init__(self) -> None:
        """Begin with everything."""
        self._lock = threading.Lock()
        self._given_up: set[str] = set()
        self._unsaid: list[str] = []

    @property
    def takes_several(self) -> bool:
        """Whether one request may ask for several answers."""
        return "n" not in self._given_up

    @property
    def streams(self) -> bool:
        """Whether answers are asked for in pieces."""
        return "stream" not in self._given_up

    def give_up(self, name: str) -> None:
        """Leave an option out from now on."""
        with self._lock:
            if name not in self._given_up:
                self._given_up.add(name)
                titles = [option.title for option in (*_OPTIONS, _GREEDY) if option.name == name]
                self._unsaid += filter(None, titles)

    def news(self) -> str:
        """What was given up since this was last asked, in words; "" where nothing was."""
        with self._lock:
            words, self._unsaid = self._unsaid, []
        return ", ".join(words)

    def body(self, model: str, request: SampleRequest, number: int, count: int) -> dict[str, Any]:
        """A request for `count` answers, the first of which is sample `number`.

        A server that gives one answer at a time is asked for that sample alone, with the seed that is its own.
        """
        with self._lock:
            without = frozenset(self._given_up)
        params = request.params
        asks_for_several = count > 1 and "n" not in without
        body: dict[str, Any] = {"model": model, "messages": _messages(request, without)}
        body["max_completion_tokens" if "max_tokens" in without else "max_tokens"] = params.max_tokens
        has_prefill = body["messages"][-1]["role"] == "assistant"
        optional: dict[str, Any] = {
            "temperature": params.temperature,
            "top_p": params.top_p,
            "logprobs": True,
            # llama.cpp would send twenty alternatives with each token, two kilobytes.
            "top_logprobs": 1 if "logprobs" not in without else None,
            "stream": True,
            # Of several answers to one request servers may draw all with the same one.
            "seed": None if asks_for_several else params.seed * _SEED_STRIDE + number,
            "n": count if asks_for_several else None,
            # The protocol's own limit; the rest is applied to what comes. Without a prefill the first fence opens.
            # None at all for a model that thinks: it would end its thoughts.
            "stop": list(params.stop[:4]) if params.stop and _may_stop(request, has_prefill=has_prefill) else None,
            "reasoning_effort": None if params.thinking is None else params.thinking.word,
            "stream_options": {"include_usage": True} if "stream" not in without else None,
        }
        if params.temperature == 0 and _GREEDY.name in without:
            optional["temperature"] = None
        body |= {name: value for name, value in optional.items() if value is not None and name not in without}
        extra = {"continue_final_message": True, "add_generation_prompt": False} if has_prefill else {}
        switch = _switch(params.thinking) if "chat_template_kwargs" not in without else {}
        if extra or switch:
            body["extra_body"] = extra | switch
        return body

    def learn(self, complaint: Complaint, body: dict[str, Any]) -> bool:
        """Give up what the server refuses by name; says whether another form of the request is left to try.

        Args:
            complaint: what it answered.
            body: what it was sent.
        """
        names = _named(complaint, _parts(body))
        if not names:
            return False
        # A temperature of 0 alone is what some servers refuse.
        self.give_up(_GREEDY.name if names[0] == "temperature" and body["temperature"] == 0 else names[0])
        return True


def _may_stop(request: SampleRequest, *, has_prefill: bool) -> bool:
    """Whether a stop string ends no more than the answer."""
    thinking = request.params.thinking
    thinks = thinking is not None and thinking.effort is not Effort.OFF
    return not thinks and (has_prefill or not request.prompt.prefill)


def _switch(thinking: Thinking | None) -> dict[str, Any]:
    """What tells a chat template whether the model is to think; nothing where that is left to it."""
    if thinking is None or not thinking.has_switch or thinking.effort is Effort.AUTO:
        return {}
    return {"chat_template_kwargs": {"enable_thinking": thinking.effort is not Effort.OFF}}


def _named(complaint: Complaint, sent: set[str]) -> list[str]:
    """The options in what was sent that the server refuses by name."""
    words = f"{complaint.kind} {complaint.words}"
    if not _REFUSES.search(words):
        return []
    by_field = [option.name for option in _OPTIONS if option.name == complaint.parameter and option.name in sent]
    if by_field:
        return by_field
    limits = complaint.parameter == "max_tokens" or _LIMIT.words.search(words)
    if limits and "max_tokens" in sent and not _ANOTHER_AMOUNT.search(words):
        return ["max_tokens"]
    return [option.name for option in _OPTIONS if option.name in sent and option.words.search(words)]


def _parts(body: dict[str, Any]) -> set[str]:
    """What of a request may be left out."""
    parts = {*body, *body.get("extra_body", {})}
    roles = [message["role"] for message in body["messages"]]
    return (
        parts | ({"prefill"} if roles[-1] == "assistant" else set()) | ({"system"} if "system" in roles else set())
    )


def _messages(request: SampleRequest, without: frozenset[str]) -> list[dict[str, str]]:
    prompt = request.prompt
    messages = [{"role": "user", "content": prompt.user}]
    if prompt.system and "system" not in without:
        messages.insert(0, {"role": "system", "content": prompt.system})
    if prompt.prefill and "prefill" not in without:
        messages.append({"role": "assistant", "content": prompt.prefill})
    return messages
