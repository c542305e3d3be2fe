"""What a reviewer asks of an answer: why this program, who are its rivals, where do the others fail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.checkers import remark
from agent.judging.explain import explanation
from agent.judging.judge import limits_of
from agent.report.matrix import MEANINGS, Column, Row, winner
from agent.terminal.display import cut, shown_result
from agent.types import Solution, Standing, Verdict
from problems import Problem

_MOST_CLUSTERS = 12
_MOST_ANSWERS = 6
_MOST_NAMED = 12

_EVERY = {1: "the example", 2: "both examples"}
_ANEW = "when it was run anew"
_AGAIN = {"python": "in new interpreters with other hash seeds"}
"""How the answer was verified, by language."""


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Survivors that behave alike."""

    place: int
    """From 1, best first."""
    samples: int
    share: float
    """Of the samples that pass the examples, 0 to 1."""
    programs: tuple[int, ...]
    """Row numbers."""
    representative: Row
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """An input on which two clusters part ways."""

    column: Column
    ours: str
    theirs: str
    their_place: int


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """One way to fail an example."""

    verdict: Verdict
    output: str
    samples: int
    programs: tuple[int, ...]
    """Row numbers, at most a dozen."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that some candidates fail."""

    column: Column
    answers: tuple[WrongAnswer, ...]
    """The most common first."""
    more: int
    """Ways to fail that are not listed."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The first example that the closest program fails."""

    column: Column
    verdict: Verdict
    said: str
    """What came out."""
    words: str
    """Why that is no pass; "" where nothing more can be said of it."""


def reasons(problem: Problem, solution: Solution, language: str) -> list[str]:
    """Why this program, written in `language`, was chosen, one sentence each."""
    choice = winner(solution)
    if choice is None:
        return ["The model wrote no program."]
    if not solution.solved:
        return _failure_reasons(problem, solution, choice)
    evidence, cases = solution.evidence, len(problem.cases)
    sentences = [
        f"It passes {cases} of {_many(cases, 'example')}, and did so again {_AGAIN.get(language, _ANEW)}."
        if cases
        else "The statement shows no example, so all that could be checked is that it compiles."
    ]
    inside = sum(s.candidate.count for s in solution.standings if s.survives and s.cluster == choice.cluster)
    total = sum(evidence.clusters)
    if evidence.inputs:
        sentences.append(
            f"{inside} of the {_many(total, 'sample')} that {_done(problem)} behave{'s' * (inside == 1)} like it"
            f" on {_many(evidence.inputs, 'generated input')}."
        )
    others = len(evidence.clusters) - 1
    if others:
        biggest = max(size for place, size in enumerate(evidence.clusters) if place != choice.cluster)
        verb = "passed the examples too" if cases else "compiled too"
        which = "the largest" if others > 1 else "it"
        sentences.append(f"{_many(others, 'other behaviour')} {verb}; {which} has {_many(biggest, 'sample')}.")
    if evidence.tests:
        votes = "it had a vote" if evidence.tests == 1 else "they had a vote"
        sentences.append(f"The model wrote {_many(evidence.tests, 'test')} before it saw a candidate; {votes}.")
    if words := remark(evidence):
        sentences.append(words)
    return [*sentences, _sample_count(choice), *_repair(solution, choice)]


def clusters(solution: Solution, rows: Sequence[Row]) -> list[ClusterView]:
    """The clusters, best first, each with the program that ranks first in it."""
    members: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.standing.survives and row.standing.cluster is not None:
            members[row.standing.cluster].append(row)
    choice = winner(solution)
    total = sum(solution.evidence.clusters) or 1
    return [
        ClusterView(
            place + 1,
            sum(row.standing.candidate.count for row in members[place]),
            sum(row.standing.candidate.count for row in members[place]) / total,
            tuple(row.number for row in members[place]),
            next((row for row in members[place] if row.standing is choice), members[place][0]),
            is_chosen=choice is not None and choice.cluster == place,
        )
        for place in sorted(members)[:_MOST_CLUSTERS]
    ]


