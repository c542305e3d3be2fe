# Row 45: a program of its own, in machine code, is as confined as Python is. It exits with 77 if it gets a socket.
import os
import struct

CODE = bytes.fromhex(
    "bf02000000 be01000000 31d2 b829000000 0f05"  # socket(AF_INET, SOCK_STREAM, 0)
    "bf2a000000 85c0 7805 bf4d000000 b83c000000 0f05".replace(" ", "")  # exit(rax < 0 ? 42 : 77)
)
if os.uname().machine != "x86_64":
    raise SystemExit(42)
base, header = 0x400000, 64 + 56
elf = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, base + header, 64, 0, 0, 64, 56, 1, 0, 0, 0)
elf += struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, header + len(CODE), header + len(CODE), 4096) + CODE
with open("/tmp/program", "wb") as file:
    file.write(elf)
os.chmod("/tmp/program", 0o700)
try:
    os.execv("/tmp/program", ["program"])
except PermissionError:
    raise SystemExit(42)
