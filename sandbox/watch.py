"""Watching a run from outside: until its end or its limits, whichever comes first, and until nobody is left.

Stdlib-only; its source is sent into the slot. CPU time and memory are those of the whole tree of processes, as
the kernel tells them to process 1.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import time

from sandbox import scratch, stream, syscalls, wire

PAYLOAD_READ = b"t"
"""What the first process of a run says when it has read its job."""
START_TIMES = struct.Struct("dd")
"""What it says last, before the program begins: the monotonic clock, and the CPU seconds that were ours."""
_TICK = 0.01
_REAP_SECONDS = 5.0
_BESIDE_PROCESSES = 192 << 20
"""What a slot may hold for a run outside of its processes: scratch, outputs, cached files, kernel objects."""
_FILE_BYTES = 6 << 10
"""What the kernel may hold for a file in scratch besides its contents: names, and where a link leads to."""
_SHARES_SECONDS, _SHARES_PAUSE = 0.02, 0.05
"""How long a look at who shares which page may take, and the least time between two."""
_SLOT_MEMORY = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")
"""Where a container finds what it is charged for, in cgroups of version 2 and 1."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Report:
    """What was observed of a run from outside."""

    exit_code = -1
    signal = 0
    cpu_s = 0.0
    wall_s = 0.0
    peak = 0
    over: int | None = None
    """The limit that made us end it."""
    has_payload = False
    """Whether it read all of its job from the stream."""
    began_at: float | None = None
    """When the program began, on the monotonic clock; None if it never did. CPU time counts from then, too."""


class Watch:
    """Waits for the first process of a run, ends it at its limits, and leaves nobody behind."""

    def __init__(self, pid: int, ready: int, job: stream.Job, *, own_users: bool) -> None:
        self._pid = pid
        self._ready = ready
        self._job = job
        self._uid = job.uid if own_users else None
        self._files = _scratch_files()
        self._shares_due = 0.0
        self._reaped_faults = 0
        self._report = Report()
        self._first_charge: int | None = None
        self._reaped_cpu_s = 0.0
        self._starved_s = 0.0
        self._queue: set[tuple[str, bytes]] | None = None

    def to_the_end(self) -> Report:
        """Wait for the end of the run and of everything it started."""
        report = self._report
        handle = os.pidfd_open(self._pid)
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        poller.register(stream.IN, 0)  # reports nothing but the host's going away
        while report.over is None:
            events = poller.poll(1000 * self._pause())
            if any(fd == stream.IN and event & (select.POLLHUP | select.POLLERR) for fd, event in events):
                raise stream.HostGone
            if events:
                break
            self._note_progress()
            report.over = self._limit_passed()
        os.close(handle)
        self._note_progress()
        self._finish()
        # Giving back much memory takes a while, and is in the CPU time of those who held it.
        report.wall_s = time.monotonic() - report.began_at if report.began_at is not None else 0.0
        return report

    def _note_progress(self) -> None:
        """How far the child came before the program began: it told us, and nobody can tell us since."""
        if self._report.began_at is None:
            try:
                message = os.read(self._ready, 64)
            except BlockingIOError:
                return
            self._report.has_payload |= message[:1] == PAYLOAD_READ
            if len(message) >= START_TIMES.size:
                self._report.began_at, ours = START_TIMES.unpack(message[-START_TIMES.size :])
                self._reaped_cpu_s = -ours  # reading its job is not the program's doing

    def _pause(self) -> float:
        """Seconds until the next look: memory may grow any time, the other limits are not nearer than this."""
        if self._report.began_at is None:
            return _TICK
        rest = self._until(self._report.began_at) - time.monotonic()
        return float(max(0.0005, min(_TICK, rest, self._job.cpu_s - self._report.cpu_s + 0.001)))

    def _until(self, began_at: float) -> float:
        """When the wall limit passes, on the monotonic clock."""
        return float(began_at + self._job.wall_s + min(self._starved_s, wire.MAX_STARVED_SECONDS))

    def _limit_passed(self) -> int | None:
        if self._report.began_at is None:
            return None  # its job is still arriving
        # Orphans are ours to bury, and only then is their time known to better than a clock tick.
        self._reap()
        usage = _tree_usage(0 if self._job.is_binary else _own_resident())
        self._report.cpu_s = self._reaped_cpu_s + usage.cpu_s
        resident = self._resident(usage)
        self._report.peak = max(self._report.peak, resident)
        if self._report.cpu_s > self._job.cpu_s:
            return wire.TLE
        if resident > self._job.memory or self._growth() > self._job.memory + _BESIDE_PROCESSES:
            return wire.MLE
        if (_scratch_files() - self._files) * _FILE_BYTES > self._job.memory:
            return wire.MLE
        return wire.IDLE if self._waited_too_long(self._report.began_at) else None

    def _resident(self, usage: _Usage) -> int:
        """Bytes in the run's processes; a page that several of them share counts once.

        Most often it makes no difference whether pages that they had from the fork are their own by now, or
        there were too few page faults for it: each copies one page. Else the kernel is asked who shares what, but
        not all the time, for that takes a while.
        """
        copies = (self._reaped_faults + usage.faults) * _PAGE
        if usage.resident > self._job.memory or min(usage.whole, usage.resident + copies) <= self._job.memory:
            return usage.resident
        if time.monotonic() < self._shares_due:
            return usage.resident
        shares = _shares(usage, self._uid)
        self._shares_due = time.monotonic() + _SHARES_PAUSE
        return shares

    def _waited_too_long(self, began_at: float) -> bool:
        """Whether the wall limit passed; time in which it was ready and others had the core does not count.

        The kernel adds a wait to its figure when it ends: whoever was ready at the last look, too, and has not run
        since, is in one that is not in there yet.
        """
        now = time.monotonic()
        if now > self._until(began_at):
            self._starved_s = _longest_starved()
        if now <= self._until(began_at):
            return False
        before, self._queue = self._queue, _queue()
        waiting = self._queue if before is None else self._queue & before
        return not waiting or now > began_at + self._job.wall_s + wire.MAX_STARVED_SECONDS

    def _growth(self) -> int:
        """Bytes the whole slot has grown by since the first look, buffers of sockets and pipes included."""
        charge = _slot_memory()
        if self._first_charge is None:
            self._first_charge = charge
        return charge - self._first_charge

    def _finish(self) -> None:
        """Kill and reap everyone; CPU time is what the kernel says of all of them."""
        deadline = time.monotonic() + _REAP_SECONDS
        while True:
            kill_everyone()
            if not self._reap():
                break
            if time.monotonic() > deadline:
                raise stream.HostGone  # something does not die: give the whole slot up
            time.sleep(0.0005)
        self._report.cpu_s = max(0.0, self._reaped_cpu_s)

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
            self._reaped_faults += usage.ru_minflt
            self._report.peak = max(self._report.peak, usage.ru_maxrss * 1024)
            if pid == self._pid:
                self._note_end(status)

    def _note_end(self, status: int) -> None:
        if os.WIFSIGNALED(status):
            self._report.signal = os.WTERMSIG(status)
        else:
            self._report.exit_code = os.WEXITSTATUS(status)


