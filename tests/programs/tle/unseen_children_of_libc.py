# Row 31: as unseen_children.py, past Python's own functions, and with the flag that says the same as ignoring.
import ctypes
import os
import signal
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
libc.signal(signal.SIGCHLD, 1)
action = (ctypes.c_ulong * 20)()
action[17] = 2  # SA_NOCLDWAIT, after the handler and a set of 1,024 signals
libc.sigaction(signal.SIGCHLD, action, None)
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
