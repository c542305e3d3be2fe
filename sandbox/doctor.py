"""Does this host keep the sandbox's promises? Probes that try to break each from inside a slot.

A probe is a few programs and a judgement of how they ended. It holds when they could not do what they tried.
Covered: what docs/security.md promises, as far as a minute of trying shows. Not covered: exploits of the kernel,
timing side channels, several slots at once; `tests/` does the rest.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from sandbox import syscalls
from sandbox.types import (
    CallJob,
    CallResult,
    Job,
    Limits,
    Opaque,
    RunJob,
    RunResult,
    Sandbox,
    SandboxError,
    Status,
)

LIMITS = Limits(cpu_s=0.3, memory_mb=128, output_bytes=1 << 16, wall_s=10)
_TIGHT = Limits(cpu_s=3, memory_mb=64, output_bytes=1 << 16, wall_s=15)
_IMPATIENT = Limits(cpu_s=0.3, wall_s=0.5)


class Outcome(enum.StrEnum):
    """What a probe found."""

    HELD = "held"
    BROKEN = "not held"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one promise."""

    promise: str
    outcome: Outcome
    detail: str
    """What the probe got away with, or why it does not apply; "" when held."""
    remedy: str
    """What to do about it; "" when held."""


@dataclass(frozen=True, slots=True)
class Probe:
    """An attempt to break one promise."""

    promise: str
    jobs: tuple[Job, ...]
    """Run one after the other in one slot."""
    breach: Callable[[Sequence[RunResult]], str]
    """What the jobs got away with, "" for nothing."""
    remedy: str
    not_on: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Backends that do not promise this, with the reason."""


def examine(box: Sandbox) -> Iterator[Finding]:
    """Try every probe on `box`, which should have one slot; yields findings as they come."""
    for probe in probes():
        reason = probe.not_on.get(box.backend)
        if reason is not None:
            yield Finding(probe.promise, Outcome.NOT_APPLICABLE, reason, "use Docker where it matters")
            continue
        try:
            detail = probe.breach([*box.run_many(probe.jobs)])
        except SandboxError as error:
            detail = f"the sandbox failed: {error}"
        outcome = Outcome.BROKEN if detail else Outcome.HELD
        yield Finding(probe.promise, outcome, detail, probe.remedy if detail else "")


def probes() -> list[Probe]:
    """Every probe, in the order of docs/security.md."""
    kernel = "update the kernel, Docker and runc or bubblewrap, and run `solve doctor` again"
    setup = "report it with the output of `solve doctor --json`, and do not run untrusted programs here"
    no_filter = (
        {} if syscalls.is_supported() else dict.fromkeys(("docker", "bwrap"), "no filter for this processor")
    )
    return [
        Probe("a pass cannot be forged", _FORGERS, _forgery, setup),
        Probe("one run does not see another", (RunJob(_LEAVE), RunJob(_LOOK)), _silent, setup),
        Probe("nothing stays behind", (RunJob(_LINGER), RunJob(_LOOK)), _silent, setup),
        Probe("CPU time is limited", (RunJob("while True: pass", limits=LIMITS),), _ends(Status.TLE), kernel),
        Probe("children's CPU time counts", (RunJob(_CHILDREN, limits=LIMITS),), _ends(Status.TLE), kernel),
        Probe("sleepers are ended", (RunJob("while True: pass", limits=LIMITS),
                                     RunJob("import time; time.sleep(60)", limits=_IMPATIENT)),
              lambda results: _ends(Status.IDLE)(results[1:]), kernel),
        Probe("memory is limited", (RunJob(_GROWTH, limits=_TIGHT),), _ends(Status.MLE), kernel),
        Probe("children's memory counts", (RunJob(_BROOD, limits=_TIGHT),), _ends(Status.MLE), kernel),
        Probe("the kernel's memory counts", (RunJob(_BUFFERS, limits=_TIGHT),), _ends(Status.MLE, Status.TLE),
              "give Docker the memory cgroup (boot with cgroup_enable=memory)",
              {"bwrap": "there is no cgroup: buffers of sockets and pipes are limited per user, not counted"}),
        Probe("output is limited", (RunJob("while True: print('x' * 9999)", limits=LIMITS),), _ends(Status.OLE),
              kernel),
        Probe("processes are limited", (RunJob(_BOMB, limits=LIMITS), RunJob(_LOOK)),
              lambda results: _silent(results[1:]), kernel),
        Probe("files are limited", (RunJob(_FILES, limits=Limits(cpu_s=3, wall_s=20)),), _silent, setup,
              {"bwrap": "bubblewrap limits the bytes of scratch, not the number of files"}),
        Probe("no network", (RunJob(_NETWORK),), _silent, setup),
        Probe("the supervisor cannot be reached", (RunJob(_SUPERVISOR),), _silent, setup, no_filter),
        Probe("no other user, namespace or root", (RunJob(_RIGHTS),), _silent, kernel, no_filter),
        Probe("the kernel's rare doors are shut", (RunJob(_DOORS),), _silent, kernel, no_filter),
        Probe("only scratch can be written", (RunJob(_WRITES),), _silent, setup),
        Probe("the host stays out of sight", (RunJob(_SEARCH, _needles()),), _silent, setup),
        Probe("input cannot be changed", (RunJob(_INPUT, "as given"),), _silent, setup),
    ]  # fmt: skip


def _silent(results: Sequence[RunResult]) -> str:
    """Every program ended well and had nothing to report."""
    for result in results:
        if result.status is not Status.OK:
            return f"a probe ended with {result.status}: {result.stderr.strip()[-200:]}"
        if result.stdout:
            return ", ".join(result.stdout.split("\n")[:5]).strip(", ")[:300]
    return ""


def _ends(*expected: Status) -> Callable[[Sequence[RunResult]], str]:
    def breach(results: Sequence[RunResult]) -> str:
        wrong = [result for result in results if result.status not in expected]
        return f"ended with {wrong[0].status} after {wrong[0].cpu_s:.2f} s of CPU" if wrong else ""

    return breach


def _forgery(results: Sequence[RunResult]) -> str:
    for result in results:
        assert isinstance(result, CallResult)
        if result.status is Status.OK and not isinstance(result.value, Opaque):
            return f"a forged value arrived as {type(result.value).__name__}"
    return ""


def _needles() -> str:
    """What a program must not find: the folders this program and its user live in."""
    return "\n".join({str(Path.cwd()), str(Path(__file__).parent)} - {"/"})


_ATTEMPT = """
import ctypes, os, resource, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
x86 = os.uname().machine == "x86_64"
def attempt(name, action):
    try:
        if action() != -1: print(name)
    except (OSError, ValueError): pass
