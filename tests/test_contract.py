"""What every backend must keep: one suite, run on each.

`tests/programs/<status>/` holds programs filed by the status they must get: dropping a file in adds a test.
After each of them the invariants of `invariants.py` are asserted.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from invariants import LIMITS, honest_run_is_right, run_hostile

from agent.judging.judge import verdict_of
from agent.types import Verdict
from problems import Comparator, Problem, TestCase, accepts_value
from sandbox import (
    BinaryJob,
    CallJob,
    CallResult,
    Limits,
    Opaque,
    RunJob,
    Sandbox,
    SandboxError,
    Status,
    open_sandbox,
)
from sandbox.slot import decode_value
from sandbox.types import Value

pytestmark = pytest.mark.each_backend

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*/*.py"))
ROOMY = Limits(cpu_s=2, memory_mb=256, output_bytes=1 << 16)
TIGHT = Limits(cpu_s=3, memory_mb=64, output_bytes=1 << 16)  # fresh pages are slow on some machines
DOUBLE = Problem("double", "Print twice the number.", (TestCase("21\n", "42\n"),), time_limit_s=0.5)
IMPATIENT = Limits(cpu_s=0.3, wall_s=0.5)
LIMITS_OF = {"idle": IMPATIENT, "mle": TIGHT, "ok": ROOMY, "refused": ROOMY, "rte": ROOMY}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_program_ends_as_it_is_filed(path: Path, box: Sandbox) -> None:
    """Filed by status; under `wa` by what the judge must say, under `refused` when nothing it tried may work."""
    # Bytes, not text: some of these are not even Python source.
    source = path.read_bytes().decode("utf-8", "surrogateescape")
    status_folder = path.parent.name
    result = run_hostile(box, RunJob(source, "21\n", LIMITS_OF.get(status_folder, LIMITS)))
    if status_folder == "wa":
        assert verdict_of(result, DOUBLE.cases[0], DOUBLE.comparator) is Verdict.WA, result
    elif status_folder == "refused":
        assert (result.status, result.stdout) == (Status.OK, ""), result
    else:
        assert result.status.lower() == status_folder, result


def test_output_and_cost_are_reported(box: Sandbox) -> None:
    result = box.run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(4)")
    assert (result.status, result.exit_code, result.signal) == (Status.RTE, 4, None)
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    assert 0 < result.cpu_s <= result.wall_s + 0.05
    assert 1 < result.max_rss_mb < 100


def test_a_program_is_the_bytes_of_its_file(box: Sandbox) -> None:
    latin = b"# coding: latin-1\nprint(len('\xe9\xff'))\n".decode("utf-8", "surrogateescape")
    result = box.run(latin)
    assert (result.status, result.stdout) == (Status.OK, "2\n")


@pytest.mark.parametrize("half", ["\ud800", "\udcff\ud800"])
def test_half_of_a_character_in_a_program_is_the_programs_own_mistake(half: str, box: Sandbox) -> None:
    assert box.run(f"print('{half}')").status is Status.RTE
    call = CallJob(f"def f():\n    return '{half}'", "f", prelude=f"# {half}")
    assert next(iter(box.run_many([call]))).status is Status.RTE


def test_a_value_that_is_slow_to_decode_holds_up_no_run_beside_it(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    others, begun = 12, 0
    further: list[bool] = []
    one_more = threading.Semaphore(0)

    def jobs() -> Iterator[CallJob | RunJob]:
        nonlocal begun
        yield CallJob("def f(): return list(range(10_000))", "f", limits=ROOMY)
        for number in range(others):
            begun += 1
            one_more.release()
            yield RunJob(f"import time; time.sleep(0.1); print({number})", limits=ROOMY)

    def slow(data: bytes) -> Value:
        further.extend(one_more.acquire(timeout=5) for _ in range(begun + 3))
        return decode_value(data)

    monkeypatch.setattr("sandbox.slot.decode_value", slow)
    first, *rest = box.run_many(jobs())
    assert len(further) < others  # or else all had begun before
    assert all(further)
    assert isinstance(first, CallResult)
    assert first.value == list(range(10_000))
    assert [result.stdout for result in rest] == [f"{number}\n" for number in range(others)]


def test_values_of_any_size_come_in_the_order_of_their_jobs(box: Sandbox) -> None:
    sizes = [5000, 1, 20_000, 0, 3, 9000] * 8
    jobs = (CallJob(f"def f(): return list(range({size}))", "f", limits=ROOMY) for size in sizes)
    values = [result.value for result in box.run_many(jobs) if isinstance(result, CallResult)]
    assert [len(value) for value in values if isinstance(value, list)] == sizes


def test_a_traceback_names_the_line_and_nothing_of_ours(box: Sandbox) -> None:
    result = box.run("x = 1\nraise ValueError('seen')")
    assert 'File "solution.py", line 2' in result.stderr
    assert "ValueError: seen" in result.stderr
    assert "shim" not in result.stderr


def test_cpu_time_is_that_of_the_whole_tree(box: Sandbox) -> None:
    burn = (
        "import os, time\npid = os.fork()\nend = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\nif pid: os.wait()"
    )
    result = box.run(burn)
    assert result.status is Status.OK
    assert result.cpu_s == pytest.approx(0.4, abs=0.1)


def test_giving_back_memory_counts_in_wall_time_as_in_cpu_time(box: Sandbox) -> None:
    hoard = "held = []\nwhile True: held.append(bytearray(b'x') * (1 << 20))"
    result = box.run(hoard, limits=Limits(cpu_s=20, memory_mb=1024))
    assert result.status is Status.MLE
    # One thread: it cannot compute for longer than it was there.
    assert result.cpu_s <= result.wall_s + 0.005


def test_the_limit_on_cpu_time_is_kept(box: Sandbox) -> None:
    result = box.run("while True: pass", limits=LIMITS)
    assert result.status is Status.TLE
    assert result.cpu_s == pytest.approx(0.3, abs=0.05)


def test_results_come_in_order_and_jobs_are_taken_lazily(box: Sandbox) -> None:
    results_taken = []

    def jobs() -> object:
        for number in range(200):
            results_taken.append(number)
            yield RunJob(f"import time; time.sleep({0.02 if number % 7 == 0 else 0}); print({number})")

    stream = box.run_many(jobs())  # type: ignore[arg-type]
    assert next(stream).stdout == "0\n"
    assert len(results_taken) < 100
    assert [result.stdout for result in stream] == [f"{number}\n" for number in range(1, 200)]


def test_an_abandoned_stream_does_not_disturb_the_next(box: Sandbox) -> None:
    stream = box.run_many([RunJob("print(0)")] + [RunJob("import time; time.sleep(20)")] * 4)
    assert next(stream).stdout == "0\n"
    stream.close()  # type: ignore[attr-defined]
    honest_run_is_right(box)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "value",
    [None, True, -(2**70), 1.5, float("inf"), 2j, "h\u00e9\U0001f600\n\x00", b"\x00\xff", [1, [2, ()]],
     {"a": {1: {2.5}}}, frozenset([("x", None)])],
    ids=repr,
)  # fmt: skip
def test_values_go_in_and_come_out(value: object, fresh: bool, box: Sandbox) -> None:
    result = box.call("def same(x, *, y): return x, y", "same", [value], {"y": value}, fresh=fresh)
    assert (result.status, result.value) == (Status.OK, (value, value)), result
    assert type(result.value[0]) is type(value)  # type: ignore[index]


def test_a_method_of_solution_is_found(box: Sandbox) -> None:
    source = "class Solution:\n    def add(self, a, b):\n        print('called')\n        return a + b"
    result = box.call(source, "add", (2, 3))
    assert (result.status, result.value, result.stdout) == (Status.OK, 5, "called\n")


FORGERS = {
    "always equal": "class E:\n    __eq__ = lambda s, o: True\ndef f(): return E()",
    "subclass of int": "class I(int):\n    __eq__ = lambda s, o: True\ndef f(): return I(7)",
    "subclass of list": "class L(list):\n    __eq__ = lambda s, o: True\ndef f(): return L()",
    "function": "def f(): return f",
    "class": "def f(): return int",
    "module": "import os\ndef f(): return os",
    "generator": "def f(): yield 1",
    "coroutine": "async def f(): return 1",
}


@pytest.mark.parametrize("source", FORGERS.values(), ids=FORGERS)
def test_what_is_not_a_plain_value_comes_out_opaque(source: str, box: Sandbox) -> None:
    result = box.call(source, "f")
    assert result.status is Status.OK
    assert isinstance(result.value, Opaque)
    assert result.value != result.value


def test_runs_give_way_to_the_supervisor_of_a_container(box: Sandbox) -> None:
    """There they share one part of the core. Slots of bubblewrap share theirs with the whole host."""
    look = "for who in ('1', 'self'):\n    print(open(f'/proc/{who}/stat').read().rpartition(')')[2].split()[16])"
    own = os.nice(0)  # of who runs the tests, and so of bubblewrap's slots
    expected = "0\n19\n" if box.backend == "docker" else f"{own}\n{own}\n"
    assert box.run(look).stdout == expected


EQUAL_TO_PLAIN = {
    "named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)",
        (1, 2),
    ),
    "enumeration": ("import enum\nclass E(enum.IntEnum):\n    A = 3\ndef f(): return [E.A]", [3]),
    "fraction": ("from fractions import Fraction\ndef f(): return [Fraction(1, 2), Fraction(4, 2)]", [0.5, 2]),
    "third": ("from fractions import Fraction\ndef f(): return Fraction(1, 3)", Fraction(1, 3)),
    "decimal": ("from decimal import Decimal\ndef f(): return Decimal('2.50')", 2.5),
    "views": ("def f():\n    d = {1: 2}\n    return [d.keys(), d.items()]", [{1}, {(1, 2)}]),
    "bytes that change": ("def f(): return bytearray(b'ab')", b"ab"),
    "dict of a class": ("class D(dict):\n    pass\ndef f(): return D(a=1)", {"a": 1}),
    "list of a user": ("from collections import UserList\ndef f(): return UserList([1])", [1]),
    "powers of two": ("def f(): return {2**i for i in range(5000)}", {2**i for i in range(5000)}),
    "zeros": ("def f(): return [0] * 4_200_000", [0] * 4_200_000),
}


@pytest.mark.parametrize(("source", "value"), EQUAL_TO_PLAIN.values(), ids=EQUAL_TO_PLAIN)
def test_what_python_finds_equal_to_a_plain_value_is_right(source: str, value: object, box: Sandbox) -> None:
    """As a harness that compares with `==` in the program's own process would have it."""
    result = box.call(source, "f", limits=Limits(wall_s=20, cpu_s=10))
    assert result.status is Status.OK, result
    assert accepts_value(Comparator(), value, result.value)


