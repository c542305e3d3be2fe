"""The shared libraries that programs need, copied from this host into a slot's root file system.

Not covered: libraries that a program loads by name while it runs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


def copy_libraries(binaries: Iterable[Path], root: Path) -> None:
    """Copy every shared library that `ldd` names: the loader to its own path, the others to /usr/lib.

    Those that are in `root` already, as packages bring them, stay where they are.
    """
    # The environment of a host may preload libraries; they are not ours.
    listing = subprocess.run(
        ["ldd", *map(str, binaries)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "LD_LIBRARY_PATH": sysconfig.get_config_var("LIBDIR") or ""},
    )
    for library in sorted(set(_LIBRARY.findall(listing.stdout))):
        name = Path(library).name
        where = root / ("usr/lib64" if name.startswith("ld-linux-x86-64") else "usr/lib") / name
        if not (where.exists() or Path(library).is_relative_to(root)):
            where.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(library).resolve(), where)
