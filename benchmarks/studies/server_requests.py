"""How a server is asked: `python -m benchmarks.studies.server_requests`.

A server in this process answers after a second, one answer to a request, and refuses with 429 what is more than it
bears. Measured are the seconds for 256 samples, how the number of answers under way follows a limit that changes,
and the seconds until the server is rid of all requests once a solve has settled, is interrupted, or out of time.

Not covered: what a network adds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import click

from agent.interrupts import Interrupt
from agent.models.openai_sampler import OpenAISampler
from agent.sampling import Prompt, SampleRequest, SamplingParams
from agent.solve import solve
from agent.types import SolveOptions
from problems import Problem, TestCase
from sandbox import open_sandbox

_PROBLEM = Problem("Double", "Print twice the number.", (TestCase("3\n", "6\n"), TestCase("-4\n", "-8\n")))
_PROGRAM = "```python\nprint(2 * int(input()))\n```"
_BUSY = b"HTTP/1.1 429 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass
class Server:
    """Answers in pieces, after `latency_s`; those after the first `quick` requests go on for an hour."""

    latency_s: float = 1.0
    bears: Callable[[float], int] = lambda _: 10_000
    """Answers at a time, by seconds since the start."""
    quick: int = 1_000_000
    count: int = 0
    refused: int = 0
    inside: int = 0
    inside_at: list[tuple[float, int]] = field(default_factory=list)
    gone_at: float = 0.0
    """When the last client went away that was not answered to the end, by `time.monotonic()`."""
    last_at: float = 0.0
    """When the last answer in full was sent, likewise."""
    url: str = ""

    def start(self) -> None:
        """Serve on a thread of its own, until this process ends."""
        is_up = threading.Event()
        self._began = time.monotonic()
        threading.Thread(target=lambda: asyncio.run(self._serve(is_up)), daemon=True).start()
        is_up.wait()

    async def _serve(self, is_up: threading.Event) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        is_up.set()
        await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(int(length.split(b":")[1]))
                now = time.monotonic() - self._began
                if self.inside >= self.bears(now):
                    self.refused += 1
                    writer.write(_BUSY)
                    continue
                await self._complete(reader, writer)
                return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _complete(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.count += 1
        is_slow = self.count > self.quick
        self.inside += 1
        self.inside_at.append((time.monotonic() - self._began, self.inside))
        try:
            if is_slow:
                writer.write(_STREAM + _piece("x", None))
                if not await reader.read(1):
                    self.gone_at = time.monotonic()
                return
            await asyncio.sleep(self.latency_s)
            writer.write(_STREAM + _piece(_PROGRAM, "stop") + b"data: [DONE]\n\n")
            self.last_at = time.monotonic()
        finally:
            self.inside -= 1


def _piece(text: str, finish: str | None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


def many_samples(count: int, concurrency: int) -> None:
    """How long so many samples take."""
    server = Server()
    server.start()
    seconds = _drawn(server, count, concurrency)
    peak = max(inside for _, inside in server.inside_at)
    click.echo(f"{count} samples at 1 s, concurrency {concurrency}: {seconds:.1f} s, at most {peak} at a time")


def crowded(count: int) -> None:
    """A server that bears 32 answers, from its third second to its eighth only 6, then 32 again."""
    server = Server(latency_s=0.5, bears=lambda now: 6 if 3 <= now < 8 else 32)
    server.start()
    seconds = _drawn(server, count, 64)
    peaks = [
        max((inside for at, inside in server.inside_at if second <= at < second + 1), default=0)
        for second in range(int(seconds) + 1)
    ]
    click.echo(f"{count} samples where 32, then 6, then 32 are borne: {seconds:.1f} s, {server.refused} refusals;")
    click.echo(f"  at a time, at most, second by second: {peaks}")


def _drawn(server: Server, count: int, concurrency: int) -> float:
    """Seconds for so many samples."""
    request = SampleRequest(Prompt("", "x"), SamplingParams(n=count))
    with closing(OpenAISampler("m", base_url=server.url, concurrency=concurrency, retries=20)) as sampler:
        began = time.monotonic()
        assert len(list(sampler.sample([request]))) == count
        return time.monotonic() - began


def endings() -> None:
    """How soon the server is rid of requests that nobody wants any more."""
    with open_sandbox("auto") as box:
        for name, quick, options in (
            ("settled after 16", 16, SolveOptions(n=64)),
            ("out of time after 3 s", 8, SolveOptions(n=64, max_seconds=3.0)),
            ("Ctrl-C after 3 s", 8, SolveOptions(n=64)),
        ):
            server = Server(latency_s=0.2, quick=quick)
            server.start()
            sampler = OpenAISampler("m", base_url=server.url, concurrency=32)
            interrupt = Interrupt()
            with closing(sampler), interrupt:
                if name.startswith("Ctrl-C"):
                    threading.Timer(3.0, os.kill, (os.getpid(), signal.SIGINT)).start()
                began = time.monotonic()
                solution = solve(_PROBLEM, sampler, box, options=options, interrupt=interrupt)
                seconds = time.monotonic() - began
            time.sleep(0.2)
            evidence = solution.evidence
            click.echo(
                f"{name}: {evidence.samples} samples used, {evidence.tally.unused_tokens} tokens broken off;"
                f" the last answer came in full after {server.last_at - began:.2f} s, all requests were over after"
                f" {server.gone_at - began:.2f} s, {server.inside} are left; in all {seconds:.2f} s"
            )


def main() -> None:
    """Measure all of it."""
    many_samples(256, 32)
    crowded(512)
    endings()


if __name__ == "__main__":
    main()
