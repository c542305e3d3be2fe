# Row 25: children that keep every stream open do not hold the answer up.
import os
import time

for _ in range(5):
    if os.fork() == 0:
        time.sleep(3600)
print(int(input()) * 2)
