"""A strategy as requests to a model: which prompt each sample gets, and by which random numbers it is drawn.

The first samples are the same however many follow, so that a store that holds some is gone on with.

Not covered: the wordings (`agent.strategies.wordings`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.profile import Form
from agent.prompts import build_prompt, stops
from agent.sampling import Purpose, SampleRequest
from agent.strategies.wordings import STRATEGIES

if TYPE_CHECKING:
    from agent.languages import Language
    from agent.options import SolveOptions
    from problems import Problem

_STRIDE = 1000
"""Samples of a variant are numbered from its own multiple of this on, so that variants share no random numbers."""
_HOTTEST = 2.0


def program_requests(
    problem: Problem, options: SolveOptions, language: Language
) -> list[tuple[SampleRequest, Purpose]]:
    """What is asked of the model for programs, and what for: the greedy one, and all others by one strategy.

    The greedy one is asked for directly whatever the strategy, as a thing to compare with. A model that thinks is
    asked for none: its thoughts would run in circles (the model card of Qwen3).
    """
    greedy = greedy_requests(problem, options, language)
    rest = range(options.n - len(greedy))
    return [*greedy, *strategy_requests(options.strategy, problem, options, language, rest)]


def greedy_requests(
    problem: Problem, options: SolveOptions, language: Language
) -> list[tuple[SampleRequest, Purpose]]:
    """The model's most likely answer; none where the model thinks."""
    if options.asking.form is Form.THINK:
        return []
    params = replace(options.sampling(1, stop=stops(problem)), temperature=0.0)
    return [(SampleRequest(build_prompt(problem, language, profile=options.asking), params), Purpose.PROGRAM)]


def strategy_requests(
    name: str, problem: Problem, options: SolveOptions, language: Language, numbers: range
) -> list[tuple[SampleRequest, Purpose]]:
    """Samples of a strategy, a request for each variant.

    Args:
        name: of the strategy.
        problem: what is to be solved.
        options: how it is asked.
        language: what programs are written in.
        numbers: which samples of all that the strategy will ever draw, counted from 0.

    Raises:
        KeyError: there is no such strategy.
    """
    strategy = STRATEGIES[name]
    period = strategy.variants or max(numbers.stop, 1)
    requests = []
    for variant in range(min(period, numbers.stop)):
        # Of the numbers variant, variant + period, ..., those from `start` on and before `stop`.
        first, end = (max(0, -((variant - edge) // period)) for edge in (numbers.start, numbers.stop))
        if end == first:
            continue
        params = options.sampling(end - first, stop=strategy.stops(problem))
        heat = strategy.heats[variant % len(strategy.heats)]
        params = replace(
            params,
            first=variant * _STRIDE + first,
            temperature=params.temperature if heat == 1 else min(_HOTTEST, heat * params.temperature),
        )
        prompt = strategy.wording(problem, language, options.asking, variant, options.seed)
        requests.append((SampleRequest(prompt, params, strategy=name), strategy.purpose))
    return requests
