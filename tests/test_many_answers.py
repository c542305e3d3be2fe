"""Whether a statement's words accept more than one answer, and words like "any" that do not."""

from __future__ import annotations

import pytest

from problems.many_answers import has_many_answers
from problems.sentences import sentences

MANY = [
    "Print two positive numbers with sum n. If there are several answers, print any of them.",
    "If there are multiple solutions, you may output any one of them.",
    "Print any valid permutation.",
    "If there are multiple answers, print any.",
    "If several solutions exist, any of them will be accepted.",
    "Any one of them is accepted.",
    "Any correct answer is accepted.",
    "There may be multiple solutions. Any is accepted: output any.",
    "This problem has a special judge.",
    "(spj)",
    "複数ある場合はどれを出力してもよい。",
    "答えが複数存在する場合、そのうちのどれを出力しても正解とみなされる。",
    "条件を満たすものが複数ある場合はいずれか1つを出力せよ。",
    "如果有多个答案，输出任意一个。",
    "若有多组解，输出任意一组即可。",
    "输出任意一种方案。",
    "本题多解，任意一组均可。",
    "답이 여러 개라면 아무거나 출력한다.",
    "여러 가지 경우가 있으면 그 중 아무것이나 출력한다.",
    "Если ответов несколько, выведите любой из них.",
    "Если существует несколько решений, выведите любое.",
    "Si hay varias soluciones, imprime cualquiera de ellas.",
    "Se houver mais de uma solução, imprima qualquer uma.",
    "S'il y a plusieurs solutions, affichez n'importe laquelle.",
    "Gibt es mehrere Lösungen, gib eine beliebige aus.",
    "Om det finns flera lösningar, skriv ut vilken som helst.",
    "If there are multiple possible answers, return any of them.",
    "In the second line print any possible coloring that can be used.",
    "You can output any suitable sequence of operations.",
    "If the first player wins, print any winning first move.",
    "If there is more than one possible answer, you may output any.",
    "If there are several such sequences, any of them is acceptable.",
    "If there is more than one solution, output an arbitrary one.",
    "In case of multiple answers, print any.",
    "Print the edges in any order.",
    "If there are many correct answers, output any of them.",
    "If there are multiple solutions, you may output any of those.",
    "The answer is not unique; any valid answer is fine.",
    "Se esistono più soluzioni, stampane una qualsiasi.",
    "Output any of the shortest paths.",
    "Se há múltiplas respostas, escreva qualquer uma delas.",
]


ONE = [
    "For any i the value a_i is positive.",
    "Roads connect any of the n cities.",
    "Cars may arrive at any time.",
    "The cities are given in any order.",
    "Do not print any extra spaces.",
    "You should not output any additional text.",
    "Print the answer for any query in its own line? No: for each query.",
    "If there are multiple answers, print the lexicographically smallest one.",
    "If there are several solutions, output the one with the smallest index.",
    "Can you reach any of the exits?",
    "Print YES if any of the numbers is even.",
    "She did not want to marry any of them anyway.",
    "Note that your program may be run multiple times on different inputs.",
    "There can be more than one road between two cities.",
    "You may choose any two elements and swap them. Print the minimum number of operations.",
    "In one move you can pick any stone and remove it.",
    "Return the array. It can be used with any order of calls.",
    "You can print each letter in any case.",
    "In one step, choose any index i and add 1.",
    "给定任意两个点，求距离。",
    "任意の整数 i について a_i は正である。",
    "Из любого города можно попасть в любой другой.",
    "Cualquier ciudad está conectada.",
    "Each day he can choose any of the books.",
    "Print the number of any kind of apples.",
    "Print without any spaces.",
    "Find any errors? Print their number.",
    "Choose any subset and find the maximum sum.",
    "Find the number of ways to choose any k items.",
]


@pytest.mark.parametrize("words", MANY)
def test_several_answers_are_right(words: str) -> None:
    assert has_many_answers(sentences(words), is_call=False)


@pytest.mark.parametrize("words", ONE)
def test_words_like_any_that_leave_one_answer(words: str) -> None:
    assert not has_many_answers(sentences(words), is_call=False)


def test_a_functions_list_in_any_order_is_one_answer() -> None:
    words = sentences("Return the answer in any order.")
    assert not has_many_answers(words, is_call=True)
    assert has_many_answers(sentences("Print the numbers in any order."), is_call=False)
