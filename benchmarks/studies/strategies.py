"""What each strategy is worth at equal tokens: `python -m benchmarks.studies.strategies SET ... --out DIR`.

Every arm gets as many samples of the same tasks; they are stored, and all programs of a task are judged once, in
one pool (`records.jsonl`). Everything else is computed from those records: of each arm the samples that a budget
of tokens pays for, in a few shuffled orders, whether one of them is right, and whether the one that would be
chosen is. `auto` is replayed on the same samples, so that it is compared in pairs with the arms it chooses among.
A second run goes on where the first one stopped.

Not covered: the greedy sample, which every strategy has alike; what prompts cost, which is a strategy's own affair
only where it has many (`tags`).
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.languages import PYTHON
from agent.options import SolveOptions
from agent.rounds import round_ends
from agent.strategies.asking import strategy_requests
from agent.strategies.bandit import ARMS, PRIORS, Record, choose
from agent.strategies.wordings import AUTO, STRATEGIES
from benchmarks.completions import read_requests
from benchmarks.evaluate import evaluate
from benchmarks.metrics import Estimate, estimate, paired_difference
from benchmarks.progress import ProgressLine
from benchmarks.records import RecordFile, TaskRecord
from benchmarks.summary import selected
from benchmarks.tasks import load_tasks
from benchmarks.types import Task, TaskError

if TYPE_CHECKING:
    from agent.models.store import StoredSampler
    from agent.sampling import Purpose, SampleRequest
    from sandbox import Sandbox

_SHUFFLES = 16
_PRIOR_SAMPLES = 10
"""How much a measured prior weighs, in samples."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one arm at one budget, a figure per task: means over the orders."""

    coverage: list[float]
    """How often one of the samples is right."""
    selected: list[float]
    """How often the chosen one is."""
    tokens: list[float]
    """What the samples cost; less than the budget where an arm ran out of samples."""


def arm_requests(task: Task, options: SolveOptions, arms: Sequence[str]) -> list[tuple[SampleRequest, Purpose]]:
    """What is asked for a task: `options.n` samples of each arm, none of them greedy."""
    numbers = range(options.n)
    return [each for arm in arms for each in strategy_requests(arm, task.problem, options, PYTHON, numbers)]


def sample(store: StoredSampler, tasks: Sequence[Task], options: SolveOptions, arms: Sequence[str]) -> None:
    """Put into the store what it lacks.

    Raises:
        SamplerError: the model failed.
    """
    requests = [request for task in tasks for request, _ in arm_requests(task, options, arms)]
    missing = [request for request in requests if store.missing([request])]
    if not missing:
        return
    total = sum(request.params.n for request in missing)
    with (
        ProgressLine("sampling", count=0, total=total, unit="tokens") as line,
        closing(store.sample(missing)) as stream,
    ):
        for completion in stream:
            line.step(completion.tokens)


def judge(
    store: StoredSampler,
    box: Sandbox,
    tasks: Sequence[Task],
    options: SolveOptions,
    arms: Sequence[str],
    path: Path,
) -> list[TaskRecord]:
    """All programs of each task in one pool, on the examples, on generated inputs and on the hidden tests.

    Raises:
        SandboxError: the sandbox failed.
        TaskError: the file at `path` holds records of other samples.
    """
    with RecordFile(path) as file:
        with ProgressLine("tasks", count=len(file.records), total=len(tasks), unit="tasks") as line:
            for task in tasks:
                if task.id not in file.records:
                    completions = read_requests(task, store, arm_requests(task, options, arms), PYTHON)
                    file.append(evaluate(task, completions, box, options))
                    line.step()
        records = [file.records[task.id] for task in tasks]
    for record in records:
        if Counter(one.strategy for one in record.samples) != dict.fromkeys(arms, options.n):
            raise TaskError(f"{path}: {record.task} has samples of other arms, or another number of them")
    return records


