# Row 35: folders deeper than any path may be long, some of them closed.
import os

for depth in range(800):
    os.mkdir("a folder with a rather long name")
    os.chdir("a folder with a rather long name")
os.chmod(".", 0)
