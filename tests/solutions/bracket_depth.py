depth = deepest = 0
bad = False
for c in input():
    depth += 1 if c == "(" else -1
    bad |= depth < 0
    deepest = max(deepest, depth)
print(-1 if bad or depth else deepest)
