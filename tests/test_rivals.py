"""Rivals told apart by a small input, and an answer about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from scripted import ScriptedSampler

from agent.rivals import Answer, Question
from agent.solve import solve
from agent.types import Completion, SampleRequest, Solution, SolveOptions
from problems import CallCase, Problem, TestCase
from sandbox import Sandbox

LARGEST = Problem("Largest", "Give the largest.", (CallCase(([3, 1, 2, 9],), 9),), entry_point="f")
RIGHT = "def f(a):\n    return max(a)"
LAST = "def f(a):\n    return a[-1]"

DOUBLE = Problem("Double", "Print 2n for 1 <= n <= 1000.", (TestCase("3\n", "6\n"),))
OPTIONS = SolveOptions(n=3, stop_risk=0)


class Oracle:
    """A person who knows the answer, and remembers the questions."""

    def __init__(self, right: str = "", *, always: Answer | None = None) -> None:
        self._right = right
        self._always = always
        self.asked: list[Question] = []

    def answer(self, problem: Problem, question: Question) -> Answer:
        self.asked.append(question)
        if self._always is not None:
            return self._always
        scope: dict[str, object] = {}
        exec(self._right, scope)  # our own program
        value = repr(scope["f"](*question.input.args))  # type: ignore[operator]
        return {question.first: Answer.FIRST, question.second: Answer.SECOND}.get(value, Answer.NEITHER)


def program(solution: Solution) -> str:
    assert solution.program is not None
    return solution.program.strip()


def test_the_answer_of_a_person_beats_the_majority(box: Sandbox) -> None:
    oracle = Oracle(RIGHT)
    sampler = ScriptedSampler([LAST, LAST, RIGHT])
    assert program(solve(LARGEST, sampler, box, options=OPTIONS)) == LAST
    sampler = ScriptedSampler([LAST, LAST, RIGHT])
    assert program(solve(LARGEST, sampler, box, options=OPTIONS, arbiter=oracle)) == RIGHT
    assert len(oracle.asked) == 1


def test_the_question_is_shrunk(box: Sandbox) -> None:
    oracle = Oracle(RIGHT)
    solve(LARGEST, ScriptedSampler([LAST, LAST, RIGHT]), box, options=OPTIONS, arbiter=oracle)
    (items,) = oracle.asked[0].input.args
    assert isinstance(items, list)
    assert len(items) == 2  # no shorter list has a last element that is not the largest
    assert oracle.asked[0].shown == f"f({items!r})"


def test_neither_puts_both_behind_a_third(box: Sandbox) -> None:
    oracle = Oracle(RIGHT)
    sampler = ScriptedSampler([LAST, LAST, "def f(a):\n    return a[3]", "def f(a):\n    return a[3]", RIGHT])
    solution = solve(LARGEST, sampler, box, options=SolveOptions(n=5, stop_risk=0), arbiter=oracle)
    assert program(solution) == RIGHT


@pytest.mark.parametrize("programs", [[RIGHT], [RIGHT, LAST]])
def test_who_has_no_idea_changes_nothing_and_is_not_asked_again(box: Sandbox, programs: list[str]) -> None:
    oracle = Oracle(always=Answer.UNSURE)
    solution = solve(
        LARGEST, ScriptedSampler(programs), box, options=SolveOptions(n=4, stop_risk=0), arbiter=oracle
    )
    assert program(solution) == RIGHT
    assert len(oracle.asked) == len(programs) - 1


def test_programs_are_told_apart_by_an_input_of_their_layout(box: Sandbox) -> None:
    oracle = Oracle(always=Answer.SECOND)
    plus_three = "print(int(input()) + 3)"
    twice = "print(2 * int(input()))"
    sampler = ScriptedSampler([plus_three, plus_three, twice])
    assert program(solve(DOUBLE, sampler, box, options=OPTIONS, arbiter=oracle)) == twice
    assert 1 <= int(oracle.asked[0].input.stdin) <= 1000


class Opinionated(ScriptedSampler):
    """Says which of A and B is right: the larger number, or always A."""

    def __init__(self, programs: Sequence[str], *, always_a: bool) -> None:
        super().__init__(programs)
        self._always_a = always_a

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        for index, request in enumerate(requests):
            if "Say only A or B" not in request.prompt.user:
                for item in super().sample([request]):
                    yield Completion(index, item.sample, item.text, 10, -5.0, "stop")
                continue
            words = request.prompt.user
            a, b = (int(words.split(f"{letter} answered\n```\n")[1].split("\n")[0]) for letter in "AB")
            yield Completion(index, 0, "A" if self._always_a or a > b else "B", 1, 0.0, "length")


@pytest.mark.parametrize(("always_a", "choice"), [(True, LAST), (False, RIGHT)])
def test_a_model_counts_only_when_both_orders_agree(box: Sandbox, *, always_a: bool, choice: str) -> None:
    options = SolveOptions(n=3, stop_risk=0, model_judges=True)
    solution = solve(LARGEST, Opinionated([LAST, LAST, RIGHT], always_a=always_a), box, options=options)
    assert program(solution) == choice
    assert solution.evidence.tokens == 3 * 10 + 2
