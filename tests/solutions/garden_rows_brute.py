lines = open(0).read().split("\n")
r, c = [int(t) for t in lines[0].split()]
free = 0
for line in lines[1 : r + 1]:
    stones = 0
    for j in range(c):
        if line[j] == "#":
            stones += 1
    free += stones == 0
print(free)
