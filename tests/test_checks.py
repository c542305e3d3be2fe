"""Test code becomes data, or is driven as it is."""

from __future__ import annotations

import math
from typing import Any

import pytest

from benchmarks.grading.checks import collect, drive
from benchmarks.grading.suites import ValueCheck, accepts
from problems.types import Comparator

REFERENCE = "def f(*args, **kwargs): return args[0]"
NEAR = (1e-6, 1e-7)


def recorded(code: str, *, reference: str = REFERENCE, as_text: bool = False) -> list[tuple[Any, ...]] | None:
    """The records, without their sizes."""
    result = collect(reference, code, "f", as_text=as_text, start=0, most=1 << 20)
    if result is None:
        return None
    records, last = result
    assert last
    return [record[:-1] for record in records]


def accepting(code: str, answer: object) -> bool:
    """Whether a program that answers every call with `answer` passes the one comparison of `code`."""
    result = recorded(code)
    assert result is not None
    ((views, call, expected, abs_tol, rel_tol, others),) = result
    comparator = Comparator("value", abs_tol, rel_tol)
    check = ValueCheck(expected, *call, views=views, comparator=comparator, others=tuple(others))
    return accepts(check, answer)


@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        ("assert f(1) == [2]", [2], [3]),
        ("assert [2] == f(1)", [2], (2,)),
        ("assert f(1) == 2, 'said'", 2, 3),
        ("assert f(1) is None", None, 0),
        ("assert f(1) is True", True, 1),
        ("assert f(1) in (2, 3)", 3, 4),
        ("assert f(1) in [[2], (3,)]", (3,), [3]),
        ("assert len(f(1)) in {1, 2}", "ab", "abc"),
        ("assert f(1)", [0], []),
        ("assert not f(1)", [], [0]),
        ("assert bool(f(1)) == True", "x", ""),
        ("assert set(f(1)) == {1, 2}", [2, 1, 1], [1]),
        ("assert sorted(f(1)) == [1, 2]", [2, 1], [2, 2]),
        ("assert tuple(f(1)) == (1,)", [1], [2]),
        ("assert len(f(1)) == 2", "ab", "abc"),
        ("assert round(f(1), 2) == 3.14", 3.1411, 3.15),
        ("assert str(f(1)) == '5'", 5, 6),
        ("assert set(map(tuple, [[1]])) == set(f(1))", [(1,)], [(2,)]),
        ("assert abs(f(1) - 2) < 1", 2.5, 3),
        ("assert abs(f(1) - 2) <= 1", 3, 3.5),
        ("assert abs(2.0 - f(1)) < 1e-6", 2.0000001, 2.1),
        ("import math\nassert math.fabs(f(1) - 2) < 0.1", 2.05, 2.2),
        ("import math\nassert math.isclose(f(1), 100, rel_tol=0.01)", 100.5, 102),
        ("import math\nassert math.isclose(f(1), 0.0, abs_tol=0.1)", 0.05, 0.2),
        ("def check(candidate):\n    assert candidate(1) == 2", 2, 3),
        ("want = 3\nassert f(1) == want", 3, 4),
    ],
)  # fmt: skip
def test_every_form_of_assert_tells_right_from_wrong(code: str, right: object, wrong: object) -> None:
    assert accepting(code, right)
    assert not accepting(code, wrong)


def test_a_loop_makes_a_record_each_time_with_the_values_of_that_time() -> None:
    code = "seen = []\nfor n in range(3):\n    seen.append(n)\n    assert f(seen, n=n) == n * n"
    result = recorded(code)
    assert result == [((), (([*range(n + 1)],), {"n": n}), n * n, 0.0, 0.0, []) for n in range(3)]


def test_an_and_is_one_record_for_each_side() -> None:
    assert [record[2] for record in recorded("assert f(1) == 1 and f(2) == 2") or []] == [1, 2]


def test_helpers_and_random_inputs_come_from_the_reference_and_a_fixed_seed() -> None:
    reference = "def double(x): return 2 * x\ndef f(x): return x"
    code = "import random\nx = random.random()\nassert f(double(x)) == x"
    first, second = recorded(code, reference=reference), recorded(code, reference=reference)
    assert first == second
    assert first is not None
    assert first[0][1][0] == (2 * first[0][2],)


def test_arguments_can_be_kept_as_text() -> None:
    reference = "class P:\n    def __init__(self, x): self.x = x\ndef f(p): return p.x"
    assert recorded("assert f(P(3)) == 3", reference=reference, as_text=True) == [((), "f(P(3))", 3, 0.0, 0.0, [])]


@pytest.mark.parametrize(
    "code",
    [
        "assert f(f(1)) == 1",
        "assert f(1) == f(2)",
        "assert f(1) != 2",
        "assert f(1) > 2",
        "assert f(1) in 'abc'",
        "assert 2 in f(1)",
        "assert f(1) in (f(2), 3)",
        "assert 0 < f(1) < 2",
        "assert f(1) == 1 or f(1) == 2",
        "assert f(1)[0] == 1",
        "assert f(1) + 1 == 2",
        "assert sorted(f(1), key=str) == [1]",
        "assert all(f(n) == n for n in (1, 2))",
        "x = f(1)\nassert x == 1",
        "g = f\nassert g(1) == 1",
        "try:\n    assert f(1) == 1\nexcept AssertionError: pass",
        "try:\n    f(1)\n    assert False\nexcept ValueError: pass",
        "import contextlib\nwith contextlib.suppress(AssertionError):\n    assert f(1) == 1",
        "def len(x): return 7\nassert len(f(1)) == 7",
        "import numpy as np\nassert np.isclose(f(1), 1)",
    ],
)
def test_what_does_more_than_compare_is_left_to_a_driver(code: str) -> None:
    assert recorded(code) is None


