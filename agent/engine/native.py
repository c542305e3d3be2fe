"""Our own products of small integers, in C: built once on this machine, by its compiler.

Nothing in torch multiplies 8-bit activations with 4-bit weights where both are scaled in groups, on a processor
without tiles. What is built lies in the cache folder under a name that tells sources, flags and compiler. Where
there is no compiler, there is no library, and torch's own layers do the work.

Not covered: layers (`agent.engine.grouped`); processors without AVX-512 VNNI.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path

import torch

from agent.models.weights import cache_dir

_SOURCES, _HEADERS = ("grouped.c", "pack.c", "rows.c", "attend.c"), ("layout.h", "numbers.h")
_FLAGS = (
    "-O3", "-std=gnu11", "-shared", "-fPIC", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512vnni", "-mfma",
    "-mf16c",
)  # fmt: skip
_COMPILERS = ("gcc", "cc")
_BUILD_SECONDS = 60


@functools.cache
def library() -> ctypes.CDLL | None:
    """The library, built if need be; None where it cannot be had."""
    if not torch.cpu._is_vnni_supported():
        return None
    compiler = next(filter(None, map(shutil.which, _COMPILERS)), None)
    if compiler is None:
        return None
    try:
        path = _built(compiler)
        _load_threads()
        return _typed(ctypes.CDLL(str(path)))
    except (OSError, subprocess.SubprocessError):
        return None


def _built(compiler: str) -> Path:
    """The library's file.

    Raises:
        OSError: it cannot be written.
        subprocess.SubprocessError: the compiler refuses.
    """
    version = subprocess.run([compiler, "--version"], capture_output=True, check=True, timeout=_BUILD_SECONDS)
    folder = resources.files("agent.engine") / "c"
    texts = {name: folder.joinpath(name).read_bytes() for name in (*_SOURCES, *_HEADERS)}
    content = b"\0".join([version.stdout, *map(str.encode, _FLAGS), *texts.values()])
    path = cache_dir() / "native" / f"{hashlib.sha256(content).hexdigest()[:16]}.so"
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        for name, text in texts.items():
            Path(work, name).write_bytes(text)
        objects = []
        for name in _SOURCES:
            # Threads are asked of the library that torch has loaded: another one would have threads of its own.
            subprocess.run(
                [compiler, *_FLAGS, "-fopenmp", "-c", name, "-o", f"{name}.o"],
                cwd=work, capture_output=True, check=True, timeout=_BUILD_SECONDS,
            )  # fmt: skip
            objects.append(f"{name}.o")
        subprocess.run(
            [compiler, "-shared", "-o", "library.so", *objects],
            cwd=work, capture_output=True, check=True, timeout=_BUILD_SECONDS,
        )  # fmt: skip
        Path(work, "library.so").replace(path)
    return path


def _load_threads() -> None:
    """Let what is loaded from now on find the threads of torch."""
    own = sorted(Path(torch.__file__).parent.glob("lib/libgomp*.so*"))
    ctypes.CDLL(str(own[0]) if own else "libgomp.so.1", ctypes.RTLD_GLOBAL)


def _typed(loaded: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number, count = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
    loaded.multiply.restype = None
    loaded.multiply.argtypes = [
        pointer, number, count, count, pointer, number, count, pointer, pointer, pointer, pointer, number,
    ]  # fmt: skip
    loaded.normalise.restype = loaded.gate.restype = loaded.sum_powers.restype = None
    loaded.normalise.argtypes = [pointer, count, count, pointer, ctypes.c_float, pointer, number]
    loaded.gate.argtypes = [pointer, count, count, count, pointer, number]
    loaded.sum_powers.argtypes = [pointer, count, count, pointer, pointer, pointer, pointer, number]
    loaded.attend.restype = None
    loaded.attend.argtypes = [
        pointer, pointer, pointer, *[count] * 5, pointer, count, ctypes.c_float, pointer, pointer, pointer, number,
    ]  # fmt: skip
    loaded.pack.restype = count
    loaded.pack.argtypes = [pointer, count, count, number, count, pointer, pointer, pointer, number]
    return loaded
