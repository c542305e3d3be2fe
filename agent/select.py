"""Which program to return: groups of equal behaviour, and orders on them.

Everything works on a `SelectionMatrix`: what each candidate put out on each input nobody knows the answer of, and
which generated tests it passed. Nothing here runs a program.

Not covered: where inputs and tests come from (`agent.inputs`), how sure the choice is (`agent.confidence`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from agent.beta import log_beta
from agent.types import FAILED

_MOST_FAILURES = 0.5
_B4_ALPHA = 1e3
_B4_BETA = 1e4


@dataclass(frozen=True, slots=True)
class SelectionMatrix:
    """What choosing sees: candidates that passed the public cases, in the order they were drawn.

    Made by `selection_matrix`, so that only informative inputs are in it.
    """

    outputs: tuple[tuple[Hashable, ...], ...]
    """Candidates x inputs: what came out, as a key; `FAILED` where the run did not end well."""
    counts: tuple[int, ...]
    """How many completions gave each candidate."""
    passes: tuple[tuple[bool, ...], ...] = ()
    """Candidates x generated tests; empty when there are none."""
    logprobs: tuple[float, ...] = ()
    """Mean log-probability per token of each candidate, nats; empty when unknown."""
    support: tuple[int, ...] = ()
    """How many times each generated test was written; empty means once each."""
    wrong: tuple[int, ...] = ()
    """How many outputs of each candidate somebody called wrong; empty means none of any."""


def selection_matrix(
    outputs: Sequence[Sequence[Hashable]],
    counts: Sequence[int],
    *,
    passes: Sequence[Sequence[bool]] = (),
    support: Sequence[int] = (),
    logprobs: Sequence[float] = (),
    wrong: Sequence[int] = (),
) -> SelectionMatrix:
    """The matrix of some candidates; inputs that cannot tell them apart are left out.

    Args:
        outputs: candidates x all generated inputs, as the field.
        counts: as the field, and so are the others.
        passes: candidates x generated tests.
        support: per generated test.
        logprobs: per candidate.
        wrong: per candidate.
    """
    columns = informative(outputs)
    return SelectionMatrix(
        outputs=tuple(tuple(row[column] for column in columns) for row in outputs),
        counts=tuple(counts),
        passes=tuple(map(tuple, passes)),
        logprobs=tuple(logprobs),
        support=tuple(support),
        wrong=tuple(wrong),
    )


def informative(outputs: Sequence[Sequence[Hashable]]) -> list[int]:
    """Columns of `outputs` that can tell candidates apart.

    An input counts if at most half of the candidates fail on it (else it is probably not valid) and those that do
    not fail disagree, or some fail where others answer.
    """
    if not outputs:
        return []
    columns = []
    for column in range(len(outputs[0])):
        column_outputs = [row[column] for row in outputs]
        failures = sum(output is FAILED for output in column_outputs)
        if failures <= _MOST_FAILURES * len(column_outputs) and len(set(column_outputs)) > 1:
            columns.append(column)
    return columns


def rejected(outputs: Sequence[Sequence[Hashable]]) -> list[int]:
    """Columns of `outputs` on which more than half of the candidates fail: inputs that are probably not valid."""
    width = len(outputs[0]) if outputs else 0
    failures = [sum(row[column] is FAILED for row in outputs) for column in range(width)]
    return [column for column, count in enumerate(failures) if count > _MOST_FAILURES * len(outputs)]


def clusters(matrix: SelectionMatrix) -> list[list[int]]:
    """Groups of candidates with equal outputs on every input, best first.

    Fewest failed runs come first, so that programs that crash alike cannot outvote those that answer; then the
    group that more completions agree on; then the one that was drawn first.
    """
    groups: dict[tuple[Hashable, ...], list[int]] = {}
    for index, row in enumerate(matrix.outputs):
        groups.setdefault(row, []).append(index)

    def key(members: list[int]) -> tuple[int, int, int]:
        failures = sum(output is FAILED for output in matrix.outputs[members[0]])
        return failures, -sum(matrix.counts[index] for index in members), members[0]

    return sorted(groups.values(), key=key)


Score = Callable[[SelectionMatrix], list[float]]
"""One number per candidate; the larger, the better."""


def cluster_size(matrix: SelectionMatrix) -> list[float]:
    """How many completions behave like this one: AlphaCode's clustering (Li et al., 2022, section 4.5)."""
    sizes: Counter[tuple[Hashable, ...]] = Counter()
    for row, count in zip(matrix.outputs, matrix.counts, strict=True):
        sizes[row] += count
    return [float(sizes[row]) for row in matrix.outputs]


