"""Which program to return: groups of equal behaviour, and orders on them.

Everything works on two matrices of one pool: what each candidate put out on each input nobody knows the answer
of, and which generated tests it passed. Nothing here runs a program.

Not covered: where inputs and tests come from (`agent.inputs`), how sure the choice is (`agent.confidence`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

FAILED: Hashable = None
"""The output of a run that did not end well; equal to no output."""
_MOST_FAILURES = 0.5
_B4_ALPHA = 1e3
_B4_BETA = 1e4


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates that passed the public cases, in the order they were drawn."""

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


def informative(outputs: Sequence[Sequence[Hashable]]) -> list[int]:
    """Columns of `outputs` that can tell candidates apart.

    An input counts if at most half of the candidates fail on it (else it is probably not valid) and those that do
    not fail disagree, or some fail where others answer.
    """
    if not outputs:
        return []
    kept = []
    for column in range(len(outputs[0])):
        seen = [row[column] for row in outputs]
        failed = sum(output is FAILED for output in seen)
        if failed <= _MOST_FAILURES * len(seen) and len(set(seen)) > 1:
            kept.append(column)
    return kept


def rejected(outputs: Sequence[Sequence[Hashable]]) -> list[int]:
    """Columns of `outputs` on which more than half of the candidates fail: inputs that are probably not valid."""
    width = len(outputs[0]) if outputs else 0
    failed = [sum(row[column] is FAILED for row in outputs) for column in range(width)]
    return [column for column, count in enumerate(failed) if count > _MOST_FAILURES * len(outputs)]


def clusters(pool: Pool) -> list[list[int]]:
    """Groups of candidates with equal outputs on every input, best first.

    Fewest failed runs come first, so that programs that crash alike cannot outvote those that answer; then the
    group that more completions agree on; then the one that was drawn first.
    """
    groups: dict[tuple[Hashable, ...], list[int]] = {}
    for index, row in enumerate(pool.outputs):
        groups.setdefault(row, []).append(index)

    def key(members: list[int]) -> tuple[int, int, int]:
        failed = sum(output is FAILED for output in pool.outputs[members[0]])
        return failed, -sum(pool.counts[index] for index in members), members[0]

    return sorted(groups.values(), key=key)


Score = Callable[[Pool], list[float]]
"""One number per candidate; the larger, the better."""


def cluster_size(pool: Pool) -> list[float]:
    """How many completions behave like this one: AlphaCode's clustering (Li et al., 2022, section 4.5)."""
    sizes: Counter[tuple[Hashable, ...]] = Counter()
    for row, count in zip(pool.outputs, pool.counts, strict=True):
        sizes[row] += count
    return [float(sizes[row]) for row in pool.outputs]


def max_pass(pool: Pool) -> list[float]:
    """How many generated tests pass, each as often as it was written."""
    return [
        float(sum(w for w, passed in zip(_support(pool), row, strict=True) if passed)) for row in _passes(pool)
    ]


def codet(pool: Pool) -> list[float]:
    """Dual agreement of Chen et al., "CodeT" (2022), as released: sqrt(|S|) * |T|.

    S is the set of completions that pass exactly the same tests as this one, T those tests, repeated ones
    counted as often as they were written.
    """
    sizes = _agreeing(pool)
    return [math.sqrt(sizes[row]) * passed for row, passed in zip(_passes(pool), max_pass(pool), strict=True)]


def b4(pool: Pool) -> list[float]:
    """Log-posterior of "the programs that pass the same tests as this one are right, and so are those tests".

    Chen et al., "B4: Towards Optimal Assessment of Plausible Code Solutions with Plausible Tests" (2024): the
    product of four Beta integrals, for the shares of right programs and right tests (prior Beta(10^3, 1)) and for
    how often a wrong program passes a right test (Beta(1, 1)) and a wrong test (Beta(1, 10^4)). The
    hyperparameters are the smallest of the ranges they release.
    """
    rows, weights, total = _passes(pool), _support(pool), sum(pool.counts)
    sizes, tests, passed = _agreeing(pool), sum(weights), max_pass(pool)
    column = [
        w * sum(c for row, c in zip(rows, pool.counts, strict=True) if row[n]) for n, w in enumerate(weights)
    ]
    scores = []
    for row, right in zip(rows, passed, strict=True):
        size = sizes[row]
        inside = sum(c for c, p in zip(column, row, strict=True) if p) - size * right
        outside = sum(c for c, p in zip(column, row, strict=True) if not p)
        scores.append(
            _log_beta(size + _B4_ALPHA, total - size + 1)
            + _log_beta(right + _B4_ALPHA, tests - right + 1)
            + _log_beta(inside + 1, (total - size) * right - inside + 1)
            + _log_beta(outside + 1, (total - size) * (tests - right) - outside + _B4_BETA)
        )
    return scores


