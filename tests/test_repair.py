"""Repair: only where nothing passes, with what fails, and never at the cost of what passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scripted import ScriptedSampler

from agent.solve import solve
from agent.types import Completion, SampleRequest, SolveOptions
from problems import Problem, TestCase
from sandbox import Sandbox

CASES = (TestCase("1\n", "1\n"), TestCase("3\n", "9\n"), TestCase("4\n", "16\n"))
SQUARE = Problem("Square", "Read n and print its square.", CASES)
RIGHT = "print(int(input()) ** 2)"
ECHO = "print(input())"  # passes the first case only
BREAKS = "print(9)"  # passes the second case only
CONSTANT = "print(7)"


class Mender(ScriptedSampler):
    """Draws `programs`; answers a request to repair with the next round of `repairs`."""

    def __init__(self, programs: Sequence[str], *repairs: Sequence[str]) -> None:
        super().__init__(programs)
        self._repairs = list(repairs)
        self.asked: list[list[str]] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        if "This attempt is wrong" not in requests[0].prompt.user:
            yield from super().sample(requests)
            return
        self.asked.append([request.prompt.user for request in requests])
        programs = self._repairs.pop(0)
        for index, _ in enumerate(requests):
            for sample, program in enumerate(programs):
                yield Completion(index, sample, program + "\n", tokens=10, logprob=-5.0, finish="stop")


def test_a_failing_case_is_shown_and_mended(box: Sandbox) -> None:
    sampler = Mender([ECHO], [RIGHT])
    solution = solve(SQUARE, sampler, box, options=SolveOptions(n=2, repair_rounds=2))
    assert solution.solved
    assert solution.program is not None
    assert solution.program.strip() == RIGHT
    ((question,),) = sampler.asked
    for part in (ECHO, "```\n3\n", "```\n9\n", "but gives\n```\n3\n"):
        assert part in question
    cost = solution.evidence.repair
    assert (cost.rounds, cost.completions, cost.tokens, cost.survivors) == (1, 1, 10, 1)
    assert solution.evidence.tokens == 30
    assert solution.evidence.samples == 2


def test_a_repair_that_breaks_a_passed_case_is_dropped(box: Sandbox) -> None:
    solution = solve(SQUARE, Mender([ECHO], [BREAKS]), box, options=SolveOptions(n=2, repair_rounds=1))
    assert not solution.solved
    assert [standing.candidate.source.strip() for standing in solution.standings] == [ECHO]
    assert solution.evidence.repair.regressions == 1


def test_a_second_round_goes_on_from_the_first_and_there_is_no_third(box: Sandbox) -> None:
    better = "n = int(input())\nprint(n if n < 2 else 9)"  # passes two cases
    sampler = Mender([CONSTANT], [ECHO], [better], [RIGHT])
    solution = solve(SQUARE, sampler, box, options=SolveOptions(n=2, repair_rounds=5))
    assert not solution.solved
    assert len(sampler.asked) == 2
    assert solution.program is not None
    assert solution.program.strip() == better


def test_nothing_is_asked_where_something_passes_or_repair_is_off(box: Sandbox) -> None:
    for programs, rounds in ([ECHO, RIGHT], 2), ([ECHO], 0):
        sampler = Mender(programs, [RIGHT])
        solve(SQUARE, sampler, box, options=SolveOptions(n=2, repair_rounds=rounds))
        assert sampler.asked == []


def test_a_spent_budget_repairs_nothing(box: Sandbox) -> None:
    sampler = Mender([ECHO], [RIGHT])
    solve(SQUARE, sampler, box, options=SolveOptions(n=2, repair_rounds=2, max_tokens_total=15))
    assert sampler.asked == []
