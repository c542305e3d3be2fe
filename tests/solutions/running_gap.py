input()
h = list(map(int, input().split()))
print(max(abs(a - b) for a, b in zip(h, h[1:])))
