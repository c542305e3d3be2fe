"""Ctrl-C while a problem is solved: the first one ends sampling, the second one ends the program.

Not covered: what is done with the best program so far (`agent.commands.solve`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self


class SamplingStopped(KeyboardInterrupt):
    """The first Ctrl-C, where it may break off what is under way."""


class Interrupt:
    """Whether Ctrl-C came. A context manager; outside of it, or off the main thread, nothing is caught.

    Judging is not broken off by the first Ctrl-C, so that slots stay usable; waiting for the model
    is.
    """

    def __init__(self) -> None:
        self._came = False
        self._breakable = False
        self._before: Any = None

    @property
    def came(self) -> bool:
        """Whether there was one."""
        return self._came

    def __enter__(self) -> Self:
        is_ours = threading.current_thread() is threading.main_thread()
        # Where a shell started us in the background, Ctrl-C is not for us.
        if is_ours and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    @contextmanager
    def breakable(self) -> Iterator[None]:
        """Raise `SamplingStopped` at the first Ctrl-C, here and at once."""
        self._breakable = True
        try:
            yield
        finally:
            self._breakable = False

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self._came:
            raise KeyboardInterrupt
        self._came = True
        if self._breakable:
            raise SamplingStopped
