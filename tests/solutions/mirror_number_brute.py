def mirror_number(n):
    if n < 0:
        return False
    left, turned = n, 0
    while left:
        left, digit = divmod(left, 10)
        turned = turned * 10 + digit
    return turned == n
