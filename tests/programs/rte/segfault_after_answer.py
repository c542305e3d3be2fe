# Row 16: the right answer does not help a program that crashes.
import ctypes

print(int(input()) * 2, flush=True)
ctypes.string_at(0)
