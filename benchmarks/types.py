"""The vocabulary of benchmarks: a problem with its hidden tests, and the programs that are tried on it."""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import Completion
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


@dataclass(frozen=True, slots=True)
class Drawn:
    """A completion, and the program in it."""

    source: str | None
    """None when there is no program in it, or it was asked for something else (`Completion.purpose`)."""
    completion: Completion
