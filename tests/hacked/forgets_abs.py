n = int(input())
heights = list(map(int, input().split()))
print(max(heights[i] - heights[i - 1] for i in range(1, n)))
