h, m = map(int, input().split(":"))
t = h * 60 + m + sum(int(input()) for _ in range(int(input())))
print(f"{t // 60 % 24:02}:{t % 60:02}")
