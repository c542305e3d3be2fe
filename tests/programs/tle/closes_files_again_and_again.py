# Row 41: makes and drops timers, pipes and watches as fast as it can.
import os
import select
import signal

while True:
    read, write = os.pipe()
    poll = select.epoll()
    poll.register(read, select.EPOLLIN)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    poll.close()
    os.close(read)
    os.close(write)
