def covered_length(intervals):
    return len({unit for a, b in intervals for unit in range(a, b)})
