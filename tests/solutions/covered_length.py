def covered_length(intervals):
    total, end = 0, float("-inf")
    for a, b in sorted(intervals):
        total += max(0, b - max(a, end))
        end = max(end, b)
    return total
