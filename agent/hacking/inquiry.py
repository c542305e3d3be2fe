"""Where no program is known to be right: the examples say what is, or else a checker alone, or else a council.

Each is asked only where those before it found nothing, so that no model is loaded for what needs none.

Not covered: a program of the user's that is right (`agent.hacking.referee`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.hacking.agreement import Agreement
from agent.hacking.council import gather_council
from agent.hacking.measure import size_of
from agent.hacking.oracle import Oracle, judges_alone
from agent.hacking.search import Search
from agent.hacking.sources import examples_of
from agent.hacking.types import CHECKER, STATEMENT, Attempts, Flaw, Hacking, HackOptions
from agent.judging.judge import judge
from agent.languages import LANGUAGES
from agent.options import CouncilOptions
from agent.types import Verdict

if TYPE_CHECKING:
    from agent.hacking.council import Council
    from agent.hacking.types import Program
    from agent.interrupts import Interrupt
    from agent.types import Events, Sampler, SolveOptions
    from problems import Problem
    from sandbox import Sandbox


def hack_by_agreement(
    problem: Problem,
    box: Sandbox,
    program: Program,
    sampler: Sampler,
    *,
    options: HackOptions | None = None,
    solving: SolveOptions | None = None,
    brutes: int = CouncilOptions().brutes,
    events: Events | None = None,
) -> Hacking:
    """The smallest input on which `program` fails, as the examples, a checker or a model's programs say.

    Args:
        problem: its examples and its statement tell what inputs look like.
        box: where everything runs; opened with `cpp=True` where `program` is in C++.
        program: what is to be broken.
        sampler: the model, which is asked only where neither an example nor a checker decides.
        options: how long to search, and how sure a flaw must be.
        solving: how many programs the model is asked for, and how.
        brutes: how many brute forces besides.
        events: told of progress.

    Raises:
        ProblemError: it asks for a function, and `program` or the model's are not in Python.
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    options = options or HackOptions()
    hacking = hack_without_model(problem, box, program, options)
    if hacking is None:
        council = gather_council(problem, sampler, box, options=solving, brutes=brutes, events=events)
        hacking = hack_by_council(problem, box, program, council, options)
    return hacking


def hack_without_model(
    problem: Problem,
    box: Sandbox,
    program: Program,
    options: HackOptions,
    *,
    interrupt: Interrupt | None = None,
) -> Hacking | None:
    """An example that `program` fails, or what a checker finds that needs no right output; None where neither is.

    Raises:
        CheckerError: the problem's checker gave no verdict on an example.
        SandboxError: the sandbox failed.
    """
    flaw = failing_example(problem, box, program)
    if flaw is not None:
        largest = max(size_of(item)[1] for item in examples_of(problem))
        return Hacking(flaw, Attempts(len(problem.cases), largest), flaw.item, authority=STATEMENT)
    if not judges_alone(problem, box):
        return None
    hacking = Search(problem, Oracle(problem, box, program), options, interrupt=interrupt).run()
    return replace(hacking, authority=CHECKER)


def failing_example(problem: Problem, box: Sandbox, program: Program) -> Flaw | None:
    """The first example that `program` fails; another output counts only where no other can be right.

    Raises:
        CheckerError: the problem's checker gave no verdict.
        SandboxError: the sandbox failed.
    """
    runner = LANGUAGES[program.language].runner(box)
    (executions,) = judge(runner, problem, [program.source], fail_fast=False)
    is_open = problem.many_answers and problem.checker is None
    for place, (item, execution) in enumerate(zip(examples_of(problem), executions, strict=True)):
        if execution.verdict is not Verdict.AC and not (is_open and execution.verdict is Verdict.WA):
            return Flaw(item, execution.verdict, problem.cases[place], execution.result)
    return None


def hack_by_council(
    problem: Problem,
    box: Sandbox,
    program: Program,
    council: Council,
    options: HackOptions,
    *,
    interrupt: Interrupt | None = None,
) -> Hacking:
    """What the members of `council` agree on; nothing is tried where it has none.

    Raises:
        SandboxError: the sandbox failed.
    """
    hacking = Hacking(None)
    if council.members:
        judge_ = Agreement(problem, box, program, council)
        search = Search(problem, judge_, options, interrupt=interrupt, generated=council.inputs)
        hacking = search.run()
    return replace(hacking, authority=f"programs of {council.model}", council=council)
