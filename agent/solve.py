"""The loop: sample -> filter -> cluster -> rank -> verify. A newcomer starts here.

Not covered: how any of the steps is done. `agent.prompts` and the sampler make completions, `agent.pool`
gathers them into candidates and remembers what each did, `agent.inputs` makes inputs, `agent.select` orders,
and `agent.confidence` says how sure we are.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answer import best_effort, solution
from agent.budget import Budget
from agent.cost import Bill, Meter
from agent.models.metered import metered
from agent.pool import Pool
from agent.repair import repair
from agent.rivals import ModelArbiter, tell_apart
from agent.rounds import sample_rounds
from agent.strategies.allocation import auto_rounds
from agent.strategies.wordings import AUTO
from agent.types import Completion, Events, Silent, Solution, SolveOptions
from agent.verifier import Verifier

if TYPE_CHECKING:
    from agent.interrupts import Interrupt
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
    interrupt: Interrupt | None = None,
    verifier: Sampler | None = None,
) -> Solution:
    """Find a program for `problem`, with the evidence for it.

    Args:
        problem: what to solve; it has no hidden cases, so none can leak.
        sampler: the code model.
        box: where candidates run.
        options: how much to try.
        events: told of progress.
        arbiter: asked which of two rival outputs is right; a person, where it is not a model.
        interrupt: tells of Ctrl-C, after which nothing more is sampled; None where that is the caller's affair.
        verifier: another model, which writes tests, generators and checkers in place of `sampler`, and judges
            rivals where no person does. Where it fails, the answer is chosen without it.

    Returns:
        The best program found, which need not be a right one: see `Solution.solved` and `confidence`.

    Raises:
        ProblemError: it asks for a function, and not in Python.
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    asked, events = options or SolveOptions(), events or Silent()
    options = asked.suited_to(sampler)
    solver, second = metered(sampler), None if verifier is None else metered(verifier)
    bill = Bill(solver, second)
    budget = Budget(options, interrupt, events=events)
    pool = Pool(problem, Meter(box), options, events=events)
    own = options if second is None else options.programs_alone()
    with Verifier(problem, second, asked, budget, events) as helper:
        with closing(_rounds(pool, solver, own, budget, events)) as rounds:
            gather(pool, helper.beside(rounds), options)
        if untaken := budget.take_untaken():
            gather(pool, [untaken], options)
        repair(problem, solver, pool, options, budget)
        if arbiter is None and options.model_judges:
            arbiter = ModelArbiter(solver, budget, pool.pay, options)
        if not budget.interrupt.came:
            tell_apart(problem, pool, arbiter or helper.arbiter(pool.pay), seed=options.seed)
    pool.pay(budget.unused)
    solution = decide(pool, options)
    return replace(solution, cost=replace(solution.cost, models=bill.items()))


def _rounds(
    pool: Pool, sampler: Sampler, options: SolveOptions, budget: Budget, events: Events
) -> Generator[list[Completion]]:
    """What is asked before any candidate was seen or, where strategies are chosen among, after each round."""
    if options.strategy == AUTO:
        return auto_rounds(pool, sampler, options, budget, events)
    return sample_rounds(pool.problem, sampler, options, budget, events, pool.language)


def gather(pool: Pool, rounds: Iterable[Sequence[Completion]], options: SolveOptions) -> None:
    """Take in completions, round by round, until the pool is settled or no round is left.

    Args:
        pool: grows.
        rounds: wherever they come from, a model or a file; left where the pool was settled, to be gone on with.
        options: when to stop.

    Raises:
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    for completions in rounds:  # sample
        pool.add(completions)
        pool.filter()  #          filter
        pool.cluster()  #         cluster
        if pool.is_settled(options):
            break


def decide(pool: Pool, options: SolveOptions) -> Solution:
    """The best survivors that pass the public cases once more, or else the program that came furthest.

    Raises:
        SandboxError: the sandbox failed.
    """
    good: dict[str, tuple[Execution, ...]] = {}
    submissions = pool.standings.submissions
    while program := next((p for p in submissions(options.submissions) if p not in good), None):  # rank
        if (executions := pool.trials.verify(program)) is None:  #                                  verify
            pool.standings.drop(program)
        else:
            good[program] = executions
    return solution(pool, good, min_confidence=options.min_confidence) if good else best_effort(pool)