def figures(records: Sequence[TaskRecord], arm: str, budget: int, prior: Mapping[str, Record]) -> Figures:
    """An arm, or `auto` over the arms of `prior`, with so many tokens a task."""
    coverage, choice, tokens = [], [], []
    for record in records:
        orders = [_order(record, arm, budget, prior, shuffle) for shuffle in range(_SHUFFLES)]
        coverage.append(_mean([any(map(record.right, order)) for order in orders]))
        choice.append(_mean([selected(record, samples=order) if order else 0.0 for order in orders]))
        tokens.append(_mean([sum(record.samples[one].tokens for one in order) for order in orders]))
    return Figures(coverage, choice, tokens)


def _order(record: TaskRecord, arm: str, budget: int, prior: Mapping[str, Record], shuffle: int) -> list[int]:
    """The samples that the budget pays for, in a seeded order that is the same for every budget."""
    draw = random.Random(f"{record.task}/{shuffle}")
    queues: dict[str, list[int]] = {name: [] for name in (prior if arm == AUTO else (arm,))}
    for number, one in enumerate(record.samples):
        if one.strategy in queues:
            queues[one.strategy].append(number)
    for queue in queues.values():
        draw.shuffle(queue)
    order = _bandit_order(record, queues, prior, draw) if arm == AUTO else queues[arm]
    return paid(order, [record.samples[number].tokens for number in order], budget, draw.random())


def paid(order: Sequence[int], tokens: Sequence[int], budget: int, chance: float) -> list[int]:
    """The first samples, as many as the budget pays for.

    The one that it pays for in part is taken if `chance`, 0 to 1, is below that part: what is spent is the budget
    on average, whether samples are long or short.
    """
    rest = budget
    for place, cost in enumerate(tokens):
        if cost > rest:
            return list(order[: place + (chance < rest / cost)])
        rest -= cost
    return list(order)


def _bandit_order(
    record: TaskRecord, queues: Mapping[str, Sequence[int]], prior: Mapping[str, Record], draw: random.Random
) -> list[int]:
    """The order in which `auto` would have drawn them: what a round brought is known after it."""
    waiting = {name: iter(queue) for name, queue in queues.items() if queue}
    brought = {name: Record() for name in prior}
    known: set[int] = set()
    order: list[int] = []
    for end in round_ends(sum(map(len, queues.values()))):
        batch: list[int] = []
        while waiting and len(order) + len(batch) < end:
            name = choose(brought, draw, {arm: prior[arm] for arm in waiting})
            if (number := next(waiting[name], None)) is None:
                del waiting[name]
            else:
                batch.append(number)
        for number in batch:
            brought[record.samples[number].strategy] += _worth(record, number, known)
        order += batch
    return order


def _worth(record: TaskRecord, number: int, known: set[int]) -> Record:
    """One sample as the bandit counts it; its program is known from then on."""
    one = record.samples[number]
    is_new = one.candidate is not None and one.candidate not in known
    if one.candidate is not None:
        known.add(one.candidate)
    passes = one.candidate is not None and record.candidates[one.candidate].survives
    return Record(1, is_new and passes, one.tokens)


def measured_priors(records: Sequence[TaskRecord], arms: Sequence[str]) -> dict[str, Record]:
    """What each arm brings on its own, over all tasks, as `_PRIOR_SAMPLES` samples of it; fit for `PRIORS`."""
    priors = {}
    for arm in arms:
        total = Record()
        for record in records:
            known: set[int] = set()
            for number, one in enumerate(record.samples):
                if one.strategy == arm:
                    total += _worth(record, number, known)
        rate = (total.hits + 1) / (total.samples + 2)
        mean = total.tokens / total.samples
        priors[arm] = Record(_PRIOR_SAMPLES, round(rate * _PRIOR_SAMPLES, 3), round(mean * _PRIOR_SAMPLES))
    return priors


