"""How torch waits for its threads and where it gets its memory; imports nothing heavy, so that it can come first.

A decode step is thousands of operations of some ten microseconds each. Threads that spin between them lose most of
a machine that is not idle, because they wait for one that does not run; threads that sleep at once are woken for
every operation, which takes longer than the operation. So they spin for about as long as a small operation takes.

Not covered: how many threads there are (`load`).
"""

from __future__ import annotations

import ctypes
import os
import sys

_SPINS = "2000"  # a few microseconds
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
_KEPT, _STEP = (1 << 31) - 1, 64 << 20


def settle_waiting() -> None:
    """Say how OpenMP waits; it reads this when torch is first imported. What the user has set stays."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)


def keep_memory() -> None:
    """Have freed memory used again: the C library returns large blocks at once, and a step's logits are large.

    A block that comes fresh from the system is cleared page by page, at several times the cost of writing it.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
        mallopt(_M_TOP_PAD, _STEP)
