"""What survivors are compared on: inputs, and what tests, checkers and people say about outputs.

Inputs are numbered by when they came and are never taken away, so that a candidate's observations stay in step.

Not covered: running anything on them (`agent.pool`), except what the model wrote about inputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent import select
from agent.checkers import Checkers
from agent.generated_tests import read_tests
from agent.generators import inputs_of_generators
from agent.inputs import GeneratedInput, generate_inputs, key_of
from agent.inputs.preconditions import infer_precondition
from agent.types import Completion, Observation, Purpose
from problems import CallCase

if TYPE_CHECKING:
    from problems import Problem
    from sandbox import Sandbox

_INPUTS_PER_GENERATOR = 4  # inputs asked of each generator
_ENOUGH_TO_REJECT = 3  # survivors before their failures say something about an input


class Probes:
    """Inputs of one problem, and what is said about each."""

    def __init__(self, problem: Problem, box: Sandbox, inputs: Iterable[GeneratedInput]) -> None:
        self._problem = problem
        self._box = box
        self._columns: dict[str, int] = {}
        self.inputs: list[GeneratedInput] = []
        """By number."""
        self.tests: Counter[tuple[int, Hashable]] = Counter()
        """How often the model wrote each test: an input's number, and the behaviour key of the right answer."""
        self.checkers = Checkers(problem, box)
        """Say which outputs are valid, where several are."""
        self._wrong: set[tuple[int, Hashable]] = set()
        self._written: dict[Purpose, list[str]] = {purpose: [] for purpose in Purpose}
        self._refined = False
        for item in inputs:
            self.number(item)

    def number(self, item: GeneratedInput) -> int:
        """The number of an input, which is added if it is new."""
        key = key_of(item)
        if key not in self._columns:
            self._columns[key] = len(self.inputs)
            self.inputs.append(item)
        return self._columns[key]

    def learn(self, completions: Sequence[Completion]) -> None:
        """Take in tests, generators, validators and checkers that the model wrote.

        Raises:
            SandboxError: the sandbox failed.
        """
        new = {
            purpose: [completion.answer for completion in completions if completion.purpose is purpose]
            for purpose in Purpose
        }
        for purpose, texts in new.items():
            self._written[purpose] += texts
        public = {key_of(case) for case in self._problem.cases}  # what they must give is known
        for test in read_tests(self._problem, new[Purpose.TESTS], self._box):
            if key_of(test.input) not in public:
                self.tests[self.number(test.input), test.answer] += 1
        self.checkers.learn(new[Purpose.CHECKER])
        if new[Purpose.GENERATOR] or new[Purpose.VALIDATOR]:
            generators, validators = self._written[Purpose.GENERATOR], self._written[Purpose.VALIDATOR]
            inputs = inputs_of_generators(
                self._problem, generators, validators, self._box, count=_INPUTS_PER_GENERATOR, seed=len(generators)
            )
            for item in inputs:
                self.number(item)

    def refine(self, rows: Sequence[Sequence[Hashable]]) -> bool:
        """Where most candidates reject some inputs, add others that satisfy the precondition this suggests; once.

        Args:
            rows: what each candidate did on each input.

        Returns:
            Whether any was added.
        """
        if self._refined or len(rows) < _ENOUGH_TO_REJECT or not self._problem.is_call:
            return False
        self._refined = True
        rejected = select.rejected(rows)
        accepted = [item.args for number, item in enumerate(self.inputs) if number not in rejected]
        accepted += [case.args for case in self._problem.cases if isinstance(case, CallCase)]
        precondition = infer_precondition(accepted, [self.inputs[number].args for number in rejected])
        if precondition is None:
            return False
        before = len(self.inputs)
        more = generate_inputs(self._problem, count=4 * len(rejected) + before, seed=before)
        additions = [item for item in more if precondition.holds(item.args) and key_of(item) not in self._columns]
        for item in additions[: len(rejected)]:
            self.number(replace(item, reason=f"{item.reason}; {', '.join(precondition.words)}"))
        return len(self.inputs) > before

    def mark(self, rows: Sequence[Sequence[Observation]]) -> list[tuple[Observation, ...]]:
        """What candidates did on the inputs, marked by the model's checkers (`agent.checkers`).

        Raises:
            SandboxError: the sandbox failed.
        """
        return self.checkers.mark(self.inputs, rows, but=self._wrong)

    def rule_out(self, item: GeneratedInput, answers: Iterable[Hashable]) -> None:
        """Remember that these answers to this input are wrong."""
        number = self.number(item)
        self._wrong |= {(number, answer) for answer in answers}

    def tests_within(self, width: int) -> list[tuple[int, Hashable]]:
        """The tests whose input is among the first `width`."""
        return [(number, answer) for number, answer in self.tests if number < width]

    def wrong(self, observations: Sequence[Observation]) -> int:
        """How many of a candidate's answers were called wrong."""
        return sum(number < len(observations) and observations[number].key == key for number, key in self._wrong)
