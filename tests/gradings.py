"""Hidden tests in small, the verdict of one program on them, and a sandbox that notes what it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.suites import CodeSuite
from sandbox import Job, RunResult, Sandbox

DOUBLE = CodeSuite(
    "f",
    "assert f([1, 2]) == [2, 4]\nassert f([0]) == [0]",
    "def f(x): return [2 * n for n in x]",
    time_limit_s=0.5,
)


ROOT = CodeSuite(
    "find",
    "def check(candidate):\n    for n in range(1, 6):\n        coeffs = [-n, 1]\n"
    "        assert abs(poly(coeffs, candidate(list(coeffs)))) < 1e-4",
    "def poly(xs, x):\n    return sum(c * x ** i for i, c in enumerate(xs))\n"
    "def find(xs):\n    return -xs[0] / xs[1]",
)
"""HumanEval/32 in small: any root is right, and a helper of the problem checks it."""


ROUND = CodeSuite(
    "decode",
    "def check(candidate):\n    for text in ('abc', 'xyz'):\n        assert candidate(encode(text)) == text",
    "def encode(s):\n    return s[::-1]\ndef decode(s):\n    return s[::-1]",
)
"""HumanEval/38 and 50 in small: what is decoded was encoded by a helper of the problem."""


class Watched:
    """A sandbox that notes every job."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.jobs: list[Job] = []

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        batch = list(jobs)
        self.jobs += batch
        return self._box.run_many(batch)


def verdict(box: Sandbox, suite: Any, source: str) -> Verdict:
    (result,) = grade(box, suite, [source])
    assert (result.verdict is Verdict.AC) == (result.passed == result.total)
    return result.verdict
