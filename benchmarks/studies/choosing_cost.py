"""What choosing costs: `python -m benchmarks.studies.choosing_cost`.

Candidates that all differ run on inputs made for one of our example problems, as `solve` would run them, once for
a function and once for a program: generating the inputs, judging and ranking are timed apart. No model is needed.

Not covered: what sampling costs beside it (`solve -v` says for one problem how its time was divided).
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import click

from agent import select
from agent.inputs import generate_inputs
from agent.judging.judge import judge
from agent.observe import observe
from problems import Problem, load_problem
from sandbox import Sandbox

_EXAMPLES = Path(__file__).resolve().parents[2] / "problems" / "examples"
_FUNCTION = """class Solution:
    def longestPlateau(self, nums):
        best = run = min(1, len(nums))
        for a, b in zip(nums, nums[1:]):
            run = run + 1 if a == b else 1
            best = max(best, run)
        return best + (sum(nums) % {modulus} == 0 and len(nums) > {length})
"""
_PROGRAM = """import sys
words = sys.stdin.read().split()
numbers = [int(word) for word in words if word.lstrip("-").isdigit()]
print(sum(numbers) % {modulus} + (len(numbers) > {length}))
"""


def programs(text: str, count: int) -> list[str]:
    """Programs that differ in text, some of them in behaviour too."""
    return [text.format(modulus=2 + number % 7, length=number) for number in range(count)]


def time_steps(problem: Problem, box: Sandbox, sources: list[str], inputs: int) -> list[tuple[str, float]]:
    """Seconds of each step."""
    marks = [("", time.monotonic())]
    calls = generate_inputs(problem, count=inputs, seed=0)
    marks.append((f"generate {len(calls)} inputs", time.monotonic()))
    judge(box, problem, sources, fail_fast=False)
    marks.append((f"judge {len(sources)} candidates on {len(problem.cases)} examples", time.monotonic()))
    rows = observe(box, problem, sources, calls)
    marks.append((f"run {len(sources)} candidates on {len(calls)} inputs", time.monotonic()))
    outputs = tuple(tuple(observation.key for observation in row) for row in rows)
    matrix = select.selection_matrix(outputs, (1,) * len(sources))
    select.rank(matrix)
    groups = len(select.clusters(matrix))
    marks.append((f"rank, {groups} clusters", time.monotonic()))
    return [(name, end - start) for (_, start), (name, end) in pairwise(marks)]


@click.command()
@click.option("--candidates", default=100, show_default=True)
@click.option("--inputs", default=100, show_default=True)
@click.option("--sandbox", "backend", default="auto", show_default=True)
def main(candidates: int, inputs: int, backend: str) -> None:
    """Time the steps of choosing."""
    from sandbox import open_sandbox

    with open_sandbox(backend) as box:
        for name, text in (("longest_plateau", _FUNCTION), ("running_gap", _PROGRAM)):
            problem = load_problem(str(_EXAMPLES / f"{name}.md"))
            steps = time_steps(problem, box, programs(text, candidates), inputs)
            for step, seconds in steps:
                click.echo(f"{seconds:7.2f} s  {step}")
            total = sum(seconds for _, seconds in steps)
            click.echo(f"{total:7.2f} s  all of {problem.title}; {box.backend}, {box.slots} slots")


if __name__ == "__main__":
    main()
