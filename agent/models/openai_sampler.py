"""Any server that speaks the OpenAI protocol, as a `Sampler`: vLLM, SGLang, llama.cpp, Ollama, or a hosted one.

Every completion is a request of its own, several at a time, so a server that ignores or rejects `n` costs
nothing. What a server rejects (a prefilled answer, stop strings, a seed, log-probabilities) is left out for the
rest of the run; stop strings are then applied here. Retries with backoff, on 429, 5xx and timeouts, are the
client library's, and honour Retry-After.

Keys come from the environment only and appear in no message of ours. Not covered: streaming, the responses API.
"""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from agent.extraction.thoughts import without_thoughts
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams

_CONCURRENCY = 8
_TIMEOUT_S = 120.0
_RETRIES = 4
_SEED_STRIDE = 100_003
_OPTIONAL = ("logprobs", "seed", "stop", "prefill")
_MOST_TOKENS = 10_000_000

_INSTALL = "pip install openai"
_CHECK_KEY = "check that OPENAI_API_KEY is a key of the server that --base-url names"
_CHECK_ADDRESS = "check that the server runs, and that --base-url is its address and usually ends in /v1"
_LOOK_AT_SERVER = "the server's log says more; check that it serves this model by chat completions"


class OpenAISampler:
    """Samples from a server."""

    def __init__(
        self, name: str, *, base_url: str | None = None, timeout_s: float = _TIMEOUT_S, retries: int = _RETRIES
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            name: the model's name on the server.
            base_url: the server's address, usually ending in /v1; None means the library's default.
            timeout_s: for one request, seconds.
            retries: how often a request is repeated that the server could not take.

        Raises:
            SamplerError: the client library is missing, or a key is needed and not set.
        """
        try:
            import openai
        except ImportError:
            raise SamplerError("openai:NAME needs the client library", remedy=_INSTALL) from None
        key = os.environ.get("OPENAI_API_KEY")
        if key is None and base_url is None:
            raise SamplerError(
                "openai:NAME needs OPENAI_API_KEY in the environment, or --base-url of a local server",
                remedy="export OPENAI_API_KEY=..., or --base-url http://localhost:8000/v1",
            )
        self._errors = openai
        self._name = name
        self._client = openai.OpenAI(
            api_key=key or "none", base_url=base_url, timeout=timeout_s, max_retries=retries
        )
        self._rejected: set[str] = set()

    @property
    def name(self) -> str:
        """The model's name on the server."""
        return f"openai:{self._name}"

    @property
    def base_url(self) -> str:
        """The server's address."""
        return str(self._client.base_url)

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`."""
        pool = ThreadPoolExecutor(_CONCURRENCY)
        futures: list[Future[Completion]] = [
            pool.submit(self._complete, index, number, request)
            for index, request in enumerate(requests)
            for number in range(request.params.first, request.params.first + request.params.n)
        ]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _complete(self, index: int, number: int, request: SampleRequest) -> Completion:
        answer = self._ask(request.prompt, request.params, number)
        choice = answer.choices[0] if getattr(answer, "choices", None) else None
        if choice is None or choice.message is None:
            raise SamplerError(f"{self.name} answered without a completion", remedy=_LOOK_AT_SERVER)
        text = _clean(_words(choice.message.content), request)
        scores = getattr(choice.logprobs, "content", None)
        return Completion(
            request=index,
            sample=number,
            text=text,
            tokens=_tokens(answer.usage, text),
            logprob=_total(scores) if isinstance(scores, list) else 0.0,
            finish="length" if choice.finish_reason == "length" else "stop",
        )

    def _ask(self, prompt: Prompt, params: SamplingParams, number: int) -> Any:
        """One request; an option that the server rejects is dropped, for good, and the request repeated."""
        for _ in range(len(_OPTIONAL) + 1):
            left_out = frozenset(self._rejected)
            try:
                return self._client.chat.completions.create(**self._body(prompt, params, number, left_out))
            except (self._errors.BadRequestError, self._errors.UnprocessableEntityError) as error:
                if not self._drop_one(str(error), left_out):
                    raise SamplerError(
                        f"{self.name} rejects the request: {_line(error)}", remedy=_LOOK_AT_SERVER
                    ) from None
            except self._errors.AuthenticationError:
                raise SamplerError(f"{self.name} refuses the key in OPENAI_API_KEY", remedy=_CHECK_KEY) from None
            except self._errors.APITimeoutError:
                raise SamplerError(f"{self.name} does not answer in time", remedy=_LOOK_AT_SERVER) from None
            except self._errors.APIConnectionError:
                raise SamplerError(
                    f"{self.name} cannot be reached at {self.base_url}", remedy=_CHECK_ADDRESS
                ) from None
            except self._errors.APIStatusError as error:
                raise SamplerError(
                    f"{self.name} failed with status {error.status_code}", remedy=_LOOK_AT_SERVER
                ) from None
            except (self._errors.OpenAIError, ValueError) as error:
                raise SamplerError(
                    f"{self.name} sent what is not an answer: {_line(error)}", remedy=_LOOK_AT_SERVER
                ) from None
        raise SamplerError(f"{self.name} rejects every form of the request", remedy=_LOOK_AT_SERVER)

    def _body(
        self, prompt: Prompt, params: SamplingParams, number: int, left_out: frozenset[str]
    ) -> dict[str, Any]:
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        body: dict[str, Any] = {
            "model": self._name,
            "messages": messages,
            "max_tokens": params.max_tokens,
            "temperature": params.temperature,
            "top_p": params.top_p,
        }
        if prompt.prefill and "prefill" not in left_out:
            messages.append({"role": "assistant", "content": prompt.prefill})
            body["extra_body"] = {"continue_final_message": True, "add_generation_prompt": False}
        if params.stop and "stop" not in left_out and "prefill" not in left_out:
            body["stop"] = list(params.stop[:4])  # the protocol's own limit; the rest is applied here
        if "seed" not in left_out:
            body["seed"] = params.seed * _SEED_STRIDE + number
        if "logprobs" not in left_out:
            body["logprobs"] = True
        return body

    def _drop_one(self, complaint: str, left_out: frozenset[str]) -> bool:
        """Give up the option that the complaint names, or else the next one; says whether one was left."""
        if self._rejected != left_out:
            return True  # another thread has learnt it meanwhile
        words = {"prefill": ("assistant", "continue_final", "generation_prompt", "prefill", "last message")}
        text = complaint.lower()
        options = [o for o in _OPTIONAL if any(word in text for word in words.get(o, (o,)))]
        for option in (*options, *_OPTIONAL):
            if option not in left_out:
                self._rejected.add(option)
                return True
        return False


def _words(content: object) -> str:
    """The text of a message, which some servers send in parts; a lone surrogate, which no file holds, replaced."""
    if isinstance(content, list):
        parts = (part.get("text") if isinstance(part, dict) else getattr(part, "text", None) for part in content)
        content = "".join(part for part in parts if isinstance(part, str))
    return content.encode("utf-8", "replace").decode() if isinstance(content, str) else ""


def _tokens(usage: object, text: str) -> int:
    """What the server counts, if it is a count; else about four characters each."""
    count = getattr(usage, "completion_tokens", None)
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MOST_TOKENS:
        return count
    return max(1, len(text) // 4)


def _total(scores: list[Any]) -> float:
    """The sum of those log-probabilities that are numbers, nats."""
    values = [getattr(score, "logprob", None) for score in scores]
    return float(sum(v for v in values if isinstance(v, int | float) and math.isfinite(v)))


def _clean(text: str, request: SampleRequest) -> str:
    """The answer without reasoning, an echoed prefill, and what follows a stop string.

    A server that took the prefilled answer goes on inside its fence; one that did not answers anew, in words and
    with fences of its own, which are left to extraction.
    """
    text = without_thoughts(text)
    prefill = request.prompt.prefill
    if prefill and text.startswith(prefill):
        text = text[len(prefill) :]
    elif _is_answered_anew(text):
        return text
    ends = [at for stop in request.params.stop if (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text


def _is_answered_anew(text: str) -> bool:
    """Whether the first fence opens a block: it says a language, begins the text, or has a partner."""
    fences = [line.strip() for line in text.split("\n") if line.lstrip().startswith(("```", "~~~"))]
    if not fences:
        return False
    return bool(fences[0].strip("`~ ")) or len(fences) % 2 == 0 or text.lstrip().startswith(fences[0])


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