def aces_c(pool: Pool) -> list[float]:
    """Tests weighted by how well they separate programs, as the other tests rank them (closed form).

    Sun et al., "ACES: Who Tests the Tests?" (2026). The expected leave-one-out AUC of a test with pass rate p,
    less 1/2, is proportional to its discriminative power divided by p(1 - p); so the weight is
    max(0, p(1 - p) * (AUC - 1/2)), and a program's score the sum over the tests that it passes.
    """
    rows, weights = _passes(pool), _support(pool)
    votes = max_pass(pool)
    scores = [0.0] * len(rows)
    for n, repeats in enumerate(weights):
        rest = [vote - repeats * row[n] for vote, row in zip(votes, rows, strict=True)]
        power = repeats * max(0.0, _separation([row[n] for row in rows], rest, pool.counts))
        scores = [score + power * row[n] for score, row in zip(scores, rows, strict=True)]
    return scores


def _separation(passed: Sequence[bool], votes: Sequence[float], counts: Sequence[int]) -> float:
    """p(1 - p)(AUC - 1/2), where the AUC is that of `votes` as a classifier of `passed`, over completions."""
    order = sorted(range(len(votes)), key=lambda index: votes[index])
    total, below, won = sum(counts), 0, 0.0
    for _, tied in groupby(order, key=lambda index: votes[index]):
        members = list(tied)
        failing = sum(counts[index] for index in members if not passed[index])
        passing = sum(counts[index] for index in members if passed[index])
        won += passing * (below + failing / 2)
        below += failing
    passes = total - below
    return (won - passes * below / 2) / total**2


def mbr_exec(pool: Pool) -> list[float]:
    """Minimum Bayes risk by execution (Shi et al., 2022): completions that agree on *every* input, counted.

    Their loss is 0 for two programs with equal outputs on all inputs and 1 otherwise; a failed run agrees with
    nothing.
    """
    return [
        float(
            sum(
                count
                for other, count in zip(pool.outputs, pool.counts, strict=True)
                if row == other and FAILED not in row
            )
        )
        for row in pool.outputs
    ]


def soft_agreement(pool: Pool) -> list[float]:
    """Share of equal outputs with every other completion, summed: the functional overlap of SRank.

    To, Nguyen and Bui, "Functional Overlap Reranking for Neural Code Generation" (2024), with single candidates
    as clusters. Without any input every candidate agrees with every other.
    """
    width = len(pool.outputs[0]) if pool.outputs else 0
    if width == 0:
        return [float(sum(pool.counts))] * len(pool.outputs)
    votes = [Counter[Hashable]() for _ in range(width)]
    for row, count in zip(pool.outputs, pool.counts, strict=True):
        for column, output in enumerate(row):
            votes[column][output] += count
    return [
        sum(votes[column][output] for column, output in enumerate(row) if output is not FAILED) / width
        for row in pool.outputs
    ]


def default(pool: Pool) -> list[float]:
    """Soft agreement on inputs, and the posterior of B4 where there are generated tests; each within 0 to 1.

    A candidate that agrees with many on most inputs beats one that agrees with few on all: with few samples exact
    clusters are small, and one odd input splits them. The posterior, relative to the best, is near 1 for the few
    sets of programs that tests speak for and near 0 for all others, so that tests choose sets, and agreement
    chooses within and between them. Without tests it is 1 for all.
    """
    total = float(sum(pool.counts)) or 1.0
    posteriors = b4(pool)
    highest = max(posteriors, default=0.0)
    return [
        agreement / total + math.exp(posterior - highest)
        for agreement, posterior in zip(soft_agreement(pool), posteriors, strict=True)
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


def rank(pool: Pool, method: str = "default") -> list[int]:
    """All candidates, best first.

    Candidates that somebody called wrong less often come first, whatever their scores. Equal scores go to the
    candidate with fewer failed runs, then more completions, then the higher log-probability, then the one drawn
    first. An empty pool gives an empty order.

    Raises:
        KeyError: there is no such method.
    """
    scores = METHODS[method](pool)

    def key(index: int) -> tuple[int, float, int, int, float, int]:
        failed = sum(output is FAILED for output in pool.outputs[index])
        likely = pool.logprobs[index] if pool.logprobs else 0.0
        wrong = pool.wrong[index] if pool.wrong else 0
        return wrong, -scores[index], failed, -pool.counts[index], -likely, index

    return sorted(range(len(pool.counts)), key=key)


def submissions(pool: Pool, k: int, method: str = "default") -> list[int]:
    """`k` candidates to submit, best first: one of each behaviour before a second of any.

    Fewer than `k` only if the pool is smaller.
    """
    seen: Counter[tuple[Hashable, ...]] = Counter()
    turns = []
    for place, index in enumerate(rank(pool, method)):
        row = pool.outputs[index]
        turns.append((seen[row], place, index))
        seen[row] += 1
    return [index for _, _, index in sorted(turns)][:k]


def _agreeing(pool: Pool) -> Counter[tuple[bool, ...]]:
    """How many completions pass each set of tests that occurs."""
    sizes: Counter[tuple[bool, ...]] = Counter()
    for row, count in zip(_passes(pool), pool.counts, strict=True):
        sizes[row] += count
    return sizes


def _support(pool: Pool) -> tuple[int, ...]:
    return pool.support or (1,) * (len(pool.passes[0]) if pool.passes else 0)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _passes(pool: Pool) -> tuple[tuple[bool, ...], ...]:
    return pool.passes or tuple(() for _ in pool.counts)
