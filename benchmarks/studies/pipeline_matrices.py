"""What the pipeline of `solve` sees on CodeT's HumanEval pools, once executed and kept: no model is needed.

The statement is HumanEval's prompt, its doctests the public cases; the candidates are the 100 CodeGen-16B programs
of each problem (Chen et al., "CodeT", 2022). As in `solve`, those that pass the public cases run on inputs that
`agent.inputs` makes from the examples. A second run skips the tasks that are there.

Not covered: problems whose prompt shows no example that can be read, which are left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.inputs import generate_inputs
from agent.journal import Journal, read_journal
from agent.judging.judge import accepted, judge
from agent.observe import observe
from agent.types import FAILED
from benchmarks.rows import rows_of
from benchmarks.studies.codet_matrices import PoolRecord, entry_point, row_of
from problems import Problem, ProblemError, parse_problem
from sandbox import Sandbox

INPUTS = 32
"""Generated inputs per problem, as `solve` uses by default."""

_CPU_S = 0.3  # HumanEval's answers take microseconds; programs that hang are many in these pools


@dataclass(frozen=True, slots=True)
class PipelineRecord:
    """One task: its candidates, which survive the public cases, and how the survivors behave."""

    task_id: str
    counts: tuple[int, ...]
    """How many of the 100 completions are each distinct program."""
    hidden: tuple[bool, ...]
    """Whether each passes all of HumanEval's tests."""
    survives: tuple[bool, ...]
    """Whether each passes every public case."""
    outputs: tuple[tuple[int | None, ...], ...]
    """Candidates x generated inputs; an empty row for those that do not survive."""
    public: int
    """How many public cases the prompt shows."""


def statement(prompt: str, name: str) -> Problem | None:
    """HumanEval's prompt as a problem; None when no example in it can be read."""
    try:
        problem = parse_problem(f"# {name}\n\nComplete the function.\n\n```python\n{prompt}```\n")
    except ProblemError:
        return None
    fits = problem.cases and problem.entry_point == name
    return replace(problem, time_limit_s=_CPU_S) if fits else None


def pipeline_matrices(
    folder: Path, pools: Mapping[str, PoolRecord], records: Path, box: Sandbox
) -> Iterator[PipelineRecord]:
    """Execute what `records` does not hold yet, appending to it; yield the records of all tasks.

    Args:
        folder: the benchmark data.
        pools: hidden verdicts and multiplicities by task, from `benchmarks.studies.codet_matrices`.
        records: the file to continue.
        box: where the programs run.

    Raises:
        SandboxError: the sandbox failed.
        TaskError: the data is not there.
        JournalError: a line of `records` is no record.
    """
    with Journal(records, _from_json) as journal:
        results = {record.task_id: record for _, record in journal.entries()}
        for task_id, problem, programs in _tasks(folder):
            if task_id not in results:
                results[task_id] = _execute(pools[task_id], problem, programs, box)
                journal.append(_to_json(results[task_id]))
            yield results[task_id]


def load_pipeline_records(records: Path) -> list[PipelineRecord]:
    """The records on disk, if there are any.

    Raises:
        JournalError: a line is no record.
    """
    return read_journal(records, _from_json) if records.exists() else []


def _tasks(folder: Path) -> Iterator[tuple[str, Problem, list[str]]]:
    """Task, problem, and the distinct programs in the order of `PoolRecord`."""
    pools = folder / "codet/HumanEval_codegen16B_temp0.8_topp0.95_num100_max300_code_solution.jsonl.gz"
    rows = rows_of(folder / "humaneval/HumanEval.jsonl.gz")
    for pool in rows_of(pools):
        name = entry_point(pool["prompt"])
        row = row_of(rows, pool["prompt"], name)
        problem = statement(row["prompt"], name)
        if problem is not None:
            programs = dict.fromkeys(pool["prompt"] + sample.rstrip() for sample in pool["samples"])
            yield row["task_id"], problem, list(programs)


def _execute(pool: PoolRecord, problem: Problem, programs: list[str], box: Sandbox) -> PipelineRecord:
    survives = [accepted(problem, row) for row in judge(box, problem, programs)]
    alive = [program for program, ok in zip(programs, survives, strict=True) if ok]
    rows = iter(observe(box, problem, alive, generate_inputs(problem, count=INPUTS, seed=0)))
    codes: dict[Hashable, int] = {}
    outputs = [
        tuple(
            None if observation.key is FAILED else codes.setdefault(observation.key, len(codes))
            for observation in next(rows)
        )
        if ok
        else ()
        for ok in survives
    ]
    return PipelineRecord(
        pool.task_id, pool.counts, pool.hidden, tuple(survives), tuple(outputs), len(problem.cases)
    )


def _to_json(record: PipelineRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in PipelineRecord.__dataclass_fields__}


def _from_json(row: Mapping[str, Any]) -> PipelineRecord:
    return PipelineRecord(
        row["task_id"],
        tuple(row["counts"]),
        tuple(row["hidden"]),
        tuple(row["survives"]),
        tuple(map(tuple, row["outputs"])),
        row["public"],
    )
