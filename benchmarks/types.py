"""The vocabulary of benchmarks: a problem with its hidden tests, and what cannot be read of it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.grading.suites import Suite
from problems import Problem


class TaskError(Exception):
    """A set, a file of completions or a result folder could not be read.

    `str(error)` is one line, with file and line where there is one.
    """


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark problem."""

    id: str
    problem: Problem
    """What a solver may see."""
    suite: Suite
    """The hidden tests."""
    reference: str | None = None
    """A program known to be right, where the set has one."""
