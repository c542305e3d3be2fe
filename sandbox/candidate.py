"""From fork to candidate: take the job, sit down before its files, give up every right, and begin.

Stdlib-only; its source is sent into the slot. The job's text is read by the forked child, so that no later run
finds it in the memory of process 1. Not covered: what happens once the program has the process (`shim`).
"""

from __future__ import annotations

import fcntl
import io
import os
import resource
import signal
import sys
import time
from typing import Any, NoReturn

from sandbox import child_ends, shim, stream, syscalls, watch, wire

IGNORED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGIO)
"""Process 1 ignores these: a terminal sends some, and a pipe that names it as owner sends the last by force."""
FILES = 256
"""How many files a run may have open."""
_DEFAULT = int(signal.SIG_DFL)
_RESET, _INTERRUPT = tuple(map(int, (*IGNORED_SIGNALS, signal.SIGXFSZ))), int(signal.SIGINT)
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_PROCESSES = 64
_LEAST_PRIORITY = 19
_SPARE_ADDRESS_SPACE = 768 << 20
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}
"""Of what is started anew: an interpreter, or a program in machine code."""
_NO_PROGRAM_EXIT = 126
"""Exit code where machine code is none that the kernel runs; a shell gives the same."""


def become(job: stream.Job, own_users: bool, yielding: bool, outputs: list[int], report_fd: int) -> NoReturn:
    """Turn the fork into the candidate: take the payload, give up every right, and run."""
    try:
        stdin, *parts = _take_payload(job)
        os.write(report_fd, watch.PAYLOAD_READ)
        _take_seat([stdin, *outputs[: 3 if job.is_call else 2]], report_fd)
        carrier = _pack(SOURCES, *parts) if job.fresh else None
        program = _executable(parts[0]) if job.is_binary else None
        if yielding:
            os.setpriority(os.PRIO_PROCESS, 0, _LEAST_PRIORITY)
        _limit(job)
        _drop_rights(job, own_users)
        if carrier is not None:
            _start_fresh(carrier, report_fd, job.is_call)
        _reset_signals()
        _begin(report_fd)
        if program is not None:
            _start_binary(program)
        _run(job.is_call, *parts)
    finally:
        os._exit(1)  # reached only when the program never began


def _begin(report_fd: int) -> None:
    """The last step: from here on the candidate has the process."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed()
    syscalls.install_filter()
    os.write(report_fd, watch.START_TIMES.pack(time.monotonic(), time.process_time()))
    os.close(report_fd)


def _run(is_call: int, source: bytes, function: bytes, arguments: bytes, prelude: bytes) -> NoReturn:
    if is_call:
        shim.call_function(source, function.decode(), arguments, wire.MAX_VALUE, prelude)
    shim.run_program(source)


def _take_payload(job: stream.Job) -> tuple[int, bytes, bytes, bytes, bytes]:
    """Read what follows the header; the input goes into a sealed file that nobody can change.

    Returns:
        (file of the input, source, function, arguments, prelude).
    """
    source_length, stdin_length, *other_lengths = job.lengths
    source = stream.receive(source_length)
    stdin = os.memfd_create("in", os.MFD_ALLOW_SEALING)
    remaining = stdin_length
    while remaining:
        chunk = stream.receive(min(remaining, 1 << 20))
        os.write(stdin, chunk)
        remaining -= len(chunk)
    os.lseek(stdin, 0, os.SEEK_SET)
    _seal(stdin)
    function, arguments, prelude = (stream.receive(length) for length in other_lengths)
    return stdin, source, function, arguments, prelude


def _seal(file: int) -> None:
    """Nobody changes this file in memory any more."""
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)


def _take_seat(files: list[int], report_fd: int) -> None:
    """Put the run's files on 0, 1, 2 (and a call's value on 3), and close everything else but `report_fd`."""
    os.setsid()
    for place, fd in enumerate(files):
        assert fd > place  # or an earlier step would have overwritten it
        os.dup2(fd, place)
    os.closerange(len(files), report_fd)
    os.closerange(report_fd + 1, FILES)


def _limit(job: stream.Job) -> None:
    """Per-process limits of this job; those of the whole tree are watched from outside."""
    value_size = wire.MAX_VALUE + wire.VALUE_HEADER if job.is_call else 0
    lower(
        (
            (resource.RLIMIT_CPU, int(job.cpu_s) + 2),
            (resource.RLIMIT_FSIZE, max(value_size, job.output + 1)),
            # Each thread of machine code reserves a whole stack.
            (resource.RLIMIT_AS, (8 if job.is_binary else 2) * job.memory + _SPARE_ADDRESS_SPACE),
            (resource.RLIMIT_NPROC, _PROCESSES),
        )
    )
    if job.is_binary:
        lower(((resource.RLIMIT_STACK, job.memory),))  # recursion may go as deep as memory does


def lower(limits: tuple[tuple[int, int], ...]) -> None:
    """Set limits for good, none above what the slot itself was given."""
    for what, value in limits:
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(what, (value, value))


def _drop_rights(job: stream.Job, own_users: bool) -> None:
    if own_users:
        os.setresgid(job.uid, job.uid, job.uid)
        os.setresuid(job.uid, job.uid, job.uid)
    syscalls.set_dumpable(True)  # or /dev/stdin, a link through /proc, could not be opened


def _reset_signals() -> None:
    # The plain function: `signal.signal` makes enums of what it takes and returns, which is thirty pages a run.
    for number in _RESET:
        child_ends.set_handler(number, _DEFAULT)
    child_ends.set_handler(_INTERRUPT, signal.default_int_handler)
    child_ends.begin()


def open_streams() -> None:
    """Python's own streams, on files that can be read again, as those of a run can."""
    sys.stdin = _text(0, "r")
    sys.stdout = _text(1, "w")
    sys.stderr = _text(2, "w", errors="backslashreplace", line_buffering=True)
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)


