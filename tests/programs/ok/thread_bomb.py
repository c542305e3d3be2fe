# Row 26: threads run out for it alone.
import threading
import time

threading.stack_size(64 << 10)
started = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(0.1,)).start()
        started += 1
except RuntimeError:
    print(started < 100)
