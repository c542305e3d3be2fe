text = input()
rounds = 0
while "()" in text:
    # Removing the innermost pairs of every chain at once takes one round per level.
    stripped, at = [], 0
    stack = []
    match = {}
    for i, c in enumerate(text):
        if c == "(":
            stack.append(i)
        elif stack:
            match[stack.pop()] = i
        else:
            break
    if len(match) * 2 != len(text):
        break
    level = [0] * (len(text) + 1)
    for i in sorted(match, reverse=True):
        j, inner = i + 1, 0
        while j < match[i]:
            inner = max(inner, level[j])
            j = match[j] + 1
        level[i] = inner + 1
    j = 0
    while j < len(text):
        rounds = max(rounds, level[j])
        j = match[j] + 1
    text = ""
print(rounds if text == "" else -1)
