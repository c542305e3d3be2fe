"""The council: a model's programs that pass the examples, counted, with brute forces among them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from scripted import ScriptedSampler
from test_hacking import BRUTE, EQUAL, PROBLEM, RIGHT

from agent.hacking.council import Council, gather_council
from agent.hacking.sources import Source
from agent.interrupts import Interrupt
from agent.types import Completion, Purpose, SampleRequest, SolveOptions
from sandbox import Sandbox

GENERATOR = "import random\nprint(2)\nprint(random.randint(0, 9), random.randint(0, 9))"
VALIDATOR = (
    "import sys\nt = sys.stdin.read().split()\nprint('VALID' if t and len(t) == int(t[0]) + 1 else 'INVALID')"
)


def shown(council: Council) -> list[tuple[str, int, int]]:
    return [(f"{member.source.strip()}\n", member.count, member.brutes) for member in council.members]


def test_members_are_counted_and_those_that_fail_an_example_are_none(box: Sandbox) -> None:
    sampler = ScriptedSampler([RIGHT, "print(8)", RIGHT, EQUAL, "no program at all (", BRUTE])
    council = gather_council(PROBLEM, sampler, box, options=SolveOptions(n=4), brutes=2)
    assert shown(council) == [(RIGHT, 2, 0), (EQUAL, 1, 0), (BRUTE, 1, 1)]
    assert (council.samples, council.voices) == (6, 4)
    assert council.tally.tokens == 60
    assert council.cost.models[0].requests == 6
    greedy, others, brutes = sampler.requests
    assert [request.params.n for request in sampler.requests] == [1, 3, 2]
    assert greedy.prompt == others.prompt != brutes.prompt
    assert "speed does not matter" in brutes.prompt.user


def test_a_program_that_both_prompts_give_has_voices_of_both(box: Sandbox) -> None:
    council = gather_council(PROBLEM, ScriptedSampler([RIGHT]), box, options=SolveOptions(n=2), brutes=3)
    assert shown(council) == [(RIGHT, 5, 3)]


def test_what_generators_print_comes_after_the_examples_where_it_is_valid(box: Sandbox) -> None:
    sampler = ScriptedSampler([GENERATOR, VALIDATOR, RIGHT])
    council = gather_council(PROBLEM, sampler, box, options=SolveOptions(n=1, generators=1), brutes=0)
    assert council.voices == 1
    assert {item.origin for item in council.inputs} == {"generator"}
    wide = replace(council.inputs[0], stdin="2\n7 9999999999\n")  # more than the statement allows
    rounds = Source(PROBLEM, 0, [*council.inputs, wide]).rounds()
    assert {item.origin for item in next(rounds)} == {"example"}
    second = next(rounds)
    assert {item.stdin for item in second} == {item.stdin for item in council.inputs}


class Pressing(ScriptedSampler):
    """Somebody presses Ctrl-C after two answers."""

    def __init__(self, interrupt: Interrupt) -> None:
        super().__init__([RIGHT])
        self.interrupt = interrupt

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        for number, completion in enumerate(super().sample(requests), 1):
            if number == 2:
                self.interrupt._came = True
            yield completion


def test_ctrl_c_ends_sampling_and_what_came_counts(box: Sandbox) -> None:
    interrupt = Interrupt()
    sampler = Pressing(interrupt)
    council = gather_council(PROBLEM, sampler, box, options=SolveOptions(n=9), interrupt=interrupt)
    assert (council.samples, council.voices) == (2, 2)


def test_brutes_are_programs_and_nothing_else_is() -> None:
    assert {purpose for purpose in Purpose if purpose.is_program} == {Purpose.PROGRAM, Purpose.BRUTE}
