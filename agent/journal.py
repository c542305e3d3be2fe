"""An append-only JSON Lines file: a process that is killed while it writes can resume from it.

A row counts once its newline is written. What follows the last newline was being written when the process ended:
it is cut off when the file is opened to be appended to, and left out when it is only read. Any other line that is
not a row is an error, because nothing of ours leaves one behind.

Not covered: several processes at once (whoever opens a journal locks it), and data sets (`benchmarks.rows`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypeVar

T = TypeVar("T")
Parser = Callable[[dict[str, Any]], T]
"""Turns a row into an entry; raises ValueError, KeyError, TypeError or AttributeError where it is none."""


class JournalError(Exception):
    """A line is not a row of this journal. `str(error)` is one line, with the file and the line's number."""


class Journal(Generic[T]):
    """A journal that this process appends to. Use it as a context manager."""

    def __init__(self, path: Path, parse: Parser[T]) -> None:
        """Open the file; create it and its folder if they do not exist.

        Raises:
            OSError: it cannot be opened.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._parse = path, parse
        self._file = path.open("a+b")
        self._file.seek(0)
        self._file.truncate(sum(map(len, _whole_lines(self._file))))

    def entries(self) -> Iterator[tuple[int, T]]:
        """Every entry and its place, in the order they were written.

        Raises:
            JournalError: a line is no row.
        """
        self._file.seek(0)
        return _entries(self._path, self._file, self._parse)

    def read(self, place: int) -> T:
        """The entry at a place that `entries` or `append` named."""
        self._file.seek(place)
        return self._parse(json.loads(self._file.readline()))

    def append(self, row: Mapping[str, Any]) -> int:
        """Append a row, which from then on survives the process; returns its place.

        Raises:
            OSError: it cannot be written.
        """
        place = self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        return place

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(path: Path, parse: Parser[T]) -> list[T]:
    """The entries of a journal that another process may be writing to.

    Raises:
        OSError: it cannot be read.
        JournalError: a line is no row.
    """
    with path.open("rb") as file:
        return [entry for _, entry in _entries(path, file, parse)]


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    return (line for line in file if line.endswith(b"\n"))


def _entries(path: Path, file: BinaryIO, parse: Parser[T]) -> Iterator[tuple[int, T]]:
    place = 0
    for number, line in enumerate(_whole_lines(file), 1):
        try:
            entry = parse(_row(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            words = f"no field {error}" if isinstance(error, KeyError) else error
            raise JournalError(f"{path}:{number}: no row of this file ({words}); mend or remove it") from None
        yield place, entry
        place += len(line)


def _row(line: bytes) -> dict[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise TypeError("an object was expected")
    return row
