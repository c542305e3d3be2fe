"""What is asked of the model at first: programs and, where wanted, tests; all in one batch, judged in rounds.

Not covered: what is asked later because of what was seen (`agent.repair`, `agent.rivals`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.checkers import checker_requests
from agent.generated_tests import requests_for_tests
from agent.generators import generator_requests
from agent.prompts import build_prompt, stops
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
) -> Iterator[list[Completion]]:
    """Yield completions in growing rounds, in the order they finish, until `n` programs or the budget is spent.

    All are asked for at once, so that none waits for a slow one, and judged after 16, 32, 64 ... programs so that
    an easy problem stops early. What is unfinished then, or when the budget is spent, is dropped.
    """
    requests = first_requests(problem, options, language)
    ends = set(round_ends(options.n))
    count = 0
    batch: list[Completion] = []
    for completion in draw_completions(sampler, [request for request, _ in requests], budget):
        request, purpose = requests[completion.request]
        greedy = purpose is Purpose.PROGRAM and request.params.temperature == 0
        batch.append(replace(completion, greedy=greedy, purpose=purpose))
        count += purpose is Purpose.PROGRAM
        events.sampled(count, options.n, completion.tokens)
        if purpose is Purpose.PROGRAM and count in ends and count < options.n:
            yield batch
            batch = []
    yield batch


def first_requests(
    problem: Problem, options: SolveOptions, language: Language
) -> list[tuple[SampleRequest, Purpose]]:
    """Everything that is asked before any candidate was seen, and what for."""
    requests = [(request, Purpose.TESTS) for request in requests_for_tests(problem, options)]
    requests += generator_requests(problem, options)
    requests += checker_requests(problem, options)
    return [*requests, *((request, Purpose.PROGRAM) for request in sample_requests(problem, options, language))]


def draw_completions(sampler: Sampler, requests: Sequence[SampleRequest], budget: Budget) -> Iterator[Completion]:
    """The completions of the requests, as they finish, up to the one that spends the budget."""
    with closing(sampler.sample(requests)) as stream:
        for completion in stream:
            budget.pay(completion)
            yield replace(completion, prompt=requests[completion.request].prompt)
            if budget.is_spent:
                return


def round_ends(n: int) -> list[int]:
    """After how many of `n` programs the candidates are judged; the last is `n`."""
    ends = [_FIRST_ROUND << step for step in range(n.bit_length())]
    return [*(end for end in ends if end < n), n]


def sample_requests(problem: Problem, options: SolveOptions, language: Language) -> list[SampleRequest]:
    """What is asked of the model for one problem: the greedy program, and all others."""
    prompt = build_prompt(problem, language)
    params = options.sampling(options.n - 1, stop=stops(problem))
    greedy = SampleRequest(prompt, replace(params, n=1, temperature=0.0))
    return [greedy] if options.n == 1 else [greedy, SampleRequest(prompt, params)]
