from itertools import groupby


def longestPlateau(nums):
    return max((len(list(group)) for _, group in groupby(nums)), default=0)
