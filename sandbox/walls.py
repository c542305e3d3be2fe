"""Probes that look at one wall each, and fail when that one alone is gone.

A wall that stands behind another is not felt by a program that tries to get through: the filter of a run hides
what the container's profile would refuse, and the user of a run hides what its capabilities would forbid. So these
probes ask who refused, read what the kernel says of a process, or look from outside (`outer_walls`). What they
expect is written down here a second time, on purpose: a wall that is taken out of its own module is missed here.

Not covered: whether a wall is enough (`promises`); the walls of the host's side, such as the codec (`tests/`).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from sandbox import doors
from sandbox.outer_walls import NO_PROFILE, outer_walls
from sandbox.probe import KERNEL, LIMITS, Probe, unfiltered
from sandbox.slot import OuterView
from sandbox.types import Limits, RunJob, RunResult

_NO_BOUND = {"bwrap": "bubblewrap leaves the bound as it was: without new privileges nothing is gained from it"}
_DOCKERS_DEVICES = {"docker": "Docker makes its own /dev, with nothing in it that a run may write to"}
_BWRAPS_SHARE = {"bwrap": "no group of processes limits the supervisor to a part of a core"}
_DOCKERS_CHOICE = {"docker": "Docker decides by its version of cgroups"}


def _host_file() -> Path:
    """A file of this host that no slot and no image has, outside of the folders that a slot has of its own."""
    module = Path(__file__).resolve()
    places = (module, Path("/etc/machine-id"), Path("/etc/fstab"))
    return next((place for place in places if place.exists() and not place.is_relative_to("/tmp")), module)


def walls() -> list[Probe]:
    """A probe of each wall, from the innermost to the outermost."""
    one_user = {"bwrap": "without root all runs of a slot share one user"} if os.geteuid() != 0 else {}
    is_told = Path("/proc/sys/kernel/ns_last_pid").exists()
    no_count = {} if is_told else dict.fromkeys(("docker", "bwrap"), "the kernel does not tell the last number")
    return [
        *(
            Probe(f"filter: {wall}", (RunJob(doors.KNOCKING, calls),), not_on=unfiltered())
            for wall, calls in doors.FILTERED.items()
        ),
        Probe("filter: 32-bit calls", (RunJob(_IN_A_THREAD + _CALL_OF_32_BITS),), _is_killed, not_on=unfiltered()),
        Probe("filter: another number space", (RunJob(_IN_A_THREAD + _CALL_OF_X32),), _is_killed,
              not_on=unfiltered()),
        Probe("profile: calls outside its list", (RunJob(doors.TRYING, doors.UNLISTED),), not_on=NO_PROFILE),
        Probe("a run has no capabilities", _see(_CAPABILITIES)),
        Probe("capabilities have a bound", _see(_BOUND), not_on=_NO_BOUND),
        Probe("a run has a user of its own", _see(_USER) * 3, _differ, not_on=one_user),
        Probe("users are taken at random", _see(_USER) * 4, _at_random, not_on=one_user),
        Probe("process numbers tell nothing", (*_see(_NUMBER), *_see(_CHILDREN), *_see(_NUMBER)), _far_apart,
              not_on=no_count),
        Probe("nothing counts over runs", _see(_COUNTERS)),
        Probe("a run has no groups", _see(_GROUPS)),
        Probe("a run gains no privileges", _see(_PRIVILEGES)),
        Probe("a run has limits of its own", _see(_RLIMITS)),
        Probe("a run gives way to process 1", _see(_URGENCY), not_on=_BWRAPS_SHARE),
        Probe("a run has no files but its own", _see(_DESCRIPTORS)),
        Probe("scratch is emptied in place", (RunJob(_WHERE + _LITTER), RunJob(_WHERE)), _same),
        Probe("a slot is thrown away when it must be",
              (RunJob(_WHERE), RunJob(_SWARM, limits=Limits(cpu_s=5, wall_s=30)), RunJob(_WHERE)),
              lambda results: _differ(results[::2]), not_on=no_count),
        Probe("trusted jobs have slots apart", (RunJob(_WHERE), RunJob(_WHERE, trusted=True)), _differ),
        Probe("process 1 is the supervisor", _see(_PARENT), outer_breach=_first_breach),
        Probe("process 1 ignores signals", _see(_IGNORED)),
        Probe("the root is read-only", _see(_ROOT), remedy=KERNEL),
        Probe("the root is not the host's", (RunJob(_HOST_ROOT, str(_host_file())),)),
        Probe("devices are few", _see(_DEVICES), not_on=_DOCKERS_DEVICES),
        Probe("scratch is small", _see(_SCRATCH)),
        Probe("scratch holds few files", _see(_INODES),
              not_on={"bwrap": "bubblewrap has no such limit: files count as memory"}),
        Probe("no network interfaces", _see(_INTERFACES)),
        Probe("namespaces of its own", (RunJob(_NAMESPACES, _namespaces("pid", "net", "ipc", "uts", "mnt")),)),
        Probe("a cgroup namespace of its own", (RunJob(_NAMESPACES, _namespaces("cgroup")),),
              not_on=_DOCKERS_CHOICE),
        Probe("no name servers", _see(_NAME_SERVERS)),
        *outer_walls(),
    ]  # fmt: skip


def _see(program: str) -> tuple[RunJob]:
    """One run of a program that says nothing where its wall stands."""
    return (RunJob(_STATUS + program, limits=LIMITS),)


def _namespaces(*kinds: str) -> str:
    """Those of this process, which a slot must not share, in the kernel's words; "" where that is not Linux."""
    own = Path("/proc/self/ns")
    return "\n".join(f"{kind} {(own / kind).readlink()}" for kind in kinds if os.path.lexists(own / kind))


