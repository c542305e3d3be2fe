n, *h = [int(t) for t in open(0).read().split()]
best = -1
for i in range(1, n):
    d = h[i] - h[i - 1]
    if d < 0:
        d = -d
    if d > best:
        best = d
print(best)
