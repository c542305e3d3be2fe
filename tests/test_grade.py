"""Grading: a pass is the right value coming out, on both levels, whatever a program tries."""

from __future__ import annotations

import pytest
from gradings import DOUBLE, ROOT, ROUND, Watched, verdict

from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.preparation import prepare
from benchmarks.grading.suites import CodeSuite, OutputSuite, SuiteError, ValueCheck, ValueSuite
from benchmarks.grading.value_tests import _batches
from problems import TestCase
from sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("suite_cache")


@pytest.mark.parametrize(
    ("source", "expected", "pass_count"),
    [
        ("def f(x): return [n + n for n in x]", Verdict.AC, 2),
        ("def f(x): return [2, 4]", Verdict.WA, 1),
        ("def f(x): return [2, 4] if x[0] else 1 / 0", Verdict.RTE, 1),
        ("def f(x): return [2, 4] if x[0] else exit(0)", Verdict.RTE, 1),
        ("def f(x): print(x)", Verdict.WA, 0),
        ("def f(x): pass\nwhile True: pass", Verdict.TLE, 0),
        ("def f(x): return bytearray(10 ** 11)", Verdict.RTE, 0),
        ("def g(x): pass", Verdict.RTE, 0),
        ("", Verdict.RTE, 0),
        ("def f(x: return", Verdict.RTE, 0),
        ("class Solution:\n    def f(self, x): return [2 * n for n in x]", Verdict.AC, 2),
        ("def f(x):\n    print('x' * 10 ** 7)\n    return [2 * n for n in x]", Verdict.AC, 2),
    ],
)
def test_how_a_program_ends_on_data(box: Sandbox, source: str, expected: Verdict, pass_count: int) -> None:
    suite = prepare(box, DOUBLE)
    assert isinstance(suite, ValueSuite)
    (result,) = grade(box, suite, [source])
    assert (result.verdict, result.passed, result.total, result.level) == (expected, pass_count, 2, "A")


FORGERS = {
    "leaves early": "import os\ndef f(x): os._exit(0)",
    "exits": "def f(x): raise SystemExit",
    "always equal": "class E:\n    __eq__ = lambda s, o: True\ndef f(x): return E()",
    "subclass": "class L(list):\n    __eq__ = lambda s, o: True\ndef f(x): return L([2, 4])",
    "item of a subclass": "class I(int):\n    __eq__ = lambda s, o: True\ndef f(x): return [I(2), I(4)]",
    "changes its argument": "def f(x):\n    x[:] = [2, 4]\n    return x",
    "patches builtins": (
        "import builtins\nbuiltins.AssertionError = Exception\nbuiltins.len = lambda x: 0\n"
        "builtins.isinstance = lambda *a: True\nbuiltins.globals = lambda: {}\ndef f(x): return 'PASSED'"
    ),
    "replaces the caller": (
        "import sys\nclass Module(type(sys)):\n    pass\n"
        "def alphasolve_calls__(name, calls, *rest): return [[True]] * len(calls), [0.0] * len(calls)\n"
        "def f(x): return True"
    ),
    "replaces the caller later": (
        "import sys, threading\ndef f(x):\n"
        "    sys.modules['solution'].alphasolve_calls__ = lambda *a: ([[True], [True]], [0.0, 0.0])\n"
        "    return True"
    ),
    "looks for the answers": (
        "import gc\ndef f(x):\n    found = [o for o in gc.get_objects() if isinstance(o, list) and o == [2, 4]]\n"
        "    return found[0] if found else None"
    ),
    "walks the frames": (
        "import sys\ndef f(x):\n    frame = sys._getframe()\n    while frame:\n"
        "        for value in frame.f_locals.values():\n            if value == [2, 4]: return value\n"
        "        frame = frame.f_back"
    ),
    "answers for the caller": (
        "import sys\ndef f(x):\n    sys._getframe(1).f_locals['answers'].append([True])\n    return True"
    ),
    "prints a verdict": "def f(x): print('AC'); print('{\"passed\": true}')",
    "writes a value of its own": (
        "import os\ndef f(x):\n    os.write(3, (1).to_bytes(8, 'big') + b'T')\n    os._exit(0)"
    ),
    "generator": "def f(x): yield from [2, 4]",
}  # fmt: skip


