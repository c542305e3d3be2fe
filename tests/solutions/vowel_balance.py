letters = [c for c in input() if c.isalpha()]
vowels = sum(c.lower() in "aeiou" for c in letters)
print(vowels, len(letters) - vowels)
