"""Programs in C++ on a sandbox whose slots hold g++: compiled once, run as often as asked.

Compiling is a hostile run like any other: it happens in a slot, under limits, as a call of `gxx.build`. What comes
back is capped bytes that the host keeps and never reads, and every run sends them into a slot again, where a
process of its own executes them (`BinaryJob`). So C++ programs meet the same cases, limits and statuses as Python
ones, and no state passes from one run to the next.

A program that does not compile fails every run at once, with the compiler's words as its standard error. Trusted
jobs, which are the grader's own, are in Python here too.

Not covered: calls of single functions, which C++ programs do not offer; several files per program.
"""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import chain, islice

from sandbox.batched import Batched
from sandbox.slot import source_bytes
from sandbox.toolchain import FLAGS, SEARCH_PATH
from sandbox.types import (
    BinaryJob,
    CallJob,
    CallResult,
    Job,
    Limits,
    RunJob,
    RunResult,
    Sandbox,
    SandboxUnavailable,
    Status,
)

COMPILE_LIMITS = Limits(cpu_s=10.0, memory_mb=1024, output_bytes=1 << 20, wall_s=60.0)
"""What compiling one program may use: ten times what a program that includes every standard header takes."""
_LOOK_AHEAD = 16
_LONGEST_LINE = 300
_IN_MEMORY = 64 << 20


@dataclass(frozen=True, slots=True)
class Build:
    """What compiling a program came to."""

    failure: RunResult | None
    """What every run of it gives when it does not compile: RTE, with what the compiler said; None if it does."""
    place: int = 0
    """Where its machine code is kept, bytes from the beginning."""
    size: int = 0
    """Length of the machine code, bytes."""


def gxx_source() -> str:
    """The text of `sandbox.gxx`, to be run in a slot: its `build` compiles."""
    return resources.files("sandbox").joinpath("gxx.py").read_text(encoding="utf-8")


class CppSandbox(Batched):
    """A `Sandbox` for programs in C++, on the slots of another one, which stays open when this one is closed."""

    def __init__(self, box: Sandbox, *, compile_limits: Limits = COMPILE_LIMITS) -> None:
        """Wrap `box`, which must have been opened with `cpp=True`.

        Args:
            box: where programs are compiled and run.
            compile_limits: what compiling one of them may use.
        """
        self._box = box
        self._limits = compile_limits
        self._builds: dict[str, Build] = {}
        self._lock = threading.Lock()
        self._kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - outlives this call
        # For owners that forget to, or that cannot know that there is something to close.
        weakref.finalize(self, self._kept.close)

    @property
    def backend(self) -> str:
        """See `Sandbox`."""
        return self._box.backend

    @property
    def slots(self) -> int:
        """See `Sandbox`."""
        return self._box.slots

    def build(self, sources: Iterable[str]) -> list[Build]:
        """Compile each program that was not compiled before.

        Raises:
            SandboxError: the sandbox failed.
            SandboxUnavailable: there is no g++ in its slots.
        """
        programs = list(sources)
        new = [source for source in dict.fromkeys(programs) if source not in self._builds]
        script = gxx_source()
        jobs = (
            CallJob(script, "build", (source_bytes(source), SEARCH_PATH, list(FLAGS)), limits=self._limits)
            for source in new
        )
        for source, result in zip(new, self._box.run_many(jobs), strict=True):
            assert isinstance(result, CallResult)
            self._builds[source] = self._take(result)
        return [self._builds[source] for source in programs]

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`. A program is compiled when its first job is due, with those that follow soon."""
        waiting = iter(jobs)
        ahead = list(islice(waiting, _LOOK_AHEAD))
        while ahead:
            self.build(source for job in ahead if (source := _source(job)) is not None)
            left_over: list[Job] = []
            yield from self._run_built(chain(ahead, self._while_built(waiting, left_over)))
            ahead = left_over + list(islice(waiting, _LOOK_AHEAD - len(left_over)))

    def close(self) -> None:
        """Forget the compiled programs."""
        self._kept.close()

    def _while_built(self, waiting: Iterator[Job], left_over: list[Job]) -> Iterator[Job]:
        """Jobs whose programs are compiled; the first other one goes into `left_over`."""
        for job in waiting:
            source = _source(job)
            if source is not None and source not in self._builds:
                left_over.append(job)
                return
            yield job

    def _run_built(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """Results in order; a program that did not compile takes no run."""
        order: deque[RunResult | None] = deque()

        def runs() -> Iterator[Job]:
            for job in jobs:
                if not isinstance(job, RunJob) or job.trusted:
                    order.append(None)
                    yield job
                    continue
                build = self._builds[job.source]
                order.append(build.failure)
                if build.failure is None:
                    yield BinaryJob(self._program(build), job.stdin, job.limits)

        for result in self._box.run_many(runs()):
            while (failure := order.popleft()) is not None:
                yield failure
            yield result
        yield from (failure for failure in order if failure is not None)

    def _take(self, result: CallResult) -> Build:
        """Keep what a compiler run gave."""
        if result.status is Status.OK and result.value is None:
            raise SandboxUnavailable(
                "there is no g++ in the sandbox: name an image with g++ and python3 by --image,"
                " or from Python use open_sandbox(cpp=True)"
            )
        if result.status is not Status.OK or not isinstance(result.value, bytes):
            return Build(_failure(result, self._limits))
        with self._lock:
            place = self._kept.seek(0, 2)
            self._kept.write(result.value)
        return Build(None, place, len(result.value))

    def _program(self, build: Build) -> bytes:
        with self._lock:
            self._kept.seek(build.place)
            return self._kept.read(build.size)


def _source(job: Job) -> str | None:
    """What of a job has to be compiled; nothing where it is the grader's own, or machine code already."""
    if job.trusted or isinstance(job, BinaryJob):
        return None
    if isinstance(job, CallJob):
        raise TypeError("functions of C++ programs cannot be called")
    return job.source


def _failure(result: CallResult, limits: Limits) -> RunResult:
    """A compiler run that gave no program, as the result of running that program; its last line sums it up."""
    reasons = {
        Status.TLE: f"the compiler took more than {limits.cpu_s:g} s of CPU time",
        Status.IDLE: f"the compiler took more than {limits.wall_limit_s:g} s",
        Status.MLE: f"the compiler took more than {limits.memory_mb} MiB",
        Status.OLE: "the compiler had too much to say",
        Status.BAD: "the compiled program is too large",
    }
    first = next((line for line in result.stderr.splitlines() if " error: " in line), "")
    reason = reasons.get(result.status, f"does not compile: {first[:_LONGEST_LINE]}")
    message = f"{result.stderr.rstrip()}\n{reason}\n".lstrip()
    return RunResult(Status.RTE, 1, None, "", message, result.cpu_s, result.wall_s, result.max_rss_mb)
