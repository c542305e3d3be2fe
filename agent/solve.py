"""The loop: sample -> filter -> cluster -> rank -> verify. A newcomer starts here.

Not covered: how any of the steps is done. `agent.prompts` and the sampler make completions, `agent.pool`
gathers them into candidates and remembers what each did, `agent.inputs` makes inputs, `agent.select` orders,
and `agent.confidence` says how sure we are.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.cost import Meter
from agent.inputs import generate_inputs
from agent.judge import accepted, judge
from agent.pool import Pool
from agent.prompts import build_prompt, stops
from agent.types import (
    Completion,
    Events,
    SampleRequest,
    SamplingParams,
    Silent,
    Solution,
    SolveOptions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.types import Execution, Sampler
    from problems import Problem
    from sandbox import Sandbox

_FIRST_ROUND = 16


def solve(
    problem: Problem,
    sampler: Sampler,
    box: Sandbox,
    *,
    options: SolveOptions | None = None,
    events: Events | None = None,
) -> Solution:
    """Find a program for `problem`, with the evidence for it.

    Args:
        problem: what to solve; it has no hidden cases, so none can leak.
        sampler: the code model.
        box: where candidates run.
        options: how much to try.
        events: told of progress.

    Returns:
        The best program found, which need not be a right one: see `Solution.solved` and `confidence`.

    Raises:
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    options, events = options or SolveOptions(), events or Silent()
    meter = Meter(box)
    inputs = generate_inputs(problem, count=options.inputs, seed=options.seed)
    pool = Pool(problem, meter, inputs, events)
    for completions in sample_rounds(problem, sampler, options, events):  # sample
        pool.add(completions)
        pool.filter()  #                                                    filter
        pool.cluster()  #                                                   cluster
        if pool.settled():
            break
    return decide(problem, pool, meter, options)


def decide(problem: Problem, pool: Pool, box: Sandbox, options: SolveOptions) -> Solution:
    """The best survivors that pass the public cases once more, or else the program that came furthest.

    Raises:
        SandboxError: the sandbox failed.
    """
    good: dict[str, tuple[Execution, ...]] = {}
    while program := next((p for p in pool.submissions(options.submissions) if p not in good), None):  # rank
        if (executions := verified(problem, program, box)) is None:  #        verify
            pool.drop(program)
        else:
            good[program] = executions
    return pool.solution(good, min_confidence=options.min_confidence) if good else pool.best_effort()


def sample_rounds(
    problem: Problem, sampler: Sampler, options: SolveOptions, events: Events
) -> Iterator[list[Completion]]:
    """Yield completions in growing rounds, in the order they finish, until `n` or the time is spent.

    All are asked for at once, so that none waits for a slow one, and judged after 16, 32, 64 ... so that an easy
    problem stops early. What is unfinished then, or at the deadline, is dropped.
    """
    deadline = time.monotonic() + options.max_seconds
    requests = sample_requests(problem, options)
    ends = set(round_ends(options.n))
    drawn = 0
    done: list[Completion] = []
    with closing(sampler.sample(requests)) as stream:
        for completion in stream:
            greedy = requests[completion.request].params.temperature == 0
            done.append(replace(completion, greedy=greedy))
            drawn += 1
            events.sampled(drawn, options.n, completion.tokens)
            if time.monotonic() > deadline:
                break
            if drawn in ends and drawn < options.n:
                yield done
                done = []
    yield done


def round_ends(n: int) -> list[int]:
    """After how many of `n` completions the candidates are judged; the last is `n`."""
    ends = [_FIRST_ROUND << step for step in range(n.bit_length())]
    return [*(end for end in ends if end < n), n]


def sample_requests(problem: Problem, options: SolveOptions) -> list[SampleRequest]:
    """What is asked of the model for one problem: the greedy sample, and all others."""
    prompt = build_prompt(problem)
    params = SamplingParams(
        n=options.n - 1,
        temperature=options.temperature,
        top_p=options.top_p,
        max_tokens=options.max_tokens,
        seed=options.seed,
        stop=stops(problem),
    )
    greedy = SampleRequest(prompt, replace(params, n=1, temperature=0.0))
    return [greedy] if options.n == 1 else [greedy, SampleRequest(prompt, params)]


def verified(problem: Problem, source: str, box: Sandbox) -> tuple[Execution, ...] | None:
    """Run `source` on every public case once more, in new interpreters with other hash seeds.

    Returns:
        The executions, or None when one of them was not accepted.
    """
    (executions,) = judge(box, problem, [source], fresh=True)
    return executions if accepted(problem, executions) else None
