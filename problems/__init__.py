"""What to solve: the vocabulary of problems, statements read from Markdown, and answers compared.

Not covered: running anything, and hidden cases, which belong to `benchmarks`.
"""

from problems.compare import accepts_output, accepts_value
from problems.markdown import load_problem, parse_problem, read_problem
from problems.types import CallCase, Checker, Comparator, Problem, ProblemError, TestCase, Value

__all__ = [
    "CallCase",
    "Checker",
    "Comparator",
    "Problem",
    "ProblemError",
    "TestCase",
    "Value",
    "accepts_output",
    "accepts_value",
    "load_problem",
    "parse_problem",
    "read_problem",
]
