"""PID 1 of a slot: forks one process per run, watches it from outside, and reports what it saw.

Stdlib-only; its source is sent into the slot over the very stream that jobs come on, after `codec` and `shim`.
It speaks only when spoken to, and when the stream ends it kills everything and leaves.

Covered: a process and a user of its own for every run; limits on CPU time of the whole process tree, resident
memory of the tree, wall time, output, processes and files; a system-call filter; sealed input; killing and
reaping everything afterwards, and telling the host when anything is left. Not covered: what the namespaces,
capabilities and mounts of the slot itself allow, which the backend decides.

The job's text is read by the forked child, and output goes from file to stream inside the kernel or through a
page that no fork inherits, so the next candidate finds no byte that an earlier one wrote.

Most of what a short run costs is copying pages: a fork shares every page with us until one of us writes to it,
and looking at an object writes its reference count. So whatever can be done once is done before forking, and
between forking and answering little is touched.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import contextlib
import fcntl
import gc
import io
import mmap
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Iterable
from typing import Any, NoReturn

from sandbox import shim, syscalls, wire

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGIO)
"""Process 1 ignores these: a terminal sends some, and a pipe that names it as owner sends the last by force."""
_RESET, _INTERRUPT = tuple(map(int, (*_IGNORED, signal.SIGXFSZ))), int(signal.SIGINT)
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_TICK = 0.01
_PROCESSES = 64
_FILES = 256
_STACK = 112 << 20
_SPARE_ADDRESS_SPACE = 768 << 20
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}
"""Of what is started anew: an interpreter, or a program in machine code."""
_CLEAN_SECONDS = 0.2
_REAP_SECONDS = 5.0
_SCRATCH = "/tmp"
_IN, _OUT = 10, 11
"""The stream from and to the host; 0, 1 and 2 are for runs."""
_NO_PROGRAM_EXIT = 126
"""Exit code where machine code is none that the kernel runs; a shell gives the same."""
_TAKEN = b"t"
_SEATED = struct.Struct("dd")
_OUTBOX_BYTES = 1 << 16
_BESIDE_PROCESSES = 192 << 20
"""What a slot may hold for a run outside of its processes: scratch, outputs, cached files, kernel objects."""
_SLOT_MEMORY = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")
"""Where a container finds what it is charged for, in cgroups of version 2 and 1."""
_WARM = """
__future__ abc array ast bisect cmath collections collections.abc contextlib copy dataclasses datetime decimal enum
fractions functools hashlib heapq io itertools json math numbers operator os queue random re statistics string
struct sys textwrap threading time traceback types typing
""".split()


class Stream(Exception):
    """The host is gone."""


def main(*, own_users: bool, cpu: int | None) -> NoReturn:
    """Serve jobs until the stream ends.

    Args:
        own_users: give every run a user of its own; that needs root.
        cpu: the core to stay on.
    """
    _harden(own_users)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    os.dup2(0, _IN, inheritable=False)
    os.dup2(1, _OUT, inheritable=False)
    _warm_up()
    outbox = Outbox()
    outbox.send(wire.HELLO.pack(wire.HELLO_MAGIC, os.getpid()), ())
    try:
        while True:
            _serve(_receive(wire.JOB.size), own_users, outbox)
    except Stream:
        _kill_everyone()
        os._exit(0)


def _harden(own_users: bool) -> None:
    """Ignore what a terminal may send, let nobody of our own uid look inside, and set what runs inherit."""
    for number in (*_IGNORED, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    syscalls.set_dumpable(False)
    syscalls.forbid_new_privileges()
    os.umask(0o022)
    os.chdir(_SCRATCH)
    if own_users:
        os.setgroups([])
    most = resource.getrlimit(resource.RLIMIT_STACK)[1]
    stack = _STACK if most == resource.RLIM_INFINITY else min(_STACK, most)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, most))  # machine code gets another
    _lower(
        (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, _FILES),
            (resource.RLIMIT_MEMLOCK, 0),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_SIGPENDING, 256),
        )
    )


def _warm_up() -> None:
    """Import what programs import, so that a fork has it at once, and keep the collector off those pages."""
    for name in _WARM:
        __import__(name)
    sys.path[:] = [entry for entry in sys.path if entry]
    import site

    for builder in (site.setquit, site.setcopyright):
        with contextlib.suppress(Exception):
            builder()
    syscalls.prepare()
    complaints = os.dup(2)
    for place in range(3):
        os.dup2(os.memfd_create("empty"), place)
    _open_streams()
    os.dup2(complaints, 2)
    os.closerange(3, _IN)
    os.closerange(_OUT + 1, _FILES)
    _forget_ourselves()
    gc.collect()
    gc.freeze()


def _serve(header: bytes, own_users: bool, outbox: Outbox) -> None:
    """One job: fork, watch, clear up, answer."""
    job = Job(header)
    files = [os.memfd_create(name) for name in ("out", "err", "value")]
    ready, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    pid = syscalls.fork()
    if pid == 0:
        os.close(ready)
        _become(job, own_users, files, told)
    os.close(told)
    seen = Watch(pid, ready, job).to_the_end()
    os.close(ready)
    dirty = not seen.taken or not _clean(job.uid if own_users else None)
    sizes = [os.fstat(fd).st_size for fd in files]
    status = wire.FAILED if seen.seated is None else _status(seen, job, sizes)
    caps = (job.output, job.output, wire.MAX_VALUE + wire.VALUE_HEADER)
    lengths = [min(size, cap) for size, cap in zip(sizes, caps)]
    reply = wire.REPLY.pack(
        wire.REPLY_MAGIC, status, dirty, seen.exit_code, seen.signal, seen.cpu_s, seen.wall_s, seen.peak, *lengths
    )
    outbox.send(reply, zip(files, lengths))
    for fd in files:
        os.close(fd)


class Outbox:
    """Where an answer is put together: small ones leave in one piece, which spares every hop on their way."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _OUTBOX_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._page.madvise(mmap.MADV_DONTFORK)
        self._view = memoryview(self._page)

    def send(self, header: bytes, files: Iterable[tuple[int, int]]) -> None:
        """Send `header` and the first bytes of each of `files`, (descriptor, length), as one stream."""
        used = len(header)
        self._view[:used] = header
        for fd, length in files:
            if used + length > _OUTBOX_BYTES:
                self._flush(used)
                used = 0
                _send_file(fd, length)
            elif length:
                used += os.preadv(fd, [self._view[used : used + length]], 0)
        self._flush(used)

    def _flush(self, used: int) -> None:
        sent = 0
        while sent < used:
            sent += os.write(_OUT, self._view[sent:used])


