import sys

rows = [line.split() for line in sys.stdin.read().strip().split("\n")[1:]]
names = sorted({name for name, _ in rows})
best = None
for name in names:
    total = sum(int(p) for other, p in rows if other == name)
    if best is None or total > best[0]:
        best = (total, name)
print(best[1])