def difference(clusters: Sequence[ClusterView], columns: Sequence[Column]) -> Difference | None:
    """The shortest input that tells the chosen cluster from the largest other one."""
    ours = next((cluster for cluster in clusters if cluster.is_chosen), None)
    rivals = [cluster for cluster in clusters if not cluster.is_chosen]
    if ours is None or not rivals:
        return None
    theirs = max(rivals, key=lambda cluster: cluster.samples)
    left, right = ours.representative, theirs.representative
    places = [place for place, column in enumerate(columns) if column.expected is None]
    apart = [
        place
        for place, a, b in zip(places, left.standing.behaviour, right.standing.behaviour, strict=True)
        if a != b
    ]
    if not apart:
        return None
    place = min(apart, key=lambda place: len(columns[place].input_text))
    return Difference(columns[place], left.outputs[place] or "", right.outputs[place] or "", theirs.place)


def failures(rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[Failure]:
    """Examples that candidates fail, with what they gave instead."""
    for place, column in enumerate(columns):
        if column.expected is None:
            continue
        groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            output = row.outputs[place]
            if output is not None and row.kinds[place] != Verdict.AC:
                groups[row.kinds[place], output].append(row)
        answers = sorted(
            (_wrong(kind, output, group) for (kind, output), group in groups.items()), key=_commonness
        )
        if answers:
            yield Failure(column, tuple(answers[:_MOST_ANSWERS]), max(len(answers) - _MOST_ANSWERS, 0))


def _failure_reasons(problem: Problem, solution: Solution, choice: Standing) -> list[str]:
    cases = len(problem.cases)
    if not cases:
        return ["No candidate compiles."]
    if choice.survives:
        sentences = ["Programs passed the examples, but none did so again when it was run anew."]
    else:
        sentences = [f"No candidate passes {_EVERY.get(cases, f'all {cases} examples')}."]
    verdicts = ", ".join(f"{MEANINGS[verdict]} ({count})" for verdict, count in solution.evidence.verdicts)
    return [
        *sentences,
        f"How the distinct programs ended: {verdicts}.",
        *_repair(solution, choice),
    ]


def near_miss(problem: Problem, solution: Solution, columns: Sequence[Column]) -> NearMiss | None:
    """Where the closest program fails; None where there is no such program or it failed no example."""
    place = len(solution.executions) - 1
    if solution.solved or place < 0 or solution.executions[place].verdict is Verdict.AC:
        return None
    execution, case = solution.executions[place], problem.cases[place]
    words = explanation(problem, case, execution, limits_of(problem))
    return NearMiss(columns[place], execution.verdict, cut(shown_result(execution.result)), words)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _done(problem: Problem) -> str:
    return "pass the examples" if problem.cases else "compile"


def _sample_count(choice: Standing) -> str:
    count = choice.candidate.count
    greedy = ", the model's most likely answer among them" if choice.candidate.greedy else ""
    way = (
        ""
        if set(choice.candidate.strategies) <= {"direct"}
        else f", asked by {', '.join(choice.candidate.strategies)}"
    )
    return f"The model wrote this program in {_many(count, 'sample')}{greedy}{way}."


def _repair(solution: Solution, choice: Standing) -> Iterator[str]:
    """What came of showing the model what fails, where that was done."""
    repair = solution.evidence.repair
    if repair.rounds:
        yield (
            f"The model was shown failures in {_many(repair.rounds, 'round')}:"
            f" {_many(repair.completions, 'answer')} ({repair.tokens} tokens),"
            f" {repair.survivors} passing the examples."
        )
    if choice.candidate.mends is not None:
        yield "This program is such an answer: it mends one that failed."


def _wrong(kind: str, output: str, group: Sequence[Row]) -> WrongAnswer:
    samples = sum(row.standing.candidate.count for row in group)
    return WrongAnswer(Verdict(kind), output, samples, tuple(row.number for row in group[:_MOST_NAMED]))


def _commonness(answer: WrongAnswer) -> tuple[int, int]:
    return -answer.samples, answer.programs[0]
