"""One slot as the host sees it: a stream to a supervisor, jobs in, results out.

Whatever arrives is capped bytes from a place where hostile programs run. A frame that is malformed, late or
oversized is a `SandboxError` and the end of the slot; it is never a verdict.

Not covered: starting and confining the process at the other end (`docker_slot`, `bwrap_slot`), several slots and
repeated attempts (`pool`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sandbox import codec, wire
from sandbox.bundle import bundle
from sandbox.types import BinaryJob, CallJob, CallResult, Job, Opaque, RunResult, SandboxError, Status, Value

HELLO_SECONDS = 30.0
"""A supervisor that has not warmed up by then never will."""
GRACE_SECONDS = 20.0
"""How long after a run's wall limit its answer may still come."""
_QUICK_BYTES = 1 << 13
"""Values up to here are decoded in milliseconds, even where their keys were chosen to collide."""
_UIDS = range(10_000, 60_000)
_STATUSES = tuple(Status)
_INSIDE = (
    "wire",
    "plain",
    "codec",
    "syscalls",
    "shim",
    "stream",
    "scratch",
    "watch",
    "child_ends",
    "candidate",
    "supervisor",
)

BOOTSTRAP = """
import os
def take(size):
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part: os._exit(0)
        data += part
    return data
program = take(int.from_bytes(take(8), "big"))
space = {}
exec(compile(program, "bootstrap", "exec"), space)
space["serve"](program)
"""
"""What a slot's `python3 -c` is given: it takes the program from the stream, so any image with python3 will do."""

_SERVE = """
def serve(program):
    package = load()
    package.candidate.SOURCES = program
    package.supervisor.main(**OPTIONS)
"""


class Link(Protocol):
    """A two-way stream of bytes to a supervisor, and the means to end it."""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises SandboxError when the other end is gone."""

    def receive(self, size: int, timeout_s: float) -> bytes:
        """Exactly `size` bytes. Raises SandboxError when they do not come within `timeout_s` of silence."""

    def fileno(self) -> int:
        """A descriptor that becomes readable when something arrives."""

    def settings(self) -> Mapping[str, Any]:
        """What whoever keeps the slot has on record about its walls, in Docker's names (`HostConfig`)."""

    def close(self) -> None:
        """Kill what is at the other end and release everything; never raises, idempotent."""


def supervisor_program(
    *, own_users: bool, cpu: int | None, charge: int | None = None, yielding: bool = False
) -> bytes:
    """What to send into a new slot: the sources of the inside, and how to begin.

    Args:
        own_users: give every run a user of its own; that needs root.
        cpu: the core to stay on.
        charge: a file that is open in the slot and tells the bytes that its control group is charged for.
        yielding: let runs give way to the supervisor, where both share a part of the core that is the slot's own;
            elsewhere everybody on the host would come first.
    """
    options = {"own_users": own_users, "cpu": cpu, "charge": charge, "yielding": yielding}
    program = f"{bundle('sandbox', *_INSIDE)}\nOPTIONS = {options!r}\n{_SERVE}".encode()
    return len(program).to_bytes(8, "big") + program


@dataclass(frozen=True, slots=True)
class Answer:
    """What a slot said about one job."""

    result: RunResult
    """All but the value of a call."""
    dirty: bool
    """The run left something behind: do not use the slot again."""
    value: bytes | None = None
    """What a call wrote as its value; None of a run."""

    @property
    def is_quick(self) -> bool:
        """Whether `whole` takes no more than a few milliseconds, whoever chose the value."""
        return self.value is None or len(self.value) <= _QUICK_BYTES

    def whole(self) -> RunResult:
        """The result with the value in it; one that is missing, cut, doubled or malformed makes it BAD."""
        return self.result if self.value is None else _with_value(self.result, self.value)


@dataclass(frozen=True, slots=True)
class OuterView:
    """What the host knows of a slot without asking a run: what programs in it cannot see or may not know."""

    first_process: int
    """The supervisor's number among the slot's processes."""
    dumpable: bool
    """Whether processes of the supervisor's user may look into it."""
    settings: Mapping[str, Any]
    """A container's settings as the daemon has them (`HostConfig`); of other slots, what their group's are."""


