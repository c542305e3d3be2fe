"""What a candidate may not ask of the kernel: a seccomp filter, and the process switches that go with it.

Stdlib-only; its source is sent into the slot. The filter denies rather than allows: it stands behind the
container's own profile (`seccomp.json`), and is the only one in a bubblewrap slot. Numbers are those of the
kernel's tables for x86-64 and for the generic table that arm64 uses.

Not covered: other machines, where the filter is left out and the slot says so by failing its doctor check.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import signal
import struct

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JUMP, _JUMP_EQUAL, _JUMP_SET, _JUMP_GREATER_EQUAL, _RETURN = 0x20, 0x05, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020000
_AF_UNIX = 1
_UNBORN = 0x1000 | 0x800 | 0x400 | 0x200 | 0x100 | int(signal.SIGCHLD)
"""Flags of `skip_numbers`: with a handle, and sharing all that can be shared, so that nothing is copied."""
_NO_ADDRESS = 8
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20

KNOCK = 0x57A11ED
"""As the sixth argument of a call that the filter refuses, it asks who refuses."""
KNOCK_ANSWER = 3999
"""The error number that tells: this filter. The kernel itself has none so high, nor has a container's profile."""

# name: (x86-64, arm64); None where the machine has no such call
_DENIALS: dict[str, tuple[int | None, int | None]] = {
    # other processes' memory and state
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # objects that outlive a process
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # memory that belongs to no process, so that watching processes would not find it
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # memory of the kernel that no process owns and that stays: attributes of files, queues of their changes
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_mark": (301, 263),
    # the network; a pair of connected local sockets stays allowed
    "socket": (41, 198),
    "bind": (49, 200),
    "listen": (50, 201),
    "connect": (42, 203),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    # large kernel surfaces that a solution never needs
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "lookup_dcookie": (212, 18),
    "vmsplice": (278, 75),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
}
_CLONE, _CLONE3, _PRLIMIT, _SOCKETPAIR = (56, 220), (435, 435), (302, 261), (53, 199)
_MMAP, _SIGACTION, _MADVISE = (9, 222), (13, 134), (28, 233)
_MADV_COLLAPSE = 25
_GROUP = 12
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one through /proc or ptrace."""
    _prctl(_PR_SET_DUMPABLE, int(dumpable))


def is_dumpable() -> bool:
    """Whether they may."""
    return bool(_libc().prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 1)


def forbid_new_privileges() -> None:
    """No program started from here gains rights from its file."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def look_as(uid: int) -> None:
    """Let the files of /proc treat this process as user and group `uid`, while it stays who it is for all else.

    What the kernel tells of another process's memory it tells to the same user only, or to rights we gave up.
    """
    _libc().setfsgid(uid)
    _libc().setfsuid(uid)


def fork() -> int:
    """`os.fork` without the interpreter's hooks, for a process that has but one thread.

    The hooks renew locks that nobody can hold then, and write to two hundred pages, which the fork would copy.

    Raises:
        OSError: there is no room for another process.
    """
    pid = int(_libc().fork())
    if pid < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"fork: {os.strerror(code)}")
    return pid


def skip_numbers(count: int) -> None:
    """Give away `count` process numbers to nobody: each goes to a process that the kernel finds it cannot begin.

    It would have to put its handle where no memory of ours is. Where the kernel sees that first, nothing happens.
    """
    if not is_supported():
        return
    libc, number = _libc(), _CLONE[_MACHINES[os.uname().machine][0]]
    for _ in range(count):
        if libc.syscall(number, _UNBORN, None, ctypes.c_void_p(_NO_ADDRESS), None, None) != -1:
            raise AssertionError("a process without a handle was begun")


def prepare() -> None:
    """Work the filter out ahead, so that a fork finds it ready."""
    _filter()


def install_filter() -> None:
    """Put this process and its descendants under the filter, for good.

    Raises:
        OSError: the kernel refused it.
    """
    argument = _filter()
    if argument is not None:
        _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(argument))


def is_supported() -> bool:
    """Whether there is a filter for this machine."""
    return os.uname().machine in _MACHINES


