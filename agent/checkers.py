"""Checkers that the model writes, for statements that accept any valid answer: votes, and nothing but votes.

A checker is a function of an input and an output, both texts, that says whether the output is valid: asked for a
program that reads both, a small model solves the problem instead. It is trusted if it judges the
statement's examples rightly: it accepts every one, and rejects what is surely wrong and at least one output that
was changed a little. What most trusted checkers accept on a generated input counts as one behaviour, so that
programs with different valid answers fall into one cluster; every other output is compared as text.

No verdict, exit code or survival depends on a checker: what they see of a candidate is its output on generated
inputs. They run in slots as candidates do; the expected outputs that go there are those of the examples, which the
statement shows to the model anyway.

Not covered: functions; the statement's own checker (`problems.checkers`), which needs the expected output; whether
a valid answer is also the best one, unless the model's checker sees to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agent.extraction.source import extract_source
from agent.inputs import key_of
from agent.judging.batch import STRIKES
from agent.judging.judge import run_all
from agent.prompts import CHECKER_FUNCTION, build_checker_prompt
from agent.types import FAILED, Observation, Purpose, SampleRequest, SolveOptions
from problems import Problem, TestCase
from sandbox import CallJob, CallResult, Limits, Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput
    from agent.types import Evidence
    from sandbox import RunResult, Sandbox

_MAX_TOKENS = 500
_LIMITS = Limits(cpu_s=1.0, memory_mb=256)
_CHANGES = 4  # of an example's output, at most
_WORD = re.compile(r"\S+")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_REFUSAL = re.compile(r"-1|no|none|impossible|not possible|no solution|no answer", re.IGNORECASE)
_STOPS = ("\n```", "\nif __name__", "\nprint(", "\nassert ", "\n# Test", "\n# Example")
_CHECKER_PROBLEM = Problem("checker", "", entry_point=CHECKER_FUNCTION)
"""By which the function is found in an answer."""


class Question(NamedTuple):
    """What a checker is asked."""

    stdin: str
    """What was to be answered."""
    output: str
    """What came out."""


class Trial(NamedTuple):
    """A question whose answer is known."""

    question: Question
    valid: bool | None
    """What a checker must say; None where it may say either, but not "valid" to all such."""


def checker_requests(problem: Problem, options: SolveOptions) -> list[tuple[SampleRequest, Purpose]]:
    """What asks for `options.checkers` checkers; nothing where the expected output or a given checker decides."""
    if options.checkers == 0 or not may_need_checkers(problem):
        return []
    params = options.sampling(options.checkers, stop=_STOPS, max_tokens=_MAX_TOKENS)
    return [(SampleRequest(build_checker_prompt(problem, options.asking), params), Purpose.CHECKER)]


def may_need_checkers(problem: Problem) -> bool:
    """Whether outputs of the problem's programs may be valid that no example shows, and nothing given can tell."""
    return problem.many_answers and not problem.is_call and problem.checker is None


class Checkers:
    """The model's checkers of one problem, and what they said."""

    def __init__(self, problem: Problem, box: Sandbox) -> None:
        self._problem = problem
        self._box = box
        self._sources: dict[str, None] = {}
        self._trusted: list[str] = []
        self._over: Counter[str] = Counter()
        self._valid: dict[tuple[str, Hashable], bool] = {}
        """By input and behaviour key: whether the majority accepts."""

    def __len__(self) -> int:
        """How many are trusted."""
        return len(self._trusted)

    @property
    def untrusted(self) -> int:
        """How many different ones misjudge the examples."""
        return len(self._sources) - len(self._trusted)

    def learn(self, answers: Sequence[str]) -> None:
        """Take in whole answers to `checker_requests`.

        Raises:
            SandboxError: the sandbox failed.
        """
        sources = (extract_source(_CHECKER_PROBLEM, answer) for answer in answers)
        new = [source for source in dict.fromkeys(sources) if source is not None and source not in self._sources]
        if not new:
            return
        self._sources |= dict.fromkeys(new)
        trusted = _trusted(new, trials_of(self._problem), self._box)
        if trusted:
            self._trusted += trusted
            self._valid.clear()  # a larger panel is asked anew

    def mark(
        self,
        inputs: Sequence[GeneratedInput],
        rows: Sequence[Sequence[Observation]],
        *,
        but: Container[tuple[int, Hashable]] = (),
    ) -> list[tuple[Observation, ...]]:
        """The same observations, those marked valid that most trusted checkers accept.

        They are asked only where programs answer differently, and once about each output.

        Args:
            inputs: generated ones.
            rows: of each program what it did on each of the inputs.
            but: numbers of inputs and behaviour keys that are not valid, whatever a checker says.

        Raises:
            SandboxError: the sandbox failed.
        """
        if not self._trusted or not rows:
            return [tuple(row) for row in rows]
        keys = [key_of(item) for item in inputs]
        self._ask(inputs, keys, rows)

        def is_valid(number: int, observation: Observation) -> bool:
            return self._valid.get((keys[number], observation.key), False) and (number, observation.key) not in but

        return [
            tuple(replace(observation, valid=is_valid(n, observation)) for n, observation in enumerate(row))
            for row in rows
        ]

    def _ask(
        self, inputs: Sequence[GeneratedInput], keys: Sequence[str], rows: Sequence[Sequence[Observation]]
    ) -> None:
        """Learn what the majority says of each output that is new, on inputs where programs disagree."""
        questions: dict[tuple[str, Hashable], Question] = {}
        for item, key, column in zip(inputs, keys, zip(*rows, strict=True), strict=True):
            texts = {observation.key: observation.text for observation in column if observation.key is not FAILED}
            for answer, text in texts.items() if len(texts) > 1 else ():
                if text is not None and (key, answer) not in self._valid:
                    questions[key, answer] = Question(item.stdin, text)
        self._valid |= self._votes(questions)

    def _votes(self, questions: dict[tuple[str, Hashable], Question]) -> dict[tuple[str, Hashable], bool]:
        """Whether more than half of the checkers accept; one that is slow too often is asked no more."""
        balance = Counter(dict.fromkeys(questions, 0))
        ballots = ((key, source) for key in questions for source in self._trusted if self._over[source] < STRIKES)
        for (key, source), result in run_all(
            self._box, ballots, lambda ballot: _job(ballot[1], questions[ballot[0]])
        ):
            balance[key] += 1 if _reply(result) else -1
            self._over[source] += result.status in (Status.TLE, Status.IDLE)
        return {key: votes > 0 for key, votes in balance.items()}


