# Row 20: whatever it tells process 1 and everybody, only processes of its own may end.
import os
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
for number in range(1, 65):
    for send, target in ((os.kill, 1), (os.killpg, 1)):
        try:
            send(target, number)
            if number not in (signal.SIGSTOP,):
                print("reached", send.__name__, number)
        except OSError:
            pass
try:
    signal.pidfd_send_signal(os.pidfd_open(1), signal.SIGKILL)
    print("reached by pidfd")
except OSError:
    pass
