"""The vocabulary of hacking: programs, flaws, and what a search came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.options import CouncilOptions
from agent.types import Verdict

if TYPE_CHECKING:
    from agent.hacking.belief import Features
    from agent.hacking.council import Council
    from agent.inputs import GeneratedInput
    from problems import CallCase, TestCase
    from sandbox import RunResult


STATEMENT, CHECKER = "the statement", "the statement's checker"
"""Who says what is right where that is neither a program of the user's nor a council."""

EXAMPLE = "example"
"""The origin of inputs that are the statement's own."""


@dataclass(frozen=True, slots=True)
class Program:
    """A complete program."""

    source: str
    language: str = "python"
    """A name in `agent.languages.LANGUAGES`."""
    name: str = "the program"
    """For people."""


@dataclass(frozen=True, slots=True)
class HackOptions:
    """How long and how to search."""

    seconds: float = 60.0
    """Wall-clock time for the search; shrinking may take half as much again."""
    seed: int = 0
    """Of every random choice: the same seed tries the same inputs in the same order."""
    shrink: bool = True
    """Whether what is found is made smaller."""
    min_confidence: float = CouncilOptions().min_confidence
    """Less sure flaws are not reported, but counted as contested, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """An input on which a program fails."""

    item: GeneratedInput
    """With why it is believed valid."""
    verdict: Verdict
    """WA, RTE, TLE, MLE or OLE."""
    case: TestCase | CallCase | None
    """The input with the right answer; None where nobody could give it."""
    result: RunResult
    """What the program did."""
    confidence: float = 1.0
    """Probability that it is wrong there, 0 to 1; 1 where neither what is right nor the input is in question."""
    votes: Features | None = None
    """How a council voted; None where there is none."""
    validity: float = 1.0
    """Probability that the input is valid, 0 to 1; less than 1 where sentences of the statement are unread."""
    doubt: str | None = None
    """Where sentences of the statement are unread: what all its examples share, and the input lacks."""
    is_of_other: bool = False
    """Of two programs of which neither is held to be right: whether it is the second one that fails."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How much was tried."""

    inputs: int = 0
    """On which both programs ran."""
    largest: int = 0
    """Characters of the largest of them."""
    unanswered: int = 0
    """Inputs that did not count, because what should be right failed on them."""
    differing: int = 0
    """Of `inputs`, those on which the program does not do what is held to be right, however sure that is."""
    contested: int = 0
    """Of these, those on which the members of a council disagree too much for a flaw."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Hacking:
    """What a search came to."""

    flaw: Flaw | None
    """The smallest one; None where nothing was found."""
    attempts: Attempts = field(default_factory=Attempts)
    """How much was tried."""
    original: GeneratedInput | None = None
    """The input as it was before it was shrunk."""
    unread: tuple[str, ...] = ()
    """Sentences of the statement that may demand more of inputs than was checked."""
    suspicions: tuple[str, ...] = ()
    """What looked like a flaw and does not count, in words."""
    contested: tuple[Flaw, ...] = ()
    """Flaws that are not sure enough, but for the largest inputs; the surest first."""
    possible: Flaw | None = None
    """Where there is no flaw: one that would be sure enough if its input were known to be valid, small."""
    authority: str = ""
    """Who says what is right; "" where the caller knows."""
    council: Council | None = None
    """The programs that were asked, where there was no other authority."""
