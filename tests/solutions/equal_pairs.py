from collections import Counter

n, k = map(int, input().split())
seen = Counter()
total = 0
for a in map(int, input().split()):
    total += seen[k - a]
    seen[a] += 1
print(total)
