"""Who says what is right where nobody is known to be: programs of a model that pass all examples.

Some are asked for as `solve` asks, others as brute forces that may be slow: two kinds of programs seldom make the
same mistake. How sure what they agree on is, is another question (`agent.hacking.belief`).

Not covered: what they agree on (`agent.hacking.agreement`).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.budget import Budget
from agent.cost import Bill, Cost, Meter
from agent.generators import generator_requests, inputs_of_generators
from agent.models.metered import metered
from agent.options import CouncilOptions
from agent.pool import Pool
from agent.prompts import build_brute_prompt, stops
from agent.rounds import rounds_of, sample_requests
from agent.tally import Tally
from agent.types import Completion, Events, Purpose, SampleRequest, Silent, SolveOptions
from agent.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.inputs import GeneratedInput
    from agent.interrupts import Interrupt
    from agent.languages import Language
    from agent.types import Sampler
    from problems import Problem
    from sandbox import Sandbox

_INPUTS_PER_GENERATOR = 16


@dataclass(frozen=True, slots=True)
class Member:
    """One distinct program that passes all examples."""

    source: str
    count: int = 1
    """Completions that gave it: so many voices it has."""
    brutes: int = 0
    """Of these, asked for as brute forces."""


@dataclass(frozen=True, slots=True)
class Council:
    """Programs of one model for one problem."""

    members: tuple[Member, ...]
    """Those that pass all examples, or, where there is none, that compile; most voices first."""
    samples: int = 0
    """Completions of programs that were drawn."""
    distinct: int = 0
    """Different programs among them."""
    model: str = ""
    """Its name."""
    language: str = "python"
    """What the programs are written in."""
    inputs: tuple[GeneratedInput, ...] = ()
    """What the model's generators printed and is believed valid."""
    cost: Cost = field(default_factory=Cost)
    """What it took to gather."""
    tally: Tally = field(default_factory=Tally)
    """What was paid for at the model, and how its answers ended."""

    @property
    def voices(self) -> int:
        """Completions that pass all examples."""
        return sum(member.count for member in self.members)


def council_requests(
    problem: Problem, options: SolveOptions, language: Language, *, brutes: int
) -> list[tuple[SampleRequest, Purpose]]:
    """`options.n` programs as for `solve`, `brutes` that may be slow, and generators where wanted."""
    programs = [(request, Purpose.PROGRAM) for request in sample_requests(problem, options, language)]
    if brutes:
        params = options.sampling(brutes, stop=stops(problem))
        prompt = build_brute_prompt(problem, language, profile=options.asking)
        programs.append((SampleRequest(prompt, params), Purpose.BRUTE))
    return [*generator_requests(problem, options), *programs]


def gather_council(
    problem: Problem,
    sampler: Sampler,
    box: Sandbox,
    *,
    options: SolveOptions | None = None,
    brutes: int = CouncilOptions().brutes,
    events: Events | None = None,
    interrupt: Interrupt | None = None,
    verifier: Sampler | None = None,
) -> Council:
    """Ask a model for programs, and keep those that pass all examples. Agreement ends nothing early.

    Args:
        problem: what they are to solve.
        sampler: the model.
        box: where they run.
        options: how many programs are asked for besides brute forces, and how; None as in `CouncilOptions`.
        brutes: how many brute forces.
        events: told of progress.
        interrupt: tells of Ctrl-C, after which nothing more is sampled.
        verifier: another model, which writes the generators.

    Raises:
        ProblemError: it asks for a function, and not in Python.
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    events = events or Silent()
    asked = replace(options or CouncilOptions().solving(), inputs=0, tests=0, checkers=0).suited_to(sampler)
    solver, second = metered(sampler), None if verifier is None else metered(verifier)
    bill, budget, meter = Bill(solver, second), Budget(asked, interrupt, events=events), Meter(box)
    pool = Pool(problem, meter, asked, events=events)
    own = asked if second is None else asked.programs_alone()
    requests = council_requests(problem, own, pool.language, brutes=brutes)
    helpers: list[Completion] = []
    with (
        Verifier(problem, second, asked, budget, events) as helper,
        closing(rounds_of(requests, solver, budget, events)) as rounds,
    ):
        for completions in helper.beside(rounds):
            helpers += [one for one in completions if not one.purpose.is_program]
            pool.add([one for one in completions if one.purpose.is_program])
            pool.filter()
    for each in helpers:
        pool.pay(Tally.of(each))
    pool.pay(budget.unused)
    return Council(
        _members(pool),
        pool.candidates.samples,
        len(pool.candidates),
        sampler.name,
        pool.language.name,
        tuple(_inputs(problem, helpers, meter, asked.seed)),
        replace(meter.cost(), models=bill.items()),
        pool.candidates.tally,
    )


def _members(pool: Pool) -> tuple[Member, ...]:
    found = [standing.candidate for standing in pool.candidates.survivors().values()]
    return tuple(Member(one.source, one.count, one.brutes) for one in sorted(found, key=lambda one: -one.count))


def _inputs(problem: Problem, helpers: Sequence[Completion], box: Sandbox, seed: int) -> list[GeneratedInput]:
    """What generators print; nothing where none was asked for."""
    generators, validators = (
        [one.answer for one in helpers if one.purpose is purpose]
        for purpose in (Purpose.GENERATOR, Purpose.VALIDATOR)
    )
    if not generators:
        return []
    return inputs_of_generators(problem, generators, validators, box, count=_INPUTS_PER_GENERATOR, seed=seed)
