# Row 23: no way to other users, namespaces, mounts or roots.
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"


def attempt(name, action):
    try:
        if action() != -1:
            print(name)
    except OSError:
        pass


attempt("setuid", lambda: os.setuid(0))
attempt("setresuid", lambda: os.setresuid(0, 0, 0))
attempt("setgid", lambda: os.setgid(0))
attempt("setgroups", lambda: os.setgroups([0]))
attempt("another user", lambda: os.setuid(os.getuid() + 1))
for flag in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    attempt(f"unshare {flag:x}", lambda flag=flag: libc.unshare(flag))
    if flag > 0xFF:
        attempt(f"clone {flag:x}", lambda flag=flag: libc.syscall(56 if x86 else 220, flag | 17, 0, 0, 0, 0))
attempt("clone3", lambda: libc.syscall(435, ctypes.create_string_buffer(88), 88))
for name in ("net", "mnt", "pid", "user", "ipc"):
    attempt(f"setns {name}", lambda name=name: libc.setns(os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0))
attempt("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
attempt("remount", lambda: libc.mount(None, b"/", None, 32, None))
attempt("umount", lambda: libc.umount2(b"/tmp", 2))
attempt("open_tree", lambda: libc.syscall(428, -100, b"/", 1))
attempt("fsopen", lambda: libc.syscall(430, b"tmpfs", 0))
attempt("pivot_root", lambda: libc.syscall(155 if x86 else 41, b"/tmp", b"/tmp"))
attempt("chroot", lambda: os.chroot("/tmp"))
attempt("mknod", lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)))
attempt("sethostname", lambda: libc.sethostname(b"mine", 4))
attempt("chown", lambda: os.chown("/usr", os.getuid(), os.getgid()))
attempt("chmod", lambda: os.chmod("/usr", 0o777))
