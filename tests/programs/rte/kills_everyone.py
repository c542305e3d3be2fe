import os
import signal

for target in (1, 0, -1):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
raise SystemExit(1)
