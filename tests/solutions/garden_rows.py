r, c = map(int, input().split())
print(sum("#" not in input() for _ in range(r)))
