"""Probes that try to break what docs/security.md promises, from inside a slot.

Covered: outcomes, as far as a minute of trying shows. Not covered: which wall it was that held (`walls`), exploits
of the kernel, timing side channels, several slots at once; `tests/` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox import cgroup
from sandbox.probe import KERNEL, LIMITS, SETUP, Probe, ends, silent, unfiltered
from sandbox.types import CallJob, CallResult, Limits, Opaque, RunJob, RunResult, Status

_TIGHT = Limits(cpu_s=3, memory_mb=64, output_bytes=1 << 16, wall_s=15)
_IMPATIENT = Limits(cpu_s=0.3, wall_s=0.5)


def promises() -> list[Probe]:
    """A probe of each promise, in the order of docs/security.md."""
    return [
        Probe("a pass cannot be forged", _FORGERS, _forgery, SETUP),
        Probe("one run does not see another", (RunJob(_LEAVE), RunJob(_LOOK)), silent, SETUP),
        Probe("nothing stays behind", (RunJob(_LINGER), RunJob(_LOOK)), silent, SETUP),
        Probe("CPU time is limited", (RunJob("while True: pass", limits=LIMITS),), ends(Status.TLE), KERNEL),
        Probe("children's CPU time counts", (RunJob(_CHILDREN, limits=LIMITS),), ends(Status.TLE, cpu_s=1.5),
              KERNEL),
        Probe("sleepers are ended", (RunJob("while True: pass", limits=LIMITS),
                                     RunJob("import time; time.sleep(60)", limits=_IMPATIENT)),
              lambda results: ends(Status.IDLE)(results[1:]), KERNEL),
        Probe("memory is limited", (RunJob(_GROWTH, limits=_TIGHT),),
              ends(Status.MLE, cpu_s=3.5, rss_mb=180), KERNEL),
        Probe("children's memory counts", (RunJob(_BROOD, limits=_TIGHT),), ends(Status.MLE, cpu_s=3.5), KERNEL),
        Probe("children's copies count", (RunJob(_COPIES, limits=_TIGHT),), ends(Status.MLE, cpu_s=3.5), KERNEL),
        Probe("the kernel's memory counts", (RunJob(_BUFFERS, limits=_TIGHT),),
              ends(Status.MLE, Status.TLE, cpu_s=5),
              "give Docker the memory cgroup (boot with cgroup_enable=memory)",
              {} if cgroup.find_parents() else {"bwrap": "no control group can be made here: buffers of sockets "
                                                "and pipes are limited per user, not counted"}),
        Probe("output is limited", (RunJob("while True: print('x' * 9999)", limits=LIMITS),), ends(Status.OLE),
              KERNEL),
        Probe("processes are limited", (RunJob(_BOMB, limits=LIMITS), RunJob(_LOOK)),
              lambda results: silent(results[1:]), KERNEL),
        Probe("files are limited", (RunJob(_FILES, limits=Limits(cpu_s=3, wall_s=20)),), _limited, SETUP),
        Probe("no network", (RunJob(_NETWORK),), silent, SETUP),
        Probe("the supervisor cannot be reached", (RunJob(_SUPERVISOR),), silent, SETUP, unfiltered()),
        Probe("no other user, namespace or root", (RunJob(_RIGHTS),), silent, KERNEL, unfiltered()),
        Probe("the kernel's rare doors are shut", (RunJob(_DOORS),), silent, KERNEL, unfiltered()),
        Probe("only scratch can be written", (RunJob(_WRITES),), silent, SETUP),
        Probe("the host stays out of sight", (RunJob(_SEARCH, _needles()),), silent, SETUP),
        Probe("input cannot be changed", (RunJob(_INPUT, "as given"),), silent, SETUP),
    ]  # fmt: skip


def _limited(results: Sequence[RunResult]) -> str:
    """Each met a wall that it could tell, or was ended at one."""
    return "" if all(result.status is Status.MLE for result in results) else silent(results)


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
for name in ("memory.max_usage_in_bytes", "cpuacct.usage", "memory.peak", "cpu.stat", "pids.peak"):
    for folder in ("", "memory/", "cpuacct/", "cpu,cpuacct/"):
        try: counted = open("/sys/fs/cgroup/" + folder + name).read()
        except OSError: continue
        if counted: print("what all runs used is told:", name)
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
_GROWTH = """
import time
held = []
while True: held.append("x" * 10**6 + str(len(held))); time.sleep(0.001)
"""
_BROOD = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        data = bytearray(os.urandom(1 << 10)) * (10 << 10)
        time.sleep(3600)
time.sleep(3600)
"""
_COPIES = """
import os, signal, time
def copy():  # write to every page that came with the fork
    memory = os.open("/proc/self/mem", os.O_RDWR)
    for line in open("/proc/self/maps").read().splitlines():
        span, rights = line.split()[:2]
        if rights != "rw-p" or "[v" in line: continue
        start, end = (int(bound, 16) for bound in span.split("-"))
        for page in range(start, end, 4096):
            try: os.pwrite(memory, os.pread(memory, 1, page), page)
            except OSError: break
done, tell = os.pipe()
for _ in range(20):
    if os.fork() == 0:
        copy(); os.write(tell, b"x"); signal.pause()
for _ in range(20): os.read(done, 1)
time.sleep(0.5)
"""
_BUFFERS = """
import os, signal, socket, time
done, tell = os.pipe()
data = bytes(1 << 16)
for _ in range(12):
    if os.fork() == 0:
        held = []
        while True:
            try:
                held.append(socket.socketpair())
                for end in held[-1]:
                    end.setblocking(False)
                    try:
                        while True: end.send(data)
                    except BlockingIOError: pass
            except OSError: os.write(tell, b"x"); signal.pause()
for _ in range(12): os.read(done, 1)
time.sleep(0.5)
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
own = os.open("/tmp/own", os.O_CREAT | os.O_RDWR)
call("setxattr", 188, 5, b"/tmp/own", b"user.x", memory, 64, 0)
call("lsetxattr", 189, 6, b"/tmp/own", b"user.x", memory, 64, 0)
call("fsetxattr", 190, 7, own, b"user.x", memory, 64, 0)
call("inotify_init1", 294, 26, 0)
"""
)
_WRITES = (
    _ATTEMPT
    + """
for place in "/ /usr /etc /dev /dev/mqueue /run /var/tmp /proc /sys /proc/1/root/tmp".split():
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
