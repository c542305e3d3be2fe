"""How far the model's checkers are to be trusted: `python -m benchmarks.studies.checker_trust SET.jsonl.gz ...`.

Of contest problems that accept any valid answer, the examples tell which checkers are trusted
(`agent.checkers`), and the hidden tests tell how those judge: the jury's outputs are valid; nothing, the first
half and a refusal where there is an answer are not; outputs with one word changed are most often not.

Not covered: whether the votes choose better programs, for these sets compare with one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.checkers import Checkers, checker_requests, trials_of
from agent.inputs import GeneratedInput
from agent.types import Observation, SolveOptions
from benchmarks.grading.suites import OutputSuite
from benchmarks.tasks import load_tasks, with_answer_rule

if TYPE_CHECKING:
    from agent.checkers import Trial
    from agent.models.store import StoredSampler
    from benchmarks.types import Task
    from sandbox import Sandbox

_LONGEST = 2000
_TESTS = 10
_KINDS = {True: "valid", False: "surely wrong", None: "one word changed"}


@dataclass(slots=True)
class Tally:
    """What checkers made of hidden tests."""

    answers: int = 0
    """Completions."""
    trusted: int = 0
    problems: int = 0
    with_checker: int = 0
    """Problems with a trusted checker."""
    questions: Counter[bool | None] = field(default_factory=Counter)
    """Questions to trusted checkers, by whether the output is valid; None is most often not."""
    accepted: Counter[bool | None] = field(default_factory=Counter)
    """Of these, outputs called valid."""

    def lines(self) -> list[str]:
        """As text."""
        rates = (
            f"{_KINDS[kind]}: {self.accepted[kind]} of {self.questions[kind]} accepted"
            for kind in _KINDS
            if self.questions[kind]
        )
        return [
            f"{self.trusted} of {self.answers} checkers are trusted",
            f"{self.with_checker} of {self.problems} problems have one",
            *rates,
        ]


def judge(task: Task, answers: Sequence[str], box: Sandbox, tally: Tally) -> None:
    """Count what a problem's checkers say."""
    tests = list(hidden_trials(task))
    before = tally.trusted
    for answer in answers:
        panel = Checkers(task.problem, box)
        panel.learn([answer])
        tally.answers += 1
        tally.trusted += len(panel)
        for trials in tests if len(panel) else ():
            for trial, is_accepted in zip(trials, accepted(panel, trials), strict=True):
                tally.questions[trial.valid] += 1
                tally.accepted[trial.valid] += is_accepted
    tally.problems += 1
    tally.with_checker += tally.trusted > before


def hidden_trials(task: Task) -> Iterator[list[Trial]]:
    """Of each hidden test that is no example and short enough, what is asked about it."""
    assert isinstance(task.suite, OutputSuite)
    cases = [case for case in task.suite.cases if case not in task.problem.cases]
    short = [case for case in cases if max(len(case.stdin), len(case.stdout)) <= _LONGEST][:_TESTS]
    problem = replace(task.problem, cases=tuple(short))
    trials = trials_of(problem)
    for case in short:
        yield [trial for trial in trials if trial.question.stdin == case.stdin]


def accepted(panel: Checkers, trials: Sequence[Trial]) -> list[bool]:
    """Whether a panel accepts each output; all are for the same input."""
    observations = [
        Observation((number, trial.valid), "", text=trial.question.output) for number, trial in enumerate(trials)
    ]
    item = GeneratedInput(stdin=trials[0].question.stdin) if trials else GeneratedInput()
    return [row[0].valid for row in panel.mark([item], [[one] for one in observations])]


def open_tasks(paths: Sequence[str]) -> list[Task]:
    """Those whose statement accepts any valid answer, and that show an example."""
    tasks = [with_answer_rule(task) for path in paths for task in load_tasks(path)]
    return [task for task in tasks if task.problem.many_answers and task.problem.cases]


def answers_of(tasks: Sequence[Task], store: StoredSampler, options: SolveOptions) -> list[list[str]]:
    """What the model answers to each task's request for checkers; all are asked for at once."""
    requests = [request for task in tasks for request, _ in checker_requests(task.problem, options)]
    answers: list[list[str]] = [[] for _ in requests]
    for completion in store.sample(requests):
        answers[completion.request].append(requests[completion.request].prompt.prefill + completion.text)
    return answers


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("-m", "--model", default="qwen2.5-coder-1.5b", show_default=True)
@click.option("--checkers", type=click.IntRange(1, 20), default=4, show_default=True, help="Per problem.")
@click.option("--problems", type=int, default=40, show_default=True, help="At most.")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Keeps completions.")
@click.option("--sandbox", "backend", default="auto", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="One line per problem.")
def main(
    paths: tuple[str, ...], model: str, checkers: int, problems: int, store: Path, backend: str, *, verbose: bool
) -> None:
    """Measure the model's checkers on problems that accept any valid answer."""
    from agent.commands.model_options import SamplerOptions
    from agent.terminal.console import Console
    from sandbox import open_sandbox

    options, tally = SolveOptions(checkers=checkers), Tally()
    with (
        Console() as console,
        SamplerOptions(model).open_store(store, console) as samples,
        open_sandbox(backend) as box,
    ):
        tasks = open_tasks(paths)[:problems]
        for task, answers in zip(tasks, answers_of(tasks, samples, options), strict=True):
            before = tally.trusted
            judge(task, answers, box, tally)
            if verbose:
                click.echo(f"{task.id}: {tally.trusted - before} of {checkers} trusted")
    click.echo("\n".join(tally.lines()))


if __name__ == "__main__":
    main()
