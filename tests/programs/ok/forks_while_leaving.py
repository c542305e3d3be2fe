# Row 26: a child forks on while its parent leaves.
import os
import time

if os.fork() == 0:
    while True:
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            pass
time.sleep(0.02)
