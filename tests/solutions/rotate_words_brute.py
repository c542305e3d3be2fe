from collections import deque


def rotate_words(sentence, k):
    words = deque(sentence.split(" "))
    for _ in range(k):
        words.append(words.popleft())
    return " ".join(words)
