# Links that lead nowhere: each keeps the way there, up to four kilobytes, in memory of the kernel.
import os

os.mkdir("many")
os.chdir("many")
for number in range(10**6):
    os.symlink("a" * 4000, str(number))
