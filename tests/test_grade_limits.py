"""Grading: time is for all calls together, and no call takes that of the others."""

from __future__ import annotations

import pytest
from gradings import verdict

from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.preparation import prepare
from benchmarks.grading.suites import CodeSuite, ValueCheck, ValueSuite
from sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("suite_cache")


def test_time_is_for_all_calls_together(box: Sandbox) -> None:
    checks = tuple(ValueCheck(None, (n,)) for n in range(20))
    slow = (
        "import time\ndef f(x):\n    end = time.process_time() + 0.02\n    while time.process_time() < end: pass"
    )
    assert verdict(box, ValueSuite("f", checks, time_limit_s=0.2), slow) is Verdict.TLE
    assert verdict(box, ValueSuite("f", checks, time_limit_s=20), slow) is Verdict.AC


def test_a_call_that_never_ends_does_not_take_the_time_of_all(box: Sandbox) -> None:
    checks = tuple(ValueCheck(n, (n,), limit_s=0.2) for n in range(4))
    suite = ValueSuite("f", checks, time_limit_s=20)
    (result,) = grade(box, suite, ["def f(x):\n    while x == 2: pass\n    return x"])
    assert (result.verdict, result.passed) == (Verdict.TLE, 2)
    assert result.cpu_s < 5


def test_a_call_may_take_four_seconds_or_four_times_what_it_takes_the_reference(box: Sandbox) -> None:
    slow = (
        "import time\ndef f(x):\n    end = time.process_time() + x\n"
        "    while time.process_time() < end: pass\n    return x"
    )
    tests = "assert f(0.1) == 0.1\nassert f(1.5) == 1.5\nassert f(0.1) == 0.1"
    for _ in range(2):  # as it was made, and as it was kept
        plan = prepare(box, CodeSuite("f", tests, slow, time_limit_s=60))
        assert isinstance(plan, ValueSuite)
        first, second, third = (check.limit_s for check in plan.checks)
        assert (first, third) == (4, 4)
        assert second >= 4 * 1.5
        assert plan.time_limit_s >= 60 + 4 * 1.7


def test_the_limit_of_a_slow_call_is_its_own(box: Sandbox) -> None:
    """Fast at what the reference is slow at does not make up for slow at what it is fast at."""
    checks = (ValueCheck(1, (1,), limit_s=0.2), ValueCheck(2, (2,), limit_s=6.0), ValueCheck(3, (3,), limit_s=0.2))
    suite = ValueSuite("f", checks, time_limit_s=20)
    spins = (
        "import time\ndef f(x):\n    end = time.process_time() + 0.5\n"
        "    while x == {} and time.process_time() < end: pass\n    return x"
    )
    verdicts = [grade.verdict for grade in grade(box, suite, [spins.format(2), spins.format(3)])]
    assert verdicts == [Verdict.AC, Verdict.TLE]


def test_all_calls_together_have_a_limit_however_much_each_may_take(box: Sandbox) -> None:
    checks = tuple(ValueCheck(n, (n,), limit_s=6.0) for n in range(4))
    endless = "def f(x):\n    while x: pass\n    return x"
    (result,) = grade(box, ValueSuite("f", checks, time_limit_s=0.5), [endless])
    assert result.verdict is Verdict.TLE
    assert result.cpu_s < 6


def test_a_wrong_answer_before_an_endless_call_is_what_counts(box: Sandbox) -> None:
    checks = tuple(ValueCheck(x, (x,)) for x in range(3))
    source = "def f(x):\n    while x == 2: pass\n    return 0"
    (result,) = grade(box, ValueSuite("f", checks, time_limit_s=0.5), [source])
    assert (result.verdict, result.passed) == (Verdict.WA, 1)


def test_a_program_as_slow_as_the_reference_has_time_enough(box: Sandbox) -> None:
    slow = "def f(x):\n    for _ in range(10 ** 7): pass\n    return x"
    assert verdict(box, CodeSuite("f", "assert f(1) == 1", slow, time_limit_s=0.05), slow) is Verdict.AC
