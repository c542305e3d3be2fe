def runner_up(scores):
    if not scores:
        return None
    rest = [s for s in scores if s != max(scores)]
    return max(rest) if rest else None
