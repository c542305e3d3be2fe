"""What each mechanism of choosing is worth: `python -m benchmarks.studies.ablation humaneval -m MODEL`.

Every task is solved several times on the same stored samples: taking the greedy program, taking a majority vote of
all that answer, filtering on the public cases only, then with clusters, with tests that the model writes, with
repair, and, beside repair, with as many more samples as its tokens would have bought. Answers are graded on the
hidden tests. Completions and results are kept; the same command goes on where it stopped.

Not covered: early stopping, which is switched off so that all arms see the same samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.budget import Budget
from agent.cost import Meter
from agent.journal import Journal, JournalError
from agent.pool import Pool
from agent.rounds import sample_rounds
from agent.solve import decide, gather, solve
from agent.types import Silent, SolveOptions, Verdict
from benchmarks.completions import all_requests
from benchmarks.grading.grade import grade
from benchmarks.metrics import estimate, paired_difference
from benchmarks.progress import ProgressLine
from benchmarks.run import fill
from benchmarks.tasks import load_tasks
from benchmarks.types import Task, TaskError

if TYPE_CHECKING:
    from agent.models.store import StoredSampler
    from agent.types import Sampler, Solution
    from problems import Problem
    from sandbox import Sandbox

_TESTS = 4
_NO_HURRY = 1e9
_MENDING = ("repair", "resampling")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One arm on one task."""

    right: bool
    """Whether the answer passes the hidden tests."""
    solved: bool
    """Whether it passes the public cases."""
    confidence: float
    tokens: int
    """Generated for everything."""
    repaired: int
    """Tokens of these that repair took."""


def arms(n: int, seed: int) -> dict[str, SolveOptions]:
    """The arms that need no other's result, by name; each adds one mechanism to the one before."""
    whole = SolveOptions(n=n, seed=seed, stop_risk=0.0, max_seconds=_NO_HURRY)
    return {
        "greedy": replace(whole, n=1),
        "filter": replace(whole, inputs=0),
        "clusters": whole,
        "tests": replace(whole, tests=_TESTS),
        "repair": replace(whole, tests=_TESTS, repair_rounds=2),
    }


def majority(problem: Problem, sampler: Sampler, box: Sandbox, options: SolveOptions) -> Solution:
    """The answer that most samples agree on, whatever the public cases say of it.

    Self-consistency (Wang et al., 2022) with behaviour on generated inputs in place of a final answer.

    Raises:
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    blind = replace(problem, cases=())
    pool = Pool(blind, Meter(box), replace(options, method="cluster-size"))
    rounds = sample_rounds(problem, sampler, options, Budget(options), Silent(), pool.language)
    gather(pool, rounds, options)
    return decide(pool, options)


def outcomes_of_arms(
    task: Task, sampler: Sampler, box: Sandbox, *, n: int, seed: int, mend: bool = True
) -> dict[str, Outcome]:
    """Every arm on one task; with `mend` also repair, and resampling at its cost.

    Raises:
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
    """
    options = arms(n, seed)
    if not mend:
        del options["repair"]
    solutions = {"greedy": solve(task.problem, sampler, box, options=options.pop("greedy"))}
    solutions["majority"] = majority(task.problem, sampler, box, options["clusters"])
    solutions |= {name: solve(task.problem, sampler, box, options=choice) for name, choice in options.items()}
    if mend:
        solutions["resampling"] = _resampling(task, sampler, box, options["tests"], solutions)
    sources = [solution.program or "" for solution in solutions.values()]
    grades = grade(box, task.suite, sources)
    return {
        name: _outcome(solution, right=mark.verdict is Verdict.AC and solution.program is not None)
        for (name, solution), mark in zip(solutions.items(), grades, strict=True)
    }


def _resampling(
    task: Task, sampler: Sampler, box: Sandbox, options: SolveOptions, solutions: Mapping[str, Solution]
) -> Solution:
    """The arm without repair, with as many more samples as repair's tokens would have bought."""
    repair_tokens = solutions["repair"].evidence.repair.tokens
    more = math.ceil(repair_tokens * options.n / max(solutions["clusters"].evidence.tokens, 1))
    if not more:
        return solutions["tests"]
    return solve(task.problem, sampler, box, options=replace(options, n=options.n + more))


def _outcome(solution: Solution, *, right: bool) -> Outcome:
    evidence = solution.evidence
    return Outcome(right, solution.solved, solution.confidence, evidence.tokens, evidence.repair.tokens)


