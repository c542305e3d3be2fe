"""What was solved before: a small record of every `solve`, its page, and the completions it was chosen from.

All of it is in one folder, `history_folder`: `solves.jsonl` has a line for each record, and files named by a
record's ID hold the completions (`agent.models.store`) and the compressed report. Where that grows too large the
oldest records go, with their files. No record holds a server's address, a key or anything else of the environment.

Not covered: completions in a file of the user's own (`--store`), which is named in the record and never removed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.journal import Journal, JournalError, read_journal

if TYPE_CHECKING:
    from problems import Problem

LAST = "last"
"""In place of an ID: the newest record."""
MOST_RECORDS = 200
MOST_BYTES = 256 << 20
_LOCK_SECONDS = 5.0
_ORPHAN_SECONDS = 7 * 86400.0
"""A file that no record names is of a solve that is under way, or was killed; none takes that long."""
_OWN_FILE = re.compile(r"([0-9a-f]{8})\.(?:jsonl|jsonl\.lock|html\.gz)")


class HistoryError(Exception):
    """The history cannot be used, or has no such record. `str(error)` is one line."""


@dataclass(frozen=True, slots=True)
class PastSolve:
    """One record."""

    id: str
    """Eight hexadecimal digits."""
    when: str
    """When it ended, UTC, as 2026-01-31T12:00:00Z."""
    statement: str
    """What `statement_key` says of the statement."""
    title: str
    path: str
    """Where the statement was read from: a whole path, or "<stdin>"."""
    model: str
    fingerprint: str
    """What tells the model's completions from another's (`agent.models.fingerprint`)."""
    language: str
    program: str | None
    """The program that was chosen, or that came furthest."""
    solved: bool
    """Whether it passes every example."""
    confidence: float
    """Probability that it is right, 0 to 1."""
    sandbox: str
    evidence: dict[str, Any]
    """As in `solve --json`."""
    cost: dict[str, Any]
    """As in `solve --json`."""
    store: str
    """The file with the completions; a name alone lies in the folder of the history."""


def history_folder() -> Path | None:
    """Where records are kept: `ALPHASOLVE_HISTORY`, or the user's state folder; None where that is "0"."""
    own = os.environ.get("ALPHASOLVE_HISTORY")
    if own == "0":
        return None
    import platformdirs

    return Path(own).expanduser() if own else platformdirs.user_state_path("alphasolve") / "history"


def statement_key(problem: Problem) -> str:
    """A hash of what the statement says; the same wherever the statement lies."""
    facts = (problem.statement, problem.entry_point, problem.checker)
    return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).hexdigest()


def new_id() -> str:
    """An ID for a record that is to be made."""
    return secrets.token_hex(4)


