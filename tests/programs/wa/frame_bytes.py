import sys

sys.stdout.buffer.write(b"aR01" + bytes(60) + b"42\n")