class Slot:
    """One job at a time: `submit`, wait until `fileno` is readable, `answer`."""

    def __init__(self, link: Link, program: bytes) -> None:
        self._link = link
        self._job: Job | None = None
        try:
            link.send(program)
            hello = link.receive(wire.HELLO.size, HELLO_SECONDS)
            magic, self._first_process, self._dumpable = wire.HELLO.unpack(hello)
            if magic != wire.HELLO_MAGIC:
                raise SandboxError("the slot did not greet as a supervisor does")
        except BaseException:
            link.close()
            raise

    def fileno(self) -> int:
        """For selectors."""
        return self._link.fileno()

    def look(self) -> OuterView:
        """What is known of it from outside."""
        return OuterView(self._first_process, self._dumpable, self._link.settings())

    def close(self) -> None:
        """End the slot."""
        self._link.close()

    def submit(self, job: Job) -> None:
        """Send a job.

        Raises:
            SandboxError: the job is too large, or the slot is gone.
        """
        self._job = job
        # At random: one that counted up would tell a run how many there were before it.
        self._link.send(job_frame(job, secrets.choice(_UIDS)))

    def answer(self) -> Answer:
        """Wait for the answer to the job that was submitted.

        Raises:
            SandboxError: it is malformed or did not come in time.
        """
        job = self._job
        assert job is not None
        header = self._link.receive(wire.REPLY.size, job.limits.wall_limit_s + GRACE_SECONDS)
        (magic, status, dirty, exit_code, signal, cpu_s, wall_s, peak, *lengths) = wire.REPLY.unpack(header)
        caps = (job.limits.output_bytes, job.limits.output_bytes, wire.MAX_VALUE + wire.VALUE_HEADER)
        if magic != wire.REPLY_MAGIC or status > wire.FAILED or any(map(int.__gt__, lengths, caps)):
            raise SandboxError("the slot answered out of turn")
        stdout, stderr, value = (self._link.receive(length, GRACE_SECONDS) for length in lengths)
        if status == wire.FAILED:
            raise SandboxError("the slot could not begin the run")
        self._job = None
        result = RunResult(
            status=_STATUSES[status],
            exit_code=None if signal else exit_code,
            signal=signal or None,
            stdout=stdout.decode("utf-8", "surrogateescape"),
            stderr=stderr.decode("utf-8", "surrogateescape"),
            cpu_s=cpu_s,
            wall_s=wall_s,
            max_rss_mb=peak / (1 << 20),
        )
        return Answer(result, bool(dirty), value if isinstance(job, CallJob) else None)


def job_frame(job: Job, uid: int) -> bytes:
    """Header and payload of a job.

    Raises:
        SandboxError: the payload is longer than `wire.MAX_PAYLOAD`.
    """
    source = job.program if isinstance(job, BinaryJob) else source_bytes(job.source)
    if isinstance(job, CallJob):
        stdin, function = b"", job.function.encode("utf-8", "replace")
        prelude = source_bytes(job.prelude)
        try:
            arguments = codec.encode((job.args, dict(job.kwargs)), max_bytes=wire.MAX_PAYLOAD)
        except codec.CodecError as error:
            raise SandboxError(f"the arguments cannot be sent: {error}") from None
    else:
        stdin, function, arguments, prelude = _input_bytes(job.stdin), b"", b"", b""
    payload = (source, stdin, function, arguments, prelude)
    if sum(map(len, payload)) > wire.MAX_PAYLOAD:
        raise SandboxError(f"the job is larger than {wire.MAX_PAYLOAD >> 20} MiB")
    limits = job.limits
    header = wire.JOB.pack(
        wire.JOB_MAGIC,
        _kind(job),
        not isinstance(job, BinaryJob) and job.fresh,
        limits.cpu_s,
        limits.wall_limit_s,
        limits.memory_mb << 20,
        limits.output_bytes,
        uid,
        *map(len, payload),
    )
    return b"".join((header, *payload))


def source_bytes(text: str) -> bytes:
    """A program's text as bytes: those of its file where they were no UTF-8, and never a failure.

    Surrogate escapes stand for such bytes. Half of a surrogate pair is no text at all, but some programs hold it;
    what they are compiled to, if they are, says so inside the slot.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _kind(job: Job) -> int:
    if isinstance(job, BinaryJob):
        return wire.BINARY
    return wire.CALL if isinstance(job, CallJob) else wire.RUN


def _input_bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:  # half a surrogate pair: from JSON, say
        raise SandboxError(f"the input cannot be sent: {error.reason}") from None


def _with_value(result: RunResult, value: bytes) -> CallResult:
    """A call's result."""
    status = result.status
    content: Value = None
    if status is Status.OK:
        try:
            content = decode_value(value)
        except codec.CodecError:
            status = Status.BAD
    return CallResult(
        status, result.exit_code, result.signal, result.stdout, result.stderr, result.cpu_s, result.wall_s,
        result.max_rss_mb, value=content,
    )  # fmt: skip


def decode_value(data: bytes) -> Value:
    """The value in what a call wrote: its length, then exactly that many bytes.

    Raises:
        CodecError: anything else.
    """
    body = data[wire.VALUE_HEADER :]
    if len(data) < wire.VALUE_HEADER or int.from_bytes(data[: wire.VALUE_HEADER], "big") != len(body):
        raise codec.CodecError("malformed value: wrong length")
    return cast("Value", codec.decode(body, opaque=Opaque))