def _is_killed(results: Sequence[RunResult]) -> str:
    """By the filter, which ends the process; a profile ends a thread, and a kernel may have no such calls."""
    (result,) = results
    return (
        "" if result.signal in (signal.SIGSYS, signal.SIGSEGV) else f"ended with {result.status}: {result.stdout}"
    )


def _differ(results: Sequence[RunResult]) -> str:
    """Not all programs said the same; two by chance may."""
    outputs = [result.stdout for result in results]
    if "" in outputs:
        return f"a probe said nothing: {results[outputs.index('')].stderr.strip()[-200:]}"
    return "" if len({*outputs}) > 1 else f"the same in all runs: {outputs[0].strip()}"


def _at_random(results: Sequence[RunResult]) -> str:
    """The numbers that the programs said do not go up by the same step."""
    steps = {after - before for before, after in pairwise(map(_number, results))}
    return "" if len(steps) > 1 else f"each is {steps.pop()} after the one before"


def _far_apart(results: Sequence[RunResult]) -> str:
    """The last number does not tell how many processes the second program had."""
    before, _, after = map(_number, results)
    return (
        f"{before}, and {after} after {_CHILD_COUNT} processes" if 0 <= after - before <= 2 * _CHILD_COUNT else ""
    )


def _number(result: RunResult) -> int:
    """What a program said; -1 where that is no number."""
    text = result.stdout.strip()
    return int(text) if text.isdecimal() else -1


def _same(results: Sequence[RunResult]) -> str:
    """They say that they were in the same slot."""
    places = {result.stdout for result in results}
    is_same = len(places) == 1 and all(text.startswith("pid:[") for text in places)
    return "" if is_same else "the slot was thrown away for a few files"


def _first_breach(view: OuterView) -> str:
    return "" if view.first_process == 1 else f"the supervisor is process {view.first_process}"


