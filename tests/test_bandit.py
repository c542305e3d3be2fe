"""The bandit that shares samples out among strategies, and `--strategy auto` that asks by it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import pytest
from click import UsageError
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.commands.solve import solve_command
from agent.options import SolveOptions
from agent.sampling import Completion, SampleRequest
from agent.solve import solve
from agent.strategies.bandit import ARMS, PRIORS, Record, choose
from agent.strategies.wordings import STRATEGIES
from problems import Problem, TestCase
from sandbox import Sandbox

DOUBLE = Problem("Double", "Read n and print 2n.", (TestCase("3\n", "6\n"),))


def play(rates: Mapping[str, float], costs: Mapping[str, int], pulls: int, seed: int) -> dict[str, Record]:
    """What each arm gets and brings, where every arm hits with its own rate at its own cost."""
    draw = random.Random(seed)
    records = {name: Record() for name in ARMS}
    for _ in range(pulls):
        name = choose(records, draw)
        records[name] += Record(1, draw.random() < rates[name], costs[name])
    return records


@settings(max_examples=15, deadline=None)
@given(best=st.sampled_from(ARMS), seed=st.integers(0, 10**6))
def test_the_better_arm_gets_most_tokens_and_no_arm_is_forgotten(best: str, seed: int) -> None:
    records = play({name: 0.6 if name == best else 0.1 for name in ARMS}, dict.fromkeys(ARMS, 300), 600, seed)
    assert records[best].tokens > sum(record.tokens for name, record in records.items() if name != best)
    assert all(record.samples > 0 for record in records.values())


@settings(max_examples=10, deadline=None)
@given(cheap=st.sampled_from(ARMS), seed=st.integers(0, 10**6))
def test_of_arms_that_hit_alike_the_cheap_one_gets_most(cheap: str, seed: int) -> None:
    costs = {name: 100 if name == cheap else 400 for name in ARMS}
    records = play(dict.fromkeys(ARMS, 0.5), costs, 600, seed)
    assert records[cheap].samples > 300


def test_an_arm_that_only_repeats_itself_loses_its_lead() -> None:
    lucky = {"plan": Record(20, 15, 6000)}
    dry = {"plan": Record(400, 15, 120_000), "tags": Record(40, 10, 12_000)}
    draw = random.Random(0)
    assert Counter(choose(lucky, draw) for _ in range(200)).most_common(1)[0][0] == "plan"
    assert Counter(choose(dry, draw) for _ in range(200)).most_common(1)[0][0] != "plan"


def test_a_prior_is_believed_until_there_is_more_to_go_by() -> None:
    priors = {**PRIORS, "steps": Record(50, 45, 15_000)}
    choices = Counter(choose({}, random.Random(seed), priors) for seed in range(200))
    assert choices["steps"] > 2 * 200 / len(ARMS)
    assert choose({"steps": Record(9, 9, 9)}, random.Random(1), {"direct": PRIORS["direct"]}) == "direct"


def test_arms_are_strategies_and_none_of_them_writes_slow_programs() -> None:
    assert set(PRIORS) == set(ARMS) == set(STRATEGIES) - {"brute"}


class Solver:
    """Gives a right program, each time another one, where it is asked for a plan, and else the same wrong one."""

    name = "solver"

    def __init__(self) -> None:
        self.rounds: list[Counter[str]] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        self.rounds.append(Counter())
        for index, request in enumerate(requests):
            for number in range(request.params.first, request.params.first + request.params.n):
                self.rounds[-1][request.strategy] += 1
                code = f"print(2 * int(input()) + 0 * {number})" if request.strategy == "plan" else "print(7)"
                yield Completion(index, number, f" here\n{code}\n", 100, -5.0, "stop")


def test_auto_goes_on_with_what_passes(box: Sandbox) -> None:
    solver = Solver()
    options = SolveOptions(n=128, strategy="auto", stop_risk=0.0, inputs=4)
    solution = solve(DOUBLE, solver, box, options=options)
    assert [sum(counts.values()) for counts in solver.rounds] == [16, 16, 32, 64]
    assert solver.rounds[-1]["plan"] > 32
    assert len(set().union(*solver.rounds)) == len(ARMS)
    assert solution.evidence.samples == 128
    (chosen,) = (s.candidate for s in solution.standings if s.candidate.source == solution.program)
    assert chosen.strategies == ("plan",)


def test_auto_asks_the_same_again(box: Sandbox) -> None:
    first, second = Solver(), Solver()
    for solver in (first, second):
        solve(DOUBLE, solver, box, options=SolveOptions(n=40, strategy="auto", stop_risk=0.0, inputs=0))
    assert first.rounds == second.rounds


def test_auto_stops_where_the_budget_does(box: Sandbox) -> None:
    solver = Solver()
    options = SolveOptions(n=128, strategy="auto", max_tokens_total=2000, stop_risk=0.0, inputs=0)
    assert solve(DOUBLE, solver, box, options=options).evidence.samples == 20


def test_auto_cannot_go_on_from_what_was_kept(tmp_path: Path) -> None:
    statement = tmp_path / "double.md"
    statement.write_text("# Double\n\nPrint 2n.\n")
    with pytest.raises(UsageError, match="auto asks otherwise"):
        CliRunner().invoke(
            solve_command,
            [str(statement), "--strategy", "auto", "--more"],
            standalone_mode=False,
            catch_exceptions=False,
        )
