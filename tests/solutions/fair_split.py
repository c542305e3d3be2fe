def fair_split(weights):
    total = sum(weights)
    reachable = 1
    for weight in weights:
        reachable |= reachable << weight
    return total % 2 == 0 and bool(reachable >> total // 2 & 1)
