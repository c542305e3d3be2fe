input()
heights = list(map(int, input().split()))
largest = 0
while len(heights) > 1:
    first, heights = heights[0], heights[1:]  # copies all that follow
    largest = max(largest, abs(first - heights[0]))
print(largest)
