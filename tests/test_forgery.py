"""Rows 1 to 19 of the acceptance list: faking a pass by calls, by left-overs and from memory.

Rows that are plain programs are files under `tests/programs/`; docs/security.md maps every row to its test.
"""

from __future__ import annotations

import time

import pytest
from invariants import LIMITS, honest_run_is_right, run_hostile

from agent.judging.judge import judge, verdict_of
from agent.types import Verdict
from problems import CallCase, Comparator, Problem, TestCase
from sandbox import CallJob, Limits, RunJob, Sandbox, Status

pytestmark = pytest.mark.each_backend


def verdict(box: Sandbox, source: str, *cases: CallCase) -> Verdict:
    """What the judge says of a function `f`: of the first case that is not accepted, or of the last."""
    (executions,) = judge(box, Problem("f", "", cases, "f", time_limit_s=0.5), [source])
    return executions[-1].verdict


FORGERS = {
    "01 exits": "import sys\ndef f(x): sys.exit(0)",
    "01 leaves": "import os\ndef f(x): os._exit(0)",
    "01 raises SystemExit while loading": "raise SystemExit(0)",
    "04 always equal": (
        "class E:\n    __eq__ = __ne__ = __sub__ = __lt__ = lambda s, o: True\n    __bool__ = lambda s: True\n"
        "    __hash__ = lambda s: 7\ndef f(x): return E()"
    ),
    "05 int": "class I(int):\n    __eq__ = lambda s, o: True\n    __hash__ = int.__hash__\ndef f(x): return I(0)",
    "05 str": "class S(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\ndef f(x): return S()",
    "05 list": "class L(list):\n    __eq__ = lambda s, o: True\ndef f(x): return L()",
    "05 inside": "class I(int):\n    __eq__ = lambda s, o: True\ndef f(x): return [I(0)]",
    "08 encoder": (
        "import sys, gc\n"
        "for o in gc.get_objects():\n"
        "    if isinstance(o, dict) and 'MAX_DEPTH' in o and 'encode' in o: o['encode'] = lambda v, **k: b'T'\n"
        "def f(x):\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        codec = frame.f_globals.get('codec')\n"
        "        if codec: codec.encode = lambda v, **k: b'T'\n"
        "        frame = frame.f_back\n"
        "    return 0"
    ),
    "11 argument": "def f(x):\n    x.clear(); x.append(0)\n    return x",
    "12 generator": "def f(x): yield 42",
    "12 coroutine": "async def f(x): return 42",
    "12 lambda": "def f(x): return lambda: 42",
    "12 module": "import os\ndef f(x): return os",
    "12 class": "def f(x): return int",
    "13 holds itself": "def f(x):\n    y = []\n    y.append(y)\n    return y",
    "13 deep": "def f(x):\n    y = []\n    for _ in range(10**6): y = [y]\n    return y",
    "13 wide": "def f(x): return [0] * 10**8",
    "13 big": "def f(x): return 1 << 10**9",
    "13 long": "def f(x): return 'x' * 10**8",
}


@pytest.mark.parametrize("source", FORGERS.values(), ids=FORGERS)
def test_a_forged_value_is_never_accepted(source: str, box: Sandbox) -> None:
    result = run_hostile(box, CallJob(source, "f", ([1, 2, 3],), limits=LIMITS))
    for expected in (42, [1, 2, 3], [42], None, "x", 0.5):
        assert verdict_of(result, CallCase(([1, 2, 3],), expected), Comparator()) is not Verdict.AC


def test_row_6_patched_builtins_do_not_decide(box: Sandbox) -> None:
    patch = (
        "import builtins\n"
        "class Quiet(BaseException): pass\n"
        "def f(x):\n"
        "    for name, new in dict(AssertionError=Quiet, print=id, len=lambda o: 0, type=lambda o: int,\n"
        "                          isinstance=lambda *a: True, ValueError=Quiet, bytearray=list).items():\n"
        "        setattr(builtins, name, new)\n"
        "    return {}"
    )
    assert verdict(box, patch.format("x + 1"), CallCase((1,), 2), CallCase((2,), 4)) is not Verdict.AC
    run_hostile(box, CallJob(patch.format("x + 2"), "f", (1,), limits=LIMITS))


DUMP = """
import gc, sys
own = "canary_of_its_own"
frame = sys._getframe()
while frame:
    print(ascii(frame.f_locals), ascii(frame.f_globals)); frame = frame.f_back
for thing in gc.get_objects():
    if isinstance(thing, (dict, list, tuple, set)) and len(thing) < 1000: print(ascii(thing)[:10_000])
sys.stdout.flush()
for line in open("/proc/self/maps"):
    first, last = (int(x, 16) for x in line.split()[0].split("-"))
    if "r" not in line.split()[1] or "[v" in line: continue
    try:
        memory = open("/proc/self/mem", "rb", 0); memory.seek(first)
        sys.stdout.buffer.write(memory.read(last - first))
    except (OSError, OverflowError): pass
"""