def forget_ourselves() -> None:
    """Programs find none of our modules loaded, and no `__main__` but their own."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("sandbox", "__main__")]:
        del sys.modules[name]


def _text(fd: int, mode: str, *, errors: str = "surrogateescape", line_buffering: bool = False) -> Any:
    raw = io.FileIO(fd, mode, closefd=False)
    buffer: Any = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, line_buffering=line_buffering)


def _pack(*parts: bytes) -> int:
    """A file with the parts, each after its length."""
    carrier = os.memfd_create("fresh", 0)
    for part in parts:
        view = memoryview(len(part).to_bytes(8, "big") + part)
        while view:
            view = view[os.write(carrier, view) :]
    os.lseek(carrier, 0, os.SEEK_SET)
    return carrier


def _start_fresh(carrier: int, report_fd: int, is_call: int) -> NoReturn:
    """Replace the fork by a newly started interpreter, which has a hash seed of its own."""
    os.set_inheritable(carrier, True)
    os.set_inheritable(report_fd, True)
    os.execve(
        sys.executable,
        [sys.executable, "-I", "-c", _FRESH, str(carrier), str(report_fd), str(int(is_call))],
        _ENVIRONMENT,
    )


_FRESH = """
import os, sys
numbers = [int(text) for text in sys.argv[1:]]
def part():
    size = int.from_bytes(os.read(numbers[0], 8), "big"); data = b""
    while len(data) < size: data += os.read(numbers[0], size - len(data))
    return data
space = {}
exec(part(), space)
space["load"]().candidate.continue_fresh(*numbers, part(), part(), part(), part())
"""

SOURCES = b""
"""The program text that the bootstrap received, kept for new interpreters; the bootstrap sets it."""


def continue_fresh(carrier: int, report_fd: int, is_call: int, *parts: bytes) -> NoReturn:
    """The second half of `become`, in a newly started interpreter."""
    os.close(carrier)
    child_ends.prepare()
    _reset_signals()
    open_streams()
    forget_ourselves()
    _begin(report_fd)
    _run(is_call, *parts)


def _executable(program: bytes) -> int:
    """A sealed file in memory that holds the program, gone for the program itself once it runs."""
    file = os.memfd_create("solution", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(program)
    while view:
        view = view[os.write(file, view) :]
    _seal(file)
    return file


def _start_binary(program: int) -> NoReturn:
    """Replace the fork by the program."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # unlike Python, other languages do not ignore it
    try:
        os.execve(program, ["solution"], _ENVIRONMENT)
    except OSError as error:
        os.write(2, f"the program cannot be started: {error.strerror}\n".encode())
        os._exit(_NO_PROGRAM_EXIT)
