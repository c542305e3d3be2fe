# Row 31: every burner is an orphan before it begins.
import os
import time

while True:
    if os.fork() == 0:
        if os.fork() == 0:
            end = time.perf_counter() + 0.01
            while time.perf_counter() < end:
                pass
        os._exit(0)
    os.wait()
