"""The tolerance that a statement's words allow, in the languages and notations of contest sites."""

# The wordings are kept as they are pasted.
# ruff: noqa: E501

from __future__ import annotations

import pytest

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