def test_row_7_neither_the_answer_nor_an_earlier_candidate_is_in_memory(box: Sandbox) -> None:
    earlier = "canary_of_an_earlier_one"
    for _ in range(4):  # in both slots
        assert box.run(f"x = {earlier!r}; print(x * 100, input())", earlier).status is Status.OK
    expected = TestCase("", "canary_of_the_answer")
    result = box.run(DUMP, limits=Limits(cpu_s=5, memory_mb=512, output_bytes=128 << 20))
    assert verdict_of(result, expected, Comparator()) is Verdict.WA, result.status
    assert "canary_of_its_own" in result.stdout  # so it did see its memory
    assert expected.stdout not in result.stdout
    assert earlier not in result.stdout
    del result
    honest_run_is_right(box)


LATE = {
    "exit hook": "import atexit, os\natexit.register(lambda: os.write(3, bytes(8) + b'T'))\ndef f(x): return 1",
    "finaliser": (
        "import os\nclass D:\n    def __del__(self): os.write(3, b'T')\n"
        "keep = D()\ndef f(x):\n    global keep\n    keep = None\n    return 1"
    ),
    "trace function": (
        "import os, sys\ndef trace(*a):\n    os.write(3, b'T')\n    return trace\n"
        "def f(x):\n    sys.settrace(trace)\n    return 1"
    ),
    "thread": (
        "import os, threading\ndef more():\n    while True: os.write(3, b'T')\n"
        "def f(x):\n    threading.Thread(target=more, daemon=True).start()\n    return 1"
    ),
    "child": (
        "import os, time\ndef f(x):\n"
        "    if os.fork() == 0:\n        time.sleep(0.05); os.write(3, b'T'); os._exit(0)\n"
        "    return 1"
    ),
}


@pytest.mark.parametrize("source", LATE.values(), ids=LATE)
def test_row_9_a_second_answer_changes_nothing(source: str, box: Sandbox) -> None:
    result = run_hostile(box, CallJob(source, "f", (0,), limits=LIMITS))
    assert (result.status, result.value) in ((Status.OK, 1), (Status.BAD, None)), result  # type: ignore[attr-defined]


def test_row_11_the_host_compares_with_its_own_copy(box: Sandbox) -> None:
    items = [3, 1, 2]
    source = "def f(x):\n    x[:] = [0]\n    return [0]"
    assert verdict(box, source, CallCase((items,), [1, 2, 3])) is Verdict.WA
    assert items == [3, 1, 2]


def test_row_13_a_value_of_a_million_digits_is_compared_at_once(box: Sandbox) -> None:
    source = "def f(x): return 1 << 40_000_000"
    began = time.process_time()
    assert verdict(box, source, CallCase((0,), 7)) is Verdict.WA
    assert time.process_time() - began < 1


def test_row_18_files_left_behind_are_gone(box: Sandbox) -> None:
    leave = (
        "for name in ('conftest.py', 'sitecustomize.py', 'random.py', 'usercustomize.py', 'answer'):\n"
        "    open('/tmp/' + name, 'w').write('print(\"owned\"); raise SystemExit(0)')"
    )
    look = "import os, random\nprint(os.listdir('/tmp'), random.__name__, random.random() < 1)"
    for fresh in (False, True):
        for _ in range(3):
            assert run_hostile(box, RunJob(leave, limits=LIMITS)).status is Status.OK
            assert box.run(look, fresh=fresh).stdout == "[] random True\n"


def test_row_19_no_state_survives_a_case(box: Sandbox) -> None:
    memo = (
        "import builtins\n"
        "count = getattr(builtins, 'count', 0)\n"
        "for place in ('/tmp/count', '/dev/shm/count', '/var/tmp/count'):\n"
        "    try: count = max(count, int(open(place).read()))\n"
        "    except OSError: pass\n"
        "builtins.count = count + 1\n"
        "for place in ('/tmp/count', '/dev/shm/count', '/var/tmp/count'):\n"
        "    try: open(place, 'w').write(str(count + 1))\n"
        "    except OSError: pass\n"
        "answer = [10, 20, 30][count]\n"
        "print(answer)\ndef f(x): return answer"
    )
    lines = tuple(TestCase(f"{n}\n", f"{10 * n}\n") for n in (1, 2, 3))
    (executions,) = judge(box, Problem("memo", "", lines), [memo], fail_fast=False)
    assert [execution.verdict for execution in executions] == [Verdict.AC, Verdict.WA, Verdict.WA]
    assert verdict(box, memo, CallCase((1,), 10), CallCase((2,), 20)) is Verdict.WA
    honest_run_is_right(box)
