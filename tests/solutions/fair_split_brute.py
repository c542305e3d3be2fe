from itertools import product


def fair_split(weights):
    return any(sum(s * w for s, w in zip(signs, weights)) == 0 for signs in product((1, -1), repeat=len(weights)))
