import collections
import itertools

collections.deque(itertools.product(range(1000), repeat=6), maxlen=0)
