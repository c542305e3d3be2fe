"""A server of ours on a free port of this machine, as tests of its doors use it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import uvicorn

from agent.models import open_sampler
from agent.serve.app import make_app
from agent.serve.guard import Access
from agent.serve.service import ServeLimits, Service
from agent.types import Sampler
from sandbox import Sandbox

DOUBLE = (
    "Print twice the number.\n\n"
    "Input\n```\n3\n```\nOutput\n```\n6\n```\n\nInput\n```\n5\n```\nOutput\n```\n10\n```\n"
)
RIGHT = "print(2 * int(input()))"
WRONG = "print(6)"


@dataclass(frozen=True)
class Client:
    """Asks a server."""

    url: str

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", headers=named(headers), timeout=60, allow_redirects=False)

    def post(self, path: str, body: object, **headers: str) -> requests.Response:
        return requests.post(f"{self.url}{path}", json=body, headers=named(headers), timeout=60)


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def service_of(
    box: Sandbox,
    *,
    opener: Callable[[str], Sampler] = open_sampler,
    models: tuple[str, ...] = (),
    history: Path | None = None,
    limits: ServeLimits | None = None,
) -> Service:
    return Service(box, opener, models, history, limits=limits or ServeLimits())


@contextmanager
def serving(service: Service, access: Access | None = None, **config: Any) -> Iterator[Client]:
    """Serve until the end of the block."""
    app = make_app(service, access or Access())
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=2, **config)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Client(f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server did not end"
