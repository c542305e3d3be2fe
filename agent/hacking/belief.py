"""How sure we are that a program is wrong on an input, by what a council's programs say there.

If most of the programs that pass the examples agree, and many samples are among them, what they say is right more
often: that is what `agent.confidence` was fitted to say of an answer of `solve`, and it is asked here of the
answer to one input. A fit of its own was tried on the flaws of `benchmarks.studies.hack_unaided` and left: 43 of
12 problems are too few.

Not covered: who is in a council (`agent.hacking.council`), and what it says (`agent.hacking.agreement`).
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.confidence import Features as AnswerFeatures
from agent.confidence import confidence


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a program that does not do on an input what most members of a council do."""

    lead: int
    """Voices for the leading answer: completions whose programs give it."""
    runner_up: int
    """Voices for the next answer."""
    accused: int
    """Voices for what the accused program answers."""
    members: int
    """Completions that pass all examples; those that fail on this input have no voice."""
    samples: int
    """Completions of programs that were drawn."""
    distinct: int
    """Different programs that give the leading answer."""
    brutes: int
    """Of the voices for it, those of brute forces."""
    examples: int
    """Public cases, all of which the accused passes."""
    whole_program: bool
    """Whether it reads standard input, and is not a function."""
    has_failed: bool
    """Whether the accused crashed or ran over a limit there, and did not answer."""
    differing: float = 0.0
    """Share of all inputs so far on which the accused does not do as most members do, 0 to 1."""
    unread: int = 0
    """Sentences of the statement that may demand more of inputs than was checked."""


def belief(features: Features) -> float:
    """Estimated probability, 0 to 1, that the accused program is wrong on the input; 0 where nobody answers it.

    It is that of the leading answer being right. What `agent.confidence` does not weigh is kept for people, and
    for a fit on more problems.
    """
    if not features.lead:
        return 0.0
    return confidence(
        AnswerFeatures(
            features.samples,
            agreeing=features.lead,
            survivors=max(features.members, features.lead),
            runner_up=features.runner_up,
            public=features.examples,
            whole_program=features.whole_program,
        )
    )
