"""What to solve: the vocabulary of problems, statements read from Markdown, and answers compared.

Not covered: running anything, and hidden cases, which belong to `benchmarks`.
"""

from problems.markdown import load_problem, parse_problem, read_problem
from problems.outputs import accepts_output, output_key
from problems.types import CallCase, Checker, Comparator, Problem, ProblemError, TestCase, Value
from problems.values import accepts_value, value_key

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
    "output_key",
    "parse_problem",
    "read_problem",
    "value_key",
]