class _Filter(ctypes.Structure):
    """The kernel's `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@functools.cache
def _libc() -> ctypes.PyDLL:
    # Not CDLL: that lets go of the interpreter's lock around every call, which a fork must not.
    library = ctypes.PyDLL(None, use_errno=True)
    library.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    return library


@functools.cache
def _filter() -> _Filter | None:
    program = _program(os.uname().machine)
    return None if program is None else _Filter(len(program) // 8, program)


def _prctl(option: int, first: int, second: int = 0) -> None:
    if _libc().prctl(option, first, second, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}): {os.strerror(code)}")


def _program(machine: str) -> bytes | None:
    """The filter in the kernel's instruction format; None on a machine that is not known.

    Of two filters that refuse a call the one installed last has the word, so its answer to a knock is heard in a
    container too, where the profile would refuse most of the same calls.
    """
    if machine not in _MACHINES:
        return None
    column, arch = _MACHINES[machine]
    deny, absent = _step(_RETURN, _ERRNO | errno.EPERM), _step(_RETURN, _ERRNO | errno.ENOSYS)
    code = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_EQUAL, arch, then=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_JUMP_GREATER_EQUAL, _X32, otherwise=1),
        _step(_RETURN, _KILL),
    ]
    # In groups that one step leads past: when it is installed, the kernel tries the filter on every call there is.
    denials = sorted(number for numbers in _DENIALS.values() if (number := numbers[column]) is not None)
    for start in range(0, len(denials), _GROUP):
        group = denials[start : start + _GROUP]
        code.append(_step(_JUMP_GREATER_EQUAL, group[-1] + 1, then=2 * len(group)))
        for number in group:
            code += [_step(_JUMP_EQUAL, number, otherwise=1), deny]
    code += [
        # glibc falls back to clone, whose flags a filter can read
        _step(_JUMP_EQUAL, _CLONE3[column], otherwise=1),
        absent,
        _step(_JUMP_EQUAL, _CLONE[column], otherwise=4),
        _step(_LOAD, _ARGUMENTS),
        _step(_JUMP_SET, _NEW_NAMESPACES, otherwise=1),
        deny,
        _step(_RETURN, _ALLOW),
        # limits of other processes: only the calling one, which is number 0
        _step(_JUMP_EQUAL, _PRLIMIT[column], otherwise=4),
        _step(_LOAD, _ARGUMENTS),
        _step(_JUMP_EQUAL, 0, then=1),
        deny,
        _step(_RETURN, _ALLOW),
        _step(_JUMP_EQUAL, _SOCKETPAIR[column], otherwise=4),
        _step(_LOAD, _ARGUMENTS),
        _step(_JUMP_EQUAL, _AF_UNIX, then=1),
        deny,
        _step(_RETURN, _ALLOW),
        # shared anonymous memory stays when its pages are dropped from every process
        _step(_JUMP_EQUAL, _MMAP[column], otherwise=5),
        _step(_LOAD, _ARGUMENTS + 3 * 8),
        _step(_JUMP_SET, _MAP_SHARED, otherwise=2),
        _step(_JUMP_SET, _MAP_ANONYMOUS, otherwise=1),
        deny,
        _step(_RETURN, _ALLOW),
        # a huge page in place of small shared ones comes without the page faults by which copies are noticed
        _step(_JUMP_EQUAL, _MADVISE[column], otherwise=4),
        _step(_LOAD, _ARGUMENTS + 2 * 8),
        _step(_JUMP_EQUAL, _MADV_COLLAPSE, otherwise=1),
        deny,
        _step(_RETURN, _ALLOW),
        # a process that ignores the end of its children makes their CPU time vanish; asking is allowed
        _step(_JUMP_EQUAL, _SIGACTION[column], otherwise=7),
        _step(_LOAD, _ARGUMENTS),
        _step(_JUMP_EQUAL, signal.SIGCHLD, otherwise=5),
        _step(_LOAD, _ARGUMENTS + 8),
        _step(_JUMP_EQUAL, 0, otherwise=2),
        _step(_LOAD, _ARGUMENTS + 12),
        _step(_JUMP_EQUAL, 0, then=1),
        deny,
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(_with_knocks(_with_knocks(code, deny), absent))


def _with_knocks(code: list[bytes], refusal: bytes) -> list[bytes]:
    """The same filter, whose refusals of that kind look for a knock first; they share one end."""
    end = len(code)
    jumps = [_step(_JUMP, end - place - 1) if step == refusal else step for place, step in enumerate(code)]
    return [
        *jumps,
        _step(_LOAD, _ARGUMENTS + 5 * 8),
        _step(_JUMP_EQUAL, KNOCK, otherwise=1),
        _step(_RETURN, _ERRNO | KNOCK_ANSWER),
        refusal,
    ]


def _step(operation: int, operand: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", operation, then, otherwise, operand)
