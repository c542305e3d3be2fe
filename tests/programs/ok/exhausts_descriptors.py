# Row 41: descriptors, pipes and watches run out for it alone.
import os
import select

held = []
try:
    while True:
        held += os.pipe()
except OSError as error:
    print(error.errno)
for fd in held[:8]:
    os.close(fd)
try:
    while True:
        held.append(select.epoll())
except OSError as error:
    print(error.errno)
