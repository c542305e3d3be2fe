held = []
while True:
    held.append("x" * 10**6 + str(len(held)))