def table(results: Sequence[Mapping[str, Outcome]]) -> list[str]:
    """Share of right answers per arm, and how far it is ahead of the arm before."""
    lines = [f"{len(results)} tasks", f"{'arm':12} {'right':>22} {'ahead of the one before':>26} {'tokens':>8}"]
    before: list[float] | None = None
    for name in results[0] if results else ():
        column = [float(result[name].right) for result in results]
        share = estimate(column)
        ahead = "-"
        if before is not None:
            gain = paired_difference(column, before)
            ahead = f"{100 * gain.value:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"
        tokens = sum(result[name].tokens for result in results) / len(results)
        right = f"{100 * share.value:.1f} [{100 * share.low:.1f}, {100 * share.high:.1f}]"
        lines.append(f"{name:12} {right:>22} {ahead:>26} {tokens:8.0f}")
        before = column
    return lines


def sample_together(store: StoredSampler, tasks: Sequence[Task], *, n: int, seed: int) -> None:
    """Put into the store what does not depend on any candidate, of all tasks in one stream.

    One task at a time would leave the batch of the model nearly empty. Repair and resampling have to wait for
    candidates, and are asked for task by task.

    Raises:
        SamplerError: the model failed.
    """
    options = arms(n, seed)["tests"]
    requests = all_requests(tasks, options)
    missing = store.missing(requests)
    if not missing:
        return
    total = sum(request.params.n for request in requests)
    with ProgressLine("sampling", count=total - missing, total=total, unit="tokens") as line:
        for _ in fill(store, requests, step=line.step):
            pass


def outcomes_of_tasks(
    tasks: Sequence[Task], sampler: Sampler, box: Sandbox, path: Path, *, n: int, seed: int, mend: bool = True
) -> Iterator[dict[str, Outcome]]:
    """Results of all tasks, those that the file at `path` does not hold yet appended to it.

    Results that lack repair are made anew where it is wanted; the later row of a task counts.

    Raises:
        SamplerError: the model failed.
        SandboxError: the sandbox failed.
        JournalError: a line of the file is no result.
    """
    with Journal(path, _from_json) as journal:
        results = dict(result for _, result in journal.entries())
        for task in tasks:
            if task.id not in results or (mend and "repair" not in results[task.id]):
                results[task.id] = outcomes_of_arms(task, sampler, box, n=n, seed=seed, mend=mend)
                journal.append({"task": task.id, "arms": {arm: asdict(x) for arm, x in results[task.id].items()}})
            yield {arm: outcome for arm, outcome in results[task.id].items() if mend or arm not in _MENDING}


def _from_json(row: dict[str, Any]) -> tuple[str, dict[str, Outcome]]:
    return row["task"], {arm: Outcome(**fields) for arm, fields in row["arms"].items()}


@click.command()
@click.argument("name")
@click.option("-m", "--model", default="qwen2.5-coder-0.5b", show_default=True)
@click.option("-n", "--samples", default=20, show_default=True)
@click.option("--limit", type=int, default=None, help="Only the first so many tasks.")
@click.option("--seed", default=0, show_default=True)
@click.option("--repair/--no-repair", "mend", default=True, help="It asks the model task by task, which is slow.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder; the same one goes on.")
@click.option("--sandbox", "backend", default="auto", show_default=True)
def main(
    name: str, model: str, samples: int, limit: int | None, seed: int, out: Path, backend: str, *, mend: bool
) -> None:
    """Compare the mechanisms of choosing on a set."""
    from agent import models
    from agent.models.store import StoredSampler
    from agent.types import SamplerError
    from sandbox import SandboxError, open_sandbox

    try:
        tasks = load_tasks(name)[:limit]
        weights = models.fingerprint(model)
        results = []
        with (
            StoredSampler(out / "samples.jsonl", weights, lambda: models.open_sampler(model), name=model) as store,
            open_sandbox(backend) as box,
        ):
            sample_together(store, tasks, n=samples, seed=seed)
            with ProgressLine("tasks", count=0, total=len(tasks), unit="tasks") as line:
                path = out / "ablation.jsonl"
                for result in outcomes_of_tasks(tasks, store, box, path, n=samples, seed=seed, mend=mend):
                    results.append(result)
                    line.step()
    except (OSError, JournalError, TaskError, SamplerError, SandboxError) as error:
        raise click.ClickException(str(error)) from error
    for text in table(results):
        click.echo(text)


if __name__ == "__main__":
    main()
