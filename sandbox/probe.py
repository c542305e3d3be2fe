"""What a probe of the sandbox is: a few programs, a look from outside, and a judgement of both."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from sandbox import syscalls
from sandbox.slot import OuterView
from sandbox.types import Job, Limits, RunResult, Status

LIMITS = Limits(cpu_s=0.3, memory_mb=128, output_bytes=1 << 16, wall_s=10)
KERNEL = "update the kernel, Docker and runc or bubblewrap, and run `solve doctor` again"
SETUP = "report it with the output of `solve doctor --json`, and do not run untrusted programs here"


class Outcome(enum.StrEnum):
    """What a probe found."""

    HELD = "held"
    BROKEN = "not held"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one promise, or of one wall behind it."""

    promise: str
    outcome: Outcome
    detail: str
    """What the probe got away with, or why it does not apply; "" when held."""
    remedy: str
    """What to do about it; "" when held."""


def silent(results: Sequence[RunResult]) -> str:
    """Every program ended well and had nothing to report."""
    for result in results:
        if result.status is not Status.OK:
            return f"a probe ended with {result.status}: {result.stderr.strip()[-200:]}"
        if result.stdout:
            return ", ".join(result.stdout.split("\n")[:5]).strip(", ")[:300]
    return ""


@dataclass(frozen=True, slots=True)
class Probe:
    """An attempt to break one promise, or a look whether one wall stands."""

    promise: str
    jobs: tuple[Job, ...] = ()
    """Run one after the other in one slot."""
    breach: Callable[[Sequence[RunResult]], str] = silent
    """What the jobs got away with, "" for nothing."""
    remedy: str = SETUP
    not_on: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Backends that do not promise this, with the reason."""
    outer_breach: Callable[[OuterView], str] | None = None
    """What is amiss seen from outside, "" for nothing; None for no such look."""


def ends(*expected: Status, cpu_s: float = 1.0, rss_mb: float = 400.0) -> Callable[[Sequence[RunResult]], str]:
    """Every program ended so, and before it had used this much: a second limit behind the first takes longer."""

    def breach(results: Sequence[RunResult]) -> str:
        for result in results:
            if result.status not in expected or result.cpu_s > cpu_s:
                return f"ended with {result.status} after {result.cpu_s:.2f} s of CPU"
            if result.max_rss_mb > rss_mb:
                return f"ended with {result.status}, but not before it held {result.max_rss_mb:.0f} MB"
        return ""

    return breach


def unfiltered() -> Mapping[str, str]:
    """Backends without a filter of system calls, with the reason: none, or all on processors that have none."""
    return {} if syscalls.is_supported() else dict.fromkeys(("docker", "bwrap"), "no filter for this processor")
