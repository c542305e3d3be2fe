"""Any server that speaks the OpenAI protocol, as a `Sampler`: vLLM, SGLang, llama.cpp, Ollama, or a hosted one.

Answers are asked for several to a request where the server takes that, in pieces where it streams, and as many
at a time as it bears. What it refuses by name (a prefilled answer, stop strings, a seed, log-probabilities) is
left out for the rest of the run, and said once. Requests are repeated after 429, 5xx and timeouts, with growing
waits or those of Retry-After. A request that fails for good takes nothing from the others: their answers come
first, and then its error.

Keys come from the environment only and appear in no message of ours. Not covered: the responses API,
what bounds a single answer (`agent.models.connection`), what it says (`agent.models.exchange`).
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agent.models.complaints import read_complaint
from agent.models.config import KEY_VARIABLE
from agent.models.connection import Connection
from agent.models.crew import Crew, TooLate
from agent.models.exchange import Exchange
from agent.models.forms import Form
from agent.models.profiles import choose
from agent.models.refusals import NoAnswer
from agent.models.streams import BrokenStream
from agent.models.throttle import Throttle
from agent.sampling import GIVE_TIME, Completion, SampleRequest, SamplerError
from agent.tally import Leftovers, Tally
from agent.thinking import Effort

if TYPE_CHECKING:
    from agent.profile import Profile

_FIRST_CONCURRENCY = 16
"""As many as are judged in the first round."""
_MOST_CONCURRENCY = 64
_TIMEOUT_S = 600.0
_THOUGHT_TIMEOUT_S = 7200.0
"""Of a model that thinks: 32,768 tokens at 5 a second."""
_RETRIES = 6
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 8.0
_FAILURES_IN_A_ROW = 3
"""After so many, nothing more is asked."""
_MOST_ANSWERS = 8
"""To one request; some servers take no more."""
_BASE_BYTES, _BYTES_PER_TOKEN, _MOST_BYTES = 1 << 18, 1 << 11, 1 << 27
"""An answer's size: a token comes in a piece of its own, or with its log-probability and its bytes."""

_INSTALL = "pip install openai"


@dataclass(frozen=True, slots=True)
class _Job:
    """Completions that are wanted: samples of the request at `index`."""

    index: int
    numbers: tuple[int, ...]
    request: SampleRequest


class _Failure(Exception):
    """An attempt came to nothing, or to less than was asked for."""

    def __init__(self, reason: NoAnswer, left: Sequence[int]) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.left = tuple(left)
        """Samples that did not come."""


