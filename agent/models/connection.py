"""One connection to a server that speaks the OpenAI protocol: one request at a time, and each within limits.

A server is not trusted: it may send without end, compress a gigabyte into a megabyte, drip a byte a second, or
name another server to ask. What it sends is bounded in bytes, after decompression, in seconds from the request to
the last byte, and in seconds of silence once it has begun; nothing is followed anywhere. What is under way can be
broken off from another thread, so that the server learns at once that nobody waits.

Not covered: what an answer says (`agent.models.replies`), and when to ask again (`agent.models.openai_sampler`).
"""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

from agent.models.complaints import Complaint, server_words
from agent.models.refusals import CHECK_ADDRESS, NoAnswer, refusal
from agent.models.streams import BrokenStream

_MOST_ERROR_BYTES = 1 << 16
"""Of an answer that is none."""
_LONGEST_SILENCE_S = 120.0
"""Of a server that has begun to answer; before, it may have others to serve first."""
_BROKEN = ("RemoteProtocolError", "ReadError", "WriteError")
"""How the HTTP client calls a connection that ends too early; llama-cpp-python's server ends one for the next."""
_WORDS_IN_ERROR = ("content-encoding", "content-length", "transfer-encoding")


class _Unfit(Exception):
    """What the server sends is more, or another thing, than was agreed on."""

    def __init__(self, what: str, *, passes: bool = False) -> None:
        super().__init__(what)
        self.passes = passes
        """As in `NoAnswer`."""


