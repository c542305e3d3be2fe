# Row 31: asks the kernel to forget children as they end, so that nobody is told of their CPU time.
import os
import signal
import time

try:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
except OSError:
    pass
while True:
    if os.fork() == 0:
        end = time.perf_counter() + 0.004
        while time.perf_counter() < end:
            pass
        os._exit(0)
    try:
        os.wait()
    except OSError:
        pass
