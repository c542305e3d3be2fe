"""How many answers a server is asked for at a time: more while it is quick, half when it is crowded."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from test_server_streams import drawn
from wire_server import Wire, WireServer, events, piece, reply

from agent.models import openai_sampler
from agent.models.throttle import Throttle

if TYPE_CHECKING:
    import pytest


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_throttle_grows_while_answers_are_as_quick() -> None:
    throttle = Throttle(4, 32, clock=Clock())
    for _ in range(100):
        throttle.began(1, 1.0)
    assert throttle.limit == 32


def test_a_throttle_does_not_grow_where_answers_wait() -> None:
    throttle = Throttle(4, 32, clock=Clock())
    throttle.began(1, 1.0)
    for _ in range(100):
        throttle.began(1, 3.0)
    assert throttle.limit == 5


def test_a_throttle_halves_once_for_a_crowd_and_recovers_step_by_step() -> None:
    clock = Clock()
    throttle = Throttle(16, 32, clock=clock)
    assert throttle.enter(16, lambda: False)
    clock.now = 1.0
    for _ in range(5):
        throttle.crowded(0.5)  # all were sent before the first of them was refused
    assert throttle.limit == 8
    clock.now = 2.0
    throttle.crowded(1.5)
    assert throttle.limit == 4
    for _ in range(4):
        throttle.began(1, 1.0)
    assert throttle.limit == 4
    for _ in range(2):
        throttle.began(1, 1.0)
    assert throttle.limit == 5
    for _ in range(2000):
        throttle.began(1, 1.0)
    assert throttle.limit == 32
    throttle.enter(16, lambda: False)
    for now in range(3, 20):
        clock.now = float(now)
        throttle.crowded(clock.now)
    assert throttle.limit == 1


def test_a_crowd_of_fewer_than_the_limit_halves_what_is_under_way() -> None:
    throttle = Throttle(16, 32)
    assert throttle.enter(2, lambda: False)
    throttle.crowded(time.monotonic())
    assert throttle.limit == 1


def test_a_server_that_drops_a_request_for_the_next_one_is_asked_for_one_at_a_time(
    server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of llama-cpp-python does unless it is told otherwise."""
    monkeypatch.setattr(openai_sampler, "_FIRST_WAIT_S", 0.02)
    lock = threading.Lock()
    newest = [0]

    def behave(wire: Wire, number: int) -> None:
        with lock:
            newest[0] = number
        wire.stream(events(piece("x"), done=False), end=False)
        for _ in range(10):
            server.closed.wait(0.01)
            if newest[0] != number:
                break
        else:
            wire.send(events(piece("y", finish="stop")))
        wire.end()

    server.behave = behave
    assert [one.text for one in drawn(server, 3, retries=8)] == ["xy"] * 3


def test_a_throttle_lets_no_more_in_than_its_limit() -> None:
    throttle, stop = Throttle(4, 4), threading.Event()
    assert throttle.enter(3, stop.is_set)
    late = threading.Thread(target=throttle.enter, args=(2, stop.is_set))
    late.start()
    late.join(0.1)
    assert late.is_alive()
    throttle.leave(3)
    late.join(5)
    assert not late.is_alive()
    stop.set()
    assert not throttle.enter(4, stop.is_set)
    assert throttle.peak == 3


def test_a_server_that_is_crowded_is_asked_for_less_at_a_time(server: WireServer) -> None:
    lock, inside = threading.Lock(), [0, 0]

    def behave(wire: Wire, number: int) -> None:
        with lock:
            inside[0] += 1
            is_crowded = inside[0] > 4
            inside[1] += is_crowded
        if is_crowded:
            wire.answer(b'{"error": {"message": "slow down"}}', status="429 Busy", headers="Retry-After: 0\r\n")
        else:
            server.closed.wait(0.005)
            wire.answer(reply())
        with lock:
            inside[0] -= 1

    server.behave = behave
    assert len(drawn(server, 60, retries=10)) == 60
    assert server.count == 60 + inside[1]
