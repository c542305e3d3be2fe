"""The vocabulary of problems: what is to be solved, and the cases that show what is meant.

A `Problem` holds only what the solver may see. Hidden cases belong to a benchmark's `Task`, so they cannot
leak into solving by accident: there is no field for them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = (
    "bool | int | float | complex | str | bytes | list[Value] | tuple[Value, ...] | dict[Value, Value]"
    " | set[Value] | frozenset[Value] | None"
)
"""A plain built-in value, nested without limit: what functions under test take and return."""

_NO_KWARGS: Mapping[str, Value] = MappingProxyType({})


class ProblemError(Exception):
    """The problem statement could not be understood.

    `str(error)` is one line, `file:line: what was wrong; what was expected`.
    """

    def __init__(self, message: str, *, path: str = "<string>", line: int | None = None, remedy: str = "") -> None:
        """Say what is wrong where, and what to do about it where that is not to mend the statement."""
        self.path = path
        self.line = line
        self.remedy = remedy
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")


@dataclass(frozen=True, slots=True)
class TestCase:
    """One run of a whole program: text in, text out."""

    __test__ = False  # not a pytest class, whatever its name says

    stdin: str
    """Standard input, as given to the program."""
    stdout: str
    """Expected standard output; how strictly it must match is the problem's `Comparator`."""


@dataclass(frozen=True, slots=True)
class CallCase:
    """One call of the problem's function."""

    args: tuple[Value, ...]
    """Positional arguments."""
    expected: Value
    """The value that the call must return."""
    kwargs: Mapping[str, Value] = field(default_factory=lambda: _NO_KWARGS)
    """Keyword arguments."""


@dataclass(frozen=True, slots=True)
class Comparator:
    """How an answer is compared with the expected one; `problems.outputs` and `problems.values` hold the rules."""

    kind: str = "tokens"
    """For stdout: "tokens", "exact", "lines", "caseless", "unordered-lines" or "kattis", which is Kattis's default
    validator. For calls: "value"."""
    abs_tol: float = 0.0
    """Absolute tolerance for numbers; 0 compares them exactly."""
    rel_tol: float = 0.0
    """Relative tolerance for numbers; 0 compares them exactly."""
    unordered: bool = False
    """For calls: the outermost list may come in any order."""
    unordered_inside: bool = False
    """With `unordered`: the lists in it may as well."""
    case_sensitive: bool = False
    """For "kattis": whether the letters A to Z count as other than a to z."""
    space_change_sensitive: bool = False
    """For "kattis": blank space must be the same, character by character."""

    @property
    def is_tolerant(self) -> bool:
        """Whether numbers may be off at all."""
        return self.abs_tol > 0 or self.rel_tol > 0

    def is_close(self, expected: float, actual: float) -> bool:
        """Whether a finite number is off by no more than one of the tolerances, relative to the expected one."""
        difference = abs(expected - actual)
        return difference <= self.abs_tol or difference <= self.rel_tol * abs(expected)


@dataclass(frozen=True, slots=True)
class Checker:
    """A program that says whether an output is right, for problems with several right answers."""

    source: str
    """Python source text."""
    convention: str = "testlib"
    """How it is asked and answers (`agent.judging.check`): "testlib" or "kattis"."""


CONVENTIONS = ("testlib", "kattis")
"""What `Checker.convention` may be."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is built of a plain value to be an argument, and turned into a plain value where it is a result."""

    kind: str
    """"linked list", "binary tree", "n-ary tree", "graph", "random list", or, of a result, "node value"."""
    node: str
    """The class of its nodes, as the statement calls it."""
    depth: int = 0
    """How many levels of lists are around it."""


@dataclass(frozen=True, slots=True)
class Method:
    """What a function or method takes and gives."""

    arguments: tuple[Shape | None, ...] = ()
    """Of each argument its shape; None for a plain value, and for arguments beyond these."""
    result: Shape | None = None
    """None for a plain value."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How a site calls an answer that is more than a function from plain values to plain values."""

    methods: Mapping[str, Method] = field(default_factory=dict)
    """By name; where one is missing, the program's own annotations tell."""
    design: bool = False
    """The entry point is a class: a case's arguments are the names of calls, the constructor's first, and the
    arguments of each; expected is what each returned."""
    outcome: str = "returned"
    """What is compared: "returned"; "argument", as it is after the call; "prefix", which is [k, the first k items
    of the argument]; or "sorted prefix", where those may be in any order."""
    argument: int = 0
    """Which argument that is, from 0."""
    nodes: Mapping[str, str] = field(default_factory=dict)
    """Classes of nodes beside ListNode and TreeNode that the site provides, each with its kind of shape."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A programming problem as a solver sees it: the statement and its public cases."""

    title: str
    """A short human name."""
    statement: str
    """The text shown to the model, Markdown."""
    cases: tuple[TestCase, ...] | tuple[CallCase, ...] = ()
    """The public cases, in the statement's order; empty when the statement gives none."""
    entry_point: str | None = None
    """The function to be written (call style), or None for a program that reads standard input."""
    starter_code: str = ""
    """Code the answer starts from (signature, imports, helpers), "" when the statement gives none."""
    time_limit_s: float = 2.0
    """CPU time allowed per case, seconds."""
    memory_limit_mb: int = 256
    """Memory allowed per case, MiB."""
    comparator: Comparator = Comparator()
    """How answers are compared."""
    checker: Checker | None = None
    """Judges outputs in the comparator's place, for a program that reads standard input."""
    many_answers: bool = False
    """Whether the statement accepts other answers than the expected ones, so that only a checker can tell."""
    notes: tuple[str, ...] = ()
    """What a person should know before trusting verdicts or answers, a sentence each: that several outputs are
    right, or that the statement names files."""
    convention: Convention | None = None
    """How the function is called; None where arguments and result are plain values."""
    path: str = "<string>"
    """Where the problem was read from, for messages."""

    @property
    def is_call(self) -> bool:
        """Whether the answer is a function to be called rather than a program to be run."""
        return self.entry_point is not None