class Job:
    """A job's header, unpacked."""

    def __init__(self, header: bytes) -> None:
        (
            magic,
            kind,
            self.fresh,
            self.cpu_s,
            self.wall_s,
            self.memory,
            self.output,
            self.uid,
            *self.lengths,
        ) = wire.JOB.unpack(header)
        if magic != wire.JOB_MAGIC:
            raise Stream
        self.is_call = kind == wire.CALL
        self.is_binary = kind == wire.BINARY


class Seen:
    """What was observed of a run from outside."""

    exit_code = -1
    signal = 0
    cpu_s = 0.0
    wall_s = 0.0
    peak = 0
    over: int | None = None
    """The limit that made us end it."""
    taken = False
    """Whether it read all of its job from the stream."""
    seated: float | None = None
    """When the program began, on the monotonic clock; None if it never did. CPU time counts from then, too."""


class Watch:
    """Waits for the first process of a run, ends it at its limits, and leaves nobody behind."""

    def __init__(self, pid: int, ready: int, job: Job) -> None:
        self._pid = pid
        self._ready = ready
        self._job = job
        self._seen = Seen()
        self._charged: int | None = None
        self._reaped_cpu_s = 0.0
        self._starved_s = 0.0

    def to_the_end(self) -> Seen:
        """Wait for the end of the run and of everything it started."""
        seen = self._seen
        handle = os.pidfd_open(self._pid)
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        poller.register(_IN, 0)  # reports nothing but the host's going away
        while seen.over is None:
            events = poller.poll(1000 * self._pause())
            if any(fd == _IN and event & (select.POLLHUP | select.POLLERR) for fd, event in events):
                raise Stream
            if events:
                break
            self._note_progress()
            seen.over = self._limit_passed()
        ended = time.monotonic()
        os.close(handle)
        self._note_progress()
        seen.wall_s = ended - (seen.seated or ended)
        self._finish()
        return seen

    def _note_progress(self) -> None:
        """How far the child came before the program began: it told us, and nobody can tell us since."""
        if self._seen.seated is None:
            try:
                told = os.read(self._ready, 64)
            except BlockingIOError:
                return
            self._seen.taken |= told[:1] == _TAKEN
            if len(told) >= _SEATED.size:
                self._seen.seated, ours = _SEATED.unpack(told[-_SEATED.size :])
                self._reaped_cpu_s = -ours  # reading its job is not the program's doing

    def _pause(self) -> float:
        """Seconds until the next look: memory may grow any time, the other limits are not nearer than this."""
        if self._seen.seated is None:
            return _TICK
        left = self._until(self._seen.seated) - time.monotonic()
        return float(max(0.0005, min(_TICK, left, self._job.cpu_s - self._seen.cpu_s + 0.001)))

    def _until(self, seated: float) -> float:
        """When the wall limit passes, on the monotonic clock."""
        return float(seated + self._job.wall_s + min(self._starved_s, wire.MAX_STARVED_SECONDS))

    def _limit_passed(self) -> int | None:
        if self._seen.seated is None:
            return None  # its job is still arriving
        # Orphans are ours to bury, and only then is their time known to better than a clock tick.
        self._reap()
        living_cpu_s, resident = _tree_usage(0 if self._job.is_binary else _own_resident())
        self._seen.cpu_s = self._reaped_cpu_s + living_cpu_s
        self._seen.peak = max(self._seen.peak, resident)
        if self._seen.cpu_s > self._job.cpu_s:
            return wire.TLE
        if resident > self._job.memory or self._growth() > self._job.memory + _BESIDE_PROCESSES:
            return wire.MLE
        return wire.IDLE if self._waited_too_long(self._seen.seated) else None

    def _waited_too_long(self, seated: float) -> bool:
        """Whether the wall limit passed; time in which it was ready and others had the core does not count."""
        now = time.monotonic()
        if now > self._until(seated):
            self._starved_s = _longest_starved()
        return now > self._until(seated)

    def _growth(self) -> int:
        """Bytes the whole slot has grown by since the first look, buffers of sockets and pipes included."""
        charged = _slot_memory()
        if self._charged is None:
            self._charged = charged
        return charged - self._charged

    def _finish(self) -> None:
        """Kill and reap everyone; CPU time is what the kernel says of all of them."""
        deadline = time.monotonic() + _REAP_SECONDS
        while True:
            _kill_everyone()
            if not self._reap():
                break
            if time.monotonic() > deadline:
                raise Stream  # something does not die: give the whole slot up
            time.sleep(0.0005)
        self._seen.cpu_s = max(0.0, self._reaped_cpu_s)

    def _reap(self) -> bool:
        """Take note of everyone that has ended; says whether anyone is left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            self._reaped_cpu_s += usage.ru_utime + usage.ru_stime
            self._seen.peak = max(self._seen.peak, usage.ru_maxrss * 1024)
            if pid == self._pid:
                self._note_end(status)

    def _note_end(self, status: int) -> None:
        if os.WIFSIGNALED(status):
            self._seen.signal = os.WTERMSIG(status)
        else:
            self._seen.exit_code = os.WEXITSTATUS(status)


def _status(seen: Seen, job: Job, sizes: list[int]) -> int:
    """One if-chain: the limit that was passed, then how the program ended, then whether a value came."""
    if max(sizes[:2]) > job.output:
        return wire.OLE
    if seen.over == wire.MLE:
        return wire.MLE
    if seen.cpu_s > job.cpu_s or seen.signal == signal.SIGXCPU:
        return wire.TLE
    if seen.over is not None:
        return seen.over
    if seen.peak > job.memory or seen.exit_code == shim.OUT_OF_MEMORY_EXIT:
        return wire.MLE
    if job.is_call and seen.exit_code == shim.NO_VALUE_EXIT:
        return wire.BAD
    if seen.signal or seen.exit_code != 0:
        return wire.RTE
    return wire.BAD if job.is_call and sizes[2] == 0 else wire.OK


# The child's side -----------------------------------------------------------------------------------------


def _become(job: Job, own_users: bool, outputs: list[int], told: int) -> NoReturn:
    """Turn the fork into the candidate: take the payload, give up every right, and run."""
    try:
        source, stdin, function, arguments = _take_payload(job)
        os.write(told, _TAKEN)
        _take_seat([stdin, *outputs[: 3 if job.is_call else 2]], told)
        carrier = _pack(SOURCES, source, function, arguments) if job.fresh else None
        program = _executable(source) if job.is_binary else None
        _limit(job)
        _drop_rights(job, own_users)
        if carrier is not None:
            _start_fresh(carrier, told, job.is_call)
        _reset_signals()
        _begin(told)
        if program is not None:
            _start_binary(program)
        _run(job.is_call, source, function, arguments)
    finally:
        os._exit(1)  # reached only when the program never began


def _begin(told: int) -> None:
    """The last step: from here on the candidate has the process."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed()
    syscalls.install_filter()
    os.write(told, _SEATED.pack(time.monotonic(), time.process_time()))
    os.close(told)


