"""The sandbox contract: what is asked of a slot and what comes back.

A program that died is a normal `RunResult` with a status. Only our own failure raises, and then it is a
`SandboxError`; it is never turned into a status.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import Protocol, Self, TypeAlias

Value: TypeAlias = (
    "bool | int | float | complex | str | bytes | list[Value] | tuple[Value, ...] | dict[Value, Value]"
    " | set[Value] | frozenset[Value] | Opaque | None"
)
"""What crosses a slot's wall: plain built-ins, and `Opaque` for everything else."""


class SandboxError(Exception):
    """The sandbox itself failed; says nothing about the program. `str(error)` is one line."""


class SandboxUnavailable(SandboxError):
    """No backend can be started on this host. `str(error)` is one line: why, and what to do.

    Args:
        reason: why.
        remedy: what to do about it.
    """

    def __init__(self, reason: str, *, remedy: str = "") -> None:
        super().__init__(f"{reason}: {remedy}" if remedy else reason)
        self.reason = reason
        self.remedy = remedy


class Status(enum.StrEnum):
    """How a run ended, judged by the supervisor outside the program."""

    OK = "OK"
    """Exit code 0 within every limit (for a call: a complete value came back)."""
    RTE = "RTE"
    """Non-zero exit code, uncaught exception or signal."""
    TLE = "TLE"
    """CPU time of the process tree passed the limit."""
    IDLE = "IDLE"
    """The wall-clock backstop passed while the CPU limit had not: sleeping or waiting."""
    MLE = "MLE"
    """Memory passed the limit."""
    OLE = "OLE"
    """Standard output or error passed the limit."""
    BAD = "BAD"
    """A call ended without one complete, well-formed value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use."""

    cpu_s: float = 2.0
    """CPU time of the whole process tree, seconds."""
    memory_mb: int = 256
    """Memory of the whole process tree, MiB."""
    output_bytes: int = 1 << 20
    """Standard output, and separately standard error, bytes."""
    wall_s: float | None = None
    """Wall-clock backstop, seconds; time spent ready without a core is left out. None means `2 * cpu_s + 1`."""

    @property
    def wall_limit_s(self) -> float:
        """The backstop in force, seconds."""
        return 2 * self.cpu_s + 1 if self.wall_s is None else self.wall_s


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stands for a returned object that is not a plain built-in. Equal to nothing, itself included."""

    type_name: str
    """The object's claimed class name: candidate-controlled, for display only."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one program did."""

    status: Status
    """How it ended."""
    exit_code: int | None
    """Exit code, or None when a signal ended it."""
    signal: int | None
    """The signal that ended it, or None."""
    stdout: str
    """Standard output, UTF-8 with undecodable bytes as surrogate escapes, at most `Limits.output_bytes`."""
    stderr: str
    """Standard error, likewise."""
    cpu_s: float
    """CPU time of the process tree, seconds."""
    wall_s: float
    """Wall-clock time until nobody of the process tree was left, seconds."""
    max_rss_mb: float
    """Largest resident set of any one process of the tree, MiB."""


@dataclass(frozen=True, slots=True)
class CallResult(RunResult):
    """What one function call did; `stdout` and `stderr` hold what it printed on the way."""

    value: Value = None
    """The returned value; meaningful only when `status` is OK."""


_NO_KWARGS: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RunJob:
    """Run `source` as a whole program."""

    source: str
    """Python source text."""
    stdin: str = ""
    """Standard input."""
    limits: Limits = Limits()
    fresh: bool = False
    """Run in a newly started interpreter with a random hash seed, not a fork of the warm one (slower)."""
    trusted: bool = False
    """The grader's own code, which may know expected answers: it runs in a slot that no other job ever enters."""


@dataclass(frozen=True, slots=True)
class CallJob:
    """Execute `source`, then call `function` in it (or that method of its class `Solution`)."""

    source: str
    """Python source text."""
    function: str
    """A top-level name of `source` or `prelude`, or the name of a method of a top-level class `Solution`."""
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=lambda: _NO_KWARGS)
    limits: Limits = Limits()
    fresh: bool = False
    """As in `RunJob`."""
    trusted: bool = False
    """As in `RunJob`."""
    prelude: str = ""
    """Python source text executed in the program's module before `source`: what a site's own harness provides. It
    shares the process with the program, which may change it, so nothing may rely on it."""


@dataclass(frozen=True, slots=True)
class BinaryJob:
    """Run a program in machine code, in a process that holds nothing else. Its stack may fill its memory limit."""

    program: bytes
    """An executable of the slot's kernel and machine, as `sandbox.cpp` makes it; never run on the host."""
    stdin: str = ""
    """Standard input."""
    limits: Limits = Limits()
    trusted: bool = False
    """As in `RunJob`."""


Job: TypeAlias = RunJob | CallJob | BinaryJob


class Sandbox(Protocol):
    """Runs untrusted programs. Thread-safe. Close it, or use it as a context manager."""

    @property
    def backend(self) -> str:
        """Which kind of slot runs the programs: "docker" or "bwrap"."""

    @property
    def slots(self) -> int:
        """How many programs run at once."""

    def run(self, source: str, stdin: str = "", *, limits: Limits = ..., fresh: bool = ...) -> RunResult:
        """Run one program to its end.

        Raises:
            SandboxError: the sandbox failed, twice, on fresh slots.
        """

    def call(
        self,
        source: str,
        function: str,
        args: tuple[Value, ...] | list[Value] = ...,
        kwargs: Mapping[str, Value] | None = ...,
        *,
        limits: Limits = ...,
        fresh: bool = ...,
    ) -> CallResult:
        """Call one function of a program.

        Raises:
            SandboxError: the sandbox failed, twice, on fresh slots.
        """

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """Run jobs on all slots at once and yield their results in the order of `jobs`.

        `jobs` is consumed lazily, a few ahead of the results, so a generator may leave out jobs that earlier
        results made pointless. A `CallJob` yields a `CallResult`.
        """

    def close(self) -> None:
        """Stop and remove every slot. Idempotent."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
