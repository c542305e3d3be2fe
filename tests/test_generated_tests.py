"""Tests that the model writes: read from its words, voted with, never a filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scripted import ScriptedSampler

from agent.generated_tests import read_tests, requests_for_tests
from agent.judging.judge import text_key, value_key
from agent.prompts import build_tests_prompt
from agent.solve import solve
from agent.types import Completion, SampleRequest, SolveOptions
from problems import CallCase, Comparator, Problem, TestCase
from sandbox import Sandbox

CALL = Problem("Half", "Give half of n, rounded down.", (CallCase((4,), 2),), entry_point="half")
TEXT = Problem("Sum", "Print the sum.", (TestCase("1 2\n", "3\n"),))
LIMITLESS = Problem("Sum", "Print the sum.", (TestCase("1 2\n", "3\n"),), comparator=Comparator("tokens", 1e-6))


def key_of(value: object) -> object:
    return value_key(value, CALL.comparator)


def whole(problem: Problem, *texts: str) -> list[str]:
    """Answers as the model gives them: what they were made to begin with, and its own text."""
    return [build_tests_prompt(problem).prefill + text for text in texts]


class TwoVoices(ScriptedSampler):
    """Answers requests for tests with `tests`, all others with programs."""

    def __init__(self, programs: Sequence[str], tests: Sequence[str]) -> None:
        super().__init__(programs)
        self._tests = list(tests)

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        for index, request in enumerate(requests):
            if "Do not solve it" in request.prompt.user:
                for sample, text in enumerate(self._tests[: request.params.n]):
                    yield Completion(index, sample, text, tokens=10, logprob=-5.0, finish="stop")
            else:
                for item in super().sample([request]):
                    yield Completion(index, item.sample, item.text, 10, -5.0, "stop")


def test_asserts_are_read_in_a_slot(box: Sandbox) -> None:
    texts = ["5) == 2\nassert half(7) == 3", "5) == 3\nassert half(0", "while True: pass"]
    result = read_tests(CALL, whole(CALL, *texts), box)
    assert [(test.input.args, test.answer) for test in result] == [
        ((5,), key_of(2)),
        ((7,), key_of(3)),
        ((5,), key_of(3)),
    ]
    assert {test.input.origin for test in result} == {"written"}


def test_hostile_text_costs_only_its_own_tests(box: Sandbox) -> None:
    texts = [
        "__import__('os')._exit(0)) == 1",
        "[0] * 10**10) == 1",
        "object()) == 1",
        "1) == 10**9999",
        "6) == 3",
    ]
    assert [test.input.args for test in read_tests(CALL, whole(CALL, *texts), box)] == [(6,)]


def test_examples_are_cut_at_their_labels(box: Sandbox) -> None:
    text = (
        "4 5\nOutput:\n9\n\nExample 2\nInput:\n```\n1 1\n```\nOutput:\n```\n2\n```\nBecause 1 and 1 make 2.\n\n"
        "Input:\n7 7"
    )
    result = read_tests(TEXT, whole(TEXT, text), box)
    assert [(test.input.stdin, test.answer) for test in result] == [
        ("4 5\n", text_key("9", TEXT.comparator)),
        ("1 1\n", text_key("2", TEXT.comparator)),
    ]


def test_no_tests_ask_for_nothing() -> None:
    assert requests_for_tests(CALL, SolveOptions()) == []


def test_tests_are_asked_for_without_showing_a_candidate() -> None:
    (request,) = requests_for_tests(CALL, SolveOptions(tests=3))
    assert request.params.n == 3
    assert "half" in request.prompt.user
    assert request.prompt.prefill.endswith("assert half(")


ROUNDS_DOWN = "def half(n):\n    return n // 2"
ROUNDS_UP = "def half(n):\n    return (n + 1) // 2"


def test_tests_decide_between_equal_clusters(box: Sandbox) -> None:
    programs = [ROUNDS_UP, ROUNDS_DOWN]
    options = SolveOptions(n=4, tests=2, inputs=8)
    plain = solve(CALL, TwoVoices(programs, ()), box, options=options)
    assert plain.program is not None
    assert plain.program.strip() == ROUNDS_UP  # drawn first
    solution_by_vote = solve(
        CALL, TwoVoices(programs, ["5) == 2\nassert half(7) == 3", "5) == 3"]), box, options=options
    )
    assert solution_by_vote.program is not None
    assert solution_by_vote.program.strip() == ROUNDS_DOWN
    assert solution_by_vote.evidence.tests == 3
    assert solution_by_vote.evidence.samples == 4


def test_a_wrong_test_filters_nobody(box: Sandbox) -> None:
    options = SolveOptions(n=2, tests=1)
    solution = solve(CALL, TwoVoices([ROUNDS_DOWN], ["5) == 77"]), box, options=options)
    assert solution.solved
    assert solution.evidence.survivors == 1


def test_tests_of_public_inputs_say_nothing_new(box: Sandbox) -> None:
    options = SolveOptions(n=2, tests=1)
    solution = solve(CALL, TwoVoices([ROUNDS_DOWN], ["4) == 3"]), box, options=options)
    assert solution.evidence.tests == 0
