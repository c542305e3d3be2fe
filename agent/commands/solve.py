"""`solve PROBLEM.md`: what the program is for."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands import EXIT_INTERRUPTED, EXIT_SOLVED, EXIT_UNSOLVED
from agent.commands.asking import asking_options, lines, record, strategy_option
from agent.commands.memory import HistoryOptions, history_options
from agent.commands.model_options import SamplerOptions, model_options
from agent.commands.options import (
    DEFAULTS,
    SandboxOptions,
    StatementOptions,
    budget_options,
    check_folders,
    collect,
    common_options,
    language_option,
    print_json,
    sampling_options,
    sandbox_options,
    store_option,
    time_scale_option,
    write_text,
)
from agent.interrupts import Interrupt
from agent.profile import Form, Wishes
from agent.types import SolveOptions

if TYPE_CHECKING:
    from agent.commands.memory import Round
    from agent.languages import Language
    from agent.models.profiles import Choice
    from agent.rivals import Arbiter
    from agent.terminal.console import Console
    from agent.types import Sampler, Solution
    from problems import Problem
    from sandbox import Sandbox


_NO_CHECKER = (
    "Note: no checker is asked of the model. It is where a program reads standard input, the statement accepts any"
    " valid answer, and no checker is in it."
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found, and by what."""

    problem: Problem
    solution: Solution
    model: str
    sandbox: str
    options: SolveOptions

    def page(self) -> str:
        """The report, a page about it."""
        from agent.report import render_report

        return render_report(
            self.problem, self.solution, model=self.model, sandbox=self.sandbox, options=self.options
        )


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Where answers go."""

    output: Path | None
    report: Path | None
    best_effort: bool
    as_json: bool

    def deliver(self, answer: _Answer, time_scale: float) -> int:
        """Write and print the answer to a problem under `time_scale`; returns the exit code it is worth."""
        from agent.languages import LANGUAGES

        solution = answer.solution
        is_answer = solution.solved and not solution.abstained
        programs = _programs(solution) if is_answer or self.best_effort else []
        if self.output is not None:
            for number, program in enumerate(programs, 1):
                path = self.output if number == 1 else self.output.with_stem(f"{self.output.stem}_{number}")
                write_text(path, program)
        if self.report is not None:
            write_text(self.report, answer.page())
        if self.as_json:
            _print_record(answer, programs, time_scale)
        elif self.output is None:
            _print_programs(programs, LANGUAGES[answer.options.language].comment)
        return EXIT_SOLVED if is_answer else EXIT_UNSOLVED


@dataclass(frozen=True, slots=True)
class _Dialogue:
    """What is said to the person at the terminal, and asked."""

    quiet: bool
    verbose: bool
    watch: bool
    ask: bool

    def arbiter(self, console: Console, interrupt: Interrupt) -> Arbiter | None:
        """Who says which of two outputs is right."""
        from agent.commands.ask import Person

        return Person(console.pause, interrupt) if self.ask else None


@click.command("problem", hidden=True)
@click.argument("problem_path", metavar="PROBLEM.md")
@model_options
@store_option
@click.option(
    "-n",
    "--samples",
    "n",
    type=click.IntRange(1, 100_000),
    default=DEFAULTS.n,
    show_default=True,
    help="Programs to sample, at most.",
)
@language_option(DEFAULTS.language, "What to write programs in; C++ is for problems that read standard input.")
@strategy_option("auto")
@sampling_options
@asking_options
@time_scale_option
@budget_options
@click.option(
    "--repairs",
    "repair_rounds",
    type=click.IntRange(0, 2),
    default=DEFAULTS.repair_rounds,
    show_default=True,
    help="Rounds of showing the model what fails, where nothing passes.",
)
@click.option(
    "--ask", is_flag=True, help="Be asked which of two outputs is right where programs that pass disagree."
)
@click.option(
    "--submissions",
    type=click.IntRange(1, 1000),
    default=DEFAULTS.submissions,
    show_default=True,
    help="Print up to this many programs, each of another behaviour.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=DEFAULTS.min_confidence,
    help="Print nothing unless the program is right with at least this probability.",
)
@click.option("--best-effort", is_flag=True, help="Print the best program even if no public case passes.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the program here.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page about the answer here: why this program, its rivals, every candidate on every case.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more: every round, every cluster, the cost.")
@click.option("--watch", is_flag=True, help="Solve again whenever the file is saved, until Ctrl-C.")
@history_options
@click.option("--show-prompt", is_flag=True, help="Print what the model would be asked, and stop.")
@sandbox_options
@common_options
@collect(
    statement=StatementOptions,
    wishes=Wishes,
    options=SolveOptions,
    sampler=SamplerOptions,
    sandbox=SandboxOptions,
    delivery=_Delivery,
    dialogue=_Dialogue,
    history=HistoryOptions,
)
def solve_command(
    statement: StatementOptions,
    wishes: Wishes,
    options: SolveOptions,
    sampler: SamplerOptions,
    sandbox: SandboxOptions,
    delivery: _Delivery,
    dialogue: _Dialogue,
    history: HistoryOptions,
    show_prompt: bool,
) -> int:
    """Solve one problem."""
    from agent.commands.watch import problem_versions
    from agent.languages import language_for
    from agent.models.profiles import choose
    from agent.terminal.console import Console

    if dialogue.ask and statement.problem_path == "-":
        raise click.UsageError("--ask reads answers from standard input, where the problem is")
    if history.more and options.strategy == "auto":
        raise click.UsageError(
            "--more goes on with what was asked before, --strategy auto asks otherwise each time"
        )
    check_folders(delivery.output, delivery.report)
    if sampler.verifier and not sampler.has_second():
        options = replace(options, model_judges=True)
    code = EXIT_UNSOLVED
    with Console(quiet=dialogue.quiet, verbose=dialogue.verbose) as console:
        problems = problem_versions(statement.problem_path, watch=dialogue.watch, note=console.note)
        versions = map(statement.scale, problems)
        first = next(versions)
        language = language_for(first, options.language)
        choice = choose(sampler.model, wishes)
        if show_prompt:
            return _show_prompt(first, language, choice, options, as_json=delivery.as_json)
        options = options.asked_by(choice.profile)
        console.problem(first)
        memory = history.open(sampler.model, sampler.store, console.note)
        with ExitStack() as stack:
            model, box = _ready(stack, sampler, sandbox, options.language, console)
            verifier = sampler.load_verifier(console, max_seconds=wishes.max_seconds)
            if verifier is not None:
                stack.enter_context(closing(verifier))
            interrupt = Interrupt()
            solver = _Solver(box, dialogue.arbiter(console, interrupt), console, interrupt)
            for problem in chain([first], versions):
                if problem is not first:
                    console.problem(problem)
                with memory.round(problem, model, options, verifier) as round_:
                    answer = solver.answer(problem, round_)
                    code = delivery.deliver(answer, statement.time_scale)
                memory.keep(round_, answer.solution, box.backend, answer.page)
                if interrupt.came:
                    return EXIT_INTERRUPTED
    return code


def _ready(
    stack: ExitStack, sampler: SamplerOptions, sandbox: SandboxOptions, language: str, console: Console
) -> tuple[Sampler, Sandbox]:
    """The model and the sandbox; slots start while weights load."""
    from agent.commands.opening import Opening

    what = "starting the sandbox" if sampler.store else f"loading {sampler.model}, starting the sandbox"
    with console.waiting(what):
        # Without a sandbox, a gigabyte of weights would be fetched for nothing.
        opening = stack.enter_context(Opening(sandbox.find(console, language)))
        model = stack.enter_context(sampler.open(console, before_fetch=opening.result))
        return model, opening.result()


@dataclass(frozen=True, slots=True)
class _Solver:
    """What solves one version of the problem after another."""

    box: Sandbox
    arbiter: Arbiter | None
    console: Console
    interrupt: Interrupt

    def answer(self, problem: Problem, round_: Round) -> _Answer:
        """Solve `problem`, and show how it goes."""
        from agent.checkers import may_need_checkers
        from agent.solve import solve

        sampler, options = round_.sampler, round_.options
        if options.checkers and not may_need_checkers(problem):
            self.console.note(_NO_CHECKER)
        self.console.start(options)
        with self.interrupt:
            solution = solve(
                problem,
                sampler,
                self.box,
                options=options,
                events=self.console,
                arbiter=self.arbiter,
                interrupt=self.interrupt,
                verifier=round_.verifier,
            )
        self.console.solution(problem, solution)
        if self.interrupt.came:
            self.console.interrupted(solution)
        if 0 < len(solution.submissions) < options.submissions:
            count = len(solution.submissions)
            self.console.note(
                f"{count} of {options.submissions} submissions: no more behave differently and pass."
            )
        return _Answer(problem, solution, sampler.name, self.box.backend, options)


def _programs(solution: Solution) -> list[str]:
    """What is printed: the programs to submit, or else the one that came furthest."""
    return list(solution.submissions) or ([] if solution.program is None else [solution.program])


def _print_programs(programs: list[str], comment: str) -> None:
    from agent.terminal.display import visible

    for number, program in enumerate(programs, 1):
        if number > 1:
            click.echo(f"\n{comment} ---- submission {number} of {len(programs)} ----\n")
        # A terminal obeys no control character of a program; a file or a pipe gets the program as it is.
        text = visible(program) if sys.stdout.isatty() else program
        click.echo(text, nl=not program.endswith("\n"), color=True)


def _print_record(answer: _Answer, sources: list[str], time_scale: float) -> None:
    from agent.terminal.console import solution_record

    record = solution_record(answer.problem, answer.solution, answer.model, answer.sandbox)
    programs = {"program": sources[0] if sources else None, "submissions": sources}
    print_json(record | {"time_scale": time_scale} | programs)


def _show_prompt(
    problem: Problem, language: Language, choice: Choice, options: SolveOptions, *, as_json: bool
) -> int:
    """Print the chat turn that asks for a program; no model and no sandbox is needed for it."""
    from agent.strategies.wordings import first_prompt

    prompt = first_prompt(options.strategy, problem, language, choice.profile, seed=options.seed)
    if as_json:
        print_json(asdict(prompt) | {"profile": record(choice)})
        return EXIT_SOLVED
    thinks = choice.profile.form is Form.THINK
    begins = prompt.prefill or ("(by itself, with its thoughts)" if thinks else "(by itself)")
    click.echo(f"[system]\n{prompt.system}\n\n[user]\n{prompt.user}\n\n[assistant begins]\n{begins}")
    click.echo("\n[asked so]\n" + "\n".join(lines(choice)))
    return EXIT_SOLVED