class Connection:
    """Asks one thing after the other."""

    def __init__(
        self, openai: Any, *, key: str, key_variable: str, base_url: str | None, timeout_s: float
    ) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            openai: the client library.
            key: goes with every request, and into no message.
            key_variable: where in the environment it came from, for messages.
            base_url: the server's address; None means the library's default.
            timeout_s: for each single wait, seconds; `ask` bounds the whole.
        """
        self._openai = openai
        self._key = key
        self._key_variable = key_variable
        self._address = base_url
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._number = 0
        self._most_bytes = 0
        self._end = self._heard = 0.0
        self._silence_s = _LONGEST_SILENCE_S
        self._take: Callable[[bytes], bool] | None = None
        self._complaint: NoAnswer | None = None
        self._is_asking = self._is_closed = False
        self._known_client: Any = None

    @property
    def _client(self) -> Any:
        """Made when it is needed: each takes a moment, and reads certificates."""
        if self._known_client is None:
            self._known_client = self._openai.OpenAI(
                api_key=self._key,
                base_url=self._address,
                timeout=self._timeout_s,
                max_retries=0,
                http_client=self._transport(self._timeout_s),
            )
        return self._known_client

    @property
    def base_url(self) -> str:
        """The server's address."""
        return str(self._client.base_url)

    def ask(
        self,
        body: Mapping[str, Any],
        *,
        seconds: float,
        most_bytes: int,
        take: Callable[[bytes], bool] | None = None,
        is_patient: bool = False,
    ) -> bytes:
        """Send one request for a chat completion, and return the bytes of the answer.

        Args:
            body: arguments of the client library's `chat.completions.create`.
            seconds: from now until the last byte of the answer.
            most_bytes: of the answer, decompressed.
            take: given the bytes of an answer in pieces as they come, of which nothing is returned; says whether
                the answer has begun, so that a silence is one. It may raise `BrokenStream`.
            is_patient: whether a silence may last as long as the whole, as while a model thinks unseen.

        Raises:
            NoAnswer: whatever else came.
        """
        client = self._client
        with self._lock:
            self._is_asking = True
            self._number += 1
            self._most_bytes, self._take = most_bytes, take
            self._end, self._heard = time.monotonic() + seconds, 0.0
            self._silence_s = seconds if is_patient else _LONGEST_SILENCE_S
            self._complaint = NoAnswer("is not asked any more", is_ours=True) if self._is_closed else None
            number = self._number
        self._watch(number)
        try:
            waits = {"timeout": self._openai.Timeout(seconds, connect=self._timeout_s)} if is_patient else {}
            answer = client.chat.completions.with_raw_response.create(**body, **waits)
            if self._complaint is not None:
                # Where nobody said how long the answer is, the end that we made looks like its own.
                raise self._complaint
            return bytes(answer.content)
        except self._openai.APIStatusError as error:
            raise self._refusal(error.response) from None
        # The library raises what it does not know as it is, or, in older versions, as a failure to connect.
        except (self._openai.OpenAIError, _Unfit, ValueError) as error:
            raise self._failure(error) from None
        finally:
            with self._lock:
                self._is_asking = False
                self._number += 1
                self._timer.cancel()
            self._release()

    def close(self) -> None:
        """Ask nothing more; what is under way ends. May be called from any thread."""
        with self._lock:
            self._is_closed = True
            self._complaint = self._complaint or NoAnswer("is not asked any more", is_ours=True)
            if self._is_asking:
                self._shut()
        self._release()

    def _release(self) -> None:
        """Close the client of a closed connection, once nobody uses it."""
        with self._lock:
            is_over = self._is_closed and not self._is_asking
        if is_over and self._known_client is not None:
            self._known_client.close()

    def _watch(self, number: int) -> None:
        """Look after a request again when it may have taken too long."""
        wait = max(min(self._deadline - time.monotonic(), _LONGEST_SILENCE_S), 0.0)
        self._timer = threading.Timer(wait, self._expire, (number,))
        self._timer.daemon = True
        self._timer.start()

    @property
    def _deadline(self) -> float:
        """When a request has taken too long, by `time.monotonic()`."""
        return min(self._end, self._heard + self._silence_s) if self._heard else self._end

    def _expire(self, number: int) -> None:
        with self._lock:
            if number != self._number or self._complaint is not None:
                return
            if time.monotonic() < self._deadline:
                self._watch(number)
                return
            self._complaint = NoAnswer("does not answer in time", passes=True, crowded=True, is_ours=True)
            self._shut()

    def _shut(self) -> None:
        """Wake whoever waits for the socket; closing it would not."""
        if self._socket is not None:
            with suppress(OSError):
                # Past TLS, whose own way of shutting down would wait for the server.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _note(self, event: str, info: Mapping[str, Any]) -> None:
        """Told of each step of a request: keeps the socket, of which there is one at a time."""
        stream = info.get("return_value")
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")) and stream is not None:
            with self._lock:
                self._socket = stream.get_extra_info("socket")
                if self._complaint is not None:
                    self._shut()

    def _transport(self, timeout_s: float) -> Any:
        """The library's HTTP client, whose answers are read here, and which follows no redirect."""
        connection = self

        class Bounded(self._openai.DefaultHttpxClient):  # type: ignore[name-defined, misc]
            def send(self, request: Any, **options: Any) -> Any:
                request.extensions = {**request.extensions, "trace": connection._note}
                request.headers["Accept-Encoding"] = "identity"
                response = super().send(request, **{**options, "stream": True, "follow_redirects": False})
                try:
                    content = connection._content(response)
                finally:
                    response.close()
                headers = [pair for pair in response.headers.multi_items() if pair[0] not in _WORDS_IN_ERROR]
                # Of the same library, whichever the client's version builds on.
                return type(response)(response.status_code, headers=headers, content=content, request=request)

        return Bounded(timeout=timeout_s, verify=_certificates(self._openai.DefaultHttpxClient))

    def _content(self, response: Any) -> bytes:
        """The whole body, if nobody takes its pieces; of one that tells of a failure, the beginning."""
        is_failure = response.status_code >= 300
        most = _MOST_ERROR_BYTES if is_failure else self._most_bytes
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream") and not is_failure
        content = bytearray()
        length = 0
        for chunk in _inflated(response.iter_raw(), response.headers.get("content-encoding", ""), most):
            length += len(chunk)
            if length > most and not is_failure:
                raise _Unfit(f"sends more than {most} bytes in answer to one request")
            has_begun = True
            if is_stream and self._take is not None:
                has_begun = self._pass_on(chunk)
            else:
                content += chunk
            if has_begun:
                self._heard = time.monotonic()
            if length > most:
                break
        return bytes(content[:most])

    def _pass_on(self, chunk: bytes) -> bool:
        """Hand a piece to who takes it, and return its word; errors pass through the client library as ours."""
        assert self._take is not None
        try:
            return self._take(chunk)
        except BrokenStream as error:
            raise _Unfit(str(error), passes=error.passes) from None

    def _refusal(self, response: Any) -> NoAnswer:
        return refusal(
            response.status_code,
            response.headers,
            response.content,
            key=self._key,
            key_variable=self._key_variable,
        )

    def _failure(self, error: Exception) -> NoAnswer:
        """What a failure without a status says."""
        unfit = error if isinstance(error, _Unfit) else error.__cause__
        if self._complaint is not None:
            return self._complaint
        if isinstance(unfit, _Unfit):
            return NoAnswer(str(unfit), passes=unfit.passes, crowded=unfit.passes)
        if isinstance(error, self._openai.APITimeoutError):
            return NoAnswer("does not answer in time", passes=True, crowded=True)
        if type(error.__cause__).__name__ in _BROKEN:
            return NoAnswer("breaks the connection off", passes=True, crowded=True)
        if isinstance(error, self._openai.APIConnectionError):
            return NoAnswer(f"cannot be reached at {self.base_url}", remedy=CHECK_ADDRESS, passes=True)
        words = server_words(str(error).encode("utf-8", "replace"), self._key)
        return NoAnswer("cannot be asked", complaint=Complaint(words))


def _inflated(chunks: Iterable[bytes], encoding: str, most: int) -> Iterable[bytes]:
    """What was compressed, in pieces of at most one byte more than `most`."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _Unfit("compresses its answer in a way that was not asked for")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # it tells gzip from zlib by itself
    for chunk in chunks:
        try:
            yield inflater.decompress(chunk, most + 1)
        except zlib.error:
            raise _Unfit("sends what cannot be decompressed") from None


@cache
def _certificates(client: type) -> Any:
    """The certificates that this HTTP client trusts, read once for all connections."""
    module = import_module(client.__mro__[1].__module__.partition(".")[0])
    return module.create_ssl_context()
