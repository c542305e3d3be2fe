"""PID 1 of a slot: forks one process per run, watches it from outside, and reports what it saw.

Stdlib-only; its source is sent into the slot over the very stream that jobs come on, after those of the modules
it uses. It speaks only when spoken to, and when the stream ends it kills everything and leaves.

Covered: a process and a user of its own for every run; limits on CPU time of the whole process tree, resident
memory of the tree, wall time, output, processes and files; a system-call filter; sealed input; killing and
reaping everything afterwards, and telling the host when anything is left. Not covered: what the namespaces,
capabilities and mounts of the slot itself allow, which the backend decides.

Most of what a short run costs is copying pages: a fork shares every page with us until one of us writes to it,
and looking at an object writes its reference count. So whatever can be done once is done before forking, and
between forking and answering little is touched.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
from typing import NoReturn

from sandbox import candidate, child_ends, scratch, shim, stream, syscalls, watch, wire

_STACK = 112 << 20
_MANY_NUMBERS = 512
"""Whoever starts so many processes and threads is the last one in its slot."""
_WARM = """
__future__ abc array ast bisect cmath collections collections.abc contextlib copy dataclasses datetime decimal enum
fractions functools hashlib heapq io itertools json math numbers operator os queue random re statistics string
struct sys textwrap threading time traceback types typing
""".split()


def main(*, own_users: bool, cpu: int | None, charge: int | None, yielding: bool) -> NoReturn:
    """Serve jobs until the stream ends.

    Args:
        own_users: give every run a user of its own; that needs root.
        cpu: the core to stay on.
        charge: an open file that tells the bytes charged to this slot's control group; None looks for one.
        yielding: let runs give way to us, or sixty of them that spin leave us a sixtieth of the core.
    """
    if os.getpid() != 1:
        os._exit(1)  # killing everyone would be killing everyone outside, too
    _harden(own_users)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    watch.open_charge(charge)  # first, for its number may be any
    _open_numbers()
    _share_scratch()
    os.dup2(0, stream.IN, inheritable=False)
    os.dup2(1, stream.OUT, inheritable=False)
    _warm_up()
    syscalls.skip_numbers(_random(_MANY_NUMBERS))
    outbox = stream.Outbox()
    outbox.send(wire.HELLO.pack(wire.HELLO_MAGIC, os.getpid(), syscalls.is_dumpable()), ())
    try:
        while True:
            _serve(stream.receive(wire.JOB.size), own_users, yielding, outbox)
    except stream.HostGone:
        watch.kill_everyone()
        os._exit(0)


def _harden(own_users: bool) -> None:
    """Ignore what a terminal may send, let nobody of our own uid look inside, and set what runs inherit."""
    for number in (*candidate.IGNORED_SIGNALS, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    syscalls.set_dumpable(False)
    syscalls.forbid_new_privileges()
    os.umask(0o022)
    os.chdir(scratch.FOLDER)
    if own_users:
        os.setgroups([])
    most = resource.getrlimit(resource.RLIMIT_STACK)[1]
    stack = _STACK if most == resource.RLIM_INFINITY else min(_STACK, most)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, most))  # machine code gets another
    candidate.lower(
        (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, candidate.FILES),
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
    child_ends.prepare()
    complaints = os.dup(2)
    for place in range(3):
        os.dup2(os.memfd_create("empty"), place)
    candidate.open_streams()
    os.dup2(complaints, 2)
    os.closerange(3, stream.IN)
    os.closerange(stream.NUMBERS + 1, candidate.FILES)
    candidate.forget_ourselves()
    gc.collect()
    gc.freeze()


def _serve(header: bytes, own_users: bool, yielding: bool, outbox: stream.Outbox) -> None:
    """One job: fork, watch, clear up, answer."""
    job = stream.Job(header)
    files = [os.memfd_create(name) for name in ("out", "err", "value")]
    ready, report_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    pid = syscalls.fork()
    if pid == 0:
        os.close(ready)
        candidate.become(job, own_users, yielding, files, report_fd)
    os.close(report_fd)
    report = watch.Watch(pid, ready, job, own_users=own_users).to_the_end()
    os.close(ready)
    dirty = not report.has_payload or not scratch.clean(job.uid if own_users else None)
    numbers = _numbers_since(pid)
    dirty |= numbers >= _MANY_NUMBERS
    sizes = [os.fstat(fd).st_size for fd in files]
    status = wire.FAILED if report.began_at is None else _status(report, job, sizes)
    caps = (job.output, job.output, wire.MAX_VALUE + wire.VALUE_HEADER)
    lengths = [min(size, cap) for size, cap in zip(sizes, caps)]
    reply = wire.REPLY.pack(
        wire.REPLY_MAGIC,
        status,
        dirty,
        report.exit_code,
        report.signal,
        report.cpu_s,
        report.wall_s,
        report.peak,
        *lengths,
    )
    outbox.send(reply, zip(files, lengths))
    for fd in files:
        os.close(fd)
    if 0 < numbers < _MANY_NUMBERS:
        syscalls.skip_numbers(_MANY_NUMBERS - numbers + _random(_MANY_NUMBERS))


def _open_numbers() -> None:
    """Keep the file open that tells the last process number given away, and shut what counts over all runs."""
    with contextlib.suppress(OSError):
        numbers = os.open("/proc/sys/kernel/ns_last_pid", os.O_RDONLY)
        if numbers == stream.NUMBERS:
            os.set_inheritable(numbers, False)
        else:
            os.dup2(numbers, stream.NUMBERS, inheritable=False)
            os.close(numbers)
    with contextlib.suppress(OSError):
        os.chmod("/sys/fs/cgroup", 0o700)  # where it is ours, as in a container of version 1


def _numbers_since(pid: int) -> int:
    """How many processes and threads were started after `pid`; 0 where the kernel does not tell.

    What comes next must not tell it either. After a few, numbers go on from a place that does not depend on how
    many there were; after many, the slot is replaced, for it takes too long to get there.
    """
    try:
        last = int(os.pread(stream.NUMBERS, 32, 0))
    except OSError:
        return 0
    return last - pid if last >= pid else _MANY_NUMBERS  # the numbers began anew


def _share_scratch() -> None:
    """Let locks and memory that processes share by name lie in scratch: limited and emptied like all in there."""
    with contextlib.suppress(OSError):  # bubblewrap made it, or an image has a folder there
        os.symlink(scratch.FOLDER, "/dev/shm")


def _random(bound: int) -> int:
    return int.from_bytes(os.urandom(4), "big") % bound


def _status(report: watch.Report, job: stream.Job, sizes: list[int]) -> int:
    """One if-chain: the limit that was passed, then how the program ended, then whether a value came."""
    if max(sizes[:2]) > job.output:
        return wire.OLE
    if report.over == wire.MLE:
        return wire.MLE
    if report.cpu_s > job.cpu_s or report.signal == signal.SIGXCPU:
        return wire.TLE
    if report.over is not None:
        return report.over
    if report.peak > job.memory or report.exit_code == shim.OUT_OF_MEMORY_EXIT:
        return wire.MLE
    if job.is_call and report.exit_code == shim.NO_VALUE_EXIT:
        return wire.BAD
    if report.signal or report.exit_code != 0:
        return wire.RTE
    return wire.BAD if job.is_call and sizes[2] == 0 else wire.OK
