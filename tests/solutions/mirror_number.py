def mirror_number(n):
    return str(n) == str(n)[::-1]
