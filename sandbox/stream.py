"""The inside's end of the stream: jobs as they come from the host, and answers to it.

Stdlib-only; its source is sent into the slot. An answer's outputs go from file to stream inside the kernel, or
through a page that no fork inherits, so the next candidate finds no byte that an earlier one wrote.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable

from sandbox import wire

IN, OUT, CHARGE, NUMBERS = 10, 11, 12, 13
"""The stream from and to the host, what the slot's control group is charged for, and the last process number that
was given away; 0, 1 and 2 are for runs."""
_OUTBOX_BYTES = 1 << 16


class HostGone(Exception):
    """The host is gone, or what comes is not a job of its making: the slot is over."""


def receive(length: int) -> bytes:
    """Exactly `length` bytes of the stream."""
    parts = []
    while length:
        part = os.read(IN, min(length, 1 << 20))
        if not part:
            raise HostGone
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


class Job:
    """A job's header, unpacked."""

    def __init__(self, header: bytes) -> None:
        (
            magic,
            kind,
            self.fresh,
            self.cpu_s,
            self.wall_s,
            self.memory,
            self.output,
            self.uid,
            *self.lengths,
        ) = wire.JOB.unpack(header)
        if magic != wire.JOB_MAGIC:
            raise HostGone
        self.is_call = kind == wire.CALL
        self.is_binary = kind == wire.BINARY


class Outbox:
    """Where an answer is put together: small ones leave in one piece, which spares every hop on their way."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _OUTBOX_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._page.madvise(mmap.MADV_DONTFORK)
        self._view = memoryview(self._page)

    def send(self, header: bytes, files: Iterable[tuple[int, int]]) -> None:
        """Send `header` and the first bytes of each of `files`, (descriptor, length), as one stream."""
        end = len(header)
        self._view[:end] = header
        for fd, length in files:
            if end + length > _OUTBOX_BYTES:
                self._flush(end)
                end = 0
                send_file(fd, length)
            elif length:
                end += os.preadv(fd, [self._view[end : end + length]], 0)
        self._flush(end)

    def _flush(self, length: int) -> None:
        position = 0
        while position < length:
            position += os.write(OUT, self._view[position:length])


def send_file(fd: int, length: int) -> None:
    """Move a file's first bytes to the stream inside the kernel, never through this process's heap."""
    offset = 0
    while offset < length:
        count = os.sendfile(OUT, fd, offset, length - offset)
        if count == 0:
            raise HostGone
        offset += count
