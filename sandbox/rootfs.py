"""A slot's root file system, made of the Python that runs this program: no registry, no download.

The standard library, its extension modules and the shared libraries they need are copied under neutral names into
a cache folder, once per interpreter; where C++ is wanted, into another one with this host's g++ beside them.
`docker import` and bubblewrap both start from such a folder.

Not covered: hosts that are not Linux, which need an image (`--image`); which packages there are (`packages`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import filelock
import platformdirs

from sandbox import toolchain
from sandbox.libraries import copy_libraries
from sandbox.packages import ONE_THREAD, POINTER, Package, install
from sandbox.types import SandboxUnavailable

PYTHON = "/usr/bin/python3"
"""Where the interpreter is inside."""
_LAYOUT = 8  # raise when what is built below changes
_LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "_tkinter*", "ensurepip", "lib2to3", "pydoc_data", "config-*", "_sysconfigdata*", "*.a", "*.exe",
    "EXTERNALLY-MANAGED",
)  # fmt: skip
_BUILD_FACTS = ("EXT_SUFFIX", "HOST_GNU_TYPE", "MULTIARCH", "Py_DEBUG", "Py_GIL_DISABLED", "SOABI", "VERSION")
"""What programs may learn of how this interpreter was built; the rest of it names places of its builder."""


def content_key(*, cpp: bool = False, packages: Sequence[Package] = ()) -> str:
    """Names a root file system: equal keys, equal contents.

    Args:
        cpp: whether it holds this host's g++ too.
        packages: which it holds besides the standard library.

    Raises:
        SandboxUnavailable: it should, and there is none.
    """
    library = Path(sysconfig.get_path("stdlib"))
    binary = Path(sys.executable).resolve()
    facts: tuple[object, ...] = (
        _LAYOUT, sys.version, str(binary), binary.stat().st_mtime_ns, library.stat().st_mtime_ns,
    )  # fmt: skip
    if cpp:
        compiler = toolchain.find_compiler().resolve()
        facts += (toolchain.FLAGS, toolchain.HEADERS, str(compiler), compiler.stat().st_mtime_ns)
    facts += tuple(package.record for package in packages)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def ensure_rootfs(*, cpp: bool = False, packages: Sequence[Package] = ()) -> Path:
    """The folder with the root file system, built now if this is the first time.

    Args:
        cpp: put this host's g++ into it too.
        packages: put these where the interpreter finds them.

    Raises:
        SandboxUnavailable: this host is not Linux, lacks the g++ that is wanted, or cannot write the folder.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(
            "a root file system can be made on Linux only", remedy="name an image with --image"
        )
    home = platformdirs.user_cache_path("alphasolve") / "rootfs"
    ready = home / content_key(cpp=cpp, packages=packages)
    try:
        home.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(home / "lock"):
            if not ready.is_dir():
                _build(ready, cpp=cpp, packages=packages)
    except OSError as error:
        raise SandboxUnavailable(
            f"cannot write the sandbox's files: {error}", remedy="look at the space and the rights there"
        ) from error
    return ready


def _build(ready: Path, *, cpp: bool, packages: Sequence[Package]) -> None:
    """Assemble beside, then rename: a folder of that name is always whole."""
    draft = ready.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    library = Path(sysconfig.get_path("stdlib"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(library, draft / "usr/lib" / version, ignore=_LEFT_OUT, ignore_dangling_symlinks=True)
    binary = draft / PYTHON.lstrip("/")
    binary.parent.mkdir(parents=True)
    shutil.copy2(Path(sys.executable).resolve(), binary)
    variables = {name: sysconfig.get_config_var(name) for name in _BUILD_FACTS}
    facts = draft / "usr/lib" / version / f"{sysconfig._get_sysconfigdata_name()}.py"  # type: ignore[attr-defined]
    facts.write_text(f"build_time_vars = {variables!r}\n", encoding="utf-8")
    extra = draft / site.getsitepackages(["/usr"])[0].lstrip("/")
    if packages:
        install(packages, extra)
        (extra / POINTER).write_text(ONE_THREAD, encoding="utf-8")
    copy_libraries([binary, *draft.rglob("*.so")], draft)
    if cpp:
        toolchain.install(draft)
    for folder in ("tmp", "proc", "dev", "sys", "etc"):
        (draft / folder).mkdir(exist_ok=True)
    for link in ("bin", "lib", "lib64"):
        if not (draft / link).exists():
            (draft / link).symlink_to(f"usr/{link}")
    make_readable(draft)
    (draft / "tmp").chmod(0o1777)  # container runtimes give the scratch mount the mode of what lies under it
    sources = (draft / "usr/lib" / version, *[extra] * bool(packages))
    subprocess.run([sys.executable, "-m", "compileall", "-q", "-s", draft, "-p", "/", *sources],
                   check=False, capture_output=True)  # fmt: skip
    draft.rename(ready)


def make_readable(root: Path) -> None:
    """Candidates run as nobody in particular: everything must be readable, whatever the umask was."""
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o111 else 0o644)
