# Rows 27 and 44: system calls that open large parts of the kernel, or make objects that outlive a process.
import ctypes
import errno
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
x86 = os.uname().machine == "x86_64"
memory = ctypes.create_string_buffer(4096)
own = os.open("own", os.O_CREAT | os.O_RDWR)
CALLS = {
    "io_uring_setup": (425, 425, (8, memory)),
    "bpf": (321, 280, (0, memory, 72)),
    "perf_event_open": (298, 241, (memory, 0, -1, -1, 0)),
    "userfaultfd": (323, 282, (0,)),
    "add_key": (248, 217, (b"user", b"name", b"x", 1, -3)),
    "request_key": (249, 218, (b"user", b"name", None, -3)),
    "keyctl": (250, 219, (0, -3, 1)),
    "shmget": (29, 194, (0, 4096, 0o1600)),
    "semget": (64, 190, (0, 1, 0o1600)),
    "msgget": (68, 186, (0, 0o1600)),
    "mq_open": (240, 180, (b"alphasolve", 0o102, 0o600, None)),
    "memfd_create": (319, 279, (b"x", 0)),
    "personality": (135, 92, (0x0040000,)),
    "kcmp": (312, 272, (os.getpid(), 1, 0, 0, 0)),
    "fanotify_init": (300, 262, (0, 0)),
    "open_by_handle_at": (304, 265, (-100, memory, 0)),
    "name_to_handle_at": (303, 264, (-100, b"/", memory, memory, 0)),
    "seccomp": (317, 277, (1, 0, memory)),
    "syslog": (103, 116, (3, memory, 4096)),
    "clock_settime": (227, 112, (0, memory)),
    "acct": (163, 89, (None,)),
    "sched_setattr": (314, 274, (1, memory, 0)),
    "vmsplice": (278, 75, (1, memory, 1, 0)),
    "setxattr": (188, 5, (b"own", b"user.x", memory, 64, 0)),
    "lsetxattr": (189, 6, (b"own", b"user.x", memory, 64, 0)),
    "fsetxattr": (190, 7, (own, b"user.x", memory, 64, 0)),
    "setxattrat": (463, 463, (-100, b"own", 0, b"user.x", memory, 16)),
    "madvise(MADV_COLLAPSE)": (28, 233, (ctypes.c_void_p(ctypes.addressof(memory) & ~4095), 4096, 25)),
    "inotify_init": (253, 26, (0,)),
    "inotify_init1": (294, 26, (0,)),
    "inotify_add_watch": (254, 27, (-1, b".", 2)),
}
for name, (here, there, arguments) in CALLS.items():
    ctypes.set_errno(0)
    result = libc.syscall(here if x86 else there, *arguments)
    if result != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.EACCES):
        print(name, result, errno.errorcode.get(ctypes.get_errno()))
try:
    mmap.mmap(-1, 4096)
    print("shared anonymous memory")
except OSError:
    pass
for place in ("/dev/mqueue", "/dev", "/dev/pts", "/run", "/var/tmp"):
    try:
        open(place + "/alphasolve_escaped", "w").close()
        print("made a file in", place)
    except OSError:
        pass
