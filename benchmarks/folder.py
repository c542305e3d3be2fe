"""A result folder: what was run, what it sampled, what came out.

    config.json      everything that the records depend on; another configuration is refused
    samples.jsonl    every completion, as it ended (`agent.models.store`); none when a file was replayed
    records.jsonl    one line per finished task
    sampling.json    tokens and seconds of the sampling, so far as they are known
    metrics.json     figures, a pure function of the records: the same bytes however often it was interrupted
    timing.json      seconds and rates of this run
    summary.json     both, with command, commit and machine: small enough to be kept
    report.md, *.png, *.svg

Not covered: what the figures are (`benchmarks.summary`) and how they are shown (`benchmarks.report`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock

from benchmarks.records import RecordFile, TaskRecord, read_records
from benchmarks.types import TaskError

_CONFIG = "config.json"
_RECORDS = "records.jsonl"
_IDENTITY = ("format", "set", "model", "weights", "completions_sha256")
"""What a folder is about from its first moment; the rest only once it holds a record."""


class Folder:
    """A result folder that this process writes to. Use it as a context manager."""

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        """Make or reopen it.

        Raises:
            TaskError: it holds another configuration, something else, or another process is at work in it.
        """
        self.path = path
        if path.exists() and not path.is_dir():
            raise TaskError(f"{path}: not a folder")
        path.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(path)
        self._lock = filelock.FileLock(path / ".lock", timeout=0)
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise TaskError(f"{path}: another process is at work in it") from None
        try:
            _claim(path, config)
            self.results = RecordFile(path / _RECORDS)
        except BaseException:
            self._lock.release()
            raise

    def write(self, name: str, figures: Mapping[str, Any]) -> None:
        """Write a JSON file, whole or not at all."""
        write_whole(self.path / name, json.dumps(figures, indent=1) + "\n")

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of ours; empty if it is not there."""
        path = self.path / name
        return read_object(path) if path.is_file() else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.results.__exit__(kind, error, trace)
        self._lock.release()


def read_folder(path: Path) -> tuple[dict[str, Any], list[TaskRecord]]:
    """The configuration and the records of a result folder.

    Raises:
        TaskError: it is not one.
    """
    if not (path / _CONFIG).is_file():
        raise TaskError(f"{path}: not a result folder: there is no {_CONFIG} in it")
    return read_object(path / _CONFIG), read_records(path / _RECORDS)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old content or the new, never a part."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _refuse_foreign(path: Path) -> None:
    """A folder without a configuration may hold stored samples, and nothing else."""
    ours = (".lock", "samples.jsonl", "samples.jsonl.lock")
    if not (path / _CONFIG).is_file() and any(entry.name not in ours for entry in path.iterdir()):
        raise TaskError(f"{path}: holds other files but no {_CONFIG}; choose a new folder")


def _claim(path: Path, config: Mapping[str, Any]) -> None:
    """Make the folder ours, or see that it is."""
    ours: dict[str, Any] = json.loads(json.dumps(config))
    if not (path / _CONFIG).is_file():
        write_whole(path / _CONFIG, json.dumps(ours, indent=1) + "\n")
        return
    existing = read_object(path / _CONFIG)
    other = [name for name in {**existing, **ours} if existing.get(name) != ours.get(name)]
    if other and not set(other) & set(_IDENTITY) and not _any_record(path):
        # The store knows each completion by all that it depends on, so more or fewer may be asked for.
        write_whole(path / _CONFIG, json.dumps(ours, indent=1) + "\n")
    elif other:
        name = other[0]
        raise TaskError(
            f"{path}: holds a run with {name} = {existing.get(name)!r}, not {ours.get(name)!r}:"
            " choose another folder"
        )


def _any_record(path: Path) -> bool:
    records = path / _RECORDS
    return records.is_file() and records.stat().st_size > 0


def read_object(path: Path) -> dict[str, Any]:
    """A JSON file that holds one object.

    Raises:
        TaskError: it does not.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TaskError(f"{path}: not readable: {error}") from None
    if not isinstance(value, dict):
        raise TaskError(f"{path}: an object was expected")
    return value