def call(name, here, there, *arguments):
    attempt(name, lambda: libc.syscall(here if x86 else there, *arguments))
"""
_FRAMES = """
import os
def f():
    for fd in range(3, 256):
        try: os.write(fd, b"aR01" + bytes(70))
        except OSError: pass
    os._exit(0)
"""
_FORGERS = tuple(
    CallJob(source, "f", limits=LIMITS)
    for source in (
        "class E:\n    __eq__ = lambda s, o: True\ndef f(): return E()",
        "class I(int):\n    __eq__ = lambda s, o: True\ndef f(): return I(1)",
        "import os\ndef f(): os._exit(0)",
        "import os\ndef f():\n    os.write(3, bytes(8) + b'T')\n    os._exit(0)",
        _FRAMES,
    )
)
_LEAVE = """
import builtins, os
for name in ("random.py", "sitecustomize.py", "left"): open("/tmp/" + name, "w").write("left")
builtins.len = None; os.environ["LEFT"] = "left"; os.umask(0o777)
"""
_LINGER = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0: time.sleep(3600)
    os._exit(0)
os.makedirs("/tmp/a/b/c"); os.chmod("/tmp/a", 0); os.symlink("/", "/tmp/root")
"""
_LOOK = """
import os
others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]
if others: print("processes are left:", others)
if os.listdir("/tmp"): print("files are left:", os.listdir("/tmp"))
if "LEFT" in os.environ or len("ab") != 2: print("the interpreter was changed")
"""
_CHILDREN = """
import os, signal, time
try: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
except OSError: pass
while True:
    if os.fork() == 0:
        end = time.perf_counter() + 0.004
        while time.perf_counter() < end: pass
        os._exit(0)
    try: os.wait()
    except OSError: pass
"""
_GROWTH = "held = []\nwhile True: held.append('x' * 10**6 + str(len(held)))"
_BROOD = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        data = bytearray(os.urandom(1 << 10)) * (10 << 10)
        time.sleep(3600)
time.sleep(3600)
"""
_BUFFERS = """
import os, signal, socket
for _ in range(40):
    if os.fork() == 0:
        held = []
        while True:
            try:
                held.append(socket.socketpair()); held[-1][0].setblocking(False)
                while True: held[-1][0].send(bytes(1 << 16))
            except BlockingIOError: pass
            except OSError: signal.pause()
signal.pause()
"""
_BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
_FILES = """
import os
try:
    for number in range(50_000): os.close(os.open(f"/tmp/{number}", os.O_CREAT))
    print("50,000 files")
