"""Options that say how a council is asked, and asking it: `solve hack` without `--against`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import click

from agent.commands.asking import asking_options
from agent.commands.model_options import SamplerOptions, model_options
from agent.commands.options import budget_options, generators_option, refuse_given, store_option, together
from agent.options import CouncilOptions
from agent.profile import Wishes

if TYPE_CHECKING:
    from agent.hacking.council import Council
    from agent.hacking.types import Hacking, HackOptions, Program
    from agent.interrupts import Interrupt
    from agent.terminal.console import Console
    from problems import Problem
    from sandbox import Sandbox

_DEFAULTS = CouncilOptions()


council_options = together(
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        default=_DEFAULTS.min_confidence,
        show_default=True,
        help="Report only what is wrong with at least this probability, as the model's programs agree.",
    ),
    budget_options,
    asking_options,
    generators_option,
    click.option(
        "--brutes",
        type=click.IntRange(0, 1000),
        default=_DEFAULTS.brutes,
        show_default=True,
        help="Brute forces to ask for besides.",
    ),
    click.option(
        "-n",
        "--samples",
        "n",
        type=click.IntRange(1, 1000),
        default=_DEFAULTS.n,
        show_default=True,
        help="Programs to ask the model for.",
    ),
    store_option,
    model_options,
)
"""Those of `CouncilOptions`, of the model, and of how it is asked."""


def refuse_council_options() -> None:
    """Refuse options of a model where none is asked; how sure a flaw must be matters there, too.

    Raises:
        click.UsageError: there is one on the command line.
    """
    own = {field.name for record in (CouncilOptions, Wishes, SamplerOptions) for field in fields(record)}
    refuse_given(own - {"min_confidence"}, "--against asks no model: leave out {}")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Where nobody is known to be right: how whom is asked."""

    council: CouncilOptions
    sampler: SamplerOptions
    wishes: Wishes
    search: HackOptions

    def hacking(
        self, problem: Problem, box: Sandbox, program: Program, console: Console, interrupt: Interrupt
    ) -> Hacking:
        """What the examples, a checker or a council say; the model is loaded only for the last."""
        from agent.hacking.inquiry import hack_by_council, hack_without_model
        from agent.hacking.types import Hacking

        waiting = f"searching for {self.search.seconds:g} s at most"
        with console.waiting("trying the examples" if problem.checker is None else waiting):
            hacking = hack_without_model(problem, box, program, self.search, interrupt=interrupt)
        if hacking is not None or interrupt.came:
            return hacking or Hacking(None)
        council = self._gathered(problem, box, console, interrupt)
        with console.waiting(waiting):
            return hack_by_council(problem, box, program, council, self.search, interrupt=interrupt)

    def _gathered(self, problem: Problem, box: Sandbox, console: Console, interrupt: Interrupt) -> Council:
        from agent.hacking.council import gather_council
        from agent.models.profiles import choose

        profile = choose(self.sampler.model, self.wishes).profile
        asked = self.council.solving(self.search.seed).asked_by(profile)
        with ExitStack() as stack:
            what = "loading" if self.sampler.store is None else "asking"
            with console.waiting(f"{what} {self.sampler.model}"):
                model = stack.enter_context(self.sampler.open(console))
            verifier = self.sampler.load_verifier(console, max_seconds=self.wishes.max_seconds)
            if verifier is not None:
                stack.enter_context(closing(verifier))
            console.start(replace(asked, n=asked.n + self.council.brutes))
            council = gather_council(
                problem,
                model,
                box,
                options=asked,
                brutes=self.council.brutes,
                events=console,
                interrupt=interrupt,
                verifier=verifier,
            )
        outcome = f"{council.distinct} distinct: {council.voices} samples pass the examples"
        console.drawn(council.samples, outcome, council.tally, council.cost.models)
        return council