class _Usage:
    """What everybody in the slot but ourselves uses."""

    def __init__(self, ticks: int, faults: int, sizes: dict[str, int], base: int) -> None:
        self.cpu_s = ticks / _TICKS_PER_SECOND
        self.faults = faults
        """Page faults so far, those of children that were waited for included."""
        self.sizes = sizes
        """Resident bytes of each process, by its number."""
        self.base = base
        self.whole = sum(sizes.values())
        """And of all together, as if they shared nothing."""
        self.resident = sum(max(0, size - base) for size in sizes.values()) + base
        """And as if each still shared with us the `base` bytes that it had from the fork."""


def _own_resident() -> int:
    return _resident(os.getpid())


def _resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm", "rb") as statm:
        return int(statm.read().split()[1]) * _PAGE


def _tree_usage(base: int) -> _Usage:
    """What is used now; a fork has `base` bytes of the warm interpreter's, and may share them still."""
    ticks = faults = 0
    sizes = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or entry == "1":
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
            sizes[entry] = _resident(int(entry))
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue  # it ended while we looked
        ticks += sum(int(field) for field in fields[11:15])
        faults += int(fields[7]) + int(fields[8])
    return _Usage(ticks, faults, sizes, base)


def _shares(usage: _Usage, uid: int | None) -> int:
    """Bytes of the processes, of each page their share; one that hides its pages shares none.

    Who is making children keeps us waiting; after a while the rest counts as what it has not from the fork.
    """
    shares = usage.resident
    end = time.monotonic() + _SHARES_SECONDS
    if uid is not None:
        syscalls.look_as(uid)
    try:
        for entry, size in usage.sizes.items():
            if time.monotonic() > end:
                break
            try:
                with open(f"/proc/{entry}/smaps_rollup", "rb") as rollup:
                    own = 1024 * int(rollup.read().partition(b"\nPss:")[2].split(None, 1)[0])
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
            except (PermissionError, IndexError):
                own = size
            shares += max(0, own - max(0, size - usage.base))
    finally:
        if uid is not None:
            syscalls.look_as(os.getuid())
    return shares


def _scratch_files() -> int:
    """How many files and folders there are in scratch."""
    space = os.statvfs(scratch.FOLDER)
    return space.f_files - space.f_ffree


def open_charge(charge: int | None) -> None:
    """Keep the file open that tells what this slot is charged for, at `stream.CHARGE`, if there is one.

    Args:
        charge: it, where whoever started this slot opened it; None looks in a container's own place.
    """
    for path in _SLOT_MEMORY if charge is None else ():
        with contextlib.suppress(OSError):
            charge = os.open(path, os.O_RDONLY)
            break
    if charge is None:
        with contextlib.suppress(OSError):
            os.close(stream.CHARGE)
    elif charge == stream.CHARGE:
        os.set_inheritable(charge, False)
    else:
        os.dup2(charge, stream.CHARGE, inheritable=False)
        os.close(charge)


def _longest_starved() -> float:
    """Seconds for which some process of the run stood ready and did not get a core."""
    longest = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit() and entry != "1":
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{entry}/schedstat", "rb") as schedstat:
                longest = max(longest, int(schedstat.read().split()[1]))
    return longest / 1e9


def _queue() -> set[tuple[str, bytes]]:
    """Who of the run is ready for the core, and what the kernel says of the time that each had it so far."""
    ready = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit() and entry != "1":
            with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", "rb") as stat:
                if stat.read().rpartition(b") ")[2][:1] == b"R":
                    with open(f"/proc/{entry}/schedstat", "rb") as schedstat:
                        ready.add((entry, schedstat.read()))
    return ready


def _slot_memory() -> int:
    """Bytes charged to this slot; 0 where nobody counts them."""
    try:
        return int(os.pread(stream.CHARGE, 32, 0))
    except OSError:
        return 0


def kill_everyone() -> None:
    """Kill every process of the slot but process 1."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)
