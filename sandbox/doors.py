"""Every system call that a run is refused, and programs that find out who refuses it.

Most of these calls are refused by the kernel, too, to a process without capabilities, or by the profile of a
container. So a program knocks (`syscalls.KNOCK`): only the filter of a run answers that. These numbers are here a
second time, on purpose: a rule that is taken out of `syscalls` is missed here.
"""

from __future__ import annotations

from sandbox import syscalls

FILTERED = {
    "other processes' memory": """
        ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
        process_mrelease 448 448, pidfd_getfd 438 438, kcmp 312 272
    """,
    "other processes' time and place": """
        sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274, sched_setaffinity 203 122,
        setpriority 141 140, ioprio_set 251 30, migrate_pages 256 238, move_pages 279 239
    """,
    "other processes' limits": """
        prlimit64 302 261 1
    """,
    "children's ends": """
        rt_sigaction 13 134 17 -1 0 8
    """,
    "System V objects": """
        shmget 29 194, shmat 30 196, shmctl 31 195, semget 64 190, semctl 66 191, semop 65 193,
        semtimedop 220 192, msgget 68 186, msgctl 71 187, msgsnd 69 189, msgrcv 70 188
    """,
    "message queues": """
        mq_open 240 180, mq_unlink 241 181
    """,
    "keys": """
        add_key 248 217, request_key 249 218, keyctl 250 219
    """,
    "files in memory": """
        memfd_create 319 279, memfd_secret 447 447
    """,
    "memory of the kernel": """
        setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, setxattrat 463 463, inotify_init 253 -,
        inotify_init1 294 26, inotify_add_watch 254 27, fanotify_mark 301 263
    """,
    "shared memory of nobody": """
        mmap 9 222 0 4096 3 0x21 -1, mmap 9 222 0 4096 3 0x23 -1
    """,
    "copies without page faults": """
        madvise 28 233 4096 4096 25
    """,
    "sockets": """
        socket 41 198, bind 49 200, listen 50 201, connect 42 203, socketpair 53 199 2 1,
        socketpair 53 199 10 1, socketpair 53 199 16 1, socketpair 53 199 17 1
    """,
    "namespaces": """
        unshare 272 97, setns 308 268, clone3 435 435 0, clone 56 220 0x20000, clone 56 220 0x2000000,
        clone 56 220 0x4000000, clone 56 220 0x8000000, clone 56 220 0x10000000, clone 56 220 0x20000000,
        clone 56 220 0x40000000
    """,
    "mounts": """
        mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, move_mount 429 429, open_tree 428 428,
        fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442
    """,
    "files by handle": """
        name_to_handle_at 303 264, open_by_handle_at 304 265, fanotify_init 300 262
    """,
    "io_uring": """
        io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427
    """,
    "bpf": """
        bpf 321 280
    """,
    "perf": """
        perf_event_open 298 241
    """,
    "userfaultfd": """
        userfaultfd 323 282
    """,
    "rare calls": """
        seccomp 317 277, landlock_create_ruleset 444 444, personality 135 92, modify_ldt 154 -, iopl 172 -,
        ioperm 173 -, lookup_dcookie 212 18, vmsplice 278 75, quotactl 179 60, acct 163 89, swapon 167 224,
        swapoff 168 225, syslog 103 116, reboot 169 142, kexec_load 246 104, kexec_file_load 320 294,
        init_module 175 105, finit_module 313 273, delete_module 176 106, clock_settime 227 112,
        clock_adjtime 305 266, settimeofday 164 170, adjtimex 159 171, sethostname 170 161,
        setdomainname 171 162, vhangup 153 58
    """,
}
"""Calls that the filter of a run refuses, by what they lead to: each a name, its number on x86-64 and on arm64,
"-" where there is none, and its arguments."""
UNLISTED = """
    mbind 237 235, set_mempolicy 238 237, get_mempolicy 239 236, io_setup 206 0, io_destroy 207 1,
    io_getevents 208 4, remap_file_pages 216 234, mq_timedsend 242 182, mq_notify 244 184, sysfs 139 -,
    ustat 136 -, landlock_restrict_self 446 446
"""
"""Calls that the filter lets through and a container's profile does not list; the kernel itself would answer that
the arguments are wrong."""

_CALLS = """
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
column = 1 if os.uname().machine == "x86_64" else 2
def calls(*last):
    for entry in sys.stdin.read().split(","):
        words = entry.split()
        if words[column] == "-": continue
        arguments = ([int(word, 0) for word in words[3:]] or [-1] * 5) + [0] * 5
        ctypes.set_errno(0)
        yield entry, libc.syscall(*map(ctypes.c_long, (int(words[column], 0), *arguments[:5], *last)))
"""
KNOCKING = (
    _CALLS
    + f"""
for entry, result in calls({syscalls.KNOCK}):
    if result == -1 and ctypes.get_errno() == {syscalls.KNOCK_ANSWER}: continue
    if result == 0 and entry.split()[0].startswith("clone"): os._exit(0)  # the child of a clone that worked
    print("the filter lets through", " ".join(entry.split()))
"""
)
TRYING = (
    _CALLS
    + """
for entry, result in calls(-1):
    if result != -1 or ctypes.get_errno() != errno.EPERM: print("let through:", " ".join(entry.split()))
"""
)
