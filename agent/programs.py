"""A person's program, read from a file or from standard input.

Not covered: whether it compiles, which only a slot finds out.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

MOST_BYTES = 8 << 20
"""No site takes a program of this size."""


class ProgramError(Exception):
    """The program cannot be judged at all. `str(error)` is one line that says why."""


def read_program(path: str) -> str:
    """The text of the program in the file at `path`; "-" reads standard input.

    Bytes that are not UTF-8 come as surrogate escapes, and the language decides what to think of them.

    Raises:
        ProgramError: it cannot be read, is empty, holds NUL bytes, or is larger than any program.
    """
    name = "<stdin>" if path == "-" else path
    data = _data(path, name)
    if len(data) > MOST_BYTES:
        raise ProgramError(f"{name}: is larger than {MOST_BYTES >> 20} MiB: no program text")
    if b"\0" in data:
        raise ProgramError(f"{name}: holds NUL bytes: no program text (UTF-16, or a compiled program?)")
    if not data.strip(b"\xef\xbb\xbf \t\r\n\v\f"):
        raise ProgramError(f"{name}: is empty: there is no program to judge")
    return data.decode("utf-8", "surrogateescape")


def _data(path: str, name: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        what = "is a folder, not a program" if error.errno == errno.EISDIR else os.strerror(error.errno or 0)
        raise ProgramError(f"{name}: {what}") from None
