"""Hostile and honest runs in any order over two slots: honest ones never notice, and every frame is answered."""

from __future__ import annotations

import os
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from invariants import honest_run_is_right

from benchmarks.studies.sandbox_mix import HOSTILE, mix
from sandbox import CallJob, CallResult, Limits, RunJob, RunResult, Sandbox, SandboxError, Status, wire
from sandbox.slot import Slot

pytestmark = pytest.mark.each_backend

BRIEF = Limits(cpu_s=0.1, memory_mb=128, output_bytes=1 << 14, wall_s=10)


class TwoSlots(RuleBasedStateMachine):
    """Fills a queue with hostile and honest jobs, and now and then lets two slots work it off."""

    box: Sandbox  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[RunJob | CallJob] = []
        self.answers: list[object] = []

    @rule(source=st.sampled_from(sorted(HOSTILE.values())))
    def hostile(self, source: str) -> None:
        self.jobs.append(RunJob(source, "21\n", BRIEF))
        self.answers.append(None)

    @rule(number=st.integers(-(2**80), 2**80))
    def honest_program(self, number: int) -> None:
        self.jobs.append(RunJob("print(int(input()) * 2)", f"{number}\n"))
        self.answers.append(f"{2 * number}\n")

    @rule(value=st.recursive(st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
    def honest_call(self, value: object) -> None:
        self.jobs.append(CallJob("def f(x): return [x]", "f", (value,)))  # type: ignore[arg-type]
        self.answers.append([value])

    @rule()
    def work_off(self) -> None:
        for expected, result in zip(self.answers, self.box.run_many(self.jobs), strict=True):
            if expected is not None:
                outcome = result.value if isinstance(result, CallResult) else result.stdout
                assert (result.status, outcome) == (Status.OK, expected), result
        self.jobs, self.answers = [], []

    @invariant()
    def as_many_answers_as_jobs(self) -> None:
        assert len(self.jobs) == len(self.answers)

    def teardown(self) -> None:
        self.work_off()


def test_hostile_and_honest_runs_in_any_order(box: Sandbox) -> None:
    # Made here, so that the machine knows its sandbox and a failure is reported by this test.
    machine = type("Machine", (TwoSlots,), {"box": box})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=[*HealthCheck]
        ),
    )  # type: ignore[no-untyped-call]
    honest_run_is_right(box)


def test_row_49_honest_verdicts_equal_their_solo_runs(box: Sandbox) -> None:
    count = int(os.environ.get("ALPHASOLVE_SOAK", "60"))
    outcome = mix(box, [*HOSTILE.values()], count=count, seed=49)
    assert outcome.differing == ()
    assert outcome.runs == count
    honest_run_is_right(box)


class Liar:
    """A slot's other end that sends whatever a test wants it to."""

    def __init__(self, data: bytes) -> None:
        self._data = wire.HELLO.pack(wire.HELLO_MAGIC, 1, False) + data
        self.asked = 0

    def send(self, data: bytes) -> None:
        pass

    def receive(self, size: int, timeout_s: float) -> bytes:
        self.asked = max(self.asked, size)
        chunk, self._data = self._data[:size], self._data[size:]
        if len(chunk) < size:
            raise SandboxError("the slot is gone")
        return chunk

    def fileno(self) -> int:
        return 0

    def close(self) -> None:
        pass


def answer_from(data: bytes, *, call: bool = False) -> tuple[RunResult | None, int]:
    """What the host makes of `data` as an answer, None for an error of its own; and the most it asked for."""
    link = Liar(data)
    slot = Slot(link, b"")
    slot.submit(CallJob("", "f", limits=BRIEF) if call else RunJob("", limits=BRIEF))
    try:
        return slot.answer().whole(), link.asked
    except SandboxError:
        return None, link.asked


@settings(max_examples=300)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_an_answer_or_our_own_error(data: bytes, call: bool) -> None:
    result, calls = answer_from(data, call=call)
    assert result is None  # the magic alone is beyond chance
    assert calls <= wire.MAX_VALUE + wire.VALUE_HEADER


@settings(max_examples=300)
@given(
    st.integers(0, 255),
    st.integers(0, 255),
    st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.floats(), st.floats()),
    st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 64), min_size=4, max_size=4),
    st.binary(max_size=200),
    st.booleans(),
)
def test_a_lying_header_is_an_answer_or_our_own_error(
    status: int, dirty: int, ends: tuple[int, int], times: tuple[float, float], sizes: list[int], rest: bytes,
    call: bool,
) -> None:  # fmt: skip
    header = wire.REPLY.pack(wire.REPLY_MAGIC, status, dirty, *ends, *times, *sizes)
    result, calls = answer_from(header + rest, call=call)
    assert calls <= wire.MAX_VALUE + wire.VALUE_HEADER  # it never waits for, or holds, more than a result may be
    if result is not None:
        assert status < wire.FAILED
        assert len(result.stdout) <= BRIEF.output_bytes


@given(st.binary(max_size=60).filter(lambda data: data[:4] != wire.HELLO_MAGIC))
def test_a_stranger_is_not_taken_for_a_supervisor(data: bytes) -> None:
    link = Liar(b"")
    link._data = data
    with pytest.raises((SandboxError, struct.error)) as error:
        Slot(link, b"")
    assert error.type is SandboxError
