"""What compiles a C++ program inside a slot. Stdlib-only and self-contained: its source is sent there.

The text to be compiled is hostile, so this is a run like any other: limits, user and confinement are the
supervisor's, and whatever g++ writes is no more than bytes to whoever asked.

Not covered: what may be in the program; it can include any file of the slot, where there is nothing to find.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def build(source: bytes, search_path: str, flags: list[str]) -> bytes | None:
    """The machine code of `source`; None where there is no g++.

    What g++ has to say goes to standard error; if the program is wrong, this one exits with code 1.

    Args:
        source: C++ text.
        search_path: folders to look for g++ in, separated by colons.
        flags: arguments for g++.
    """
    compiler = shutil.which("g++", path=search_path)
    if compiler is None:
        return None
    Path("solution.cpp").write_bytes(source)
    command = [compiler, *flags, "-fmax-errors=5", "-fdiagnostics-color=never", "-s", "-o", "solution"]
    environment = {**os.environ, "PATH": search_path, "LC_ALL": "C.UTF-8"}
    process = subprocess.run([*command, "solution.cpp"], stdin=subprocess.DEVNULL, env=environment, check=False)
    if process.returncode != 0:
        raise SystemExit(1)
    return Path("solution").read_bytes()
