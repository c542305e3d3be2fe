import datetime

start, n, *tasks = open(0).read().split()
clock = datetime.datetime(2000, 1, 1, int(start[:2]), int(start[3:]))
for task in tasks[: int(n)]:
    clock += datetime.timedelta(minutes=int(task))
print(clock.strftime("%H:%M"))
