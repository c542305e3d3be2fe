"""A C++ compiler for slots, copied from this host's g++: no registry, no download.

g++ itself is asked what it consists of: its passes, the headers that the standard ones lead to, and the files that
a program is linked with. They go under the same names, because g++ finds its parts from where it is. Most contest
programs begin with `bits/stdc++.h`, which is compiled ahead: that takes three quarters off their compile time.

Programs are linked to shared libraries, which lie beside them in the slot. A static program is a hundred times
larger, and sending it to a slot for every run costs more than the loader does.

Not covered: compilers other than g++, hosts that are not Linux; an image with g++ and python3 serves those.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from sandbox.libraries import copy_libraries
from sandbox.types import SandboxUnavailable

FLAGS = ("-std=c++20", "-O2", "-pthread", "-pipe", "-w", "-fno-use-linker-plugin")
"""How programs are compiled. The header that is compiled ahead is used only with the very same."""
SEARCHED = "/usr/local/bin:/usr/bin:/bin"
"""Where g++ is looked for, on the host and inside."""
_PASSES = ("cc1plus", "collect2", "as", "ld")
_AHEAD = "bits/stdc++.h"
HEADERS = f"""
{_AHEAD} bits/extc++.h complex.h inttypes.h immintrin.h x86intrin.h arm_neon.h unistd.h fcntl.h pthread.h
sched.h semaphore.h dirent.h poll.h syscall.h sys/types.h sys/stat.h sys/time.h sys/times.h sys/resource.h
sys/mman.h sys/wait.h sys/random.h sys/socket.h sys/un.h sys/select.h sys/poll.h sys/epoll.h sys/mount.h
memory.h malloc.h alloca.h strings.h values.h getopt.h termios.h endian.h byteswap.h
sys/prctl.h sys/ptrace.h sys/syscall.h sys/ioctl.h sys/uio.h arpa/inet.h netinet/in.h netdb.h
""".split()
"""Headers that are there, with all that they include; besides, all of the C++ library is."""
_SAMPLE = "#include <iostream>\n#include <thread>\nint main() { std::thread([] { std::cout << 1; }).join(); }\n"


def find_compiler() -> Path:
    """This host's g++.

    Raises:
        SandboxUnavailable: there is none.
    """
    found = shutil.which("g++", path=SEARCHED)
    if found is None:
        raise SandboxUnavailable(
            "C++ needs g++, which is not on this machine: install your system's g++ package (gcc-c++ on Fedora),"
            " or name an image with g++ and python3 by --image"
        )
    return Path(found)


def install(root: Path) -> None:
    """Copy the compiler, and all that it and its programs need, into `root`.

    Raises:
        SandboxUnavailable: there is no g++ here, or it does not work.
    """
    compiler = find_compiler()
    passes = [_located(compiler, name) for name in _PASSES]
    with tempfile.TemporaryDirectory() as scratch:
        sample = Path(scratch, "sample")
        linked = _said(compiler, "-x", "c++", "-", "-o", str(sample), "-Wl,--trace", given=_SAMPLE).split()
        files = {Path(word) for word in linked if word.startswith("/")}
        for path in [compiler, *passes, *_headers(compiler), *files]:
            if path.is_file():  # not the object that was only there while linking
                _copy(path, root)
        copy_libraries([compiler, *passes, sample], root)
    _compile_ahead(compiler, root)


def _located(compiler: Path, name: str) -> Path:
    """One of the programs that g++ starts."""
    said = _said(compiler, f"-print-prog-name={name}").strip()
    found = shutil.which(said, path=SEARCHED)
    if found is None:
        raise SandboxUnavailable(f"this machine's g++ lacks its {name}: install your system's g++ package anew")
    return Path(found)


def _headers(compiler: Path) -> Iterable[Path]:
    """All of g++'s own headers, and of the system's those that the usual ones include."""
    _, _, listed = _said(compiler, "-x", "c++", "-E", "-v", "-", given="").partition("search starts here:\n")
    for line in listed.splitlines():
        folder = Path(os.path.normpath(line.strip()))
        if line.startswith(" /") and ({"c++", "gcc"} & set(folder.parts)):
            yield from (path for path in folder.rglob("*") if path.is_file())
    asked = "".join(f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in HEADERS)
    rule = _said(compiler, "-x", "c++", "-M", "-", given=asked)
    yield from (Path(word) for word in rule.split() if word.startswith("/"))


def _compile_ahead(compiler: Path, root: Path) -> None:
    asked = _said(compiler, "-x", "c++", "-H", "-fsyntax-only", "-", given=f"#include <{_AHEAD}>\n")
    header = next((line[2:] for line in asked.splitlines() if line.startswith(". ") and _AHEAD in line), None)
    if header is not None:
        ahead = _inside(Path(header), root)
        _said(compiler, "-x", "c++-header", header, "-o", f"{ahead}.gch")


def _said(compiler: Path, *arguments: str, given: str | None = None) -> str:
    """What g++ prints, on both streams."""
    done = subprocess.run(
        [compiler, *FLAGS, *arguments],
        input=given or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={"PATH": SEARCHED, "LC_ALL": "C", "TMPDIR": tempfile.gettempdir()},
    )
    if done.returncode != 0:
        last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
        raise SandboxUnavailable(
            f"this machine's g++ cannot compile C++20 ({last[:200]}): install g++ 10 or newer"
        )
    return done.stdout


def _inside(path: Path, root: Path) -> Path:
    """Where a file of the host goes: /lib, /lib64 and /bin are links into /usr inside."""
    plain = os.path.normpath(path)
    first = plain.split("/")[1]
    return root / ("usr" if first in ("lib", "lib64", "bin") else ".") / plain.lstrip("/")


def _copy(path: Path, root: Path) -> None:
    target = _inside(path, root)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)
