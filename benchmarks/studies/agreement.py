"""Our verdicts beside published ones: `python -m benchmarks.studies.agreement [--plus] humaneval mbpp`.

EvalPlus publishes generated programs with the status that its own executor gave them. The same programs are graded
here, and every disagreement is printed with what can be said about it. Needs the data folder
(`benchmarks.tasks.data_folder`).

Not covered: which of the two is right where they disagree; the list is for looking.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.preparation import prepare
from benchmarks.grading.suites import CodeSuite, ValueSuite
from benchmarks.grading.types import Grade
from benchmarks.rows import Row, rows_of
from benchmarks.tasks import data_folder, load_tasks
from sandbox import open_sandbox

if TYPE_CHECKING:
    from benchmarks.grading.suites import Suite
    from benchmarks.types import Task
    from sandbox import Sandbox

VERSIONS = {"humaneval": "HumanEval+ v0.1.10", "mbpp": "MBPP+ v0.2.0"}
"""The version of the tests at hand; programs judged on another are reported apart."""


@dataclass(frozen=True, slots=True)
class PublishedProgram:
    """A program and the status it was given."""

    task: str
    model: str
    version: str
    """Of the tests that it was judged on."""
    source: str
    base: bool
    """Whether it passes the original tests."""
    plus: bool
    """Whether it passes those and EvalPlus's further ones."""
    failed_on: str
    """The first inputs that it is said to have failed on, shortened."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A program that was judged differently."""

    program: PublishedProgram
    tests: str
    """Either "base" or "plus"."""
    ours: Grade
    reason: str


@dataclass(frozen=True, slots=True)
class Suites:
    """The tests of one task."""

    task: Task
    base: Suite
    plus: Suite | None


def read_programs(name: str) -> list[PublishedProgram]:
    """The programs of a data set, with their statuses."""
    path = data_folder() / "samples" / f"{name}_samples_with_verdicts.jsonl.gz"
    return [_program(row) for row in rows_of(path)]


def _program(row: Row) -> PublishedProgram:
    base = row["base_status"] == "pass"
    failed_on = [*(row["base_fail_tests"] or []), *(row["plus_fail_tests"] or [])]
    inputs = json.dumps(failed_on[0])[:120] if failed_on else ""
    passed = base and row["plus_status"] == "pass"
    return PublishedProgram(row["task_id"], row["model"], row["dataset"], row["solution"], base, passed, inputs)


def suites(box: Sandbox, name: str, *, plus: bool) -> Iterator[Suites]:
    """The tests that the statuses of a set are about.

    EvalPlus's base tests of HumanEval are the original ones; those of MBPP were mended, and are the first inputs
    of MBPP+.

    Raises:
        SandboxError: the sandbox failed.
    """
    if name == "humaneval":
        further = {task.id: task.suite for task in load_tasks("humaneval+")} if plus else {}
        yield from (Suites(task, task.suite, further.get(task.id)) for task in load_tasks(name))
        return
    path = data_folder() / "mbpp" / "MbppPlus-v0.2.0.jsonl.gz"
    counts = {row["task_id"]: len(row["base_input"]) for row in rows_of(path)}
    for task in load_tasks("mbpp+"):
        assert isinstance(task.suite, CodeSuite)
        plan = prepare(box, task.suite)
        assert isinstance(plan, ValueSuite)
        yield Suites(task, replace(plan, checks=plan.checks[: counts[task.id]]), plan if plus else None)


def compare(
    box: Sandbox, tests: Iterable[Suites], programs: Sequence[PublishedProgram]
) -> tuple[list[PublishedProgram], list[Disagreement]]:
    """Grade every program whose task is there: those, and what was judged differently.

    Raises:
        SandboxError: the sandbox failed.
    """
    rows: dict[str, list[PublishedProgram]] = {}
    for row in programs:
        rows.setdefault(row.task, []).append(row)
    all_graded: list[PublishedProgram] = []
    disagreements: list[Disagreement] = []
    with ThreadPoolExecutor(box.slots) as threads:
        for same, differing in threads.map(lambda one: _compare_task(box, one, rows.get(one.task.id, [])), tests):
            all_graded += same
            disagreements += differing
    return all_graded, disagreements


def _compare_task(
    box: Sandbox, tests: Suites, rows: list[PublishedProgram]
) -> tuple[list[PublishedProgram], list[Disagreement]]:
    if not rows:
        return [], []
    base = grade(box, tests.base, [row.source for row in rows])
    disagreements = [
        Disagreement(row, "base", ours, _reason(tests.task, row, ours))
        for row, ours in zip(rows, base, strict=True)
        if row.base is not (ours.verdict is Verdict.AC)
    ]
    if tests.plus is not None:
        # A program that fails a base test fails Plus, whatever the rest would say.
        right = [row for row, ours in zip(rows, base, strict=True) if ours.verdict is Verdict.AC]
        plus = dict(zip(map(id, right), grade(box, tests.plus, [row.source for row in right]), strict=True))
        disagreements += [
            Disagreement(row, "plus", plus.get(id(row), ours), _reason(tests.task, row, plus.get(id(row), ours)))
            for row, ours in zip(rows, base, strict=True)
            if row.plus is not (plus.get(id(row), ours).verdict is Verdict.AC)
        ]
    return rows, disagreements


def _reason(task: Task, row: PublishedProgram, grade: Grade) -> str:
    """What can be told without looking at the program."""
    missing = _function_names(task.reference or "") - _function_names(row.source)
    if grade.verdict is Verdict.AC and missing:
        return f"published run lacked {', '.join(sorted(missing))} of the prompt; here tests bring their own"
    if grade.verdict is Verdict.TLE:
        return f"{grade.cpu_s:.1f} s of CPU time here"
    claim = f"said to fail on {row.failed_on}" if row.failed_on else ""
    other = "" if row.version in VERSIONS.values() else f"judged on the tests of {row.version}"
    return "; ".join(filter(None, (other, claim))) or "unexplained"


def _function_names(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def report(tests: str, version: str, count: int, disagreements: Sequence[Disagreement]) -> str:
    """The rate, and a line per disagreement."""
    rate = f"{100 * len(disagreements) / count:.2f} %"
    lines = [f"{version}, {tests}: {len(disagreements)} of {count} programs judged differently ({rate})"]
    for row in sorted(disagreements, key=lambda row: row.program.task):
        claim = "pass" if getattr(row.program, tests) else "fail"
        lines.append(
            f"  {row.program.task} ({row.program.model}): published {claim}, here {row.ours.verdict}"
            f" after {row.ours.passed} of {row.ours.total}: {row.reason}"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the agreement for the sets that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.agreement", description=__doc__)
    parser.add_argument("sets", nargs="+", choices=list(VERSIONS))
    parser.add_argument("--plus", action="store_true", help="also the statuses on EvalPlus's further tests")
    options = parser.parse_args(arguments)
    with open_sandbox("auto") as box:
        for name in options.sets:
            programs = read_programs(name)
            compared_rows, disagreements = compare(box, suites(box, name, plus=options.plus), programs)
            for version in sorted({row.version for row in compared_rows}):
                count = sum(row.version == version for row in compared_rows)
                left_out = sum(row.version == version for row in programs) - count
                for tests in ("base", "plus") if options.plus else ("base",):
                    rows = [row for row in disagreements if row.tests == tests and row.program.version == version]
                    sys.stdout.write(report(tests, version, count, rows) + "\n")
                if left_out:
                    sys.stdout.write(f"  {left_out} more are of tasks that {VERSIONS[name]} no longer has\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
