"""How many generated inputs are valid: `python -m benchmarks.studies.input_validity`.

Functions: HumanEval+ (Liu et al., 2023) ships a contract for every function, asserts about its arguments. A
generated call counts as valid if contract and reference accept it.

Contest problems: the sets hold no reference program, but many inputs of the jury's. From half of those the
layout, ranges, orders and alphabets are inferred; a generated input, made from the public samples alone, counts
as valid if it has all of them. How many of the jury's other inputs this check accepts is reported beside it: a
valid input that it refuses is counted against us.

Not covered: whether inputs tell candidates apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from agent.inputs import generate_inputs
from agent.inputs.stdin import Generator
from benchmarks.rows import Row, rows_of
from benchmarks.studies.pipeline_matrices import statement
from benchmarks.tasks import data_folder
from problems import Problem, TestCase
from sandbox import CallJob, Limits, Sandbox, Status

_INPUTS = 32
_LIMITS = Limits(cpu_s=2.0, memory_mb=512)
_LARGEST = 2000
_MOST_SEEN = 24
_FEWEST = 6


@dataclass(frozen=True, slots=True)
class Tally:
    """One problem's generated inputs."""

    task_id: str
    valid: int
    inputs: int
    control: tuple[int, int]
    """Of the jury's inputs that the check has not seen: accepted, all."""


def of_function(row: Row, box: Sandbox) -> Tally | None:
    """A row of HumanEval+; None where its prompt shows no example."""
    problem = statement(row["prompt"], row["entry_point"])
    if problem is None:
        return None
    source = _with_guard(row)
    inputs: list[Any] = list(generate_inputs(problem, count=_INPUTS, seed=0))
    jobs = [CallJob(source, row["entry_point"], call.args, call.kwargs, _LIMITS) for call in inputs]
    own = [CallJob(source, row["entry_point"], tuple(args), limits=_LIMITS) for args in row["base_input"]]
    accepted = [result.status is Status.OK for result in box.run_many([*jobs, *own])]
    return Tally(
        row["task_id"], sum(accepted[: len(inputs)]), len(inputs), (sum(accepted[len(inputs) :]), len(own))
    )


def _with_guard(row: Row) -> str:
    """The reference with the contract as the first lines of its body; the contract is indented as a body is."""
    reference = row["prompt"] + row["canonical_solution"]
    copy = re.sub(rf"\bdef {row['entry_point']}\(", "def reference__(", reference)
    header = re.findall(rf"^def {row['entry_point']}\(.*?\).*?:", row["prompt"], re.MULTILINE | re.DOTALL)[-1]
    names = re.findall(r"(\w+)\s*(?::[^,()]*(?:\[[^\]]*\])?[^,()]*)?(?=,|\))", header.split("(", 1)[1])
    call = f"    return reference__({', '.join(names)})\n"
    return f"{reference}\n{copy}\n{header}\n{row['contract']}\n{call}"


def of_contest(row: Row) -> Tally | None:
    """A contest problem; None where the jury's inputs are few or show no layout."""
    samples = tuple(TestCase(case["input"], case["output"]) for case in row["samples"])
    jury = [case["input"] for case in row["tests"] if len(case["input"]) <= _LARGEST]
    if not samples or len(jury) < _FEWEST:
        return None
    examples = [*(case.stdin for case in samples), *jury[::2][:_MOST_SEEN]]
    check = Generator(examples, row["statement"])
    if check.layout is None:
        return None
    problem = Problem(row["id"], row["statement"], samples)
    inputs = generate_inputs(problem, count=_INPUTS, seed=0)
    others = jury[1::2]
    return Tally(
        row["id"],
        sum(check.accepts(item.stdin) for item in inputs),
        len(inputs),
        (sum(map(check.accepts, others)), len(others)),
    )


def summary(name: str, tallies: Sequence[Tally]) -> str:
    """One line; problems for which nothing was made count with their number only."""
    some = [tally for tally in tallies if tally.inputs]
    share = sum(tally.valid / tally.inputs for tally in some) / max(len(some), 1)
    whole = sum(tally.valid == tally.inputs for tally in some)
    control = sum(tally.control[0] for tally in tallies) / max(sum(tally.control[1] for tally in tallies), 1)
    return (
        f"{name}: {share:.1%} of the inputs valid, mean over {len(some)} problems"
        f" ({len(tallies) - len(some)} more with none made);"
        f" all valid in {whole}; the check accepts {control:.1%} of the jury's own"
    )


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder with humaneval/ and competitive/."
)
@click.option("--problems", type=int, default=50, show_default=True, help="Of each kind, at most.")
@click.option("--sandbox", "backend", default="auto", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="One line per problem.")
def main(data: Path | None, problems: int, backend: str, *, verbose: bool) -> None:
    """Measure the validity of generated inputs."""
    from sandbox import open_sandbox

    folder = data or data_folder()
    rows = [
        row
        for name in ("kattis_kodsport", "codecontests_test72", "codecontests_300")
        for row in rows_of(folder / "competitive" / f"{name}.jsonl.gz")
        if row["validated"]
    ]
    contests = [tally for row in rows if (tally := of_contest(row))][:problems]
    with open_sandbox(backend) as box:
        plus = rows_of(folder / "humaneval/HumanEvalPlus-v0.1.10.jsonl.gz")
        functions = [tally for row in plus[::3] if (tally := of_function(row, box))][:problems]
    for name, tallies in (("contest problems", contests), ("functions", functions)):
        for tally in tallies if verbose else ():
            click.echo(f"{tally.task_id}: {tally.valid} of {tally.inputs}, control {tally.control}")
        click.echo(summary(name, tallies))


if __name__ == "__main__":
    main()
