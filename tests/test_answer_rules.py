"""What a statement's words say of answers: tolerance, letter case, several right answers, files, conversations."""

# The wordings are kept as they are pasted.
# ruff: noqa: E501

from __future__ import annotations

import re
import time

import pytest

from problems import Comparator, ProblemError, parse_problem
from problems.answer_rules import answer_rules
from problems.channels import files_of, is_interactive
from problems.letter_case import is_case_free
from problems.many_answers import has_many_answers
from problems.sentences import sentences
from problems.tolerances import Tolerance, tolerance_of

TOLERANCES = [
    ("Your answer should have an absolute error of at most 0.0001.", 0.0001),
    ("The absolute or relative error may be at most 10<sup>-6</sup>.", 1e-06),
    ("真の値との絶対誤差または相対誤差が 10^{-6} 以下なら正解とする。", 1e-06),
    ("절대/상대 오차는 10^{-6}까지 허용한다.", 1e-06),
    ("Absolute or relative error should not exceed $10^{-6}$.", 1e-06),
    ("error ≤ 10−6 (absolute or relative)", 1e-06),
    ("The answer is accepted if its error is at most 1E-6.", 1e-06),
    ("Your answer is accepted if it is within 1e-9 of the jury's.", 1e-09),
    ("The checker allows a tolerance of 0.000001.", 1e-06),
    (
        "Formally, let your answer be $a$, and the jury's answer be $b$. Your answer is accepted if and only if $\\frac{\\left|a - b\\right|}{\\max(1, \\left|b\\right|)} \\le 10^{-6}$.",
        1e-06,
    ),
    (
        "Formally, let your answer be a, jury's answer be b. Your answer will be considered correct if \\frac{|a - b|}{max{(1, |b|)}} ≤ 10^{-4}.",
        0.0001,
    ),
    ("Print the probability with an accuracy of 10^-5.", 1e-05),
    ("Output the answer with a precision of at least 10^-4.", 0.0001),
    ("Answers within 10^-5 of the actual value will be accepted.", 1e-05),
    ("Your answer will be considered correct if it differs from the correct one by no more than 0.001.", 0.001),
    ("The relative error must be less than 1e-7.", 1e-07),
    ("An error of one millionth is tolerated in the output.", 1e-06),
    ("A relative error of 1% is allowed.", 0.01),
    ("误差不超过 10^{-4}。", 0.0001),
    ("答案与标准答案的绝对误差或相对误差不超过 $10^{-6}$ 即视为正确。", 1e-06),
    ("输出答案，精度误差在 1e-6 以内。", 1e-06),
    ("Ответ выведите с точностью не менее 10^-6.", 1e-06),
    ("Абсолютная или относительная погрешность ответа не должна превышать 10^{-6}.", 1e-06),
    ("Ваш ответ должен отличаться от правильного не более чем на 10^-5.", 1e-05),
    ("Se aceptará un error absoluto o relativo de hasta 10^-6.", 1e-06),
    ("Serão aceitas respostas com erro absoluto ou relativo de no máximo 10⁻⁶.", 1e-06),
    ("L'erreur absolue ou relative ne doit pas dépasser 10^{-6}.", 1e-06),
    ("Affichez la réponse à 10^-3 près.", 0.001),
    ("Der absolute oder relative Fehler darf höchstens 10^-6 betragen.", 1e-06),
    ("Die Antwort muss auf 0,001 genau sein.", 0.001),
    ("想定解答との絶対誤差が 10^{-3} 以下であれば正解とみなされる。", 0.001),
    ("誤差は 1e-6 まで許容される。", 1e-06),
    ("출력한 값과 정답의 절대 오차 또는 상대 오차가 10−6 이하이면 정답이다.", 1e-06),
    ("정답과의 오차는 $10^{-9}$까지 허용한다.", 1e-09),
    ("Ditt svar får ha ett absolut eller relativt fel på högst $10^{-6}$.", 1e-06),
    ("Errors up to 1e-4 will be ignored.", 0.0001),
    ("The output is correct if it is off by at most 5·10^-3 in relative or absolute terms of error.", 0.005),
    ("Your answer must be correct to within 10**-6.", 1e-06),
    ("Answers with absolute or relative precision $10^{-5}$ of the actual value will be accepted.", 1e-05),
    ("An absolute\nor relative\nerror of\n$10^{-8}$\nis allowed.", 1e-08),
    ("Answers within $10^{-6}$ relative or absolute error will be accepted.", 1e-06),
    ("| **Output** | error of at most 1e-3 absolute |", 0.001),
    ("L'errore assoluto o relativo non deve superare 10^-6.", 1e-06),
    ("Błąd bezwzględny lub względny nie może przekraczać 10^-6.", 1e-06),
    ("Your program's output must be within ±0.01 of the correct answer.", 0.01),
    ("The answer must be within a relative or absolute error of 10^{-9}.", 1e-09),
    ("Mutlak veya göreli hata en fazla 10^-6 olmalıdır.", 1e-06),
    ("Sai số tuyệt đối hoặc tương đối không quá 10^-6.", 1e-06),
    ("Absolute error 10^-99999 is allowed.", 1e-18),
    ("相对误差小于 1e-5 的答案都算正确。", 1e-05),
    ("Output a real number. Tolerance: 1e-4.", 0.0001),
    ("(Allowed error: 0.01)", 0.01),
    ("Print the answer to an accuracy of 0.0001.", 0.0001),
    ("difference between your answer and the reference must not be greater than 1e-6", 1e-06),
    ("输出保留若干位小数，误差小于 0.001", 0.001),
    ("El error absoluto no debe superar 10^{-4}", 0.0001),
]
NO_TOLERANCES = [
    "The probabilities are given with at most 6 digits after the decimal point.",
    "The input is given with a precision of 10^-3.",
    "10^-9 ≤ x ≤ 10^9",
    "x is a real number, $10^{-6} \\le x \\le 1$.",
    "It is guaranteed that no two distances differ by less than 10^-6.",
    "Each sensor measures with an error of at most 0.01 degrees.",
    "It is guaranteed that changing the input by an absolute error of 10^-7 does not change the answer.",
    "Print the answer rounded to two decimals.",
    "Print the answer with exactly 3 digits after the decimal point.",
    "保留两位小数。",
    "The absolute difference between a and b is at most 10.",
    "Points differ by at least 10^-6.",
    "Print the smallest absolute difference.",
    "The temperature is within 0.5 of the mean.",
    "The error rate of the channel is 0.1.",
    "The recipe has 10-6 steps and the result is 4.",
    "入力は小数点以下6桁まで与えられる。",
    "입력은 소수점 아래 6자리까지 주어진다.",
    "Координаты заданы с точностью до 10^-3.",
    "Las coordenadas se dan con precisión de 10^-2 en la entrada.",
    "Print the result modulo 10^9+7.",
    "Each number is correct to 2 decimal places.",
    "It is guaranteed that the answer differs from an integer by at least 1e-6.",
    "All coordinates contain at most 4 decimals.",
    "Output the number of errors: at most 0.5 of them are fatal? No.",
    "Answers between 10 - 20 are possible, the answer 12-15 differs.",
    "Two students' skills differ by no more than 5; print the answer 0.5",
]
DIGITS = [
    ("Print the answer with at least 6 digits after the decimal point.", 5e-07),
    ("Your answer must be accurate to 4 decimal places.", 5e-05),
    ("Print the result correct to three decimal places.", 0.0005),
    ("输出答案，精确到小数点后 6 位。", 5e-07),
    ("Выведите ответ с точностью до 6 знаков после запятой.", 5e-07),
    ("Print it with an accuracy of 2 decimals.", 0.005),
    ("Imprima la respuesta con una precisión de 4 decimales.", 5e-05),
    ("답을 소수점 아래 최소 6자리까지 출력한다.", 5e-07),
    ("答えを小数点以下 6 桁以上出力せよ。", 5e-07),
]
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
INTERACTIVE = [
    "This is an interactive problem.",
    "This problem is interactive.",
    "This is an interactive task: you must flush.",
    "You interact with the judge by printing queries.",
    "这是一道交互题。",
    "本题是交互题。",
    "この問題はインタラクティブな問題である。",
    "이 문제는 인터랙티브 문제이다.",
    "Это интерактивная задача.",
    "Este es un problema interactivo.",
    "## Interaction Protocol",
    "Your program will interact with the grader.",
    "The interactor answers each query.",
    "Este é um problema interativo.",
]
NOT_INTERACTIVE = [
    "The museum has an interactive map.",
    "The interaction between particles is weak.",
    "Note that this is not an interactive problem.",
    "Bob interacts with his friends.",
    "People who interact with each other become friends.",
    "An interactive movie has n endings.",
    "交互两个数。",
    "Players interact with the system of portals? no",
]
FILES = [
    (
        "INPUT FORMAT (file twice.in):\nOne number.\n\nOUTPUT FORMAT (file twice.out):\nIts double.",
        "twice.in",
        "twice.out",
    ),
    ("Input file: input.txt\nOutput file: output.txt", "input.txt", "output.txt"),
    ("Read from file `x.in` and write to `x.out`.", "x.in", "x.out"),
    (
        "Входной файл input.txt содержит число. Выходной файл output.txt должен содержать ответ.",
        "input.txt",
        "output.txt",
    ),
    (
        "PROGRAM NAME: beads\n\nINPUT FORMAT (file beads.in)\n\nOUTPUT FORMAT (file beads.out)",
        "beads.in",
        "beads.out",
    ),
    ("The first line of the file input.txt contains n.", "input.txt", None),
    ('Use freopen("task.in","r",stdin) and freopen("task.out","w",stdout).', "task.in", "task.out"),
    ("输入文件为 a.in，输出文件为 a.out。", "a.in", "a.out"),
    (
        "Read the data from the file data.txt and write the result to the file result.txt.",
        "data.txt",
        "result.txt",
    ),
    ("input: standard input\noutput: standard output", None, None),
    ("The input is read from stdin.", None, None),
    ("Visit www.site.in for details.", None, None),
    ("The file system has files such as notes.txt and a.out? Print the number of files.", None, None),
    ("* System.out.flush() in Java;", None, None),
    ("Input format (input.txt)\n\nOutput format (output.txt)", "input.txt", "output.txt"),
    ("**Input** file: **cowsignal.in**", "cowsignal.in", None),
    ("Filename: e.g. readme.txt", None, None),
]