def _run(is_call: int, source: bytes, function: bytes, arguments: bytes) -> NoReturn:
    if is_call:
        shim.call_function(source, function.decode(), arguments, wire.MAX_VALUE)
    shim.run_program(source)


def _take_payload(job: Job) -> tuple[bytes, int, bytes, bytes]:
    """Read what follows the header; the input goes into a sealed file that nobody can change."""
    source_length, stdin_length, function_length, arguments_length = job.lengths
    source = _receive(source_length)
    stdin = os.memfd_create("in", os.MFD_ALLOW_SEALING)
    left = stdin_length
    while left:
        chunk = _receive(min(left, 1 << 20))
        os.write(stdin, chunk)
        left -= len(chunk)
    os.lseek(stdin, 0, os.SEEK_SET)
    _seal(stdin)
    return source, stdin, _receive(function_length), _receive(arguments_length)


def _seal(file: int) -> None:
    """Nobody changes this file in memory any more."""
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)


def _take_seat(files: list[int], told: int) -> None:
    """Put the run's files on 0, 1, 2 (and a call's value on 3), and close everything else but `told`."""
    os.setsid()
    for place, fd in enumerate(files):
        assert fd > place  # or an earlier step would have overwritten it
        os.dup2(fd, place)
    os.closerange(len(files), told)
    os.closerange(told + 1, _FILES)


