totals = {}
for _ in range(int(input())):
    name, p = input().split()
    totals[name] = totals.get(name, 0) + int(p)
print(min(totals, key=lambda name: (-totals[name], name)))
