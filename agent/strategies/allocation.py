"""`--strategy auto`: rounds of samples, each given to the strategies that brought most so far on this problem.

What a strategy brought is read from the pool, which has judged one round when the next is asked for.

Not covered: the rule (`agent.strategies.bandit`).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Generator
from typing import TYPE_CHECKING

from agent.rounds import helper_requests, round_ends, rounds_of
from agent.strategies.asking import greedy_requests, strategy_requests
from agent.strategies.bandit import ARMS, Record, choose

if TYPE_CHECKING:
    from agent.budget import Budget
    from agent.pool import Pool
    from agent.sampling import Purpose, Sampler, SampleRequest
    from agent.types import Completion, Events, SolveOptions


def auto_rounds(
    pool: Pool, sampler: Sampler, options: SolveOptions, budget: Budget, events: Events
) -> Generator[list[Completion]]:
    """Yield completions in rounds, until as many programs came as are wanted or the budget is spent.

    Args:
        pool: takes in and judges each round before the next is asked for.
        sampler: the code model.
        options: how many are wanted.
        budget: what may be spent.
        events: told of progress.

    Raises:
        SamplerError: the model failed.
    """
    ledger = Ledger(pool)
    draw = random.Random(f"auto/{options.seed}")
    greedy = greedy_requests(pool.problem, options, pool.language)
    requests = [*helper_requests(pool.problem, options), *greedy]
    count = 0
    for end in round_ends(options.n):
        wanted = end - count - (len(greedy) if count == 0 else 0)
        requests += _requests(pool, options, ledger, draw, wanted)
        for batch in rounds_of(requests, sampler, budget, events, before=count, total=options.n):
            ledger.add(batch)
            yield batch
        if budget.is_spent or ledger.programs < end:
            return  # a model that gave less than was asked for has failed or was interrupted
        count, requests = end, []


class Ledger:
    """What each strategy cost and brought on one problem."""

    def __init__(self, pool: Pool) -> None:
        """Begin with nothing; `pool` says what passes."""
        self._pool = pool
        self._samples: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        """Samples that were given to each."""
        self.programs = 0
        """Completions of programs that came."""

    def add(self, completions: list[Completion]) -> None:
        """Count what came; the greedy completion is no sample of a strategy."""
        for completion in completions:
            if not completion.purpose.is_program:
                continue
            self.programs += 1
            if not completion.greedy:
                self._samples[completion.strategy] += 1
                self._tokens[completion.strategy] += completion.tokens

    def records(self) -> dict[str, Record]:
        """By strategy; a program is a hit of the one that brought it first, and the greedy one is nobody's."""
        hits = Counter(
            standing.candidate.strategies[0]
            for standing in self._pool.candidates.survivors().values()
            if standing.candidate.mends is None and not standing.candidate.greedy
        )
        return {
            name: Record(self._samples[name], min(hits[name], self._samples[name]), self._tokens[name])
            for name in ARMS
        }


def _requests(
    pool: Pool, options: SolveOptions, ledger: Ledger, draw: random.Random, count: int
) -> list[tuple[SampleRequest, Purpose]]:
    """The next `count` samples, shared out one by one by what is known now."""
    records = ledger.records()
    shares = Counter(choose(records, draw) for _ in range(count))
    requests = []
    for name in ARMS:
        numbers = range(ledger.asked[name], ledger.asked[name] + shares[name])
        requests += strategy_requests(name, pool.problem, options, pool.language, numbers)
        ledger.asked[name] = numbers.stop
    return requests
