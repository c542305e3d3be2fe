import sys

assert sys.stdin.read() == "21\n"
assert sys.stdin.read() == ""
print("done")