@pytest.mark.parametrize(("words", "amount"), TOLERANCES)
def test_a_tolerance_in_any_wording(words: str, amount: float) -> None:
    result = tolerance_of(sentences(words))
    assert (result.absolute, result.relative) == pytest.approx((amount, amount))


@pytest.mark.parametrize("words", NO_TOLERANCES)
def test_words_that_allow_no_error(words: str) -> None:
    assert tolerance_of(sentences(words)) == Tolerance()


@pytest.mark.parametrize(("words", "amount"), DIGITS)
def test_digits_of_accuracy_allow_half_a_unit_of_the_last(words: str, amount: float) -> None:
    result = tolerance_of(sentences(words))
    assert (result.absolute, result.relative) == pytest.approx((amount, 0))


def test_each_kind_may_have_an_amount_of_its_own() -> None:
    words = "Your answer may have an absolute error of 1e-3 or a relative error of at most 10^{-6}."
    assert tolerance_of(sentences(words)) == Tolerance(1e-3, 1e-6)
    other = "Answers with a relative error of 0.01 or absolute error of 0.5 are accepted."
    assert tolerance_of(sentences(other)) == Tolerance(0.5, 0.01)


def test_significant_digits_are_relative() -> None:
    result = tolerance_of(sentences("Print the answer, accurate to 6 significant digits."))
    assert result.absolute == 0
    assert result.relative == pytest.approx(5e-6)


