"""How programs are asked for: every strategy, as functions from a problem to a prompt.

Small models answer a prompt in few ways, however often they are asked: another wording brings other programs where
more samples bring the same ones.

Not covered: how many samples each gets (`agent.strategies.asking`, `agent.strategies.bandit`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from agent.prompts import (
    AnswerForm,
    asked,
    asked_plainly,
    build_brute_prompt,
    build_prompt,
    opening_of,
    stops,
    task_words,
    usual_form,
)
from agent.sampling import Prompt, Purpose

if TYPE_CHECKING:
    from agent.languages import Language
    from agent.profile import Profile
    from problems import Problem

Wording: TypeAlias = "Callable[[Problem, Language, Profile, int, int], Prompt]"
"""The prompt for a problem in a language and a profile; the last two are the variant, from 0, and the seed."""

_TAGS = (
    "binary search",
    "bitmasks",
    "brute force",
    "combinatorics",
    "constructive algorithms",
    "data structures",
    "dfs and similar",
    "divide and conquer",
    "dp",
    "games",
    "geometry",
    "graphs",
    "greedy",
    "hashing",
    "implementation",
    "math",
    "number theory",
    "shortest paths",
    "sortings",
    "strings",
    "trees",
    "two pointers",
)
_RATINGS = range(800, 2600, 100)
_MOST_TAGS = 3

_FRAMES = (
    ("", ""),
    ("You are an expert at programming contests.\n\n", "\n\nMind the limits: the program must be fast enough."),
    ("", "\n\nSolve it with short, clear functions, one for each step, and combine them at the end."),
    ("", "\n\nThe obvious solution is wrong or too slow. Find the observation that makes it easy, and use it."),
    ("Read every sentence of this task with care; each one matters.\n\n", ""),
    ("", "\n\nBe right in special cases: the smallest input, the largest, equal values, nothing to do."),
)
"""What stands before and after the task; the first is the task alone."""

HEATS = (0.5, 0.75, 1.0, 1.5)
"""The temperatures of `ladder`, as multiples of the usual one."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way of asking for programs."""

    wording: Wording
    variants: int | None = 1
    """How many prompts it has, which samples take in turn; None where every sample has one of its own."""
    stops: Callable[[Problem], tuple[str, ...]] = stops
    """Strings at which an answer that was begun for the model is over."""
    heats: tuple[float, ...] = (1.0,)
    """What the temperature of each variant is multiplied by; variants take them in turn."""
    purpose: Purpose = Purpose.PROGRAM


def _direct(problem: Problem, language: Language, profile: Profile, variant: int, seed: int) -> Prompt:
    del variant, seed
    return build_prompt(problem, language, profile=profile)


def _plan(problem: Problem, language: Language, profile: Profile, variant: int, seed: int) -> Prompt:
    """The approach, what it costs, and what is special, as a comment that the code follows."""
    del variant, seed
    words = (
        f"{task_words(problem, language)}\n\nBegin the code with a comment of a few lines: the approach, its time"
        " complexity at the largest input, and the edge cases. Then write the program that follows it."
    )
    opening = opening_of(problem, language, AnswerForm.APPROACH)
    return asked(profile, words, f"```{language.name}\n", opening)


def _plan_stops(problem: Problem) -> tuple[str, ...]:
    """Without those that begin a comment: a plan may speak of examples."""
    return tuple(stop for stop in stops(problem) if not stop.startswith("\n#"))


def _steps(problem: Problem, language: Language, profile: Profile, variant: int, seed: int) -> Prompt:
    """Zero-shot chain of thought (Kojima et al., 2022): reasons in prose before the code."""
    del variant, seed
    words = (
        f"{task_words(problem, language)}\n\nFirst think step by step, in a few sentences and without code. Then"
        f" write the whole program in one ```{language.name} code block, and nothing after it."
    )
    return asked_plainly(profile, words, "Let's think step by step.")


def _no_stops(problem: Problem) -> tuple[str, ...]:
    """None: the fence that opens the code would end an answer that begins with prose."""
    del problem
    return ()


def _tags(problem: Problem, language: Language, profile: Profile, variant: int, seed: int) -> Prompt:
    """AlphaCode (Li et al., 2022, section 4.3): random tags and a random rating, so that samples differ."""
    draw = random.Random(f"tags/{seed}/{variant}")
    tags = ", ".join(draw.sample(_TAGS, draw.randint(1, _MOST_TAGS)))
    words = f"{task_words(problem, language).rstrip()}\n\nRATING: {draw.choice(_RATINGS)}\nTAGS: {tags}"
    return _begun_as_usual(problem, language, profile, words)


def _varied(problem: Problem, language: Language, profile: Profile, variant: int, seed: int) -> Prompt:
    """The same task in other words around it."""
    del seed
    before, after = _FRAMES[variant]
    return _begun_as_usual(problem, language, profile, before + task_words(problem, language) + after)


def _brute(problem: Problem, language: Language, profile: Profile, variant: int, seed: int) -> Prompt:
    del variant, seed
    return build_brute_prompt(problem, language, profile=profile)


def _begun_as_usual(problem: Problem, language: Language, profile: Profile, words: str) -> Prompt:
    opening = opening_of(problem, language, usual_form(problem))
    return asked(profile, words, f"```{language.name}\n", opening)


DIRECT = "direct"
AUTO = "auto"
"""What is no strategy itself, and chooses among them."""
STRATEGIES: Mapping[str, Strategy] = {
    DIRECT: Strategy(_direct),
    "plan": Strategy(_plan, stops=_plan_stops),
    "steps": Strategy(_steps, stops=_no_stops),
    "tags": Strategy(_tags, variants=None),
    "varied": Strategy(_varied, variants=len(_FRAMES)),
    "ladder": Strategy(_direct, variants=len(HEATS), heats=HEATS),
    "brute": Strategy(_brute, purpose=Purpose.BRUTE),
}
"""All of them, by name."""


def first_prompt(name: str, problem: Problem, language: Language, profile: Profile, *, seed: int = 0) -> Prompt:
    """What a strategy asks first; where there are several, the direct one.

    Raises:
        KeyError: there is no such strategy.
    """
    strategy = STRATEGIES[DIRECT if name == AUTO else name]
    return strategy.wording(problem, language, profile, 0, seed)
