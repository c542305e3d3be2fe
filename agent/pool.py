"""The candidates of one problem, and what is known about each: grown by rounds, never run twice on one input.

A candidate is a distinct program; completions that differ only in spelling count as its multiplicity. Survivors
are the candidates that pass every public case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from agent.confidence import Features, confidence
from agent.extract import extract_source, normalise
from agent.judge import judge, observe
from agent.prompts import build_prompt
from agent.select import Pool as Matrices
from agent.select import clusters, informative, rank
from agent.types import Candidate, Completion, Events, Evidence, Execution, Solution, Verdict

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from problems import Problem
    from sandbox import Sandbox

_SETTLED_COUNT = 5
_SETTLED_SHARE = 0.8


class Pool:
    """Gathers completions into candidates and remembers how each ran."""

    def __init__(self, problem: Problem, box: Sandbox, inputs: Sequence[GeneratedInput], events: Events) -> None:
        self._problem = problem
        self._box = box
        self._inputs = tuple(inputs)
        self._events = events
