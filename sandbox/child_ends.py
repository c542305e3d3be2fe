"""What a Python program does when a child of its ends, though the kernel is told the same for every program.

Stdlib-only; its source is sent into the slot. A process that has the kernel forget its children makes their CPU
time vanish, and a filter of system calls cannot tell such a wish from an honest handler. So the filter refuses all
of them, each run begins with the handler of this module in place, and `signal.signal` changes what that one does.

Not covered: programs that Python did not start, and calls past Python's own functions; the filter refuses those.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

NUMBER = int(signal.SIGCHLD)
set_handler, _get_handler, _set_restart = _signal.signal, _signal.getsignal, _signal.siginterrupt
"""Python's own functions, as they were; the first is what `_signal.signal` was."""
_DEFAULT, _IGNORE = int(signal.SIG_DFL), int(signal.SIG_IGN)
_wish: list[Any] = [_DEFAULT]
"""What the program wants to happen; only forks of process 1 change it."""


def prepare() -> None:
    """Let Python's functions know of this module, in process 1 and all its forks."""
    _signal.signal, _signal.getsignal = _signal_signal, _signal_getsignal
    _signal.siginterrupt = signal.siginterrupt = _signal_siginterrupt


def begin() -> None:
    """Put the handler in place, before the filter forbids it."""
    set_handler(NUMBER, _note_end)


def _note_end(number: int, frame: object) -> None:
    wish = _wish[0]
    if callable(wish):
        wish(number, frame)
    elif wish == _IGNORE:
        _bury()


def _bury() -> None:
    """Wait for everybody that has ended, so that no zombie is left and all of their time is known."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _signal_signal(signalnum: int, handler: Callable[..., Any] | int | None, /) -> Any:
    """As `_signal.signal`."""
    if signalnum != NUMBER:
        return set_handler(signalnum, handler)
    if threading.current_thread() is not threading.main_thread():
        raise ValueError("signal only works in main thread of the main interpreter")
    if not callable(handler) and handler not in (_DEFAULT, _IGNORE):
        raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
    before, _wish[0] = _wish[0], handler
    if handler == _IGNORE:
        _bury()
    return before


def _signal_getsignal(signalnum: int, /) -> Any:
    """As `_signal.getsignal`."""
    return _wish[0] if signalnum == NUMBER else _get_handler(signalnum)


def _signal_siginterrupt(signalnum: int, flag: bool, /) -> None:
    """As `_signal.siginterrupt`; what a child's end interrupts goes on by itself either way (PEP 475)."""
    if signalnum != NUMBER:
        _set_restart(signalnum, flag)
