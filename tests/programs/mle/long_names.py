# Files without a byte in them: their names and what the kernel keeps of each are memory all the same.
import os

os.mkdir("many")
os.chdir("many")
for number in range(10**6):
    os.close(os.open(f"{number:0250}", os.O_CREAT))
