import signal
import sys

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
while True:
    try:
        sys.stdout.write("x" * 1000)
        sys.stdout.flush()
    except OSError:
        break
