"""Grading on hidden tests: does a program pass, and if not, how does it end?

A pass is always the right value coming out, whatever form the tests come in: data is compared on the host
(`benchmarks.grading.value_tests`, Level A), test code that must run as code runs in a slot of its own while the
candidate answers from another (`benchmarks.grading.driven_tests`, Level B). Nothing but inputs is
ever where a candidate runs.

Not covered: public cases (`agent.judging.judge`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.judging.judge import judge
from agent.types import Verdict
from benchmarks.grading.driven_tests import Driver, grade_driven
from benchmarks.grading.preparation import prepare
from benchmarks.grading.suites import OutputSuite, SuiteError
from benchmarks.grading.types import Grade
from benchmarks.grading.value_tests import grade_values
from problems import Problem

if TYPE_CHECKING:
    from benchmarks.grading.suites import Suite
    from sandbox import Sandbox


def grade(box: Sandbox, suite: Suite, sources: Sequence[str]) -> list[Grade]:
    """Grade every program.

    Raises:
        SandboxError: the sandbox failed.
        CheckerError: a checker gave no verdict.
        SuiteError: the tests do not run, test nothing, or fail their own reference.
    """
    if isinstance(suite, OutputSuite):
        return _grade_outputs(box, suite, sources)
    plan = prepare(box, suite)
    if isinstance(plan, Driver):
        return [grade_driven(box, plan, source) for source in sources]
    return grade_values(box, plan, sources)


def _grade_outputs(box: Sandbox, suite: OutputSuite, sources: Sequence[str]) -> list[Grade]:
    if not suite.cases:
        raise SuiteError("there are no hidden cases")
    problem = Problem(
        title="",
        statement="",
        cases=suite.cases,
        time_limit_s=suite.time_limit_s,
        memory_limit_mb=suite.memory_limit_mb,
        comparator=suite.comparator,
        checker=suite.checker,
    )
    grades = []
    for row in judge(box, problem, sources):
        passed = sum(execution.verdict is Verdict.AC for execution in row)
        cpu_s = sum(execution.result.cpu_s for execution in row)
        verdict = Verdict.AC if passed == len(suite.cases) else row[-1].verdict
        grades.append(Grade(verdict, passed, len(suite.cases), cpu_s))
    return grades