@pytest.mark.parametrize("power", ["9" * 5000, "99999", "400", "19"])
def test_a_tolerance_smaller_than_doubles_tell_apart_is_the_smallest(power: str) -> None:
    result = tolerance_of(sentences(f"The absolute error must be at most 10^{{-{power}}}."))
    assert result == Tolerance(1e-18, 1e-18)


@pytest.mark.parametrize("words", ANY_CASE)
def test_the_output_may_be_in_any_case(words: str) -> None:
    assert is_case_free(sentences(words))


@pytest.mark.parametrize("words", THIS_CASE)
def test_words_about_case_that_free_no_output(words: str) -> None:
    assert not is_case_free(sentences(words))


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


@pytest.mark.parametrize("words", INTERACTIVE)
def test_a_conversation_with_the_judge(words: str) -> None:
    assert is_interactive(sentences(words))


@pytest.mark.parametrize("words", NOT_INTERACTIVE)
def test_words_about_interaction_that_are_no_conversation(words: str) -> None:
    assert not is_interactive(sentences(words))


@pytest.mark.parametrize(("words", "read", "written"), FILES)
def test_files_that_a_statement_names(words: str, read: str | None, written: str | None) -> None:
    result = files_of(sentences(words))
    assert (result.input, result.output) == (read, written)


