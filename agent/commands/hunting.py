"""A search for a flaw as `solve hack`, `solve stress` and `solve judge --hack` ask for it: options and programs.

Not covered: what is printed and written of it (`agent.commands.hacked`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from agent.commands.council import Inquiry, council_options, refuse_council_options
from agent.commands.options import refuse_given, together

if TYPE_CHECKING:
    from typing import Any

    from agent.commands.hacked import Outcome
    from agent.hacking.referee import Rule
    from agent.hacking.types import HackOptions, Program
    from agent.terminal.console import Console
    from problems import Problem
    from sandbox import Sandbox


search_options = together(
    click.option(
        "--report",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write a page about it to this file: the input, the two outputs, why that counts.",
    ),
    click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the input to this file."
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="Seeds the inputs, and sampling."),
    click.option(
        "--seconds",
        type=click.FloatRange(min=0.1, max=86_400),
        default=60.0,
        show_default=True,
        help="Search for so long; making the input small may take half as much again.",
    ),
)
"""`--seconds`, `--seed`, `-o` and `--report`."""


hunt_options = together(
    council_options,
    search_options,
    click.option(
        "--against", "right_path", metavar="RIGHT", help="A program that is right, if slow; asks no model."
    ),
)
"""`--against`, and those of the search and of a council."""


def refuse_hunt_options() -> None:
    """Refuse what says how to search where nothing is searched.

    Raises:
        click.UsageError: there is one on the command line.
    """
    own = {param.name for param in hunt_options(lambda: None).__click_params__}  # type: ignore[attr-defined]
    refuse_given(own, "{} goes with --hack")


@dataclass(frozen=True, slots=True)
class Hunt:
    """One program, and who says what is right of it."""

    program: Program
    options: HackOptions
    right: Program | None = None
    """A program to compare with; None asks as `inquiry` says."""
    rule: Rule | None = None
    """What becomes of an input on which the two were run; `right` is right where None."""
    inquiry: Inquiry | None = None

    @classmethod
    def asked(
        cls, problem_path: str, path: tuple[str, str | None], right_path: str | None, options: dict[str, Any]
    ) -> Hunt:
        """As options of a command say; takes those of the search and of a council out of them.

        Raises:
            UsageError: a program cannot be read, or a model is asked for beside one that is right.
        """
        from agent.hacking.types import HackOptions

        asked = {name: options.pop(name) for name in ("council", "sampler", "wishes")}
        seconds, seed = options.pop("seconds"), options.pop("seed")
        program = program_at(problem_path, *path)
        search = HackOptions(seconds, seed, min_confidence=asked["council"].min_confidence)
        if right_path is None:
            return cls(program, search, inquiry=Inquiry(**asked, search=search))
        refuse_council_options()
        return cls(program, search, program_at(problem_path, right_path, None))

    @property
    def language(self) -> str:
        """The one that a sandbox must be opened for."""
        programs = (self.program, self.right or self.program)
        return "cpp" if any(each.language == "cpp" for each in programs) else "python"

    def check(self, problem: Problem) -> None:
        """Refuse what cannot be searched.

        Raises:
            ProblemError: there is no example to make inputs of, or a language does not do functions.
        """
        for each in (self.program, self.right or self.program):
            check(problem, each)

    def outcome(self, problem: Problem, box: Sandbox, console: Console) -> Outcome:
        """Search until something is found, the time is over or Ctrl-C comes.

        Raises:
            CheckerError: the problem's checker gave no verdict.
            SamplerError: the model failed.
            SandboxError: the sandbox failed.
        """
        from agent.commands.hacked import Outcome
        from agent.hacking.record import Names
        from agent.hacking.referee import Referee
        from agent.hacking.search import Search
        from agent.hacking.votes import authority_of
        from agent.interrupts import Interrupt

        program, right, seed = self.program, self.right, self.options.seed
        with Interrupt() as interrupt:
            if right is None:
                assert self.inquiry is not None
                hacking = self.inquiry.hacking(problem, box, program, console, interrupt)
                names = Names(program.name, authority_of(hacking))
            else:
                referee = Referee(problem, box, program, right, self.rule)
                with console.waiting(f"searching for {self.options.seconds:g} s at most"):
                    hacking = Search(problem, referee, self.options, interrupt=interrupt).run()
                names = Names(program.name, right.name, is_duel=self.rule is not None)
        programs = (program, right) if right else (program,)
        return Outcome(problem, hacking, names, programs, box.backend, seed, is_interrupted=interrupt.came)


def program_of(problem_path: str, program_path: str, language: str | None) -> tuple[str, str]:
    """Language and text of a program.

    Raises:
        UsageError: it cannot be read, or nothing tells its language.
    """
    from agent.languages import language_of
    from agent.programs import ProgramError, read_program

    if problem_path == program_path == "-":
        raise click.UsageError("the problem and the program cannot both come from standard input")
    path = PurePath("<stdin>" if program_path == "-" else program_path)
    try:
        if language is None and path.suffix:
            language = language_of(path)
        source = read_program(program_path)
        return language or language_of(path, source), source
    except (ProgramError, ValueError) as error:
        raise click.UsageError(str(error)) from None


def program_at(problem_path: str, path: str, language: str | None) -> Program:
    """A program, from a file or from standard input.

    Raises:
        UsageError: it cannot be read, or nothing tells its language.
    """
    from agent.addresses import local_path
    from agent.hacking.types import Program

    path = local_path(path)
    name, source = program_of(problem_path, path, language)
    return Program(source, name, Path(path).name)


def check(problem: Problem, program: Program) -> None:
    """Refuse what cannot be searched.

    Raises:
        ProblemError: there is no example to make inputs of, or the program's language does not do functions.
    """
    from agent.hacking.sources import refusal
    from agent.languages import language_for
    from problems import ProblemError

    language_for(problem, program.language)
    if reason := refusal(problem):
        raise ProblemError(reason, path=problem.path)
