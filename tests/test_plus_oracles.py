"""What EvalPlus accepts beyond its published test code."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.grading.grade import grade
from benchmarks.grading.plus_oracles import with_evalplus_additions
from benchmarks.grading.suites import CodeSuite
from sandbox import Sandbox

CODE = """
import numpy as np
def assertion(out, exp, atol):
    assert out == exp
inputs = {inputs}
results = {results}
for i, (inp, exp) in enumerate(zip(inputs, results)):
    assertion(f(*inp), exp, 0)
"""
FROM_THE_LEFT = "def f(a, b): return sum(abs(int(x) - int(y)) for x, y in zip(str(a), str(b)))"
# 123 and 9: 1-9 from the left; 1-0, 2-0, 3-9 by place.
DIGITS = CODE.format(inputs=[[1, 2], [123, 9]], results=[1, 8])
# A base of 6 and a height of 4: 36 + 2 * 6 * 4, or with sides of 5 36 + 2 * 6 * 5.
PYRAMID = CODE.format(inputs=[[6, 4]], results=[84])


@pytest.mark.parametrize(
    ("task", "code", "reference", "answer", "verdict"),
    [
        ("Mbpp/558", DIGITS, FROM_THE_LEFT, "{1: 1, 123: 8}[a]", "AC"),
        ("Mbpp/558", DIGITS, FROM_THE_LEFT, "{1: 1, 123: 9}[a]", "AC"),
        ("Mbpp/558", DIGITS, FROM_THE_LEFT, "{1: 1, 123: 6}[a]", "WA"),
        ("Mbpp/581", PYRAMID, "def f(a, b): return a * a + 2 * a * b", "84", "AC"),
        ("Mbpp/581", PYRAMID, "def f(a, b): return a * a + 2 * a * b", "96", "AC"),
        ("Mbpp/581", PYRAMID, "def f(a, b): return a * a + 2 * a * b", "90", "WA"),
        ("Mbpp/559", DIGITS, FROM_THE_LEFT, "{1: 1, 123: 9}[a]", "WA"),
    ],
)
def test_either_reading_of_the_task_is_right(
    box: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    task: str,
    code: str,
    reference: str,
    answer: str,
    verdict: str,
) -> None:
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path))
    suite = CodeSuite("f", with_evalplus_additions(task, code), reference)
    for _ in range(2):  # as it was made, and as it was kept
        (result,) = grade(box, suite, [f"def f(a, b): return {answer}"])
        assert (result.verdict, result.level) == (verdict, "A")


@pytest.mark.parametrize("task", ["HumanEval/32", "Mbpp/558", "Mbpp/581"])
def test_test_code_of_another_form_is_refused(task: str) -> None:
    with pytest.raises(ValueError, match="the tests "):
        with_evalplus_additions(task, "assert f(1) == 1")