def _limit(job: Job) -> None:
    """Per-process limits of this job; those of the whole tree are watched from outside."""
    value_size = wire.MAX_VALUE + wire.VALUE_HEADER if job.is_call else 0
    _lower(
        (
            (resource.RLIMIT_CPU, int(job.cpu_s) + 2),
            (resource.RLIMIT_FSIZE, max(value_size, job.output + 1)),
            # Each thread of machine code reserves a whole stack.
            (resource.RLIMIT_AS, (8 if job.is_binary else 2) * job.memory + _SPARE_ADDRESS_SPACE),
            (resource.RLIMIT_NPROC, _PROCESSES),
        )
    )
    if job.is_binary:
        _lower(((resource.RLIMIT_STACK, job.memory),))  # recursion may go as deep as memory does


def _lower(limits: tuple[tuple[int, int], ...]) -> None:
    """Set limits for good, none above what the slot itself was given."""
    for what, value in limits:
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(what, (value, value))


def _drop_rights(job: Job, own_users: bool) -> None:
    if own_users:
        os.setresgid(job.uid, job.uid, job.uid)
        os.setresuid(job.uid, job.uid, job.uid)
    syscalls.set_dumpable(True)  # or /dev/stdin, a link through /proc, could not be opened


def _reset_signals() -> None:
    # The plain function: `signal.signal` makes enums of what it takes and returns, which is thirty pages a run.
    for number in _RESET:
        _signal.signal(number, _signal.SIG_DFL)
    _signal.signal(_INTERRUPT, _signal.default_int_handler)


def _open_streams() -> None:
    """Python's own streams, on files that can be read again, as those of a run can."""
    sys.stdin = _text(0, "r")
    sys.stdout = _text(1, "w")
    sys.stderr = _text(2, "w", errors="backslashreplace", line_buffering=True)
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)