SILENT = {
    "leaves early": "import os\ndef f(): os._exit(0)",
    "exits": "import sys\ndef f(): sys.exit(0)",
    "leaves while loading": "import os\nos._exit(0)\ndef f(): return 1",
    "refers to itself": "def f():\n    x = []\n    x.append(x)\n    return x",
    "too deep": "def f():\n    x = []\n    for _ in range(10**6): x = [x]\n    return x",
    "writes its own frame and more": "import os\ndef f():\n    os.write(3, bytes(8) + b'N')\n    return 1",
    "writes half a frame": "import os\ndef f():\n    os.write(3, (99).to_bytes(8, 'big') + b'I')\n    os._exit(0)",
    "writes garbage": "import os\ndef f():\n    os.write(3, (4).to_bytes(8, 'big') + b'????')\n    os._exit(0)",
}


@pytest.mark.parametrize("source", SILENT.values(), ids=SILENT)
def test_a_call_without_one_whole_value_is_bad(source: str, box: Sandbox) -> None:
    result = box.call(source, "f")
    assert result.status is Status.BAD, result
    honest_run_is_right(box)


@pytest.mark.parametrize(
    "source", ["def f(): return [0] * 10**8", "def f(): return 1 << 10**9", "def f(): return 'x' * 10**8"]
)
def test_a_huge_value_never_reaches_the_host(source: str, box: Sandbox) -> None:
    result = box.call(source, "f")
    assert result.status in (Status.BAD, Status.MLE, Status.TLE, Status.RTE), result.status
    assert result.value is None


