"""How torch waits for its threads and where it gets its memory; imports nothing heavy, so that it can come first.

A decode step is thousands of operations of some ten microseconds each. On a machine that is not idle, threads that
spin between them waste most of it, because they wait for a thread that does not run; threads that sleep at once
are woken for every operation, which takes longer than the operation. So they spin for about as long as a small
operation takes.

Not covered: how many threads there are (`load`).
"""

from __future__ import annotations

import ctypes
import os
import sys

_SPINS = "2000"  # a few microseconds
_M_MXFAST, _M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = 1, -1, -2, -4
_TRIM_THRESHOLD, _STEP = (1 << 31) - 1, 64 << 20


def settle_waiting() -> None:
    """Set how OpenMP waits; it reads this when torch is first imported. What the user has set stays."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)


def keep_memory() -> None:
    """Keep freed memory for reuse: the C library returns large blocks at once, and a step's logits are large.

    The kernel clears a fresh block page by page, which costs several times as much as writing it.

    An aligned block leaves a few bytes before it. Where glibc puts these aside for small requests, the block never
    grows whole again when it is freed, and the next of its size finds no place. So no room is left to put them.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    mallopt = getattr(library, "mallopt", None)  # glibc's
    if mallopt is not None:
        mallopt(_M_MXFAST, 0)
        _fill_shelves(library)
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_THRESHOLD)
        mallopt(_M_TOP_PAD, _STEP)


def _fill_shelves(library: ctypes.CDLL) -> None:
    """Free so many small blocks that this thread's shelves of them, seven for each size, are full."""
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    for size in range(24, 128, 16):
        blocks = [library.malloc(size) for _ in range(8)]
        for block in blocks:
            library.free(block)