except OSError: pass
for name in os.listdir("/tmp"): os.unlink("/tmp/" + name)
"""
_NETWORK = (
    _ATTEMPT
    + """
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 40):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        attempt(f"socket {family} {kind}", lambda: socket.socket(family, kind))
names = os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net") else []
if set(names) - {"lo"}: print("interfaces", names)
"""
)
_SUPERVISOR = (
    _ATTEMPT
    + """
for request in (16, 0x4206): attempt("ptrace", lambda: libc.ptrace(request, 1, 0, 0))
buffer = ctypes.create_string_buffer(64)
vector = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 64)
call("process_vm_readv", 310, 270, 1, vector, 1, vector, 1, 0)
attempt("pidfd_getfd", lambda: libc.syscall(438, os.pidfd_open(1), 0, 0))
for name in ("mem", "environ", "maps"): attempt(name, lambda: open("/proc/1/" + name, "rb").read(1) and 1)
for fd in range(16): attempt("descriptor", lambda: os.open(f"/proc/1/fd/{fd}", os.O_RDWR))
attempt("prlimit", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (1, 1)))
attempt("affinity", lambda: os.sched_setaffinity(1, {0}))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
    try: os.kill(1, number)
    except OSError: pass
"""
)
_RIGHTS = (
    _ATTEMPT
    + """
attempt("setuid", lambda: os.setuid(0) if os.getuid() else -1)
attempt("setgid", lambda: os.setgid(0) if os.getgid() else -1)
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    attempt(f"unshare {flag:x}", lambda: libc.unshare(flag))
    call(f"clone {flag:x}", 56, 220, flag | 17, 0, 0, 0, 0)
attempt("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
attempt("remount", lambda: libc.mount(None, b"/", None, 32, None))
attempt("chroot", lambda: os.chroot("/tmp"))
attempt("setns", lambda: libc.setns(os.open("/proc/self/ns/net", os.O_RDONLY), 0))
attempt("device", lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)))
"""
)
_DOORS = (
    _ATTEMPT
    + """
memory = ctypes.create_string_buffer(4096)
call("io_uring", 425, 425, 8, memory)
call("bpf", 321, 280, 0, memory, 72)
call("perf_event_open", 298, 241, memory, 0, -1, -1, 0)
call("userfaultfd", 323, 282, 0)
call("keyctl", 250, 219, 0, -3, 1)
call("add_key", 248, 217, b"user", b"name", b"x", 1, -3)
call("shmget", 29, 194, 0, 4096, 0o1600)
call("semget", 64, 190, 0, 1, 0o1600)
call("msgget", 68, 186, 0, 0o1600)
call("mq_open", 240, 180, b"name", 0o102, 0o600, None)
call("memfd_create", 319, 279, b"x", 0)
call("vmsplice", 278, 75, 1, memory, 1, 0)
"""
)
_WRITES = (
    _ATTEMPT
    + """
for place in "/ /usr /etc /dev /dev/shm /dev/mqueue /run /var/tmp /proc /sys /proc/1/root/tmp".split():
    attempt("wrote to " + place, lambda: os.open(place + "/alphasolve_doctor", os.O_CREAT | os.O_WRONLY))
attempt("core_pattern", lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))  # not written
for folder, folders, files in os.walk("/usr"):
    for name in folders:
        if os.access(os.path.join(folder, name), os.W_OK): print("may write to", folder, name)
"""
)
_SEARCH = """
import os, sys
needles = [line.encode() for line in sys.stdin.read().splitlines() if line]
for folder in ("/etc", "/root", "/home", "/run", "/proc/self", "/proc"):
    for name in os.listdir(folder) if os.access(folder, os.R_OK) else ():
        path = folder + "/" + name
        if name in ("exe", "mem", "kcore", "kmsg", "pagemap") or name[:5] == "kpage": continue
        if not os.path.isfile(path): continue
        try: text = open(path, "rb").read(1 << 18)
        except OSError: continue
        for needle in needles:
            if needle in text: print(path, "names", needle.decode())
extra = set(os.environ) - set("PATH HOME HOSTNAME LANG LC_CTYPE LC_ALL PYTHONHASHSEED PWD".split())
extra = [n for n in extra if not (n.startswith(("PYTHON", "GPG")) or n.endswith("_NUM_THREADS"))]  # of an image
if extra: print("environment", sorted(extra))
"""
_INPUT = """
import mmap, os
def attempt(name, action):
    try: action(); print(name)
    except (OSError, ValueError): pass
attempt("write", lambda: os.write(0, b"x"))
attempt("truncate", lambda: os.ftruncate(0, 1))
attempt("map", lambda: mmap.mmap(0, 0))
attempt("reopen", lambda: os.write(os.open("/proc/self/fd/0", os.O_RDWR), b"x"))
if os.read(0, 100) != b"as given": print("changed")
"""
