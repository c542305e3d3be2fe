import os
import time

for _ in range(20):
    if os.fork() == 0:
        data = bytearray(os.urandom(1 << 10)) * (26 << 10)
        time.sleep(3600)
time.sleep(3600)
