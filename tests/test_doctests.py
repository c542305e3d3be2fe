"""Doctests become asserts that mean the same."""

from __future__ import annotations

import pytest

from benchmarks.grading.checks import collect, drive
from benchmarks.grading.doctests import doctest_code

TEXT = '''
def double(x):
    """Twice x.

    >>> double(2)
    4
    >>> y = [1]
    >>> double(y)
    [1, 1]
    >>> print(double('ab'))
    abab
    >>> double(range(3))
    Traceback (most recent call last):
        ...
    TypeError: unsupported operand
    >>> double(1.5) """
    return x * 2
'''


def test_each_form_becomes_test_code() -> None:
    assert doctest_code(TEXT) == (
        "assert double(2) == 4\ny = [1]\nassert double(y) == [1, 1]\nassert str(double('ab')) == 'abab'\n"
        "try:\n    double(range(3))\nexcept TypeError:\n    pass\nelse:\n    assert False\ndouble(1.5)\n"
    )


def test_doctests_are_data_where_they_only_compare() -> None:
    code = doctest_code(">>> f(1)\n2\n>>> f(2)\n<object>\n>>> print(f(3))\n4\n")
    result = collect("def f(x): return x + 1", code, "f", as_text=False, start=0, most=1000)
    assert result is not None
    assert [(record[0], record[2]) for record in result[0]] == [
        ((), 2),
        ((("repr",),), "<object>"),
        ((("str",),), "4"),
    ]


def test_an_expected_exception_is_left_to_a_driver() -> None:
    code = doctest_code(">>> f(1)\nTraceback (most recent call last):\n    ...\nValueError: no\n")
    reference = "def f(x): raise ValueError('no')"
    assert collect(reference, code, "f", as_text=False, start=0, most=1000) is None
    assert drive(reference, code, "f", None)[0] == "passed"
    assert drive(reference, code, "f", [((1,), {}, ("value", 1))])[0] == "failed"
    assert drive(reference, code, "f", [((1,), {}, ("raised", "ValueError"))])[0] == "passed"


def test_text_without_doctests_is_no_test_code() -> None:
    assert doctest_code("def f(x):\n    return x\n") == ""


def test_a_statement_with_an_answer_is_malformed() -> None:
    with pytest.raises(ValueError, match="not an expression"):
        doctest_code(">>> x = f(1)\n2\n")
