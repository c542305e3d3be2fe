def runner_up(scores):
    different = sorted(set(scores))
    return different[-2] if len(different) > 1 else None