_STATUS = r"""
import os, stat
def status(process):
    lines = open(f"/proc/{process}/status").read().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)
me, first = status("self"), status(1)
"""
_CAPABILITIES = """
for kind in ("CapPrm", "CapEff", "CapAmb"):
    if int(me[kind], 16): print("a run has", kind, me[kind])
    if int(first[kind], 16) & ~0xe0: print("process 1 has", kind, first[kind])  # more than kill, setuid, setgid
"""
_BOUND = """
if int(me["CapBnd"], 16) & ~0xe0: print("a run may gain", me["CapBnd"])
"""
_USER = """
if 0 not in os.getresuid() + os.getresgid() and len({*os.getresuid(), *os.getresgid()}) == 1: print(os.getuid())
"""
_CHILD_COUNT = 30
_NUMBER = """
print(os.getpid())
"""
_CHILDREN = f"""
for _ in range({_CHILD_COUNT}):
    if os.fork() == 0: os._exit(0)
    os.wait()
"""
_SWARM = """
import os
for _ in range(600):
    if os.fork() == 0: os._exit(0)
    os.wait()
"""
_COUNTERS = """
paths = ["/proc/stat", "/proc/loadavg"]
for name in ("memory.max_usage_in_bytes", "cpuacct.usage", "memory.peak", "cpu.stat", "pids.peak"):
    paths += [f"/sys/fs/cgroup/{folder}{name}" for folder in ("", "memory/", "cpuacct/", "cpu,cpuacct/", "pids/")]
for path in paths:
    try:
        if open(path).read(): print(path)
    except OSError: pass
"""
_GROUPS = """
if os.getgroups(): print("groups", os.getgroups())
"""
_PRIVILEGES = """
for name, process in (("a run", me), ("process 1", first)):
    if process["NoNewPrivs"].strip() != "1": print(name, "may gain privileges")
"""
_RLIMITS = """
import resource
expected = dict(CPU=2, FSIZE=(1 << 16) + 1, AS=1024 << 20, NPROC=64, CORE=0, NOFILE=256, MEMLOCK=0, MSGQUEUE=0,
                SIGPENDING=256)
for name, most in expected.items():
    limits = resource.getrlimit(getattr(resource, "RLIMIT_" + name))
    if not all(0 <= limit <= most for limit in limits): print(name, limits)
"""
_URGENCY = """
own, others = (os.getpriority(os.PRIO_PROCESS, process) for process in (0, 1))
if own <= others: print("nice is", own, "and", others, "of process 1")
"""
_DESCRIPTORS = """
for fd in range(3, 1024):
    try: os.fstat(fd)
    except OSError: continue
    print("descriptor", fd)
"""
_WHERE = r"""
import os
stat = open("/proc/1/stat").read().rpartition(") ")[2].split()
print(os.readlink("/proc/self/ns/pid"), "since", stat[19])
"""
_LITTER = """
os.makedirs("/tmp/a/b"); open("/tmp/a/b/c", "w").close(); os.chmod("/tmp/a", 0); os.symlink("/", "/tmp/root")
"""
_PARENT = """
if os.getppid() != 1: print("the parent of a run is process", os.getppid())
"""
_IGNORED = """
ignored = int(first["SigIgn"], 16)
for number in (1, 2, 3, 13, 15, 29):  # hangup, interrupt, quit, pipe, termination, input
    if not ignored >> number - 1 & 1: print("signal", number)
"""
_ROOT = """
for line in open("/proc/self/mountinfo").read().splitlines():
    before, _, after = line.partition(" - ")
    place, options, kind = *before.split()[4:6], after.split()[0]
    if "ro" in options.split(","): continue
    if place == "/tmp" or kind in ("proc", "devpts", "mqueue"): continue
    if kind in ("tmpfs", "devtmpfs") and not os.access(place, os.W_OK) and place != "/": continue
    if stat.S_ISCHR(os.stat(place).st_mode): continue
    print(place, "can be written")
"""
_HOST_ROOT = """
import os
path = input()
if os.path.exists(path): print("the host's", path, "is there")
"""
_DEVICES = """
extra = {*os.listdir("/dev")} - {*"fd full null random shm stderr stdin stdout urandom".split()}
if extra: print("devices", sorted(extra))
if not os.statvfs("/dev").f_flag & os.ST_RDONLY: print("/dev can be written")
"""
_SCRATCH = """
scratch = os.statvfs("/tmp")
size = scratch.f_blocks * scratch.f_frsize >> 20
if not 0 < size <= 64: print("scratch of", size, "MiB")
for name in ("NOSUID", "NODEV"):
    if not scratch.f_flag & getattr(os, "ST_" + name): print("scratch without", name.lower())
"""
_INODES = """
count = os.statvfs("/tmp").f_files
if not 0 < count <= 16384: print("scratch of", count, "files")
"""
_INTERFACES = """
names = {line.partition(":")[0].strip() for line in open("/proc/self/net/dev").read().splitlines()[2:]}
if names - {"lo"}: print("interfaces", sorted(names))
"""
_NAMESPACES = """
import os, sys
for line in sys.stdin:
    kind, outside = line.split()
    if os.readlink("/proc/self/ns/" + kind) == outside: print("the host's", kind)
"""
_NAME_SERVERS = """
path = "/etc/resolv.conf"
lines = open(path).read().splitlines() if os.path.exists(path) else []
for line in lines:
    if line.startswith(("nameserver", "search", "domain")) and line.split()[1:] not in (["127.0.0.1"], ["."], []):
        print(line)
"""
_IN_A_THREAD = """
import ctypes, mmap, os, signal, threading
if os.uname().machine != "x86_64": os.kill(os.getpid(), signal.SIGSEGV)  # there are no such doors
def call(action):
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(2)
    print("such a call came back" if not thread.is_alive() else "it ended a thread only")
"""
_CALL_OF_32_BITS = """
code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b814000000cd80c3"))  # eax = getpid; int 0x80; ret
call(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code))))
"""
_CALL_OF_X32 = """
call(lambda: ctypes.CDLL(None).syscall(0x40000000 | 39))
"""
