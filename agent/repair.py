"""Repair: the model is shown what its programs get wrong, where nothing passes.

At most two rounds, each about a few programs that came furthest: the first public case that each fails, with what
it should give and what it gives. A repair that fails a case which the program before passed is dropped. Whether
this is worth more than as many tokens of new samples is measured in `benchmarks`; `Evidence.repair` says what it
cost.

Not covered: programs that run out of time or memory, which no output helps to mend.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.prompts import build_repair_prompt, stops
from agent.rounds import draw_completions
from agent.terminal.display import shown_expected, shown_input, shown_result
from agent.types import SampleRequest, SolveOptions, Standing

if TYPE_CHECKING:
    from agent.budget import Budget
    from agent.languages import Language
    from agent.pool import Pool
    from agent.types import Sampler
    from problems import Problem

MOST_ROUNDS = 2
_PROGRAMS = 4
_ATTEMPTS = 4


def repair(problem: Problem, sampler: Sampler, pool: Pool, options: SolveOptions, budget: Budget) -> None:
    """Ask for repairs while nothing in the pool passes the public cases, and add them to it.

    Raises:
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    past: set[str] = set()
    for number in range(min(options.repair_rounds, MOST_ROUNDS)):
        failures = pool.standings.closest_failures(_PROGRAMS, but=past)
        if pool.solved or budget.is_spent or not failures:
            return
        past |= {standing.candidate.source for standing in failures}
        requests = [_request(problem, standing, options, number, pool.language) for standing in failures]
        answers = draw_completions(sampler, requests, budget)
        pool.add_repairs([(failures[answer.request].candidate, answer) for answer in answers])


def _request(
    problem: Problem, standing: Standing, options: SolveOptions, number: int, language: Language
) -> SampleRequest:
    """What asks to mend a program."""
    at = len(standing.executions) - 1
    case = problem.cases[at]
    prompt = build_repair_prompt(
        problem,
        standing.candidate.source,
        shown_input(case, problem.entry_point),
        shown_expected(case),
        shown_result(standing.executions[at].result),
        language,
        profile=options.asking,
    )
    params = options.sampling(_ATTEMPTS, stop=stops(problem))
    return SampleRequest(prompt, replace(params, seed=options.seed + number))
