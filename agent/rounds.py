"""What is asked of the model at first: programs and, where wanted, tests; all in one batch, judged in rounds.

Not covered: what is asked later because of what was seen (`agent.repair`, `agent.rivals`).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.checkers import checker_requests
from agent.generated_tests import requests_for_tests
from agent.generators import generator_requests
from agent.strategies.asking import program_requests
from agent.tally import leftovers_of
from agent.types import Completion, Events, Purpose, SampleRequest, SolveOptions

if TYPE_CHECKING:
    from agent.budget import Budget
    from agent.languages import Language
    from agent.types import Sampler
    from problems import Problem

_FIRST_ROUND = 16


def sample_rounds(
    problem: Problem,
    sampler: Sampler,
    options: SolveOptions,
    budget: Budget,
    events: Events,
    language: Language,
) -> Generator[list[Completion]]:
    """The rounds of all that is asked before any candidate was seen: see `rounds_of`."""
    requests = first_requests(problem, options, language)
    return rounds_of(requests, sampler, budget, events, head_start=options.head_start)


def rounds_of(
    requests: Sequence[tuple[SampleRequest, Purpose]],
    sampler: Sampler,
    budget: Budget,
    events: Events,
    *,
    head_start: int = 0,
    before: int = 0,
    total: int | None = None,
) -> Generator[list[Completion]]:
    """Yield completions in growing rounds, in the order they finish, until all came or the budget is spent.

    All are asked for at once, so that none waits for a slow one, and judged after 16, 32, 64 ... programs so that
    an easy problem stops early. What is unfinished then, or when the budget is spent, is broken off; what had
    ended and was not taken is in `Budget.untaken`.

    Args:
        requests: everything.
        sampler: the code model.
        budget: what may be spent.
        events: told of progress.
        head_start: so many programs are at hand from an earlier `solve`.
        before: programs that were drawn before these.
        total: all that may be drawn, where these are only a part.
    """
    own = sum(request.params.n for request, purpose in requests if purpose.is_program)
    ends = set(round_ends(own, head_start))
    count = 0
    batch: list[Completion] = []
    try:
        with closing(draw_completions(sampler, [request for request, _ in requests], budget)) as completions:
            for completion in completions:
                batch.append(_labelled(completion, requests))
                is_program = batch[-1].purpose.is_program
                count += is_program
                events.sampled(before + count, total or own, completion.tokens)
                if is_program and count in ends and count < own:
                    yield batch
                    batch = []
        yield batch
    finally:
        budget.untaken = [_labelled(completion, requests) for completion in budget.untaken]


def _labelled(completion: Completion, requests: Sequence[tuple[SampleRequest, Purpose]]) -> Completion:
    """The completion with what it was asked for."""
    request, purpose = requests[completion.request]
    greedy = purpose is Purpose.PROGRAM and request.params.temperature == 0
    return replace(completion, greedy=greedy, purpose=purpose)


def first_requests(
    problem: Problem, options: SolveOptions, language: Language
) -> list[tuple[SampleRequest, Purpose]]:
    """Everything that is asked before any candidate was seen, and what for."""
    return [*helper_requests(problem, options), *program_requests(problem, options, language)]


def helper_requests(problem: Problem, options: SolveOptions) -> list[tuple[SampleRequest, Purpose]]:
    """Of these, what tells programs apart: tests, generators and validators of inputs, checkers."""
    requests = [(request, Purpose.TESTS) for request in requests_for_tests(problem, options)]
    requests += generator_requests(problem, options)
    requests += checker_requests(problem, options)
    return requests


def draw_completions(sampler: Sampler, requests: Sequence[SampleRequest], budget: Budget) -> Generator[Completion]:
    """The completions of the requests, as they finish, up to those that are there when the budget is spent.

    Where nobody wants more before, they are in `Budget.untaken`.
    """
    stream = sampler.sample([replace(request, until=budget.until) for request in requests])
    try:
        while (completion := budget.next_of(stream)) is not None:
            budget.pay(completion)
            yield _with_request(completion, requests)
            if budget.is_spent:
                break
    finally:
        stream.close()
        rest = leftovers_of(sampler)
        budget.waste(rest.unused)
        for completion in rest.completions:
            budget.pay(completion)
        budget.untaken += [_with_request(one, requests) for one in rest.completions]
    yield from budget.take_untaken()


def _with_request(completion: Completion, requests: Sequence[SampleRequest]) -> Completion:
    """The completion with how it was asked for."""
    request = requests[completion.request]
    return replace(completion, prompt=request.prompt, strategy=request.strategy)


def round_ends(n: int, head_start: int = 0) -> list[int]:
    """After how many of `n` programs the candidates are judged, the first `head_start` aside; the last is `n`."""
    ends = [head_start + (_FIRST_ROUND << step) for step in range(n.bit_length())]
    return [*(end for end in ends if end < n), n]


def sample_requests(problem: Problem, options: SolveOptions, language: Language) -> list[SampleRequest]:
    """What is asked of the model for programs of one problem: the greedy one, and all others."""
    return [request for request, _ in program_requests(problem, options, language)]
