# Row 35: bytes run out for it alone.
import os

number = 0
while True:
    with open(f"/tmp/{number}", "wb") as file:
        file.write(bytes(60_000))
    number += 1