@pytest.mark.parametrize("source", FORGERS.values(), ids=FORGERS)
def test_no_pass_can_be_forged_on_data(box: Sandbox, source: str) -> None:
    assert verdict(box, DOUBLE, source) is not Verdict.AC


def test_a_changed_argument_is_not_what_the_host_compares_with(box: Sandbox) -> None:
    suite = CodeSuite("f", "x = [3, 1]\nassert f(x) == [3, 1]", "def f(x): return list(x)")
    assert verdict(box, suite, "def f(x):\n    x.sort()\n    return x") is Verdict.WA


@pytest.mark.parametrize(
    ("suite", "right", "level"),
    [
        (ROOT, "def find(xs): return -xs[0] / xs[1]", "B"),
        (ROUND, "def decode(s): return s[::-1]", "A"),
    ],
    ids=["root", "round trip"],
)
def test_helpers_of_the_tests_are_those_of_the_problem(
    box: Sandbox, suite: CodeSuite, right: str, level: str
) -> None:
    (result,) = grade(box, suite, [right])
    assert (result.verdict, result.level) == (Verdict.AC, level)
    forgery = (
        "def poly(xs, x): return 0\ndef encode(s): return 1\ndef find(xs): return 1.5\ndef decode(s): return s"
    )
    assert verdict(box, suite, forgery) is Verdict.WA


DRIVEN_FORGERS = {
    "always small": (
        "class Z(float):\n    __mul__ = __rmul__ = __pow__ = __add__ = __radd__ = lambda s, o, *m: Z(0)\n"
        "    __abs__ = lambda s: 0\n    __lt__ = lambda s, o: True\ndef find(xs): return Z(0)"
    ),
    "always small inside": "class Z:\n    __lt__ = lambda s, o: True\ndef find(xs): return [Z()]",
    "leaves early": "import os\ndef find(xs): os._exit(0)",
    "raises what ends test code": "def find(xs): raise SystemExit(0)",
    "raises": "def find(xs): raise StopIteration",
    "replaces the caller": (
        "import sys\ndef find(xs):\n    sys.modules['solution'].alphasolve_call__ = None\n    return 7"
    ),
    "writes a value of its own": "import os\ndef find(xs):\n    os.write(3, bytes(7) + b'\\1N')\n    os._exit(0)",
    "hides code in a string": "def find(xs): return '__import__(\"os\")._exit(0)'",
}


@pytest.mark.parametrize("source", DRIVEN_FORGERS.values(), ids=DRIVEN_FORGERS)
def test_no_pass_can_be_forged_on_test_code(box: Sandbox, source: str) -> None:
    assert verdict(box, ROOT, source) is not Verdict.AC


def test_test_code_sees_which_exception_a_call_raised(box: Sandbox) -> None:
    code = "try:\n    f(-1)\nexcept ValueError:\n    pass\nelse:\n    assert False\nassert f(1) + 1 == 2"
    suite = CodeSuite("f", code, "def f(x):\n    if x < 0: raise ValueError\n    return x")
    assert verdict(box, suite, "def f(x):\n    if x < 0: raise ValueError('no')\n    return x") is Verdict.AC
    assert verdict(box, suite, "def f(x): return x") is Verdict.WA
    assert verdict(box, suite, "def f(x): raise KeyError") is Verdict.RTE


def test_test_code_that_asks_by_the_answers_gets_answers(box: Sandbox) -> None:
    suite = CodeSuite("f", "x = 40\nwhile x > 1:\n    x = f(x)\nassert x == 1", "def f(x): return x // 2")
    assert verdict(box, suite, "def f(x): return x - 10 if x > 11 else 1") is Verdict.AC
    assert verdict(box, suite, "def f(x): return x - 10") is Verdict.WA


def test_a_program_that_never_lets_test_code_finish_is_stopped(box: Sandbox) -> None:
    code = "x = 1\nwhile f(x) != 0: x += 1\nassert x == 1"
    suite = CodeSuite("f", code, "def f(x): return 0", time_limit_s=0.1)
    assert verdict(box, suite, "def f(x): return 1") in (Verdict.TLE, Verdict.WA)


