# Children that take no new memory: each writes to every page that it has from the fork, and so has a copy of its own.
import os
import time


def rewrite():
    memory = os.open("/proc/self/mem", os.O_RDWR)
    for line in open("/proc/self/maps").read().splitlines():
        span, rights = line.split()[:2]
        if rights == "rw-p" and "[v" not in line:
            start, end = (int(bound, 16) for bound in span.split("-"))
            for page in range(start, end, 4096):
                try:
                    os.pwrite(memory, os.pread(memory, 1, page), page)
                except OSError:
                    break


for _ in range(40):
    if os.fork() == 0:
        rewrite()
        time.sleep(3600)
time.sleep(3600)