EXAMPLE = "\n\n## Sample Input\n\n```\n4\n```\n\n## Sample Output\n\n```\n8\n```\n"


def test_an_interactive_problem_is_refused_by_name() -> None:
    with pytest.raises(ProblemError, match=r"p\.md: is an interactive problem"):
        parse_problem("# Guess\n\nThis is an interactive problem." + EXAMPLE, path="p.md")


def test_a_problem_carries_what_its_words_say() -> None:
    problem = parse_problem(
        "# A\n\nIf there are several answers, print any. Letters in any case are accepted." + EXAMPLE
    )
    assert problem.many_answers
    assert len(problem.notes) == 1
    assert "checker" in problem.notes[0]
    assert problem.comparator == Comparator("caseless")
    plain = parse_problem("# A\n\nPrint twice the number." + EXAMPLE)
    assert not plain.many_answers
    assert plain.notes == ()


def test_a_checker_needs_no_note() -> None:
    checker = "\n```python checker\nimport sys\nsys.exit(0)\n```\n"
    problem = parse_problem("# A\n\nPrint any valid answer." + EXAMPLE + checker)
    assert problem.many_answers
    assert problem.notes == ()


def test_words_inside_examples_say_nothing() -> None:
    sample = "\n## Sample Output\n\n```\nprint any of them in any case, error at most 1e-6\n```\n"
    rules = answer_rules("# A\n\nPrint the text.\n" + sample, is_call=False)
    assert rules.comparator == Comparator()
    assert not rules.many_answers


def test_sentences_read_alike_however_they_were_typed() -> None:
    spellings = ["at most $10^{-6}$", "at most 10<sup>-6</sup>", "at most 10⁻⁶", "at most 10−6", "at most １０^-6"]
    plain = {re.sub(r"[\^{} ]", "", sentences(one)[0]) for one in spellings}
    assert plain == {"atmost10-6"}


def test_files_are_said_to_be_unsupported() -> None:
    problem = parse_problem(
        "# A\n\nRead the number from the file `in.txt`, write it to the file `res.out`." + EXAMPLE
    )
    assert len(problem.notes) == 1
    assert "in.txt and res.out" in problem.notes[0]
    assert "standard input" in problem.notes[0]


@pytest.mark.parametrize(
    "unit", ["a.in ", "read file a.dat ", "error 10^-6 ", "print any ", "in any case ", "|a-b", "\n"]
)
def test_long_texts_cost_by_their_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        answer_rules(text, is_call=False)
        return time.process_time() - began

    # Quadratic work would take sixteen times as long, for four times the text.
    assert seconds(80_000) < 10 * seconds(20_000) + 0.1