def table(records: Sequence[TaskRecord], arms: Sequence[str], budgets: Sequence[int]) -> list[str]:
    """A row per budget and arm; differences are to the first arm, over the same tasks."""
    lines = [
        f"{len(records)} tasks; percent, with 95 % intervals over tasks; ahead of {arms[0]} in pairs",
        f"{'budget':>7} {'arm':7} {'tokens':>7}" + "".join(f" {word:>20}" for word in _COLUMNS),
    ]
    for budget in budgets:
        rows = {arm: figures(records, arm, budget, _priors_of(arms)) for arm in _with_auto(arms)}
        for arm, row in rows.items():
            first = rows[arms[0]]
            columns = [
                _percent(estimate(row.coverage)),
                _ahead(row.coverage, first.coverage),
                _percent(estimate(row.selected)),
                _ahead(row.selected, first.selected),
            ]
            cells = "".join(f" {column:>20}" for column in columns)
            lines.append(f"{budget:7} {arm:7} {_mean(row.tokens):7.0f}{cells}")
    return lines


_COLUMNS = ("coverage", "ahead", "selected@1", "ahead")


def _priors_of(arms: Sequence[str]) -> dict[str, Record]:
    return {arm: PRIORS[arm] for arm in arms if arm in PRIORS}


def _with_auto(arms: Sequence[str]) -> list[str]:
    return [*arms, AUTO] if len(_priors_of(arms)) > 1 else list(arms)


def _mean(figures: Sequence[float]) -> float:
    return sum(figures) / len(figures)


def _percent(estimate: Estimate, sign: str = "") -> str:
    return f"{100 * estimate.value:{sign}.1f} [{100 * estimate.low:{sign}.1f}, {100 * estimate.high:{sign}.1f}]"


def _ahead(column: Sequence[float], other: Sequence[float]) -> str:
    return "-" if column is other else _percent(paired_difference(column, other), "+")


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET...")
@click.option("--arm", "arms", multiple=True, type=click.Choice(list(STRATEGIES)), help="Default: those of auto.")
@click.option("--budget", "budgets", multiple=True, type=int, default=(4000, 20_000), show_default=True)
@click.option("-m", "--model", default="qwen2.5-coder-1.5b", show_default=True)
@click.option("-n", "--samples", default=20, show_default=True, help="Per arm and task.")
@click.option("--limit", type=int, help="Tasks of each set.")
@click.option("--seed", default=0, show_default=True)
@click.option("--store", type=click.Path(path_type=Path), help="Completions; default: samples.jsonl in --out.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder; the same one goes on.")
def main(
    sets: tuple[str, ...],
    arms: tuple[str, ...],
    budgets: tuple[int, ...],
    model: str,
    out: Path,
    store: Path | None,
    limit: int | None,
    **asking: int,
) -> None:
    """Compare strategies on the tasks of some sets at equal tokens."""
    from agent import models
    from agent.models.profiles import choose as choose_profile
    from agent.models.store import StoredSampler
    from agent.profile import NO_WISHES
    from agent.types import SamplerError
    from sandbox import SandboxError, open_sandbox

    names = arms or ARMS
    options = SolveOptions(n=asking["samples"], seed=asking["seed"], stop_risk=0.0)
    options = options.asked_by(choose_profile(model, NO_WISHES).profile)
    try:
        tasks = [task for name in sets for task in load_tasks(name)[:limit]]
        path, weights = store or out / "samples.jsonl", models.fingerprint(model)
        with StoredSampler(path, weights, lambda: models.open_sampler(model), name=model) as kept:
            sample(kept, tasks, options, names)
            with open_sandbox("auto") as box:
                records = judge(kept, box, tasks, options, names, out / "records.jsonl")
    except (OSError, TaskError, SamplerError, SandboxError) as error:
        raise click.ClickException(str(error)) from error
    priors = measured_priors(records, names)
    (out / "priors.json").write_text(json.dumps({arm: asdict(one) for arm, one in priors.items()}, indent=1))
    for line in table(records, names, budgets):
        click.echo(line)
    for arm, one in priors.items():
        click.echo(
            f"prior {arm}: {one.hits / one.samples:.4f} hits a sample, {one.tokens / one.samples:.0f} tokens"
        )


if __name__ == "__main__":
    main()
