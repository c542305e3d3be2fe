"""What every backend must keep: one suite, run on each.

`tests/programs/<status>/` holds programs filed by the status they must get: dropping a file in adds a test.
After each of them the invariants of `invariants.py` are asserted.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from invariants import LIMITS, honest_run_is_right, run_hostile

from agent.judging.judge import verdict_of
from agent.types import Verdict
from problems import Problem, TestCase
from sandbox import BinaryJob, CallJob, Limits, Opaque, RunJob, Sandbox, SandboxError, Status, open_sandbox

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
    filed = path.parent.name
    result = run_hostile(box, RunJob(source, "21\n", LIMITS_OF.get(filed, LIMITS)))
    if filed == "wa":
        assert verdict_of(result, DOUBLE.cases[0], DOUBLE.comparator) is Verdict.WA, result
    elif filed == "refused":
        assert (result.status, result.stdout) == (Status.OK, ""), result
    else:
        assert result.status.lower() == filed, result


def test_output_and_cost_are_reported(box: Sandbox) -> None:
    result = box.run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(4)")
    assert (result.status, result.exit_code, result.signal) == (Status.RTE, 4, None)
    assert (result.stdout, result.stderr) == ("out\n", "err\n")
    assert 0 < result.cpu_s <= result.wall_s + 0.05
    assert 1 < result.max_rss_mb < 100


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
    taken = []

    def jobs() -> object:
        for number in range(200):
            taken.append(number)
            yield RunJob(f"import time; time.sleep({0.02 if number % 7 == 0 else 0}); print({number})")

    stream = box.run_many(jobs())  # type: ignore[arg-type]
    assert next(stream).stdout == "0\n"
    assert len(taken) < 100
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
    closed = open_sandbox(backend, slots=1, notice=lambda line: None)
    closed.close()
    closed.close()
    with pytest.raises(SandboxError, match="closed"):
        closed.run("print(1)")