class History:
    """The records in one folder; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which need not exist before something is written."""
        self.folder = folder
        self._journal = folder / "solves.jsonl"

    def records(self) -> list[PastSolve]:
        """Every record, oldest first.

        Raises:
            HistoryError: they cannot be read.
        """
        try:
            return read_journal(self._journal, _record)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HistoryError(f"cannot read {self._journal}: {error.strerror or error}") from error
        except JournalError as error:
            raise HistoryError(str(error)) from None

    def find(self, name: str) -> PastSolve:
        """The record of that ID, of which the beginning is enough where it is the only one; or the `LAST`.

        Raises:
            HistoryError: there is none, or several.
        """
        records = self.records()
        if not records:
            raise HistoryError("nothing was solved yet, or nothing was kept of it")
        if name == LAST:
            return records[-1]
        matches = [record for record in records if name and record.id.startswith(name.lower())]
        if not matches:
            raise HistoryError(f"no solve has an ID that begins with {name!r}")
        if len(matches) > 1:
            ids = ", ".join(record.id for record in matches[:5])
            raise HistoryError(f"{len(matches)} solves have an ID that begins with {name!r}: {ids}")
        return matches[0]

    def store_of(self, record: PastSolve) -> Path:
        """The file with the completions of a record."""
        return self.folder / record.store

    def store_name(self, identity: str) -> str:
        """What the file is called that a new record of that ID keeps its completions in."""
        return f"{identity}.jsonl"

    def prepare(self) -> None:
        """Make the folder, for this user alone.

        Raises:
            HistoryError: it cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise HistoryError(f"cannot write {self.folder}: {error.strerror or error}") from error

    def add(self, record: PastSolve, page: str) -> None:
        """Keep a record and its report, and forget the oldest where there are too many.

        Raises:
            HistoryError: it cannot be written.
        """
        self.prepare()
        with self._changing():
            _write(self._page(record.id), gzip.compress(page.encode("utf-8", "replace"), mtime=0))
            with Journal(self._journal, _record) as journal:
                journal.append(asdict(record))
                records = [each for _, each in journal.entries()]
            kept = self._newest(records)
            if len(kept) < len(records):
                lines = "".join(json.dumps(asdict(each), separators=(",", ":")) + "\n" for each in kept)
                _write(self._journal, lines.encode())
            self._sweep(kept, {record.id for record in records} - {record.id for record in kept})

    def page(self, record: PastSolve) -> str:
        """The report about a record.

        Raises:
            HistoryError: it is not there.
        """
        try:
            return gzip.decompress(self._page(record.id).read_bytes()).decode()
        except (OSError, EOFError, ValueError) as error:
            raise HistoryError(f"no report of {record.id} is kept: {error}") from error

    def forget(self, identity: str) -> None:
        """Remove the files of a solve that left no record; never raises."""
        for file in self._own_files():
            if file.name.startswith(identity):
                _remove(file)

    def clear(self) -> int:
        """Remove every record and file; returns how many records there were, 0 where they cannot be read.

        Raises:
            HistoryError: they cannot be removed.
        """
        if not self.folder.is_dir():
            return 0
        try:
            count = len(self.records())
        except HistoryError:
            count = 0
        with self._changing():
            for file in (self._journal, *self._own_files()):
                file.unlink(missing_ok=True)
        return count

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock of the records.

        Raises:
            HistoryError: it cannot be had, or something under it failed.
        """
        import filelock

        try:
            with filelock.FileLock(self.folder / "solves.lock", timeout=_LOCK_SECONDS):
                yield
        except filelock.Timeout:
            raise HistoryError(f"{self.folder} is being written by another process") from None
        except OSError as error:
            raise HistoryError(f"cannot write {self.folder}: {error.strerror or error}") from error
        except JournalError as error:
            raise HistoryError(str(error)) from None

    def _page(self, identity: str) -> Path:
        return self.folder / f"{identity}.html.gz"

    def _own_files(self) -> list[Path]:
        files = self.folder.iterdir() if self.folder.is_dir() else ()
        return [file for file in files if _OWN_FILE.fullmatch(file.name)]

    def _newest(self, records: Sequence[PastSolve]) -> list[PastSolve]:
        """The newest records that fit together with their files; at least one."""
        sizes = {file.name: _size(file) for file in self._own_files()}
        kept: list[PastSolve] = []
        total, names = 0, set[str]()
        for record in reversed(records[-MOST_RECORDS:]):
            more = {record.store, self._page(record.id).name} - names
            total += sum(sizes.get(name, 0) for name in more)
            if kept and total > MOST_BYTES:
                break
            names |= more
            kept.append(record)
        return kept[::-1]

    def _sweep(self, records: Sequence[PastSolve], forgotten: set[str]) -> None:
        """Remove the files that no record needs: of `forgotten` ones, and of solves that were killed."""
        needed = {name for record in records for name in (record.store, f"{record.store}.lock")}
        needed |= {self._page(record.id).name for record in records}
        for file in self._own_files():
            is_forgotten = file.name.partition(".")[0] in forgotten
            if file.name not in needed and (is_forgotten or _age(file) > _ORPHAN_SECONDS):
                _remove(file)


def _record(row: dict[str, Any]) -> PastSolve:
    record = PastSolve(**{field.name: row[field.name] for field in fields(PastSolve)})
    texts = (record.id, record.when, record.statement, record.title, record.path, record.model, record.store)
    is_sound = all(isinstance(text, str) for text in texts) and isinstance(record.confidence, (int, float))
    if not (is_sound and isinstance(record.evidence, dict) and isinstance(record.cost, dict)):
        raise TypeError("a field holds something else")
    return record


def _write(path: Path, data: bytes) -> None:
    """Beside, then renamed: a file of that name is always whole."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(data)
    draft.replace(path)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _age(file: Path) -> float:
    """Seconds since it was last written; 0 if it is gone."""
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return 0.0


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return  # the next sweep tries again
