"""Packed layers of a model on this disk, mapped at the next load: packing takes longer than all else in it.

What is mapped is shared by all processes that use the model, and read only as far as it is used. A file belongs to
one state of the weights and of what packs them, which its name tells. It is never needed: where it cannot be
written or read, layers are packed again.

Not covered: how layers are packed (`grouped`), and where the files lie (`agent.models.weights.packed_file`).
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import filelock
import torch
import transformers
from torch import Tensor, nn

from agent.engine.grouped import GROUP, TILE, GroupedLinear

_SOURCES = ("pack.c", "layout.h", "numbers.h")
_WEIGHTS, _SCALES = "weights", "scales"
_LEAST_BYTES = 32 << 20
"""Less is packed in a moment."""
_ROOM = 2
"""The disk is to have so many times the size of the file, so that it is never us who fill it."""
_MOST_FILES = 4
"""In a folder. A model that is not in our cache may be gone one day without a word."""


def key_of(folder: Path) -> str:
    """What tells one state of the weights in `folder` and of what packs them from all others."""
    content = [f"{GROUP} {TILE} {transformers.__version__}".encode()]  # whose models decide the order of layers
    for path in sorted(folder.glob("*.safetensors")):
        stat = path.stat()
        content.append(f"{path.name} {stat.st_size} {stat.st_mtime_ns}".encode())
    content += [(resources.files("agent.engine") / "c" / name).read_bytes() for name in _SOURCES]
    return hashlib.sha256(b"\0".join(content)).hexdigest()[:16]


class PackedLayers:
    """Makes the packed layers of one model, in the order in which they are asked for at every load."""

    def __init__(self, path: Path) -> None:
        """Take from the file `path` what it has; see `save`."""
        self._path = path
        self._saved = _read(path)
        self._made: list[GroupedLinear] = []
        self._has_packed = False

    def make(self, layers: Sequence[nn.Linear]) -> GroupedLinear:
        """The next layer, as `GroupedLinear(layers)` is."""
        number = len(self._made)
        made = None
        if number < len(self._saved):
            made = GroupedLinear.restored(layers, self._saved[number][_WEIGHTS], self._saved[number][_SCALES])
        if made is None:
            self._has_packed = True
            made = GroupedLinear(layers)
        self._made.append(made)
        return made

    def save(self) -> None:
        """Write the file, if a layer had to be packed, and remove those of other states."""
        if not self._has_packed:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self._path.with_name("packed.lock"), timeout=0):
                self._write()
        except (OSError, RuntimeError, filelock.Timeout):  # no room, no right, or another process is at it
            return

    def _write(self) -> None:
        layers = [{_WEIGHTS: layer.weights, _SCALES: layer.row_scale} for layer in self._made]
        size = sum(tensor.nbytes for layer in layers for tensor in layer.values())
        if size < _LEAST_BYTES or shutil.disk_usage(self._path.parent).free < _ROOM * size:
            return
        self._forget(self._path.parent.glob(f"{self._model}-*{self._path.suffix}"))
        draft = self._path.with_suffix(".draft")
        try:
            torch.save(layers, draft)
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)
        files = sorted(self._path.parent.glob(f"*{self._path.suffix}"), key=lambda path: path.stat().st_mtime)
        self._forget(files[:-_MOST_FILES])

    @property
    def _model(self) -> str:
        """What the names of all files of this model begin with."""
        return self._path.stem.rpartition("-")[0]

    def _forget(self, files: Iterable[Path]) -> None:
        for path in files:
            path.unlink(missing_ok=True)


def _read(path: Path) -> list[dict[str, Tensor]]:
    """What the file has; nothing where there is none, or it is not whole."""
    try:
        saved: Any = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError):
        return []
    is_ours = isinstance(saved, list) and all(
        isinstance(layer, dict) and all(isinstance(layer.get(name), Tensor) for name in (_WEIGHTS, _SCALES))
        for layer in saved
    )
    return saved if is_ours else []
