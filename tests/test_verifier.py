"""A second model that verifies: it changes what it should and nothing else, and its failures cost a line."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import islice

import pytest
from scripted import ScriptedSampler
from test_rivals import Oracle

from agent.cost import VERIFIER
from agent.interrupts import Interrupt
from agent.profile import Form, Profile
from agent.rivals import Answer
from agent.solve import solve
from agent.types import Completion, SampleRequest, SamplerError, Silent, Solution, SolveOptions
from problems import CallCase, Problem, TestCase
from sandbox import Sandbox

HALF = Problem("Half", "Give half of n, rounded down.", (CallCase((4,), 2),), entry_point="half")
ROUNDS_DOWN = "def half(n):\n    return n // 2"
ROUNDS_UP = "def half(n):\n    return (n + 1) // 2"
WRONG = "def half(n):\n    return 7"
TESTS = "5) == 2\nassert half(7) == 3"
SUM = Problem("Sum", "Print any partner of n.", (TestCase("3\n", "4\n"),), many_answers=True)
OPTIONS = SolveOptions(n=6, tests=2, inputs=8, stop_risk=0)


class Voice:
    """A model that answers by what it is asked: with programs in order, with tests, or with a letter."""

    def __init__(self, programs: Sequence[str] = ("pass",), *, tests: str = TESTS, name: str = "voice") -> None:
        self.name, self.is_remote = name, False
        self._programs, self._tests = programs, tests
        self.requests: list[SampleRequest] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        self.requests += requests
        self.drawn = 0
        for index, request in enumerate(requests):
            for number in range(request.params.first, request.params.first + request.params.n):
                text = self._answer(request, self.drawn)
                self.drawn += "Do not solve it" not in request.prompt.user
                yield Completion(index, number, text, 10, -5.0, "stop", prompt_tokens=3)

    def _answer(self, request: SampleRequest, number: int) -> str:
        words = request.prompt.user
        if "Do not solve it" in words:
            return self._tests
        if "Say only A or B" in words:
            a, b = (int(words.split(f"{letter} answered\n```\n")[1].split("\n")[0]) for letter in "AB")
            return "A" if a < b else "B"  # the smaller half is right
        return f"{self._programs[number % len(self._programs)]}\n"

    def kinds(self) -> set[str]:
        """What it was asked for: "tests", "judgement" or "program"."""
        marks = {"Do not solve it": "tests", "Say only A or B": "judgement"}
        return {
            next((kind for mark, kind in marks.items() if mark in request.prompt.user), "program")
            for request in self.requests
        }


class Dumb(Voice):
    """A verifier that fails after so many answers."""

    def __init__(self, after: int = 0, *, is_remote: bool = False) -> None:
        super().__init__(name="dumb")
        self.is_remote = is_remote
        self._after = after

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        for count, completion in enumerate(super().sample(requests)):
            if count == self._after:
                break
            yield completion
        raise SamplerError("dumb is out of order")


class Notes(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def lost(self, reason: str) -> None:
        self.lines.append(reason)


def candidates(solution: Solution) -> list[tuple[str, int, bool]]:
    facts = [(s.candidate.source, s.candidate.count, s.candidate.greedy) for s in solution.standings]
    return sorted(facts)


def test_the_candidates_are_the_same_and_the_tests_are_the_other_model_s(box: Sandbox) -> None:
    programs = [ROUNDS_UP, WRONG, ROUNDS_DOWN]
    alone, solver = Voice(programs, tests="5) == 3"), Voice(programs, tests="5) == 3")
    verifier = Voice()
    without = solve(HALF, alone, box, options=OPTIONS)
    beside = solve(HALF, solver, box, options=OPTIONS, verifier=verifier)
    assert candidates(beside) == candidates(without)
    assert solver.kinds() == {"program"}
    assert alone.kinds() == {"program", "tests"}
    own = [request for request in alone.requests if "Do not solve it" not in request.prompt.user]
    assert [(r.prompt, r.params) for r in solver.requests] == [(r.prompt, r.params) for r in own]
    asked = [request for request in alone.requests if "Do not solve it" in request.prompt.user]
    assert [(r.prompt, r.params) for r in verifier.requests[:1]] == [(r.prompt, r.params) for r in asked]
    assert (without.evidence.tests, beside.evidence.tests) == (1, 2)
    assert [str(without.program).strip(), str(beside.program).strip()] == [ROUNDS_UP, ROUNDS_DOWN]


def test_it_judges_rivals_without_being_asked_to_write(box: Sandbox) -> None:
    solver, verifier = Voice([ROUNDS_UP, ROUNDS_DOWN]), Voice()
    options = SolveOptions(n=4, inputs=8, stop_risk=0)
    solution = solve(HALF, solver, box, options=options, verifier=verifier)
    assert str(solution.program).strip() == ROUNDS_DOWN
    assert (solver.kinds(), verifier.kinds()) == ({"program"}, {"judgement"})
    assert str(solve(HALF, Voice([ROUNDS_UP, ROUNDS_DOWN]), box, options=options).program).strip() == ROUNDS_UP


def test_a_person_judges_before_it(box: Sandbox) -> None:
    verifier, person = Voice(), Oracle(always=Answer.SECOND)
    options = SolveOptions(n=4, inputs=8, stop_risk=0)
    solve(HALF, Voice([ROUNDS_UP, ROUNDS_DOWN]), box, options=options, verifier=verifier, arbiter=person)
    assert len(person.asked) == 1
    assert verifier.requests == []


def test_generators_and_checkers_are_the_other_model_s_and_repairs_the_solver_s(box: Sandbox) -> None:
    solver, verifier = ScriptedSampler(["print(0)"]), ScriptedSampler(["nonsense"])
    options = SolveOptions(n=2, generators=1, checkers=1, tests=1, repair_rounds=1)
    solve(SUM, solver, box, options=options, verifier=verifier)
    assert len(verifier.requests) == 4  # tests, a generator, a validator, a checker
    assert all("Do not solve it" in request.prompt.user for request in verifier.requests)
    assert any("This attempt is wrong" in request.prompt.user for request in solver.requests)


def test_cost_is_counted_for_each_of_them(box: Sandbox) -> None:
    solution = solve(HALF, Voice([ROUNDS_DOWN], name="s"), box, options=OPTIONS, verifier=Voice(name="v"))
    solver, verifier = solution.cost.models
    assert (solver.model, solver.role, solver.requests, solver.completion_tokens) == ("s", "solver", 6, 60)
    assert (verifier.model, verifier.role, verifier.requests, verifier.prompt_tokens) == ("v", VERIFIER, 2, 6)
    assert solution.evidence.tokens == 80


@pytest.mark.parametrize("is_remote", [False, True])
@pytest.mark.parametrize("after", [0, 1])
def test_where_it_fails_that_is_a_line_and_what_it_said_before_counts(
    box: Sandbox, after: int, *, is_remote: bool
) -> None:
    notes = Notes()
    verifier = Dumb(after, is_remote=is_remote)
    solution = solve(HALF, Voice([ROUNDS_UP, ROUNDS_DOWN]), box, options=OPTIONS, verifier=verifier, events=notes)
    assert solution.solved
    assert notes.lines == ["verifier: dumb is out of order"]
    assert solution.evidence.tests == 2 * after
    assert verifier.kinds() == {"tests"}  # who failed is not asked to judge


def test_where_it_fails_as_a_judge_the_answer_is_kept(box: Sandbox) -> None:
    notes = Notes()
    options = SolveOptions(n=4, inputs=8, stop_risk=0)
    solution = solve(HALF, Voice([ROUNDS_UP, ROUNDS_DOWN]), box, options=options, verifier=Dumb(), events=notes)
    assert str(solution.program).strip() == ROUNDS_UP
    assert notes.lines == ["dumb is out of order"]


def test_where_the_solver_fails_that_is_the_end(box: Sandbox) -> None:
    with pytest.raises(SamplerError, match="out of order"):
        solve(HALF, Dumb(), box, options=OPTIONS, verifier=Voice())


class Slow(Voice):
    """Answers once it may."""

    def __init__(self, tests: str = TESTS) -> None:
        super().__init__(tests=tests, name="slow")
        self.is_remote = True
        self.may = threading.Event()

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        assert self.may.wait(timeout=20)
        yield from super().sample(requests)


class Freeing(Voice):
    """A solver that lets a slow verifier go on once it was asked."""

    def __init__(self, slow: Slow) -> None:
        super().__init__([ROUNDS_UP, ROUNDS_DOWN])
        self._slow = slow

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        for completion in super().sample(requests):
            yield completion
            self._slow.may.set()


def test_they_work_at_the_same_time_and_nothing_is_judged_before_both_have_answered(box: Sandbox) -> None:
    slow = Slow()
    solution = solve(HALF, Freeing(slow), box, options=OPTIONS, verifier=slow)
    assert str(solution.program).strip() == ROUNDS_DOWN
    assert solution.evidence.tests == 2


def test_who_does_not_answer_in_time_is_not_waited_for(box: Sandbox) -> None:
    notes, slow = Notes(), Slow()
    options = SolveOptions(n=4, tests=1, inputs=8, stop_risk=0, max_seconds=0.2)
    solution = solve(HALF, Voice([ROUNDS_DOWN]), box, options=options, verifier=slow, events=notes)
    slow.may.set()
    assert solution.solved
    assert notes.lines == ["verifier: not every answer had come when the time was over"]


class Patient(Slow):
    """A slow model that is known to take long, and to begin its answers itself."""

    profile = Profile(form=Form.FENCE, max_seconds=20.0)


class Hasty(Freeing):
    """A solver that lets a slow verifier go on when its own time is over."""

    profile = Profile(max_seconds=0.3)

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        threading.Timer(0.4, self._slow.may.set).start()
        yield from Voice.sample(self, requests)


def test_each_is_asked_as_it_likes_and_has_the_time_that_it_takes(box: Sandbox) -> None:
    patient = Patient(f"```python\nassert half({TESTS}\n```")
    options = SolveOptions(n=4, tests=1, inputs=8, stop_risk=0)
    hasty = Hasty(patient)
    solution = solve(HALF, hasty, box, options=options, verifier=patient)
    assert solution.evidence.tests == 2
    assert patient.kinds() == {"tests", "judgement"}
    assert {bool(request.prompt.prefill) for request in patient.requests} == {False}
    assert {bool(request.prompt.prefill) for request in hasty.requests} == {True}


def test_a_time_that_was_set_holds_for_both(box: Sandbox) -> None:
    notes, patient = Notes(), Patient()
    options = SolveOptions(n=4, tests=1, inputs=8, max_seconds=0.2)
    solve(HALF, Voice([ROUNDS_DOWN]), box, options=options, verifier=patient, events=notes)
    patient.may.set()
    assert notes.lines == ["verifier: not every answer had come when the time was over"]


class Pressed(Voice):
    """A solver after whose last answer somebody presses Ctrl-C, while a slow verifier is waited for."""

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        yield from super().sample(requests)
        threading.Timer(0.05, press_in_main).start()


def press_in_main() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def test_ctrl_c_ends_the_wait_for_it(box: Sandbox) -> None:
    notes, slow = Notes(), Slow()
    with Interrupt() as interrupt:
        solution = solve(
            HALF, Pressed([ROUNDS_DOWN]), box, options=OPTIONS, verifier=slow, events=notes, interrupt=interrupt
        )
    slow.may.set()
    assert interrupt.came
    assert solution.solved
    assert notes.lines == []


@pytest.mark.parametrize("is_remote", [False, True])
def test_a_mistake_in_it_is_not_swallowed(box: Sandbox, *, is_remote: bool) -> None:
    class Broken(Voice):
        def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
            yield next(super().sample(requests))
            raise ZeroDivisionError

    broken = Broken()
    broken.is_remote = is_remote
    with pytest.raises(ZeroDivisionError):
        solve(HALF, Voice([ROUNDS_DOWN]), box, options=OPTIONS, verifier=broken)


class Shy(Voice):
    """A model that has to be asked on the main thread, and notes how many programs were there by then."""

    def __init__(self, solver: Voice) -> None:
        super().__init__(name="shy")
        self._solver = solver
        self.found = -1

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        assert threading.current_thread() is threading.main_thread()
        self.found = self._solver.drawn if self.found < 0 else self.found
        yield from super().sample(requests)


def test_one_on_this_machine_is_asked_after_the_first_round_and_on_no_thread(box: Sandbox) -> None:
    solver = Voice([ROUNDS_DOWN])
    shy = Shy(solver)
    solution = solve(HALF, solver, box, options=replace(OPTIONS, n=20), verifier=shy)
    assert (shy.found, solution.evidence.samples, solution.evidence.tests) == (16, 20, 2)


def test_one_on_this_machine_is_not_asked_when_the_time_is_over(box: Sandbox) -> None:
    class Late(Voice):
        def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
            for completion in super().sample(requests):
                while time.monotonic() < requests[0].until:
                    time.sleep(0.01)
                yield completion

    notes, verifier = Notes(), Voice()
    options = SolveOptions(n=1, tests=1, inputs=8, max_seconds=0.05)
    solution = solve(HALF, Late([ROUNDS_DOWN]), box, options=options, verifier=verifier, events=notes)
    assert solution.solved
    assert notes.lines == ["verifier: not every answer had come when the time was over"]
    assert verifier.requests == []


def test_one_on_this_machine_that_breaks_off_late_answers_is_said_to(box: Sandbox) -> None:
    class BreaksOff(Voice):
        def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
            yield from islice(super().sample(requests), 1)
            while time.monotonic() <= requests[0].until:
                time.sleep(0.01)

    notes = Notes()
    options = SolveOptions(n=1, tests=2, inputs=8, max_seconds=0.5)
    solution = solve(HALF, Voice([ROUNDS_DOWN]), box, options=options, verifier=BreaksOff(), events=notes)
    assert solution.solved
    assert solution.evidence.tests > 0  # what came in time counts
    assert notes.lines == ["verifier: not every answer had come when the time was over"]


def test_one_that_has_answered_everything_is_not_called_late(box: Sandbox) -> None:
    class Lengthy(Voice):
        def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
            for completion in super().sample(requests):
                while time.monotonic() < requests[0].until:
                    time.sleep(0.01)
                yield completion

    notes = Notes()
    options = SolveOptions(n=1, tests=1, inputs=8, max_seconds=0.3)
    solution = solve(HALF, Voice([ROUNDS_DOWN]), box, options=options, verifier=Lengthy(), events=notes)
    assert (notes.lines, solution.evidence.tests) == ([], 2)
