"""Where figures come from: command, date, commit, machine."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.completions import file_sha256


def provenance(files: Iterable[Path]) -> dict[str, Any]:
    """Of this process, and the hashes of `files`, those that are there."""
    return {
        "command": shlex.join(["solve", *sys.argv[1:]]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": _commit(),
        "version": version("alphasolve"),
        "machine": machine(),
        "sha256": {path.name: file_sha256(path) for path in files if path.is_file()},
    }


def machine() -> str:
    """Processor, cores and memory, in words."""
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    """Of the checkout that this file is in; "+" after it when something there is changed."""
    folder = Path(__file__).parent
    try:
        process = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
            cwd=folder, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return process.stdout.strip()
