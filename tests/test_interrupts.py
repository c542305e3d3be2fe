"""Ctrl-C while a problem is solved, and what is under way at once while the command gets ready."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from doubling import PROBLEM, RIGHT, one_line
from host_processes import eventually
from scripted import ScriptedSampler, scripted_model

from agent import models
from agent.budget import Budget
from agent.cli import run
from agent.commands.ask import Person
from agent.commands.opening import Opening
from agent.commands.options import SandboxOptions
from agent.inputs import GeneratedInput
from agent.interrupts import Interrupt
from agent.models import weights
from agent.rivals import Answer, Question
from agent.solve import solve
from agent.types import Completion, SampleRequest, SamplerError, SolveOptions
from problems import Problem, TestCase
from sandbox import Batched, Job, RunResult, Sandbox, SandboxUnavailable

ROOT = Path(__file__).parent.parent
DOUBLE = Problem("Double", "Print twice the number.", (TestCase("3\n", "6\n"), TestCase("-4\n", "-8\n")))


def press() -> None:
    signal.raise_signal(signal.SIGINT)


class Pressing(ScriptedSampler):
    """A sampler during whose answer number `at`, from 0, somebody presses Ctrl-C."""

    def __init__(self, programs: Sequence[str], *, at: int, times: int = 1) -> None:
        super().__init__(programs)
        self._at, self._times = at, times

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        for number, completion in enumerate(super().sample(requests)):
            for _ in range(self._times if number == self._at else 0):
                press()
            yield completion


class PressingBox(Batched):
    """A sandbox during whose first run somebody presses Ctrl-C."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.runs = 0

    @property
    def backend(self) -> str:
        return self._box.backend

    @property
    def slots(self) -> int:
        return self._box.slots

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        for result in self._box.run_many(jobs):
            self.runs += 1
            if self.runs == 1:
                press()
            yield result

    def close(self) -> None:
        pass


def test_what_was_drawn_before_it_is_judged_and_answered(box: Sandbox) -> None:
    sampler = Pressing(["print(6)", RIGHT, RIGHT], at=3)
    with Interrupt() as interrupt:
        solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=16), interrupt=interrupt)
    assert interrupt.came
    assert solution.evidence.samples == 3
    assert (solution.solved, solution.program) == (True, RIGHT + "\n")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_no_repair_is_asked_for_after_it(box: Sandbox) -> None:
    sampler = Pressing(["print(6)"], at=2)
    with Interrupt() as interrupt:
        solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=16), interrupt=interrupt)
    assert (solution.solved, solution.evidence.samples) == (False, 2)
    assert len(sampler.requests) == 2, "the greedy program and the others, and nothing later"


def test_judging_is_not_broken_off_but_nothing_is_sampled_after_it(box: Sandbox) -> None:
    """Round by round: 16 of 64 are drawn when it comes."""
    sampler = ScriptedSampler([f"print(2 * int(input()) + 0 * {n})" for n in range(64)])
    options = SolveOptions(n=64, stop_risk=0)
    with Interrupt() as interrupt:
        solution = solve(DOUBLE, sampler, PressingBox(box), options=options, interrupt=interrupt)
    assert solution.evidence.samples == 16
    assert solution.evidence.survivors == 16
    assert solution.solved


def test_the_second_one_ends_at_once(box: Sandbox) -> None:
    sampler = Pressing([RIGHT], at=2, times=1)
    pressing = PressingBox(box)
    with pytest.raises(KeyboardInterrupt), Interrupt() as interrupt:
        solve(DOUBLE, sampler, pressing, options=SolveOptions(n=16), interrupt=interrupt)
    assert pressing.runs == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_does_not_ask_for_it_keeps_the_usual_exception(box: Sandbox) -> None:
    with pytest.raises(KeyboardInterrupt):
        solve(DOUBLE, Pressing([RIGHT], at=2), box, options=SolveOptions(n=16))


def test_off_the_main_thread_nothing_is_caught() -> None:
    seen: list[object] = []

    def work() -> None:
        with Interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_an_ignored_one_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            press()
        assert not interrupt.came
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_spent_budget_waits_for_no_completion() -> None:
    with Interrupt() as interrupt:
        press()
        budget = Budget(SolveOptions(), interrupt)
        assert budget.is_spent
        assert budget.next_of(iter([Completion(0, 0, "x", 1, 0.0, "stop")])) is None


def test_a_question_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def prompt(*_: object, **__: object) -> str:
        try:
            press()
        except KeyboardInterrupt:
            raise click.Abort from None  # as click's own does
        return "1"

    monkeypatch.setattr(click, "prompt", prompt)
    question = Question(GeneratedInput(stdin="1\n"), "1\n", "2\n", "3\n")
    pauses: list[int] = []
    with Interrupt() as interrupt:
        person = Person(lambda: pauses.append(1), interrupt)
        assert person.answer(DOUBLE, question) is Answer.UNSURE
        assert person.answer(DOUBLE, question) is Answer.UNSURE
    assert interrupt.came
    assert len(pauses) == 1


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "double.md"
    path.write_text(PROBLEM, encoding="utf-8")
    return path


def use(monkeypatch: pytest.MonkeyPatch, sampler: Any) -> None:
    monkeypatch.setattr(models, "open_sampler", lambda *_, **__: sampler)


def test_the_command_prints_the_best_so_far(
    problem: Path, backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, Pressing(["print(6)", RIGHT, RIGHT], at=3))
    assert run([str(problem), "--sandbox", backend]) == 130
    out, err = capsys.readouterr()
    assert out == RIGHT + "\n"
    assert "chosen: passes 2 of 2 examples" in err
    assert err.splitlines()[-1] == "interrupted after 3 samples; best so far"