def test_calls_are_counted_in_one_process_but_not_across_batches(box: Sandbox) -> None:
    """What a program remembers of earlier calls is lost when the next batch begins, as `value_tests` documents."""
    count = "calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return calls"
    checks = tuple(ValueCheck(n, (0,)) for n in range(1, 40))
    sizes = [len(batch) for batch in _batches(checks)]
    (result,) = grade(box, ValueSuite("f", checks), [count])
    assert len(sizes) > 1
    assert (result.verdict, result.passed) == (Verdict.WA, sizes[0])


def test_cases_of_programs_share_nothing(box: Sandbox) -> None:
    source = (
        "import os\npath = '/tmp/count'\nn = int(open(path).read()) if os.path.exists(path) else 0\n"
        "open(path, 'w').write(str(n + 1))\nprint(['a', 'b', 'c'][n])"
    )
    suite = OutputSuite(tuple(TestCase("", letter) for letter in "abc"))
    (result,) = grade(box, suite, [source])
    assert (result.verdict, result.passed, result.total) == (Verdict.WA, 1, 3)


def test_programs_that_die_late_are_repeated_call_by_call(box: Sandbox) -> None:
    checks = tuple(ValueCheck(n, (n,)) for n in range(5))
    (result,) = grade(
        box, ValueSuite("f", checks), ["import os\ndef f(x):\n    if x == 3: os._exit(1)\n    return x"]
    )
    assert (result.verdict, result.passed) == (Verdict.RTE, 3)


def test_answers_too_long_for_one_batch_are_right_all_the_same(box: Sandbox) -> None:
    checks = tuple(ValueCheck("x" * 9_000_000, (n,)) for n in range(2))
    assert verdict(box, ValueSuite("f", checks), "def f(x): return 'x' * 9_000_000") is Verdict.AC


def test_arguments_of_the_program_s_own_classes(box: Sandbox) -> None:
    reference = "class P:\n    def __init__(self, x): self.x = x\ndef f(p): return p.x"
    suite = CodeSuite("f", "assert f(P(3)) == 3\nassert f(P(4)) == 4", reference)
    (result,) = grade(box, suite, [reference])
    assert (result.verdict, result.total, result.level) == (Verdict.AC, 2, "A")
    assert verdict(box, suite, reference.replace("return p.x", "return 3")) is Verdict.WA


def test_code_that_goes_between_is_there_when_the_program_is_called(box: Sandbox) -> None:
    suite = CodeSuite("f", "assert f(4) == 2.0", "def f(x): return math.sqrt(x)", setup="import math")
    assert verdict(box, suite, "def f(x): return math.sqrt(x)") is Verdict.AC


def test_an_object_counts_as_true_only_where_the_reference_answers_with_one(box: Sandbox) -> None:
    search = "import re\ndef f(x): return re.search('a', x)"
    plain = "def f(x): return 'a' in x"
    tests = "assert f('cat')\nassert not f('dog')"
    assert verdict(box, CodeSuite("f", tests, search), search) is Verdict.AC
    assert verdict(box, CodeSuite("f", tests, plain), search) is Verdict.WA
    assert verdict(box, CodeSuite("f", tests, search), "def f(x): return object()") is Verdict.WA


def test_no_hidden_cases_are_our_failure(box: Sandbox) -> None:
    with pytest.raises(SuiteError, match="no hidden cases"):
        grade(box, OutputSuite(()), ["print(1)"])


@pytest.mark.parametrize(
    "suite",
    [
        CodeSuite("f", "assert f(1) == 'canary'", "def f(x): return 'canary'"),
        CodeSuite("f", "assert f(1) + '' == 'canary'", "def f(x): return 'canary'"),
    ],
    ids=["data", "code"],
)
def test_expected_values_and_test_code_stay_out_of_the_candidates_slots(box: Sandbox, suite: CodeSuite) -> None:
    recorder = Watched(box)
    grade(recorder, suite, ["def f(x): return 1"])  # type: ignore[arg-type]
    open_jobs = [repr(job) for job in recorder.jobs if not job.trusted]
    assert open_jobs
    assert not any("canary" in text for text in open_jobs)
