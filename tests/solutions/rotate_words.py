def rotate_words(sentence, k):
    words = sentence.split()
    if not words:
        return sentence
    k %= len(words)
    return " ".join(words[k:] + words[:k])
