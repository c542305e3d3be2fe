"""Rows of data sets: from files, from folders, and from the hub through `datasets`.

Not covered: what a row means (`benchmarks.tasks`, `benchmarks.contests`).
"""

from __future__ import annotations

import gzip
import json
import os
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.types import TaskError

Row: TypeAlias = Mapping[str, Any]

_OFFLINE = ("OfflineModeIsEnabled", "LocalEntryNotFoundError", "ConnectionError")
"""What the hub's libraries raise where there is no network."""
_HUB_SECONDS = 5.0
_TABLES = {".parquet": "parquet", ".arrow": "arrow", ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class HubSet:
    """Where a set lies on the hub."""

    path: str
    """Owner and name."""
    split: str
    configuration: str | None = None
    files: str | None = None
    """A pattern of JSON files in it, for sets that come with a loading script: scripts are never run."""


def text(row: Row, field: str) -> str:
    """A field that must be text.

    Raises:
        KeyError: it is missing.
        ValueError: it is something else.
    """
    value = row[field]
    if not isinstance(value, str):
        raise ValueError(f"the field {field!r} is not text")
    return value


def texts(row: Row, field: str) -> list[str]:
    """A field that must be a list of texts, and not an empty one.

    Raises:
        KeyError: it is missing.
        ValueError: it is something else.
    """
    value = row[field]
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError(f"the field {field!r} is not a list of texts")
    return value


def file_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """The objects of a JSON Lines file, of a JSON file that holds one list, or of a table, with where each stands.

    Raises:
        TaskError: it cannot be read; file and line are named.
    """
    if path.suffix in _TABLES:
        yield from _through_datasets(str(path), lambda d: d.load_dataset(
            _TABLES[path.suffix], data_files=str(path), split="train"
        ))  # fmt: skip
        return
    try:
        data = path.read_bytes()
        content = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except UnicodeDecodeError:
        raise TaskError(f"{path}: not UTF-8 text") from None
    except (OSError, EOFError, zlib.error) as error:
        raise TaskError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if content.lstrip().startswith("["):
        values = _json(f"{path}:1", content)
        entries = [(f"{path}: entry {n}", value) for n, value in enumerate(values, 1)]
    else:
        lines = ((f"{path}:{n}", line) for n, line in enumerate(content.split("\n"), 1) if line.strip())
        entries = [(where, _json(where, line)) for where, line in lines]
    for where, row in entries:
        if not isinstance(row, dict):
            raise TaskError(f"{where}: an object was expected")
        yield where, row


def rows_of(path: Path) -> list[Row]:
    """The objects alone.

    Raises:
        TaskError: see `file_rows`.
    """
    return [row for _, row in file_rows(path)]


def folder_rows(folder: Path, split: str | None) -> Iterator[tuple[str, Row]]:
    """The rows of a folder: one saved by `datasets`, or one with files that `datasets` knows.

    Raises:
        TaskError: it cannot be read, or has several splits and none is named.
    """

    def load(datasets: Any) -> Any:
        is_saved = (folder / "dataset_info.json").is_file() or (folder / "dataset_dict.json").is_file()
        data = datasets.load_from_disk(str(folder)) if is_saved else datasets.load_dataset(str(folder))
        if not isinstance(data, dict):
            return data
        name = split if split in data else None
        if name is None and len(data) > 1:
            raise ValueError(f"it has the splits {', '.join(data)}: name the file of one")
        return data[name or next(iter(data))]

    return _through_datasets(str(folder), load)


def hub_rows(name: str, where: HubSet, *, otherwise: str) -> Iterator[tuple[str, Row]]:
    """The rows of a set on the hub, or in the hub library's cache where the hub is out of reach.

    Args:
        name: the set's name for messages.
        where: the set.
        otherwise: what to do when it cannot be had.

    Raises:
        TaskError: it cannot be had; after a few seconds, not minutes.
    """
    if not _hub_answers():
        # Read when the libraries are first imported: they look into their cache and do not retry.
        os.environ["HF_HUB_OFFLINE"] = "1"

    def load(datasets: Any) -> Any:
        if where.files is None:
            return datasets.load_dataset(where.path, where.configuration, split=where.split)
        files = f"hf://datasets/{where.path}/{where.files}"
        return datasets.load_dataset("json", data_files=files, split="train")

    try:
        yield from _through_datasets(where.path, load)
    except TaskError as error:
        raise TaskError(f"{name}: {otherwise}, nor to be had from the hub ({error})") from None


def _through_datasets(name: str, load: Any) -> Iterator[tuple[str, Row]]:
    import datasets

    datasets.disable_progress_bars()
    try:
        rows = load(datasets)
    except Exception as error:  # noqa: BLE001 (datasets raises whatever its many back ends do)
        raise TaskError(f"{name}: {_reason(error)}") from None
    return ((f"{name}:{number}", row) for number, row in enumerate(rows, 1))


def _hub_answers() -> bool:
    if os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0"):
        return False
    address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    if not address.startswith(("http://", "https://")):
        return False
    try:
        with urllib.request.urlopen(address, timeout=_HUB_SECONDS):  # noqa: S310 (checked above)
            return True
    except urllib.error.HTTPError:
        return True  # it answers, if not to this
    except (OSError, ValueError):
        return False


def _json(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise TaskError(f"{where}: not JSON: {error}") from None


def _reason(error: Exception) -> str:
    """One line on why a set cannot be had; what the libraries call being offline says nothing to a person."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    if type(error).__name__ in _OFFLINE or any(name in first for name in _OFFLINE):
        return "the Hugging Face hub cannot be reached"
    return first[:200]