def _forget_ourselves() -> None:
    """Programs find none of our modules loaded, and no `__main__` but their own."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("sandbox", "__main__")]:
        del sys.modules[name]


def _text(fd: int, mode: str, *, errors: str = "surrogateescape", line_buffering: bool = False) -> Any:
    raw = io.FileIO(fd, mode, closefd=False)
    buffered: Any = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding="utf-8", errors=errors, line_buffering=line_buffering)


def _pack(*parts: bytes) -> int:
    """A file with the parts, each after its length."""
    carrier = os.memfd_create("fresh", 0)
    for part in parts:
        view = memoryview(len(part).to_bytes(8, "big") + part)
        while view:
            view = view[os.write(carrier, view) :]
    os.lseek(carrier, 0, os.SEEK_SET)
    return carrier


def _start_fresh(carrier: int, told: int, is_call: int) -> NoReturn:
    """Replace the fork by a newly started interpreter, which has a hash seed of its own."""
    os.set_inheritable(carrier, True)
    os.set_inheritable(told, True)
    os.execve(
        sys.executable,
        [sys.executable, "-I", "-c", _FRESH, str(carrier), str(told), str(int(is_call))],
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
space["load"]().continue_fresh(*numbers, part(), part(), part())
"""

SOURCES = b""
"""The program text that the bootstrap received, kept for new interpreters; the bootstrap sets it."""


def continue_fresh(
    carrier: int, told: int, is_call: int, source: bytes, function: bytes, arguments: bytes
) -> NoReturn:
    """The second half of `_become`, in a newly started interpreter."""
    os.close(carrier)
    _reset_signals()
    _open_streams()
    _forget_ourselves()
    _begin(told)
    _run(is_call, source, function, arguments)


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


# Looking and clearing up ----------------------------------------------------------------------------------


def _own_resident() -> int:
    return _resident(os.getpid())


def _resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm", "rb") as statm:
        return int(statm.read().split()[1]) * _PAGE


def _tree_usage(base: int) -> tuple[float, int]:
    """CPU seconds and resident bytes of everything in the slot but ourselves.

    A fork shares the warm interpreter's pages, so `base` of each process but one is not counted again.
    """
    ticks = resident = 0
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or entry == "1":
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
            used = _resident(int(entry))
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue  # it ended while we looked
        ticks += sum(int(field) for field in fields[11:15])
        resident += max(0, used - base)
    return ticks / _TICKS_PER_SECOND, resident + base


def _longest_starved() -> float:
    """Seconds for which some process of the run stood ready and did not get a core."""
    longest = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit() and entry != "1":
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{entry}/schedstat", "rb") as schedstat:
                longest = max(longest, int(schedstat.read().split()[1]))
    return longest / 1e9


def _slot_memory() -> int:
    """Bytes charged to this container; 0 where nobody counts them."""
    for path in _SLOT_MEMORY:
        try:
            with open(path, "rb") as usage:
                return int(usage.read())
        except FileNotFoundError:
            continue
    return 0


def _kill_everyone() -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)


def _clean(uid: int | None) -> bool:
    """Empty the scratch folder as its owner; says whether it is empty now."""
    if _is_empty(_SCRATCH):
        return True
    pid = os.fork()
    if pid == 0:
        try:
            if uid is not None:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            _remove_all(time.monotonic() + _CLEAN_SECONDS)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    return _is_empty(_SCRATCH)


def _is_empty(folder: str) -> bool:
    """Whether nothing is in `folder`; one that its owner closed to us counts as full."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except PermissionError:
        return False


def _remove_all(deadline: float) -> None:
    """Remove everything under scratch, however deep, without following links or recursing."""
    pending = [_SCRATCH]
    os.chdir(_SCRATCH)
    while pending and time.monotonic() < deadline:
        folder = pending[-1]
        children = _remove_files(folder, deadline)
        if children:
            pending += children
        else:
            pending.pop()
            if folder != _SCRATCH:
                os.rmdir(folder)


def _remove_files(folder: str, deadline: float) -> list[str]:
    """Unlink all but the folders in `folder`, until the deadline; returns those."""
    if folder != _SCRATCH:
        os.chmod(folder, 0o700)
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if time.monotonic() > deadline:
                break
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                os.unlink(entry.path)
    return folders


def _receive(length: int) -> bytes:
    """Exactly `length` bytes of the stream."""
    parts = []
    while length:
        part = os.read(_IN, min(length, 1 << 20))
        if not part:
            raise Stream
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _send_file(fd: int, length: int) -> None:
    """Move a file's first bytes to the stream inside the kernel, never through this process's heap."""
    offset = 0
    while offset < length:
        sent = os.sendfile(_OUT, fd, offset, length - offset)
        if sent == 0:
            raise Stream
        offset += sent


_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