class OpenAISampler:
    """Samples from a server."""

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        key_variable: str = KEY_VARIABLE,
        concurrency: int | None = None,
        timeout_s: float = _TIMEOUT_S,
        retries: int = _RETRIES,
        notice: Callable[[str], object] | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            name: the model's name on the server.
            base_url: the server's address, usually ending in /v1; None means the library's default.
            key_variable: the variable of the environment that holds the server's key.
            concurrency: answers under way at a time, at most; None means 64. There are fewer at first.
            timeout_s: for one request from its first byte to the answer's last, seconds.
            retries: how often a request is repeated that the server could not take.
            notice: told in a line what the server does not take.

        Raises:
            SamplerError: the client library is missing, or a key is needed and not set.
        """
        try:
            import openai
        except ImportError:
            raise SamplerError("openai:NAME needs the client library", remedy=_INSTALL) from None
        if not name:
            raise SamplerError("openai: is followed by no model's name", remedy="name one, such as openai:gpt-4o")
        key = os.environ.get(key_variable)
        if key is None and base_url is None:
            raise SamplerError(
                f"openai:{name} is asked of OpenAI, and {key_variable} is not set",
                remedy=f"export {key_variable}=..., or --base-url http://localhost:8000/v1",
            )
        self._openai = openai
        self._name = name
        self._key, self._key_variable = key or "none", key_variable
        self._most = concurrency or _MOST_CONCURRENCY
        self._timeout_s = timeout_s
        self._retries = retries
        self._notice = notice
        self._form = Form()
        self._throttle = Throttle(_FIRST_CONCURRENCY, self._most)
        self._idle = [self._connection(base_url)]
        self._base_url = self._idle[0].base_url
        self._untaken: list[Completion] = []
        self._unused = Tally()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name on the server."""
        return f"openai:{self._name}"

    @property
    def is_remote(self) -> bool:
        """See `Remote`."""
        return True

    @property
    def concurrency(self) -> int:
        """Answers under way at a time, at most, so far."""
        return self._throttle.peak

    @property
    def base_url(self) -> str:
        """The server's address."""
        return self._base_url

    def close(self) -> None:
        """Close the connections to the server."""
        while self._idle:
            self._idle.pop().close()

    @property
    def profile(self) -> Profile:
        """How its model likes to be asked."""
        return choose(self.name).profile

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`. After `_FAILURES_IN_A_ROW` nothing more is asked; what is under way is waited for."""
        jobs = [job for index, request in enumerate(requests) for job in self._jobs(index, request)]
        wanted = sum(len(job.numbers) for job in jobs)
        connections = [self._take() for _ in range(min(self._most, wanted))]
        crew = Crew(jobs, connections, self._work, let_go=Connection.close)
        try:
            yield from self._completions(crew, until=max((job.request.until for job in jobs), default=math.inf))
        finally:
            idle, self._untaken = crew.dismiss()
            self._idle += idle

    def leftovers(self) -> Leftovers:
        """See `agent.tally.Frugal`."""
        with self._lock:
            rest = Leftovers(tuple(self._untaken), self._unused)
            self._untaken, self._unused = [], Tally()
        return rest

    def _jobs(self, index: int, request: SampleRequest) -> Iterator[_Job]:
        """The samples of a request, in parts that one request to the server asks for."""
        params = request.params
        size = _MOST_ANSWERS if self._form.takes_several and params.temperature > 0 else 1
        end = params.first + params.n
        for start in range(params.first, end, size):
            yield _Job(index, tuple(range(start, min(start + size, end))), request)

    def _completions(self, crew: Crew[_Job, Connection, Completion], *, until: float) -> Iterator[Completion]:
        """What comes; at the end, or where nothing more comes in time, the first failure."""
        first: SamplerError | None = None
        in_a_row = 0
        while True:
            try:
                completion = crew.next_result(until)
            except SamplerError as error:
                first, in_a_row = first or error, in_a_row + 1
                if in_a_row == _FAILURES_IN_A_ROW:
                    crew.begin_no_more()
            except TooLate:
                words = f"{self.name} had not answered when the time was over"
                raise first or SamplerError(words, remedy=GIVE_TIME) from None
            else:
                if completion is None:
                    break
                in_a_row = 0
                news = self._form.news()
                if news and self._notice is not None:
                    self._notice(f"Note: the server of {self.name} refuses {news}: it is asked without")
                yield completion
        if first is not None:
            raise first

    def _connection(self, base_url: str | None) -> Connection:
        return Connection(
            self._openai,
            key=self._key,
            key_variable=self._key_variable,
            base_url=base_url,
            timeout_s=self._timeout_s,
        )

    def _take(self) -> Connection:
        """A connection that nobody uses."""
        return self._idle.pop() if self._idle else self._connection(self._base_url)

    def _work(self, job: _Job, connection: Connection, crew: Crew[_Job, Connection, Completion]) -> None:
        """Ask for the samples of a job, as often as it takes.

        Raises:
            SamplerError: some of them cannot be had; one line.
        """
        attempt = 0
        while job.numbers and (part := self._admitted(job, crew)) is not None:
            reason = None
            try:
                if crew.last_round.is_set() and not attempt:
                    return
                left = self._exchange(part, connection, crew)
            except _Failure as failure:
                left, reason = failure.left, failure.reason
            finally:
                self._throttle.leave(len(part.numbers))
            job = replace(job, numbers=left)
            if reason is not None:
                self._wait(reason, attempt, job, crew)
                attempt += 1

    def _admitted(self, job: _Job, crew: Crew[_Job, Connection, Completion]) -> _Job | None:
        """As much of the job as may be asked for, once it may; None if that is not wanted any more."""
        while not crew.stop.is_set():
            job = self._part(job, crew)
            # What the server takes may be learnt meanwhile.
            if self._throttle.enter(len(job.numbers), partial(self._is_in_vain, len(job.numbers), crew.stop)):
                return job
        return None

    def _is_in_vain(self, count: int, stop: threading.Event) -> bool:
        """Whether a request for so many answers is not to be sent any more."""
        return stop.is_set() or (count > 1 and not self._form.takes_several)

    def _part(self, job: _Job, crew: Crew[_Job, Connection, Completion]) -> _Job:
        """As much of the job as one request may ask for now; the rest is for whoever is free."""
        if self._form.takes_several:
            size = max(min(len(job.numbers), self._throttle.limit), 1)
            rest = [job.numbers[size:]] if size < len(job.numbers) else []
        else:
            size = 1
            rest = [(number,) for number in job.numbers[1:]]
        crew.add(replace(job, numbers=numbers) for numbers in rest)
        return replace(job, numbers=job.numbers[:size])

    def _exchange(
        self, job: _Job, connection: Connection, crew: Crew[_Job, Connection, Completion]
    ) -> tuple[int, ...]:
        """One attempt, in the form that the server takes; returns the samples that did not come.

        Raises:
            _Failure: there was no answer, or not all of one.
        """
        count = len(job.numbers)
        while True:
            exchange = Exchange(
                job.index,
                job.request,
                job.numbers,
                key=self._key,
                hand_in=crew.hand_in,
                began=lambda seconds: self._throttle.began(count, seconds),
            )
            body = self._form.body(self._name, job.request, job.numbers[0], count)
            since = time.monotonic()
            try:
                self._ask(exchange, body, job, connection)
            except NoAnswer as reason:
                if reason.rejects and self._form.learn(reason.complaint, body):
                    continue
                if reason.crowded:
                    self._throttle.crowded(since)
                self._waste(exchange.break_off(was_sent=reason.is_ours))
                raise _Failure(reason, exchange.left) from None
            if exchange.left:
                self._form.give_up("n")
            return tuple(exchange.left)

    def _ask(self, exchange: Exchange, body: dict[str, Any], job: _Job, connection: Connection) -> None:
        """Send the request, and let the exchange take in what comes.

        Raises:
            NoAnswer: nothing came, or nothing that is an answer to the end.
        """
        most = _BASE_BYTES + _BYTES_PER_TOKEN * job.request.params.max_tokens * len(job.numbers)
        thinking = job.request.params.thinking
        thinks = thinking is not None and thinking.effort is not Effort.OFF
        patience = max(self._timeout_s, _THOUGHT_TIMEOUT_S) if thinks else self._timeout_s
        seconds = min(patience, job.request.until - time.monotonic())
        data = connection.ask(
            body, seconds=seconds, most_bytes=min(most, _MOST_BYTES), take=exchange.take, is_patient=thinks
        )
        try:
            exchange.finish(data)
        except BrokenStream as error:
            raise NoAnswer(str(error), passes=error.passes, crowded=error.passes) from None
        except ValueError as error:
            raise NoAnswer(str(error), complaint=read_complaint(data, self._key)) from None

    def _wait(self, reason: NoAnswer, attempt: int, job: _Job, crew: Crew[_Job, Connection, Completion]) -> None:
        """Wait until the job may be tried again.

        Raises:
            SamplerError: it is not worth it; the other samples of the job are left to others.
        """
        wait = min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S) if reason.wait_s is None else reason.wait_s
        is_over = attempt >= self._retries or time.monotonic() + wait >= job.request.until
        if reason.is_final:
            crew.begin_no_more()
        if not reason.passes or is_over or crew.stop.wait(wait):
            if len(job.numbers) > 1:
                crew.add([replace(job, numbers=job.numbers[1:])])
            raise SamplerError(f"{self.name} {reason}", remedy=reason.remedy)

    def _waste(self, tally: Tally) -> None:
        with self._lock:
            self._unused += tally