def max_pass(matrix: SelectionMatrix) -> list[float]:
    """How many generated tests pass, each as often as it was written."""
    return [
        float(sum(w for w, passed in zip(_support(matrix), row, strict=True) if passed)) for row in _passes(matrix)
    ]


def codet(matrix: SelectionMatrix) -> list[float]:
    """Dual agreement of Chen et al., "CodeT" (2022), as released: sqrt(|S|) * |T|.

    S is the set of completions that pass exactly the same tests as this one, T those tests, repeated ones
    counted as often as they were written.
    """
    sizes = _agreeing(matrix)
    return [math.sqrt(sizes[row]) * passed for row, passed in zip(_passes(matrix), max_pass(matrix), strict=True)]


def b4(matrix: SelectionMatrix) -> list[float]:
    """Log-posterior of "the programs that pass the same tests as this one are right, and so are those tests".

    Chen et al., "B4: Towards Optimal Assessment of Plausible Code Solutions with Plausible Tests" (2024): the
    product of four Beta integrals, for the shares of right programs and right tests (prior Beta(10^3, 1)) and for
    how often a wrong program passes a right test (Beta(1, 1)) and a wrong test (Beta(1, 10^4)). The
    hyperparameters are the smallest of the ranges they release.
    """
    rows, weights, total = _passes(matrix), _support(matrix), sum(matrix.counts)
    sizes, tests, passed = _agreeing(matrix), sum(weights), max_pass(matrix)
    column = [
        w * sum(c for row, c in zip(rows, matrix.counts, strict=True) if row[n]) for n, w in enumerate(weights)
    ]
    scores = []
    for row, right in zip(rows, passed, strict=True):
        size = sizes[row]
        inside = sum(c for c, p in zip(column, row, strict=True) if p) - size * right
        outside = sum(c for c, p in zip(column, row, strict=True) if not p)
        scores.append(
            log_beta(size + _B4_ALPHA, total - size + 1)
            + log_beta(right + _B4_ALPHA, tests - right + 1)
            + log_beta(inside + 1, (total - size) * right - inside + 1)
            + log_beta(outside + 1, (total - size) * (tests - right) - outside + _B4_BETA)
        )
    return scores


def aces_c(matrix: SelectionMatrix) -> list[float]:
    """Tests weighted by how well they separate programs, as the other tests rank them (closed form).

    Sun et al., "ACES: Who Tests the Tests?" (2026). The expected leave-one-out AUC of a test with pass rate p,
    less 1/2, is proportional to its discriminative power divided by p(1 - p); so the weight is
    max(0, p(1 - p) * (AUC - 1/2)), and a program's score the sum over the tests that it passes.
    """
    rows, weights = _passes(matrix), _support(matrix)
    votes = max_pass(matrix)
    scores = [0.0] * len(rows)
    for n, repeats in enumerate(weights):
        rest = [vote - repeats * row[n] for vote, row in zip(votes, rows, strict=True)]
        power = repeats * max(0.0, _separation([row[n] for row in rows], rest, matrix.counts))
        scores = [score + power * row[n] for score, row in zip(scores, rows, strict=True)]
    return scores


def _separation(passed: Sequence[bool], votes: Sequence[float], counts: Sequence[int]) -> float:
    """p(1 - p)(AUC - 1/2), where the AUC is that of `votes` as a classifier of `passed`, over completions."""
    order = sorted(range(len(votes)), key=lambda index: votes[index])
    total, below, wins = sum(counts), 0, 0.0
    for _, ties in groupby(order, key=lambda index: votes[index]):
        members = list(ties)
        failing = sum(counts[index] for index in members if not passed[index])
        passing = sum(counts[index] for index in members if passed[index])
        wins += passing * (below + failing / 2)
        below += failing
    passes = total - below
    return (wins - passes * below / 2) / total**2


