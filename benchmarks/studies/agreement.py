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
from benchmarks.grading.preparation import prepared
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
class Published:
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

    published: Published
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


def read_published(name: str) -> list[Published]:
    """The programs of a data set, with their statuses."""
    path = data_folder() / "samples" / f"{name}_samples_with_verdicts.jsonl.gz"
    return [_published(row) for row in rows_of(path)]


def _published(row: Row) -> Published:
    base = row["base_status"] == "pass"
    failed_on = [*(row["base_fail_tests"] or []), *(row["plus_fail_tests"] or [])]
    said = json.dumps(failed_on[0])[:120] if failed_on else ""
    passed = base and row["plus_status"] == "pass"
    return Published(row["task_id"], row["model"], row["dataset"], row["solution"], base, passed, said)


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
        plan = prepared(box, task.suite)
        assert isinstance(plan, ValueSuite)
        yield Suites(task, replace(plan, checks=plan.checks[: counts[task.id]]), plan if plus else None)


def compare(
    box: Sandbox, tests: Iterable[Suites], published: Sequence[Published]
) -> tuple[list[Published], list[Disagreement]]:
    """Grade every program whose task is there: those, and what was judged differently.

    Raises:
        SandboxError: the sandbox failed.
    """
    rows: dict[str, list[Published]] = {}
    for row in published:
        rows.setdefault(row.task, []).append(row)
    graded: list[Published] = []
    found: list[Disagreement] = []
    with ThreadPoolExecutor(box.slots) as threads:
        for done, differing in threads.map(lambda one: _compared(box, one, rows.get(one.task.id, [])), tests):
            graded += done
            found += differing
    return graded, found


def _compared(box: Sandbox, tests: Suites, rows: list[Published]) -> tuple[list[Published], list[Disagreement]]:
    if not rows:
        return [], []
    base = grade(box, tests.base, [row.source for row in rows])
    found = [
        Disagreement(row, "base", ours, _reason(tests.task, row, ours))
        for row, ours in zip(rows, base, strict=True)
        if row.base is not (ours.verdict is Verdict.AC)
    ]
    if tests.plus is not None:
        # A program that fails a base test fails Plus, whatever the rest would say.
        right = [row for row, ours in zip(rows, base, strict=True) if ours.verdict is Verdict.AC]
        plus = dict(zip(map(id, right), grade(box, tests.plus, [row.source for row in right]), strict=True))
        found += [
            Disagreement(row, "plus", plus.get(id(row), ours), _reason(tests.task, row, plus.get(id(row), ours)))
            for row, ours in zip(rows, base, strict=True)
            if row.plus is not (plus.get(id(row), ours).verdict is Verdict.AC)
        ]
    return rows, found


def _reason(task: Task, row: Published, found: Grade) -> str:
    """What can be told without looking at the program."""
    lost = _defined(task.reference or "") - _defined(row.source)
    if found.verdict is Verdict.AC and lost:
        return f"published run lacked {', '.join(sorted(lost))} of the prompt; here tests bring their own"
    if found.verdict is Verdict.TLE:
        return f"{found.cpu_s:.1f} s of CPU time here"
    said = f"said to fail on {row.failed_on}" if row.failed_on else ""
    other = "" if row.version in VERSIONS.values() else f"judged on the tests of {row.version}"
    return "; ".join(filter(None, (other, said))) or "unexplained"


def _defined(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def report(tests: str, version: str, graded: int, found: Sequence[Disagreement]) -> str:
    """The rate, and a line per disagreement."""
    rate = f"{100 * len(found) / graded:.2f} %"
    lines = [f"{version}, {tests}: {len(found)} of {graded} programs judged differently ({rate})"]
    for row in sorted(found, key=lambda row: row.published.task):
        said = "pass" if getattr(row.published, tests) else "fail"
        lines.append(
            f"  {row.published.task} ({row.published.model}): published {said}, here {row.ours.verdict}"
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
            published = read_published(name)
            graded, found = compare(box, suites(box, name, plus=options.plus), published)
            for version in sorted({row.version for row in graded}):
                count = sum(row.version == version for row in graded)
                left_out = sum(row.version == version for row in published) - count
                for tests in ("base", "plus") if options.plus else ("base",):
                    rows = [row for row in found if row.tests == tests and row.published.version == version]
                    sys.stdout.write(report(tests, version, count, rows) + "\n")
                if left_out:
                    sys.stdout.write(f"  {left_out} more are of tasks that {VERSIONS[name]} no longer has\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
