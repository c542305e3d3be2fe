"""The loop: sample -> filter -> cluster -> rank -> verify. A newcomer starts here.

Not covered: how any of the steps is done. `agent.prompts` and the sampler make completions, `agent.pool`
gathers them into candidates and remembers what each did, `agent.inputs` makes inputs, `agent.select` orders,
and `agent.confidence` says how sure we are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.budget import Budget
from agent.cost import Meter
from agent.inputs import generate_inputs
from agent.judge import accepted, judge
from agent.languages import language_for
from agent.pool import Pool
from agent.repair import repair
from agent.rivals import ModelArbiter, tell_apart
from agent.rounds import sample_rounds
from agent.types import Events, Silent, Solution, SolveOptions

if TYPE_CHECKING:
    from agent.rivals import Arbiter
    from agent.types import Execution, Sampler
    from problems import Problem
    from sandbox import Sandbox


def solve(
    problem: Problem,
    sampler: Sampler,
    box: Sandbox,
    *,
    options: SolveOptions | None = None,
    events: Events | None = None,
    arbiter: Arbiter | None = None,
) -> Solution:
    """Find a program for `problem`, with the evidence for it.

    Args:
        problem: what to solve; it has no hidden cases, so none can leak.
        sampler: the code model.
        box: where candidates run.
        options: how much to try.
        events: told of progress.
        arbiter: asked which of two rival outputs is right; a person, where it is not the model itself.

    Returns:
        The best program found, which need not be a right one: see `Solution.solved` and `confidence`.

    Raises:
        ProblemError: it asks for a function, and not in Python.
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    options, events = options or SolveOptions(), events or Silent()
    language = language_for(problem, options.language)
    meter, budget = Meter(box), Budget(options)
    inputs = generate_inputs(problem, count=options.inputs, seed=options.seed)
    pool = Pool(problem, meter, inputs, events, method=options.method, language=language)
    for completions in sample_rounds(problem, sampler, options, budget, events):  # sample
        pool.add(completions)
        pool.filter()  #                                                            filter
        pool.cluster()  #                                                           cluster
        if pool.settled(options):
            break
    repair(problem, sampler, pool, options, budget)
    if arbiter is None and options.model_judges:
        arbiter = ModelArbiter(sampler, budget, pool.pay)
    tell_apart(problem, pool, pool.runner, arbiter, seed=options.seed)
    return decide(problem, pool, pool.runner, options)


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


def verified(problem: Problem, source: str, box: Sandbox) -> tuple[Execution, ...] | None:
    """Run `source` on every public case once more, in new interpreters with other hash seeds.

    Returns:
        The executions, or None when one of them was not accepted.
    """
    (executions,) = judge(box, problem, [source], fresh=True)
    return executions if accepted(problem, executions) else None
