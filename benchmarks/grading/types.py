"""What comes out of grading.

Not covered: grading itself (`benchmarks.grading.grade`).
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import Verdict


@dataclass(frozen=True, slots=True)
class Grade:
    """How a program did on hidden tests."""

    verdict: Verdict
    """AC, or how the first test that it failed ended."""
    passed: int
    """Tests known to be passed before that."""
    total: int
    """All tests; 1 on Level B, where the test code is one test."""
    cpu_s: float
    """CPU time of all its runs, seconds."""
    level: str = "A"
    """How it was tested: "A" on data, compared on the host; "B" by test code in a slot of its own."""
    calls_s: tuple[float, ...] = ()
    """CPU time of each call as its own process tells it, seconds: to be believed only of a reference."""