def mbr_exec(matrix: SelectionMatrix) -> list[float]:
    """Minimum Bayes risk by execution (Shi et al., 2022): completions that agree on *every* input, counted.

    Their loss is 0 for two programs with equal outputs on all inputs and 1 otherwise; a failed run agrees with
    nothing.
    """
    return [
        float(
            sum(
                count
                for other, count in zip(matrix.outputs, matrix.counts, strict=True)
                if row == other and FAILED not in row
            )
        )
        for row in matrix.outputs
    ]


def soft_agreement(matrix: SelectionMatrix) -> list[float]:
    """Share of equal outputs with every other completion, summed: the functional overlap of SRank.

    To, Nguyen and Bui, "Functional Overlap Reranking for Neural Code Generation" (2024), with single candidates
    as clusters. Without any input every candidate agrees with every other.
    """
    width = len(matrix.outputs[0]) if matrix.outputs else 0
    if width == 0:
        return [float(sum(matrix.counts))] * len(matrix.outputs)
    votes = [Counter[Hashable]() for _ in range(width)]
    for row, count in zip(matrix.outputs, matrix.counts, strict=True):
        for column, output in enumerate(row):
            votes[column][output] += count
    return [
        sum(votes[column][output] for column, output in enumerate(row) if output is not FAILED) / width
        for row in matrix.outputs
    ]


def default(matrix: SelectionMatrix) -> list[float]:
    """Soft agreement on inputs, and the posterior of B4 where there are generated tests; each within 0 to 1.

    A candidate that agrees with many on most inputs beats one that agrees with few on all: with few samples exact
    clusters are small, and one odd input splits them. The posterior, relative to the best, is near 1 for the few
    sets of programs that tests speak for and near 0 for all others, so that tests choose sets, and agreement
    chooses within and between them. Without tests it is 1 for all.
    """
    total = float(sum(matrix.counts)) or 1.0
    posteriors = b4(matrix)
    highest = max(posteriors, default=0.0)
    return [
        agreement / total + math.exp(posterior - highest)
        for agreement, posterior in zip(soft_agreement(matrix), posteriors, strict=True)
    ]


METHODS: Mapping[str, Score] = {
    "default": default,
    "cluster-size": cluster_size,
    "max-pass": max_pass,
    "codet": codet,
    "mbr-exec": mbr_exec,
    "srank": soft_agreement,
    "b4": b4,
    "aces-c": aces_c,
}
"""Every way to score candidates, by name."""


def rank(matrix: SelectionMatrix, method: str = "default") -> list[int]:
    """All candidates, best first.

    Candidates that somebody called wrong less often come first, whatever their scores. Equal scores go to the
    candidate with fewer failed runs, then more completions, then the higher log-probability, then the one drawn
    first. An empty matrix gives an empty order.

    Raises:
        KeyError: there is no such method.
    """
    scores = METHODS[method](matrix)

    def key(index: int) -> tuple[int, float, int, int, float, int]:
        failures = sum(output is FAILED for output in matrix.outputs[index])
        likely = matrix.logprobs[index] if matrix.logprobs else 0.0
        wrong = matrix.wrong[index] if matrix.wrong else 0
        return wrong, -scores[index], failures, -matrix.counts[index], -likely, index

    return sorted(range(len(matrix.counts)), key=key)


def submissions(matrix: SelectionMatrix, order: Sequence[int], k: int) -> list[int]:
    """`k` candidates to submit, best first: one of each behaviour before a second of any.

    Fewer than `k` only if there are fewer.

    Args:
        matrix: the candidates.
        order: of all of them (`rank`).
        k: how many.
    """
    turns_of: Counter[tuple[Hashable, ...]] = Counter()
    turns = []
    for place, index in enumerate(order):
        row = matrix.outputs[index]
        turns.append((turns_of[row], place, index))
        turns_of[row] += 1
    return [index for _, _, index in sorted(turns)][:k]


def _agreeing(matrix: SelectionMatrix) -> Counter[tuple[bool, ...]]:
    """How many completions pass each set of tests that occurs."""
    sizes: Counter[tuple[bool, ...]] = Counter()
    for row, count in zip(_passes(matrix), matrix.counts, strict=True):
        sizes[row] += count
    return sizes


def _support(matrix: SelectionMatrix) -> tuple[int, ...]:
    return matrix.support or (1,) * (len(matrix.passes[0]) if matrix.passes else 0)


def _passes(matrix: SelectionMatrix) -> tuple[tuple[bool, ...], ...]:
    return matrix.passes or tuple(() for _ in matrix.counts)