def remark(evidence: Evidence) -> str | None:
    """What a person must know of the model's checkers, a sentence or two; None where there is none."""
    trusted, others = evidence.checkers, evidence.untrusted_checkers
    if trusted:
        rest = f"; {others} more misjudged an example and had no vote" if others else ""
        return (
            f"{trusted} checker{'s' * (trusted != 1)} that the model wrote, verified on the examples, voted on"
            f" which outputs on generated inputs are valid and count as equal{rest}."
        )
    if others:
        return (
            f"The model wrote {others} checker{'s' * (others != 1)}, but none that judges the examples rightly:"
            " outputs on generated inputs were compared as text."
        )
    return None


def trials_of(problem: Problem) -> list[Trial]:
    """Questions about the examples whose answers are known, because any valid answer may come, but no wrong one.

    Surely wrong are: nothing; the first half; "impossible" where another answer is shown, and the reverse. An
    output with one word changed, and another example's output, are most often wrong; a checker that accepts all
    of these looks at the form only.
    """
    samples = [case for case in problem.cases if isinstance(case, TestCase) and case.stdout.strip()]
    right = [Trial(Question(case.stdin, case.stdout), True) for case in samples]
    wrong = [Trial(Question(case.stdin, text), False) for case in samples for text in _wrong(case.stdout, samples)]
    mutations = [Trial(Question(case.stdin, text), None) for case in samples for text in _mutations(case.stdout)]
    return [*right, *wrong, *mutations]


def _wrong(output: str, samples: Sequence[TestCase]) -> Iterator[str]:
    """What is surely no answer where `output` is one."""
    yield ""
    words = [word.start() for word in _WORD.finditer(output)]
    if len(words) > 1:
        yield output[: words[len(words) // 2]]
    yield from {case.stdout: None for case in samples if _refuses(case.stdout) != _refuses(output)}


def _refuses(output: str) -> bool:
    return _REFUSAL.fullmatch(output.strip(" \t\r\n.!")) is not None


def _mutations(output: str) -> Iterator[str]:
    """`output` with one of its words changed, at most `_CHANGES` of them, evenly spread."""
    words = list(_WORD.finditer(output))
    for word in words[:: max(-(-len(words) // _CHANGES), 1)]:
        other = _other(word[0])
        if other != word[0]:
            yield output[: word.start()] + other + output[word.end() :]


def _other(word: str) -> str:
    """A number that is another one; a word with its letters moved on by one."""
    if _INTEGER.fullmatch(word):
        return str(int(word) + 1)
    return f"1{word}" if _DECIMAL.fullmatch(word) else word[1:] + word[:1]


def _trusted(sources: Sequence[str], trials: Sequence[Trial], box: Sandbox) -> list[str]:
    """Those that pass all trials; without trials, none."""
    failures: set[str] = set()
    watchful: set[str] = set()
    questions = ((trial, source) for trial in trials for source in sources if source not in failures)
    for (trial, source), result in run_all(box, questions, lambda pair: _job(pair[1], pair[0].question)):
        reply = _reply(result)
        if trial.valid is None and reply is False:
            watchful.add(source)
        elif trial.valid is not None and (reply is True) is not trial.valid:
            failures.add(source)  # to reject may also be to crash, as on an output that cannot be read
    return [source for source in sources if source in watchful - failures]


def _job(source: str, question: Question) -> CallJob:
    return CallJob(source, CHECKER_FUNCTION, tuple(map(_plain, question)), limits=_LIMITS)


def _plain(text: str) -> str:
    """Without blank space at line ends, on which checkers stumble and which no comparison of words sees."""
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))


def _reply(result: RunResult) -> bool | None:
    """What a checker said; None where it crashed or said something else."""
    if not isinstance(result, CallResult) or result.status is not Status.OK:
        return None
    return result.value if isinstance(result.value, bool) else None
