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
SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin"
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
    compiler = shutil.which("g++", path=SEARCH_PATH)
    if compiler is None:
        raise SandboxUnavailable(
            "C++ needs g++, which is not on this machine",
            remedy="install your system's g++ package (gcc-c++ on Fedora), or name an --image with g++ and"
            " python3",
        )
    return Path(compiler)


def install(root: Path) -> None:
    """Copy the compiler, and all that it and its programs need, into `root`.

    Raises:
        SandboxUnavailable: there is no g++ here, or it does not work.
    """
    compiler = find_compiler()
    passes = [_locate(compiler, name) for name in _PASSES]
    with tempfile.TemporaryDirectory() as scratch:
        sample = Path(scratch, "sample")
        words = _output(compiler, "-x", "c++", "-", "-o", str(sample), "-Wl,--trace", stdin=_SAMPLE).split()
        files = {Path(word) for word in words if word.startswith("/")}
        for path in [compiler, *passes, *_headers(compiler), *files]:
            if path.is_file():  # not the object that was only there while linking
                _copy(path, root)
        copy_libraries([compiler, *passes, sample], root)
    _compile_ahead(compiler, root)


def _locate(compiler: Path, name: str) -> Path:
    """One of the programs that g++ starts."""
    word = _output(compiler, f"-print-prog-name={name}").strip()
    program = shutil.which(word, path=SEARCH_PATH)
    if program is None:
        raise SandboxUnavailable(
            f"this machine's g++ lacks its {name}", remedy="install your system's g++ package anew"
        )
    return Path(program)


def _headers(compiler: Path) -> Iterable[Path]:
    """All of g++'s own headers, and of the system's those that the usual ones include."""
    _, _, listing = _output(compiler, "-x", "c++", "-E", "-v", "-", stdin="").partition("search starts here:\n")
    for line in listing.splitlines():
        folder = Path(os.path.normpath(line.strip()))
        if line.startswith(" /") and ({"c++", "gcc"} & set(folder.parts)):
            yield from (path for path in folder.rglob("*") if path.is_file())
    program = "".join(f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in HEADERS)
    rule = _output(compiler, "-x", "c++", "-M", "-", stdin=program)
    yield from (Path(word) for word in rule.split() if word.startswith("/"))


def _compile_ahead(compiler: Path, root: Path) -> None:
    trace = _output(compiler, "-x", "c++", "-H", "-fsyntax-only", "-", stdin=f"#include <{_AHEAD}>\n")
    header = next((line[2:] for line in trace.splitlines() if line.startswith(". ") and _AHEAD in line), None)
    if header is not None:
        ahead = _inside(Path(header), root)
        _output(compiler, "-x", "c++-header", header, "-o", f"{ahead}.gch")


def _output(compiler: Path, *arguments: str, stdin: str | None = None) -> str:
    """What g++ prints, on both streams."""
    process = subprocess.run(
        [compiler, *FLAGS, *arguments],
        input=stdin or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={"PATH": SEARCH_PATH, "LC_ALL": "C", "TMPDIR": tempfile.gettempdir()},
    )
    if process.returncode != 0:
        last = (process.stdout.strip().splitlines() or ["no reason given"])[-1]
        raise SandboxUnavailable(
            f"this machine's g++ cannot compile C++20 ({last[:200]})", remedy="install g++ 10 or newer"
        )
    return process.stdout


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
