# Row 44: the other door into the kernel, where numbers mean other calls. Also refused: its own number space, x32.
import ctypes
import mmap
import os

if os.uname().machine != "x86_64":
    raise SystemExit(1)
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(0x40000000 | 39) != -1:
    raise SystemExit(0)
code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # eax = getpid; int 0x80; ret
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
ctypes.CFUNCTYPE(ctypes.c_int)(address)()
