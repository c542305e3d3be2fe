"""How far an answer should be begun for the model: `python -m benchmarks.studies.answer_forms KIND --out DIR`.

Every form of a kind of problem gets as many samples of the same tasks. Reported are random@1, and the oracle at
equal tokens: forms that make the model write more get fewer samples for them. Forms are chosen on the tasks of
`--part choose` and reported on those of `--part report`, which are others.

Kinds: `class` and `function` are tasks of MBPP+ in other dress (`benchmarks.studies.rendered_tasks`), every other
one; `humaneval` is HumanEval as it is; `stdin` is a file of contest problems, every other one.

Not covered: greedy, and selection, which follow random@1 and the oracle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.languages import PYTHON
from agent.prompts import AnswerForm, build_prompt, stops
from agent.types import Completion, SampleRequest, SamplingParams, Verdict
from benchmarks.grading.grade import grade
from benchmarks.metrics import estimate, paired_difference, pass_at_k
from benchmarks.progress import ProgressLine
from benchmarks.studies.rendered_tasks import as_class, as_function
from benchmarks.tasks import load_tasks
from benchmarks.types import Task, TaskError

if TYPE_CHECKING:
    from agent.models.store import StoredSampler
    from benchmarks.metrics import Estimate
    from sandbox import Sandbox

_MOST_TOKENS = 640
_SEED = 1
KINDS: Mapping[str, tuple[AnswerForm, ...]] = {
    "class": tuple(AnswerForm),
    "function": (AnswerForm.FENCE, AnswerForm.APPROACH, AnswerForm.SIGNATURE),
    "humaneval": (AnswerForm.FENCE, AnswerForm.APPROACH, AnswerForm.SIGNATURE),
    "stdin": (AnswerForm.FENCE, AnswerForm.APPROACH),
}
"""The forms that each kind of problem can be asked in."""
_DRESS: Mapping[str, Callable[[Task], Task | None]] = {"class": as_class, "function": as_function}


@dataclass(frozen=True, slots=True)
class Draw:
    """One sample."""

    right: bool
    """Whether its program passes the hidden tests."""
    tokens: int


Pools = dict[AnswerForm, list[list[Draw]]]
"""Of each form, per task in the same order, its samples."""


def tasks_of(kind: str, name: str, part: str, limit: int | None) -> list[Task]:
    """The tasks of one part of a set, dressed as the kind wants.

    Raises:
        TaskError: the set cannot be read.
    """
    dress = _DRESS.get(kind)
    plain = load_tasks(name)
    tasks = plain if dress is None else [task for other in plain if (task := dress(other)) is not None]
    return tasks[0 if part == "choose" else 1 :: 2][:limit]


def requests_of(tasks: Sequence[Task], form: AnswerForm, n: int) -> list[SampleRequest]:
    """Of each task, `n` samples in this form."""
    return [
        SampleRequest(
            build_prompt(task.problem, PYTHON, form),
            SamplingParams(n=n, max_tokens=_MOST_TOKENS, seed=_SEED, stop=stops(task.problem)),
        )
        for task in tasks
    ]


def sample_forms(store: StoredSampler, tasks: Sequence[Task], forms: Sequence[AnswerForm], n: int) -> None:
    """Put into the store what it lacks, all forms in one stream.

    Raises:
        SamplerError: the model failed.
    """
    requests = [request for form in forms for request in requests_of(tasks, form, n)]
    missing = [request for request in requests if store.missing([request])]
    total = sum(request.params.n for request in missing)
    with (
        ProgressLine("sampling", count=0, total=total, unit="tokens") as line,
        closing(store.sample(missing)) as stream,
    ):
        for completion in stream:
            line.step(completion.tokens)


def grade_all(
    store: StoredSampler, box: Sandbox, tasks: Sequence[Task], forms: Sequence[AnswerForm], n: int
) -> Pools:
    """Every stored sample on its task's hidden tests.

    Raises:
        SandboxError: the sandbox failed.
    """
    completions = {form: _completions(store, requests_of(tasks, form, n)) for form in forms}
    pools: Pools = {form: [] for form in forms}
    with ProgressLine("grading", count=0, total=len(tasks), unit="tasks") as line:
        for number, task in enumerate(tasks):
            for form, right in _right(box, task, {form: completions[form][number] for form in forms}).items():
                pools[form].append(right)
            line.step()
    return pools


def _completions(store: StoredSampler, requests: Sequence[SampleRequest]) -> list[list[Completion]]:
    """Per request, its completions by number, each with the words it goes on from."""
    completions: list[list[Completion]] = [[] for _ in requests]
    for completion in sorted(store.sample(requests), key=lambda one: (one.request, one.sample)):
        prompt = requests[completion.request].prompt
        completions[completion.request].append(replace(completion, prompt=prompt))
    return completions


def _right(
    box: Sandbox, task: Task, completions_of: Mapping[AnswerForm, Sequence[Completion]]
) -> dict[AnswerForm, list[Draw]]:
    """Each distinct program is graded once, whichever forms it came from."""
    sources = {
        form: [PYTHON.extract(task.problem, completion.answer) or "" for completion in completions]
        for form, completions in completions_of.items()
    }
    distinct = list(dict.fromkeys(source for column in sources.values() for source in column if source))
    grades = dict(zip(distinct, grade(box, task.suite, distinct), strict=True))
    passing = {source for source, result in grades.items() if result.verdict is Verdict.AC}
    return {
        form: [
            Draw(source in passing, completion.tokens)
            for source, completion in zip(sources[form], completions, strict=True)
        ]
        for form, completions in completions_of.items()
    }


def mean_tokens(pool: Sequence[Sequence[Draw]]) -> float:
    """Tokens of a sample, on average."""
    draws = [draw.tokens for row in pool for draw in row]
    return sum(draws) / len(draws)


def random_at_1(pool: Sequence[Sequence[Draw]]) -> list[float]:
    """Per task, the share of samples that are right."""
    return [sum(draw.right for draw in row) / len(row) for row in pool]


def oracle(pool: Sequence[Sequence[Draw]], samples: float) -> list[float]:
    """Per task, the chance that one of so many samples is right; between whole numbers it is interpolated."""
    low = max(1, math.floor(samples))
    share = max(0.0, samples - low)
    figures = []
    for row in pool:
        right = sum(draw.right for draw in row)
        at = [pass_at_k(len(row), right, min(k, len(row))) for k in (low, low + 1)]
        figures.append(at[0] + share * (at[1] - at[0]))
    return figures


def table(pools: Pools, usual: AnswerForm) -> list[str]:
    """A row per form; differences are to the form that is used today, over the same tasks."""
    n = len(next(iter(pools.values()))[0])
    tokens = {form: mean_tokens(pool) for form, pool in pools.items()}
    budget = n * min(tokens.values())
    best = {form: oracle(pool, budget / tokens[form]) for form, pool in pools.items()}
    lines = [
        f"{len(pools[usual])} tasks, {n} samples each; the oracle has {budget:.0f} tokens a task",
        f"{'form':10} {'tokens':>7} {'random@1':>20} {'ahead':>20} {'oracle':>20} {'ahead':>20}",
    ]
    for form, pool in pools.items():
        columns = [_percent(estimate(random_at_1(pool)))]
        columns += [_ahead(random_at_1(pool), random_at_1(pools[usual]))]
        columns += [_percent(estimate(best[form])), _ahead(best[form], best[usual])]
        lines.append(f"{form:10} {tokens[form]:7.0f} " + " ".join(f"{column:>20}" for column in columns))
    return lines


def _percent(estimate: Estimate, sign: str = "") -> str:
    return f"{100 * estimate.value:{sign}.1f} [{100 * estimate.low:{sign}.1f}, {100 * estimate.high:{sign}.1f}]"


def _ahead(column: Sequence[float], other: Sequence[float]) -> str:
    return "-" if column == other else _percent(paired_difference(column, other), "+")


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--set", "name", default="mbpp+", show_default=True, help="A known set, or a file of tasks.")
@click.option("--part", type=click.Choice(["choose", "report"]), default="choose", show_default=True)
@click.option(
    "--form",
    "names",
    multiple=True,
    type=click.Choice([form.value for form in AnswerForm]),
    help="Only these forms.",
)
@click.option("-m", "--model", default="qwen2.5-coder-1.5b", show_default=True)
@click.option("-n", "--samples", default=8, show_default=True, help="Per form and task.")
@click.option("--limit", type=int, default=40, show_default=True, help="Tasks.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder; the same one goes on.")
@click.option("--sandbox", "backend", default="auto", show_default=True)
def main(
    kind: str,
    name: str,
    part: str,
    names: tuple[str, ...],
    model: str,
    samples: int,
    limit: int,
    out: Path,
    backend: str,
) -> None:
    """Compare the forms in which answers of a KIND of problem can be begun."""
    from agent import models
    from agent.models.store import StoredSampler
    from agent.prompts import usual_form
    from agent.types import SamplerError
    from sandbox import SandboxError, open_sandbox

    forms = [form for form in KINDS[kind] if not names or form in names]
    try:
        tasks = tasks_of(kind, name, part, limit)
        if not tasks:
            raise TaskError(f"{name}: no task of it can be asked as {kind}")
        usual = usual_form(tasks[0].problem)
        weights = models.fingerprint(model)
        with (
            StoredSampler(out / "samples.jsonl", weights, lambda: models.open_sampler(model), name=model) as store,
            open_sandbox(backend) as box,
        ):
            sample_forms(store, tasks, forms, samples)
            pools = grade_all(store, box, tasks, forms, samples)
    except (OSError, TaskError, SamplerError, SandboxError) as error:
        raise click.ClickException(str(error)) from error
    figures = {form: [[[draw.right, draw.tokens] for draw in row] for row in pool] for form, pool in pools.items()}
    (out / f"{kind}-{part}.json").write_text(json.dumps(figures), encoding="utf-8")
    for line in table(pools, usual if usual in pools else forms[0]):
        click.echo(line)


if __name__ == "__main__":
    main()
