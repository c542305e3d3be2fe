"""A server of models whose every byte on the wire a test decides."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

SECRET = "sk-secret-0452"
"""The key that goes with every request, and into nothing that is said or kept."""
LONGEST_DRIP_S = 30.0
"""A server that drips ends then, so that a client without a clock gets its answer, and the test fails."""


def choice(content: object = "print(1)", **rest: object) -> dict[str, object]:
    return {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}, **rest}


def events(*pieces: object, done: bool = True) -> bytes:
    """Pieces of a stream, as they are on the wire."""
    lines = [json.dumps(piece) for piece in pieces] + ["[DONE]"] * done
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def piece(
    content: object = None, *, index: int = 0, finish: str | None = None, **delta: object
) -> dict[str, object]:
    """A piece of one choice."""
    return {"choices": [{"index": index, "delta": {"content": content, **delta}, "finish_reason": finish}]}


def reply(content: object = "print(1)", **rest: object) -> bytes:
    return json.dumps({"choices": [choice(content)], **rest}).encode()


class Wire:
    """What one connection to the server looks like from its side."""

    def __init__(self, connection: socket.socket, server: WireServer, request: dict[str, Any]) -> None:
        self._connection = connection
        self._server = server
        self.request = request
        """What was asked."""

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def answer(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        )
        self.send(head.encode() + body)

    def stream(self, data: bytes, *, end: bool = True) -> None:
        """Answer in pieces; without an end more may be sent."""
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + data)
        if end:
            self.end()

    def end(self) -> None:
        """Send no more."""
        self._connection.shutdown(socket.SHUT_WR)

    def drip(self, data: bytes) -> None:
        """Send one byte now and then, over and over, until nobody is there any more."""
        end = time.monotonic() + LONGEST_DRIP_S
        try:
            while time.monotonic() < end:
                for byte in data:
                    self.send(bytes([byte]))
                    if self._server.closed.wait(0.02):
                        return
        except OSError:
            self._server.gone.set()
            raise

    def wait_for_the_end(self) -> None:
        """Send nothing until the client goes away."""
        self._connection.settimeout(LONGEST_DRIP_S)
        try:
            is_over = not self._connection.recv(1)
        except ConnectionError:
            is_over = True
        if is_over:
            self._server.gone.set()


class WireServer:
    """Answers every request with what `behave` does on the wire; counts them."""

    def __init__(self) -> None:
        self.behave: Callable[[Wire, int], None] = lambda wire, number: wire.answer(reply())
        self.count = 0
        self.requests: list[dict[str, Any]] = []
        self.gone = threading.Event()
        """Whether a client went away from an answer under way."""
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.closed.set()
        # Closing it alone would not wake the thread that waits for a client.
        socket.create_connection(self._listener.getsockname()).close()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.closed.is_set():
                connection.close()
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as file:
            try:
                while True:
                    length = None
                    while (line := file.readline()).strip():
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    if length is None:
                        return
                    request = json.loads(file.read(length))
                    with self._lock:
                        self.count += 1
                        number = self.count
                        self.requests.append(request)
                    self.behave(Wire(connection, self, request), number)
            except OSError:
                return
