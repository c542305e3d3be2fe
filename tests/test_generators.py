"""Inputs printed by the model's generators, believed when its validators or the layout say so."""

from __future__ import annotations

from agent.cost import Meter
from agent.generators import generator_requests, inputs_of_generators
from agent.types import Purpose, SolveOptions
from problems import CallCase, Problem, TestCase
from sandbox import Sandbox

SUM = Problem("Sum", "n numbers, 1 <= n <= 9.", (TestCase("3\n1 2 3\n", "6\n"), TestCase("1\n5\n", "5\n")))
RIGHT = "n = random.randint(1, 5)\nprint(n)\nprint(*[random.randint(1, 9) for _ in range(n)])"
SHORT_INPUT = "print(2)\nprint(random.randint(1, 9))"  # one number too few
CHECKS = (
    "words = sys.stdin.read().split()\nprint('VALID' if words and len(words) == int(words[0]) + 1 else 'INVALID')"
)
CREDULOUS = "print('VALID')"
STRICT = "words = sys.stdin.read().split()\nprint('VALID' if words == ['1', '5'] else 'INVALID')"


def made(box: Sandbox, generators: list[str], validators: list[str]) -> list[str]:
    return [item.stdin for item in inputs_of_generators(SUM, generators, validators, box, count=3, seed=1)]


def is_right(text: str) -> bool:
    count, *numbers = text.split()
    return int(count) == len(numbers)


def test_every_trusted_validator_must_accept(box: Sandbox) -> None:
    result = inputs_of_generators(SUM, [RIGHT, SHORT_INPUT], [CHECKS], box, count=3, seed=1)
    assert len(result) == 3
    assert all(is_right(item.stdin) for item in result)
    assert {item.origin for item in result} == {"generator"}
    assert all("1 validators" in item.reason for item in result)


def test_a_validator_that_misjudges_the_samples_is_not_asked(box: Sandbox) -> None:
    assert made(box, [RIGHT], [CREDULOUS, STRICT, CHECKS]) == made(box, [RIGHT], [CHECKS])


def test_without_a_validator_the_layout_decides(box: Sandbox) -> None:
    assert made(box, [SHORT_INPUT], [CREDULOUS]) == []
    result = made(box, [RIGHT], [])
    assert len(result) == 3
    assert all(is_right(text) for text in result)


def test_generators_that_crash_or_say_nothing_give_nothing(box: Sandbox) -> None:
    assert made(box, ["1 / 0", "pass", "while True: pass"], [CHECKS]) == []


def test_the_same_seed_gives_the_same_inputs(box: Sandbox) -> None:
    assert made(box, [RIGHT], [CHECKS]) == made(box, [RIGHT], [CHECKS])


def test_only_programs_are_asked_for_generators() -> None:
    requests = generator_requests(SUM, SolveOptions(generators=2))
    assert [(request.params.n, purpose) for request, purpose in requests] == [
        (2, Purpose.GENERATOR),
        (2, Purpose.VALIDATOR),
    ]
    assert generator_requests(SUM, SolveOptions()) == []
    function = Problem("F", "f", (CallCase((1,), 1),), entry_point="f")
    assert generator_requests(function, SolveOptions(generators=2)) == []


def test_a_generator_that_fails_is_left_alone_soon(box: Sandbox) -> None:
    metered = Meter(box)
    assert inputs_of_generators(SUM, ["print(1 // 0)", RIGHT], [], metered, count=20, seed=0)
    assert 20 < metered.cost().runs < 30  # the other one's, and few of its own
