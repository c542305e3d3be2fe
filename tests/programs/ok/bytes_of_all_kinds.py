import sys

sys.stdout.buffer.write(bytes(range(256)) * 4 + b"\r\n\x00" + "\ufeff".encode())