def test_the_command_prints_nothing_where_nothing_passed(
    problem: Path, backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, Pressing(["print(6)"], at=1))
    assert run([str(problem), "--sandbox", backend]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == "interrupted after 1 sample; nothing passes so far"


def test_json_and_the_report_hold_the_best_so_far(
    problem: Path, backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, Pressing([RIGHT], at=2))
    page = problem.with_suffix(".html")
    assert run([str(problem), "--sandbox", backend, "--json", "--report", str(page)]) == 130
    record = json.loads(capsys.readouterr().out)
    assert (record["program"], record["evidence"]["samples"]) == (RIGHT + "\n", 2)
    assert "Passes the examples" in page.read_text(encoding="utf-8")


SLOW = """
import pathlib, sys, time
from agent import cli, models
from agent.models.scripted_sampler import Answer, ScriptedSampler

class Slow(ScriptedSampler):
    "Says three things, then thinks for ever."
    def sample(self, requests):
        stream = super().sample(requests)
        yield next(stream)
        yield next(stream)
        yield next(stream)
        pathlib.Path(sys.argv[1]).touch()
        while True:
            time.sleep(1000)

models.open_sampler = lambda *_, **__: Slow([Answer(text) for text in sys.argv[2].split("|")])
sys.exit(cli.run(sys.argv[3:]))
"""


@pytest.mark.each_backend
@pytest.mark.parametrize("presses", [1, 2])
def test_in_a_process_of_its_own(problem: Path, backend: str, presses: int) -> None:
    """The whole process group gets it, as at a terminal; a second one does not wait for what is being judged."""
    sign = problem.with_name("waiting")
    programs = f"print(6)|{RIGHT}|{RIGHT}" if presses == 1 else "while True: pass"
    problem.write_text(f"Time limit: 60 seconds\n\n{PROBLEM}", encoding="utf-8")
    command = [sys.executable, "-c", SLOW, str(sign), programs, str(problem), "--sandbox", backend]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert eventually(sign.exists)
        since = time.monotonic()
        for number in range(presses):
            if number:
                time.sleep(1.0)  # the endless program is being judged
                assert process.poll() is None
            os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert time.monotonic() - since < 40
    if presses == 1:
        assert out == RIGHT + "\n"
        assert err.splitlines()[-1] == "interrupted after 3 samples; best so far"
    else:
        assert out == ""
        assert err.splitlines()[-1] == "solve: interrupted"


class Box(Batched):
    """A sandbox that says whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        return iter(())

    def close(self) -> None:
        self.closed = True

    @property
    def backend(self) -> str:
        return "none"

    @property
    def slots(self) -> int:
        return 1


def starting(monkeypatch: pytest.MonkeyPatch, start: Callable[[], Sandbox]) -> None:
    monkeypatch.setattr(SandboxOptions, "find", lambda *_, **__: start)


def test_slots_start_while_the_model_loads(
    problem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each waits for the other to have begun: one after the other, the first would wait in vain."""
    loading, boxes = threading.Event(), [Box()]

    def start() -> Sandbox:
        assert loading.wait(30), "the model did not begin to load"
        return boxes[0]

    def load(*_: object, **__: object) -> None:
        loading.set()
        raise SamplerError("no such model")

    starting(monkeypatch, start)
    monkeypatch.setattr(models, "open_sampler", load)
    assert run([str(problem), "-q"]) == 3
    assert one_line(capsys.readouterr().err) == "solve: no such model"
    assert boxes[0].closed


def test_a_sandbox_that_does_not_come_up_ends_it(
    problem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start() -> Sandbox:
        raise SandboxUnavailable("no slot came up")

    starting(monkeypatch, start)
    assert run([str(problem), "-q", "-m", scripted_model(tmp_path, RIGHT)]) == 3
    assert one_line(capsys.readouterr().err) == "solve: no slot came up"


def test_weights_are_fetched_only_once_the_sandbox_is_up(
    problem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was found, but no slot comes up: nothing is fetched for it."""

    def start() -> Sandbox:
        time.sleep(0.3)
        raise SandboxUnavailable("no slot came up")

    starting(monkeypatch, start)
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path / "empty"))
    monkeypatch.delenv("ALPHASOLVE_OFFLINE", raising=False)
    monkeypatch.setattr(weights, "fetch", lambda *_, **__: pytest.fail("weights were fetched"))
    monkeypatch.setattr(weights, "_from_hub", lambda *_: pytest.fail("the hub was asked"))
    for model in ("qwen2.5-coder-0.5b", "nobody/nothing"):
        assert run([str(problem), "-q", "-m", model]) == 3
        assert one_line(capsys.readouterr().err) == "solve: no slot came up"


def test_a_line_is_there_before_anything_is_waited_for(
    problem: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def find(*_: object, **__: object) -> None:
        seen.append(capsys.readouterr().err)
        raise SandboxUnavailable("none")

    monkeypatch.setattr(SandboxOptions, "find", find)
    assert run([str(problem), "-m", "qwen2.5-coder-0.5b"]) == 3
    assert seen[0].splitlines()[-1] == "loading qwen2.5-coder-0.5b, starting the sandbox"


def test_what_was_opened_is_closed_and_an_error_is_kept() -> None:
    box = Box()
    with Opening(lambda: box) as opening:
        assert opening.result() is opening.result() is box
    assert box.closed
    with Opening(lambda: pytest.fail("no")) as opening, pytest.raises(BaseException, match="no"):
        opening.result()