def test_a_missing_function_is_a_runtime_error(box: Sandbox) -> None:
    result = box.call("def g(): pass", "f")
    assert result.status is Status.RTE
    assert "NameError" in result.stderr


def test_fresh_runs_have_hash_seeds_of_their_own_and_warm_ones_share_one(box: Sandbox) -> None:
    source = "print(hash('alphasolve'))"
    assert len({box.run(source).stdout for _ in range(6)}) == 1
    assert len({box.run(source, fresh=True).stdout for _ in range(4)}) == 4


def test_large_input_that_nobody_reads(box: Sandbox) -> None:
    assert box.run("print('early')", "x" * (32 << 20)).stdout == "early\n"
    honest_run_is_right(box)


def test_a_job_that_is_too_large_is_our_error(box: Sandbox) -> None:
    with pytest.raises(SandboxError, match="larger"):
        box.run("pass", "x" * (257 << 20))
    honest_run_is_right(box)


@pytest.mark.parametrize("program", [b"", b"no program", b"#!/usr/bin/python3\nprint('ran')\n"], ids=repr)
def test_machine_code_that_is_none_is_a_runtime_error(program: bytes, box: Sandbox) -> None:
    (result,) = box.run_many([BinaryJob(program)])
    assert (result.status, result.exit_code, result.stdout) == (Status.RTE, 126, "")
    assert "cannot be started" in result.stderr
    honest_run_is_right(box)


def test_mixed_jobs_get_results_of_their_kind(box: Sandbox) -> None:
    jobs = [
        RunJob("print(int(input()) * 2)", "1\n"),
        CallJob("def f(): return 2", "f"),
        RunJob("print(int(input()) * 2)", "3\n", fresh=True),
    ]
    first, second, third = box.run_many(jobs)
    assert (first.stdout, second.value, third.stdout) == ("2\n", 2, "6\n")  # type: ignore[attr-defined]


def test_wrong_options_are_refused() -> None:
    for options in ({"backend": "chroot"}, {"slots": 0}, {"backend": "bwrap", "image": "x"}):
        with pytest.raises(ValueError, match=r"unknown backend|positive|go with Docker"):
            open_sandbox(**options)  # type: ignore[arg-type]


def test_a_closed_sandbox_says_so(backend: str) -> None:
    other_box = open_sandbox(backend, slots=1, notice=lambda line: None)
    other_box.close()
    other_box.close()
    with pytest.raises(SandboxError, match="closed"):
        other_box.run("print(1)")