def test_a_view_that_the_reference_redefines_is_left_to_a_driver() -> None:
    assert recorded("assert sorted(f([1])) == [1]", reference=f"def sorted(x): return x\n{REFERENCE}") is None


def test_a_local_variable_named_like_the_function_is_not_a_use() -> None:
    code = "def helper(x):\n    f = x + 1\n    return f\nassert f(1) == helper(1)"
    assert [record[2] for record in recorded(code) or []] == [2]


def test_pages_together_are_the_whole() -> None:
    code = "for n in range(10):\n    assert f(n) == 'x' * 100"
    starts, at, last = [], 0, False
    while not last:
        page = collect(REFERENCE, code, "f", as_text=False, start=at, most=300)
        assert page is not None
        records, last = page
        assert len(records) <= 2
        starts += [record[1][0][0] for record in records]
        at += len(records)
    assert starts == [*range(10)]


def test_what_no_program_could_return_is_left_out() -> None:
    code = "for n in (1, 20 << 20, 2):\n    assert f(n) == 'x' * n\nassert f(3) == [['y' * 100] * 1000] * 200"
    result = collect(REFERENCE, code, "f", as_text=False, start=1, most=1 << 30)
    assert result is not None
    assert [record[1][0] for record in result[0]] == [(2,)]


PLUS = """
import numpy as np
def is_floats(x): ...
def assertion(out, exp, atol):
    {change}
    assert np.allclose(out, exp, rtol=1e-07, atol=atol)
inputs = [[1]]
results = [{expected}]
for i, (inp, exp) in enumerate(zip(inputs, results)):
    assertion(f(*inp), exp, {atol})
"""


@pytest.mark.parametrize(
    ("expected", "atol", "change", "right", "wrong"),
    [
        ("[1, 2]", 0, "", [1, 2], [1, 3]),
        ("1.5", 0, "", 1.5000005, 1.51),
        ("[1.5, 2.5]", 0, "", [1.5, 2.5000005], [1.5, 2.6]),
        ("5", 0, "", 5, 5.0000005),
        ("['a', 1.5]", 0, "", ["a", 1.5], ["a", 1.5000005]),
        ("5", 0.0001, "", 5.00005, 5.001),
        ("[1, 2]", 0, "out = set(out)", (2, 1), (1, 3)),
        ("True", 0, "exact_match = exp == (out is not None)", "found", None),
        ("False", 0, "exact_match = exp == (out is not None)", None, "found"),
    ],
)
def test_assertions_of_evalplus(expected: str, atol: float, change: str, right: object, wrong: object) -> None:
    code = PLUS.format(expected=expected, atol=atol, change=change)
    assert accepting(code, right)
    assert not accepting(code, wrong)


@pytest.mark.parametrize(
    ("code", "answer", "outcome"),
    [
        ("assert 0 < f(1) < 2", ("value", 1), "passed"),
        ("assert 0 < f(1) < 2", ("value", 5), "failed"),
        ("assert 0 < f(1) < 2", ("raised", "KeyError"), "crashed"),
        ("assert 0 < f(1) < 2", (), "crashed"),
        ("try:\n    f(1)\n    x = 1\nexcept ValueError: x = 0\nassert x == 0", ("raised", "ValueError"), "passed"),
        ("try:\n    f(1)\n    x = 1\nexcept ValueError: x = 0\nassert x == 0", ("value", 1), "failed"),
        ("try: f(1)\nexcept Exception: pass", (), "crashed"),
        ("try: f(1)\nexcept Exception: pass", ("raised", "SystemExit"), "passed"),
        ("assert helper(f(1)) == 2", ("value", 1), "passed"),
    ],
)
def test_a_driver_runs_test_code_on_answers(code: str, answer: tuple[object, ...], outcome: str) -> None:
    reference = f"def helper(x): return x + 1\n{REFERENCE}"
    assert drive(reference, code, "f", [((1,), {}, answer)])[0] == outcome


def test_a_driver_asks_for_what_it_does_not_know() -> None:
    code = "x = f(1)\nassert f(x) == 7"
    assert drive(REFERENCE, code, "f", [((1,), {}, ("value", 5))]) == ("asked", [((1,), {}), ((5,), {})])
    call_records = [((1,), {}, ("value", 5)), ((5,), {}, ("value", 7))]
    assert drive(REFERENCE, code, "f", call_records)[0] == "passed"


def test_a_driver_shows_what_it_asks_when_answers_are_right() -> None:
    code = "def check(candidate):\n    for n in range(3): assert 0 <= candidate(n, step=1) <= n"
    assert drive(REFERENCE, code, "f", None) == ("passed", [((n,), {"step": 1}) for n in range(3)])


def test_test_code_cannot_change_what_was_asked() -> None:
    code = "x = [1]\ny = f(x)\nx.append(2)\nassert f(x) == y"
    _, calls = drive(REFERENCE, code, "f", None)
    assert calls == [(([1],), {}), (([1, 2],), {})]


def test_infinity_and_nan_can_be_expected() -> None:
    assert accepting("assert f(1) == float('inf')", math.inf)
    assert not accepting("assert f(1) == float('inf')", 1e308)
