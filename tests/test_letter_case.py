"""Whether a statement's words free the case of the letters in the output, and words that only sound like it."""

# The wordings are kept as they are pasted.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from problems.letter_case import is_case_free
from problems.sentences import sentences

ANY_CASE = [
    "Print YES or NO. You can print each letter in either case; arbitrary case is fine.",
    "You may print each letter in any case.",
    "You can output the answer in any case (upper or lower).",
    'For example, the strings "yEs", "yes", "Yes", and "YES" will be recognized as positive responses.',
    'Print "Yes" or "No" (case insensitive).',
    'The output is case insensitive (so "yEs" and "No" will also be accepted).',
    "You can print each letter in any case (upper or lower).",
    "You can print every letter in any register.",
    "Print the word. Case does not matter.",
    "Output YES if possible. The case of letters is not important.",
    "Note that the checker is case-insensitive.",
    "You may output letters in upper or lower case.",
    "Each letter of the answer can be printed in lowercase or uppercase.",
    "You can print YES and NO in arbitrary case.",
    "The case of the letters in your output will be ignored.",
    "输出 YES 或 NO，大小写不敏感。",
    "你可以以任意大小写输出答案。",
    "输出答案（不区分大小写）。",
    "`Yes` または `No` を出力せよ。大文字と小文字は区別しない。",
    "출력은 대소문자 구분 없이 채점한다.",
    "Выведите YES или NO в любом регистре.",
    "Ответ можно выводить в любом регистре.",
    "Regardless of case, both YES and yes are accepted as answers.",
    "You can output `YES` and `NO` in any case (for example, strings `yEs`, `yes`, `Yes` will be recognized as a positive response).",
    'Both "YES" and "yes" are accepted.',
    "Puede imprimir cada letra en mayúsculas o minúsculas.",
    "Your output may be in any letter case.",
    "The answer is not case-sensitive.",
    "Imprima cada letra em maiúsculas ou minúsculas.",
    "Affichez OUI ou NON ; la casse n'est pas importante.",
    "You can print the letters in upper or lower case.",
    "Output is case-insensitive.",
    "输出 Yes 或 No，大小写均可。",
    "Die Groß-/Kleinschreibung der Ausgabe spielt keine Rolle.",
    "Each character can be printed in any case.",
    "answer in either upper or lower case",
]


THIS_CASE = [
    "An uppercase or lowercase letter is given. Print `A` if it is uppercase and `a` if it is lowercase.",
    "The string consists of upper or lower case letters.",
    "The comparison of the words is case-insensitive.",
    "Print the number of distinct words; the comparison is case-insensitive.",
    "Convert the string to lower case and print it.",
    "Output the words sorted in case-insensitive order.",
    "In any case, print the minimum number of moves.",
    "For each test case, print the answer.",
    "In any case where no answer exists, print -1.",
    "It is guaranteed that in any case the answer fits into 64 bits.",
    "The input may contain letters in any case.",
    "Each line contains a word in upper or lower case.",
    "Two words are the same if they are equal, case does not matter. Print the count.",
    "给定一个字符串，不区分大小写地比较。",
    "入力の大文字と小文字は区別しない。",
    "입력은 대소문자를 구분하지 않는다.",
    "Строка состоит из букв в любом регистре (входные данные).",
    "Change the case of every letter and print the result.",
    "Print uppercase letters first and then lowercase letters.",
    'The answer is "Yes" if the letter is upper or lower case.',
    "A palindrome reads the same ignoring case. Print YES if the string is a palindrome.",
    "Print the letter in upper case.",
    "La entrada contiene letras en mayúsculas o minúsculas.",
    "In either case you should print the sum.",
    "Match the pattern ignoring case and output the positions.",
    "Count letters regardless of case.",
    "The answer in any case is at most 5.",
]


@pytest.mark.parametrize("words", ANY_CASE)
def test_the_output_may_be_in_any_case(words: str) -> None:
    assert is_case_free(sentences(words))


@pytest.mark.parametrize("words", THIS_CASE)
def test_words_about_case_that_free_no_output(words: str) -> None:
    assert not is_case_free(sentences(words))
