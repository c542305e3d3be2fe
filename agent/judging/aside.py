"""Comparing what runs returned, off the thread that serves their slots where it may take long.

What a candidate returns may be as large as its limits allow, and the host's part of the work grows with it.
While a large value is compared by a thread beside it, whoever iterates goes on to take in results, so that the
slots of other runs are not kept waiting.

Not covered: decoding, which the sandbox does by itself (`sandbox.batch`), and the comparison (`problems.values`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox import CallResult, Status

if TYPE_CHECKING:
    from sandbox import RunResult

Trial = TypeVar("Trial")
Outcome = TypeVar("Outcome")

_LONG_TEXT = 1 << 15
_MANY_ITEMS = 2000
"""What is smaller is compared in a few milliseconds."""
_BYTES_PER_ITEM = 64
_TEXTS = frozenset({str, bytes, bytearray})
_COLLECTIONS = frozenset({list, tuple, set, frozenset, dict})
_MOST_ASIDE = 4
"""Large values that wait at a time: each may take hundreds of megabytes."""


def outcomes(
    pairs: Iterable[tuple[Trial, RunResult]], compare: Callable[[Trial, RunResult], Outcome]
) -> Iterator[tuple[Trial, RunResult, Outcome]]:
    """Each trial with its result and what `compare` makes of the two, in order.

    Args:
        pairs: consumed on the caller's thread, a few ahead of what is yielded while something large is compared.
        compare: called on the caller's thread for what is small, and on another for what is large.

    Raises:
        Exception: whatever `compare` raises.
    """
    waiting: deque[tuple[Trial, RunResult, Future[Outcome]]] = deque()
    large = 0
    with ThreadPoolExecutor(1, thread_name_prefix="compare") as side:
        try:
            for trial, result in pairs:
                is_aside = is_large(result)
                waiting.append((trial, result, (side.submit if is_aside else _at_once)(compare, trial, result)))
                large += is_aside
                while waiting and (waiting[0][2].done() or large >= _MOST_ASIDE):
                    large -= is_large(waiting[0][1])
                    yield _settled(waiting.popleft())
            while waiting:
                yield _settled(waiting.popleft())
        finally:
            for _, _, future in waiting:
                future.cancel()


def is_large(result: RunResult) -> bool:
    """Whether to compare what a run returned may take more than a few milliseconds."""
    if result.status is not Status.OK:
        return False
    return len(result.stdout) > _LONG_TEXT or (isinstance(result, CallResult) and _has_many_items(result.value))


def _has_many_items(value: Any) -> bool:
    """Whether a value holds more items, or as much text, than is walked through in a moment; none is compared."""
    room, stack = _MANY_ITEMS, [value]
    while stack and room > 0:
        one = stack.pop()
        room -= 1 + _extent(one)
        if room > 0 and type(one) in _COLLECTIONS:
            stack += [*one, *one.values()] if type(one) is dict else one
    return room <= 0


def _extent(value: Any) -> int:
    """How much there is in a value, its items' own contents aside; of what is no plain value nothing is asked."""
    kind = type(value)
    if kind in _TEXTS:
        return len(value) // _BYTES_PER_ITEM
    if kind is int:
        return int(value.bit_length()) // (8 * _BYTES_PER_ITEM)
    return len(value) if kind in _COLLECTIONS else 0


def _at_once(compare: Callable[[Trial, RunResult], Outcome], trial: Trial, result: RunResult) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(compare(trial, result))
    return future


def _settled(entry: tuple[Trial, RunResult, Future[Outcome]]) -> tuple[Trial, RunResult, Outcome]:
    trial, result, future = entry
    return trial, result, future.result()
