"""A slot's root file system, made of the Python that runs this program: no registry, no download.

The standard library, its extension modules and the shared libraries they need are copied under neutral names into
a cache folder, once per interpreter; `docker import` and bubblewrap both start from that folder.

Not covered: hosts that are not Linux, which need an image (`--image`); third-party packages, which candidates do
not get.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import filelock
import platformdirs

from sandbox.types import SandboxUnavailable

PYTHON = "/usr/bin/python3"
"""Where the interpreter is inside."""
_LAYOUT = 7  # raise when what is built below changes
_LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "_tkinter*", "ensurepip", "lib2to3", "pydoc_data", "config-*", "_sysconfigdata*", "*.a", "*.exe",
    "EXTERNALLY-MANAGED",
)  # fmt: skip
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


def content_key() -> str:
    """Names a root file system: equal keys, equal contents."""
    library = Path(sysconfig.get_path("stdlib"))
    binary = Path(sys.executable).resolve()
    facts = (_LAYOUT, sys.version, str(binary), binary.stat().st_mtime_ns, library.stat().st_mtime_ns)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def ensure_rootfs() -> Path:
    """The folder with the root file system, built now if this is the first time.

    Raises:
        SandboxUnavailable: this host is not Linux, or the folder cannot be written.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable("a root file system can be made on Linux only: name an image with --image")
    home = platformdirs.user_cache_path("alphasolve") / "rootfs"
    ready = home / content_key()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(home / "lock"):
            if not ready.is_dir():
                _build(ready)
    except OSError as error:
        raise SandboxUnavailable(f"cannot write the sandbox's files: {error}") from error
    return ready


def _build(ready: Path) -> None:
    """Assemble beside, then rename: a folder of that name is always whole."""
    draft = ready.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    library = Path(sysconfig.get_path("stdlib"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(library, draft / "usr/lib" / version, ignore=_LEFT_OUT, ignore_dangling_symlinks=True)
    binary = draft / PYTHON.lstrip("/")
    binary.parent.mkdir(parents=True)
    shutil.copy2(Path(sys.executable).resolve(), binary)
    _copy_libraries([binary, *draft.rglob("*.so")], draft)
    for folder in ("tmp", "proc", "dev", "sys", "etc"):
        (draft / folder).mkdir(exist_ok=True)
    for link in ("bin", "lib", "lib64"):
        if not (draft / link).exists():
            (draft / link).symlink_to(f"usr/{link}")
    _make_readable(draft)
    (draft / "tmp").chmod(0o1777)  # container runtimes give the scratch mount the mode of what lies under it
    subprocess.run([sys.executable, "-m", "compileall", "-q", "-s", draft, "-p", "/", draft / "usr/lib" / version],
                   check=False, capture_output=True)  # fmt: skip
    draft.rename(ready)


def _copy_libraries(binaries: list[Path], root: Path) -> None:
    """Copy every shared library that `ldd` names: the loader to its own path, the others to /usr/lib."""
    # The environment of a host may preload libraries; they are not ours.
    listing = subprocess.run(
        ["ldd", *map(str, binaries)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "LD_LIBRARY_PATH": sysconfig.get_config_var("LIBDIR") or ""},
    )
    for found in sorted(set(_LIBRARY.findall(listing.stdout))):
        name = Path(found).name
        where = root / ("usr/lib64" if name.startswith("ld-linux-x86-64") else "usr/lib") / name
        if not where.exists():
            where.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(found).resolve(), where)


def _make_readable(root: Path) -> None:
    """Candidates run as nobody in particular: everything must be readable, whatever the umask was."""
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o111 else 0o644)
