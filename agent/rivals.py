"""Rival clusters told apart: one small input on which they differ, and an answer to which of them is right there.

Hypothesis searches for the input and shrinks it, every attempt run in slots. A person is asked, or the model is,
in both orders; a judgement that changes with the order does not count. An answer demotes candidates, but drops
none.

Not covered: asking about inputs on which a rival crashes.
"""

from __future__ import annotations

import enum
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from agent.inputs import key_of
from agent.profile import Form
from agent.prompts import build_comparison_prompt
from agent.rounds import draw_completions
from agent.tally import Tally
from agent.terminal.display import cut, shown_input
from agent.types import FAILED, Observation, SampleRequest, SolveOptions

if TYPE_CHECKING:
    from agent.budget import Budget
    from agent.inputs import GeneratedInput
    from agent.pool import Pool
    from agent.types import Sampler
    from problems import Problem

_MOST_QUESTIONS = 3
_MOST_ATTEMPTS = 150
_LETTER = re.compile(r"\b[AB]\b|^\s*[ab]\b")


class Answer(enum.StrEnum):
    """Which of two outputs is right."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Question:
    """Two rivals differ here."""

    input: GeneratedInput
    """The input."""
    shown: str
    """The same for a person or a model to read."""
    first: str
    """What the leading rival puts out, shortened."""
    second: str
    """What the other one puts out."""


class Arbiter(Protocol):
    """A person or a model who says which output is right."""

    def answer(self, problem: Problem, question: Question) -> Answer:
        """Say which output is right.

        Raises:
            SamplerError: a model was asked and failed.
        """


class ModelArbiter:
    """Asks the model in both orders; only the same answer twice counts."""

    def __init__(
        self, sampler: Sampler, budget: Budget, pay: Callable[[Tally], None], options: SolveOptions
    ) -> None:
        """Ask `sampler` as `options` say, within `budget`; `pay` is told what each answer cost."""
        self._sampler = sampler
        self._budget = budget
        self._pay = pay
        self._options = options

    def answer(self, problem: Problem, question: Question) -> Answer:
        """See `Arbiter`."""
        params = self._options.sampling(1, stop=(), max_tokens=2)
        if self._options.asking.form is not Form.THINK:
            params = replace(params, temperature=0.0)
        input_text = cut(question.shown)
        orders = ((question.first, question.second), (question.second, question.first))
        requests = [
            SampleRequest(build_comparison_prompt(problem, input_text, *order, self._options.asking), params)
            for order in orders
        ]
        letters = ["", ""]
        for completion in draw_completions(self._sampler, requests, self._budget):
            self._pay(Tally.of(completion))
            letters[completion.request] = _letter(completion.text)
        return {("A", "B"): Answer.FIRST, ("B", "A"): Answer.SECOND}.get((letters[0], letters[1]), Answer.UNSURE)


def _letter(text: str) -> str:
    """The first A or B that stands alone, as in "B" and "The right answer is **B**."; "" where there is none."""
    match = _LETTER.search(text)
    return match[0].upper() if match else ""


def tell_apart(problem: Problem, pool: Pool, arbiter: Arbiter | None, *, seed: int) -> None:
    """Ask about the two best clusters until one leads clearly, at most three times; without an arbiter, nothing.

    Raises:
        SandboxError: the sandbox failed.
        SamplerError: the model failed.
    """
    for _ in range(_MOST_QUESTIONS if arbiter is not None else 0):
        rivals = pool.rivals()
        if rivals is None:
            return
        result = _Search(problem, pool, rivals).question(seed)
        if result is None:
            return
        question, keys = result
        assert arbiter is not None
        answer = arbiter.answer(problem, question)
        if answer is Answer.UNSURE:
            return
        wrong = {Answer.FIRST: keys[1:], Answer.SECOND: keys[:1]}.get(answer, keys)
        pool.rule_out(question.input, wrong)


class _Search:
    """Looks for a small input on which two programs put out different things."""

    def __init__(self, problem: Problem, pool: Pool, rivals: tuple[str, str]) -> None:
        self._problem = problem
        self._pool = pool
        self._rivals = rivals
        self._differences: dict[str, bool] = {}
        self._questions: dict[tuple[int, str], tuple[GeneratedInput, tuple[Observation, Observation]]] = {}

    def question(self, seed: int) -> tuple[Question, tuple[object, object]] | None:
        """The smallest one found, and the keys of both outputs; None when they cannot be told apart."""
        for item in self._pool.differing(self._rivals):
            self._differs(item)
        self._shrink(seed)
        if not self._questions:
            return None
        item, (first, second) = self._questions[min(self._questions)]
        text = shown_input(item, self._problem.entry_point)
        return Question(item, text, first.shown, second.shown), (first.key, second.key)

    def _shrink(self, seed: int) -> None:
        """Let Hypothesis look for a smaller one."""
        from hypothesis import HealthCheck, find, settings
        from hypothesis.errors import Flaky, NoSuchExample

        from agent.inputs.strategies import strategy_for

        strategy = strategy_for(self._problem)
        if strategy is None:
            return
        quiet = settings(
            database=None, deadline=None, max_examples=_MOST_ATTEMPTS, suppress_health_check=list(HealthCheck)
        )
        try:
            find(strategy, self._differs, settings=quiet, random=random.Random(seed))
        except (NoSuchExample, Flaky):
            return  # what was found on the way still counts

    def _differs(self, item: GeneratedInput) -> bool:
        """Whether both answer, and differently. Beyond the cap, new inputs count as equal."""
        key = key_of(item)
        if key not in self._differences:
            if len(self._differences) >= 2 * _MOST_ATTEMPTS:
                return False
            first, second = self._pool.trials.behaviour_of(self._rivals, item)
            self._differences[key] = FAILED not in (first.key, second.key) and first.behaviour != second.behaviour
            if self._differences[key]:
                text = shown_input(item, self._problem.entry_point)
                self._questions[len(text), text] = item, (first, second)
        return self._differences[key]
