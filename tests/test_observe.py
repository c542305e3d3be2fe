"""Behaviour on generated inputs: the same whether calls run together or apart."""

from __future__ import annotations

import pytest

from agent.cost import Meter
from agent.inputs import GeneratedInput
from agent.judging.judge import FAILED, value_key
from agent.observe import observe
from problems import Problem
from sandbox import Sandbox

CALL = Problem("t", "s", entry_point="f", time_limit_s=0.5)
LONG = Problem("t", "s", entry_point="f", time_limit_s=4)
TEXT = Problem("t", "s", time_limit_s=0.5)
INPUTS = [GeneratedInput((number,)) for number in range(4)]


def key_of(value: object) -> object:
    return value_key(value, CALL.comparator)


def keys(box: Sandbox, source: str) -> list[object]:
    (row,) = observe(box, CALL, [source], INPUTS)
    return [observation.key for observation in row]


def test_values_and_failures_come_back_in_order(box: Sandbox) -> None:
    (row,) = observe(box, CALL, ["def f(n):\n    return [6 // n]"], INPUTS)
    assert [observation.key for observation in row] == [FAILED, key_of([6]), key_of([3]), key_of([2])]
    assert [observation.shown for observation in row[:2]] == [
        "[RTE] ZeroDivisionError: integer division or modulo by zero",
        "[6]",
    ]


def test_many_calls_are_one_run(box: Sandbox) -> None:
    meter = Meter(box)
    observe(meter, CALL, ["def f(n):\n    return n", "def f(n):\n    return 1"], INPUTS)
    assert meter.cost().runs == 2


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n    if n == 2:\n        raise SystemExit\n    return n",
        "def f(n):\n    while n == 2:\n        pass\n    return n",
        "def f(n):\n    import os\n    n == 2 and os._exit(0)\n    return n",
        "def f(n):\n    return n if n != 2 else (lambda: 0)",
    ],
)
def test_what_spoils_one_call_spoils_no_other(box: Sandbox, source: str) -> None:
    assert keys(box, source) == [key_of(0), key_of(1), FAILED, key_of(3)]


MANY = [GeneratedInput((number,)) for number in range(40)]
ODD_HANGS = "def f(n):\n    while n % 2:\n        pass\n    return n"
HANGS_FOR_GOOD = """
def f(n):
    while n % 2:
        try:
            while True: pass
        except BaseException: pass
    return n
"""


def test_a_program_that_hangs_on_many_inputs_costs_one_run(box: Sandbox) -> None:
    meter = Meter(box)
    (row,) = observe(meter, LONG, [ODD_HANGS], MANY)
    assert [observation.key for observation in row] == [FAILED if n % 2 else key_of(n) for n in range(40)]
    assert (meter.cost().runs, row[1].shown) == (1, "[TLE]")


@pytest.mark.parametrize(
    ("problem", "source"), [(CALL, HANGS_FOR_GOOD), (TEXT, "n = int(input())\nwhile n % 2: pass\nprint(n)")]
)
def test_a_program_that_went_over_its_limits_three_times_is_not_run_again(
    box: Sandbox, problem: Problem, source: str
) -> None:
    inputs = MANY if problem.is_call else [GeneratedInput(stdin=f"{n}\n") for n in range(40)]
    stops = source.replace("n % 2", "False")
    row, other = observe(box, problem, [source, stops], inputs)
    assert [observation.key is FAILED for observation in row] == [n % 2 == 1 or n > 5 for n in range(40)]
    assert [observation.shown.startswith("not run") for observation in row] == [n > 5 for n in range(40)]
    assert FAILED not in [observation.key for observation in other]


def test_a_batch_that_lies_about_its_shape_is_repeated(box: Sandbox) -> None:
    forgery = "def f(n):\n    return n\n\nimport sys\nsys.setprofile(None)\nclass L(list):\n    pass"
    assert keys(box, forgery) == [key_of(n) for n in range(4)]
    shadow = "def f(n):\n    globals()['alphasolve_calls__'] = 1\n    return n"
    assert keys(box, shadow) == [key_of(n) for n in range(4)]


def test_methods_of_a_solution_class_are_found(box: Sandbox) -> None:
    method = "def f(self, n):\n        self.seen = getattr(self, 'seen', 0) + 1\n        return self.seen"
    source = f"class Solution:\n    {method}"
    assert keys(box, source) == [key_of(1)] * 4  # a new object for every call


def test_what_a_program_prints_does_not_count_for_a_function(box: Sandbox) -> None:
    assert keys(box, "def f(n):\n    print('x' * 500_000)\n    return n") == [key_of(n) for n in range(4)]


def test_programs_are_run_input_by_input(box: Sandbox) -> None:
    two_inputs = [GeneratedInput(stdin=text) for text in ("1\n", "x\n")]
    rows = observe(box, TEXT, ["print(int(input()))", "print(7)"], two_inputs)
    assert [[observation.key for observation in row] for row in rows] == [["1", FAILED], ["7", "7"]]


def test_nothing_to_run_is_nothing_seen(box: Sandbox) -> None:
    assert observe(box, CALL, ["def f(n): 0"], []) == [()]
    assert observe(box, CALL, [], INPUTS) == []
