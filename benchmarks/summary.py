"""All figures of a run, as a pure function of its records: the same records give the same bytes.

`pass@k` and `random` are over the drawn samples, the greedy one left out where others are; `oracle` is over
the whole pool. A task where nothing passes the public cases still gives a program to every selection method: the
one that came furthest.

Not covered: time, which differs from run to run (`benchmarks.timing`), and pictures (`benchmarks.pictures`).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from agent import select
from benchmarks.forecast import forecast
from benchmarks.metrics import (
    Estimate,
    estimate,
    expected_calibration_error,
    gap_closed,
    pass_at_k,
    risk_coverage,
)
from benchmarks.records import TaskRecord

_STEPS = (1, 2, 5)
_SUBMISSIONS = (1, 2, 3, 5, 10)
_SHUFFLES = 4
_BINS = 10
NO_PROGRAM = "none"
"""Stands among the verdicts for a completion without a program in it."""


def summarise(records: Sequence[TaskRecord], *, method: str = "default") -> dict[str, Any]:
    """The figures of `records`, ready for JSON; shares are 0 to 1, each with its 95 % bootstrap interval.

    Args:
        records: one per task, in the order of the set; at least one.
        method: whose choice counts as `selected@1` (`agent.select.METHODS`).
    """
    right_samples = [_right_samples(record) for record in records]
    figures: dict[str, Any] = {
        "tasks": len(records),
        "samples": sum(len(record.samples) for record in records),
        "tokens": sum(map(tokens_of, records)),
        **_thoughts(records),
        "pass@k": {
            str(k): _json(_mean(pass_at_k(len(rows), sum(rows), k) for rows in right_samples))
            for k in _ks(min(map(len, right_samples)))
        },
        "random": _json(_mean(_random(record) for record in records)),
        "greedy": _json(_greedy(records)),
        "oracle": _json(_mean(_oracle(record) for record in records)),
        **_forecast(records),
        "verdicts": _verdicts(records),
        "levels": _levels(records),
    }
    if all(record.answer is not None for record in records):
        figures |= _selection(records, method)
    return figures


def _forecast(records: Sequence[TaskRecord]) -> dict[str, Any]:
    """What more samples would bring; nothing where too few were drawn to tell."""
    found = forecast(records)
    return {} if found is None else {"forecast": found}


def selected(record: TaskRecord, method: str = "default", *, samples: Sequence[int] | None = None) -> float:
    """1 if the program that `method` chooses from the whole pool, or of these samples, is right, else 0."""
    return _first(record, range(len(record.samples)) if samples is None else samples, method)


def _selection(records: Sequence[TaskRecord], method: str) -> dict[str, Any]:
    chance, best = [_random(record) for record in records], [_oracle(record) for record in records]
    selections = {name: [selected(record, name) for record in records] for name in select.METHODS}
    smallest = min(len(record.samples) for record in records)
    return {
        "select": method,
        "selected@1": _json(_mean(selections[method])),
        "gap_closed": _json(gap_closed(selections[method], chance, best)),
        "methods": {
            name: {"selected@1": _json(_mean(row)), "gap_closed": _json(gap_closed(row, chance, best))}
            for name, row in selections.items()
        },
        "n@k": {
            "k": smallest,
            "n": {
                str(n): _json(_mean(_submission_is_right(record, n, method) for record in records))
                for n in _SUBMISSIONS
                if n <= smallest
            },
        },
        "curve": [_point(records, k, method) for k in doublings(smallest)],
        "solve": _answers(records),
        "calibration": _calibration(records),
        "verdicts_of": _verdicts_of(records, method),
    }


def _point(records: Sequence[TaskRecord], k: int, method: str) -> dict[str, Any]:
    """Coverage and choice when only `k` samples had been drawn, over a few orders of the drawn ones."""
    coverage, choice, tokens = zip(*(subset_figures(record, k, method) for record in records), strict=True)
    return {
        "samples": k,
        "coverage": _json(_mean(coverage)),
        "selected@1": _json(_mean(choice)),
        "tokens_per_task": round(_average(tokens), 1),
    }


def subset_figures(record: TaskRecord, k: int, method: str) -> tuple[float, float, float]:
    """Of one task with only `k` samples: coverage, right choices, tokens; means over a few orders."""
    orders = _orders(record, k)
    return (
        _average(float(any(map(record.right, order))) for order in orders),
        _average(_first(record, order, method) for order in orders),
        _average(float(tokens_of(record, order)) for order in orders),
    )


def _orders(record: TaskRecord, k: int) -> list[list[int]]:
    """The first `k` samples in a few seeded orders; the greedy one is always among them."""
    everything = list(range(len(record.samples)))
    if k >= len(everything):
        return [everything]
    first = [index for index in everything if record.samples[index].greedy]
    rest = everything[len(first) :]
    orders = []
    for shuffle in range(_SHUFFLES):
        draw = random.Random(f"{record.task}/{shuffle}")
        orders.append((first + draw.sample(rest, len(rest)))[:k])
    return orders


def _answers(records: Sequence[TaskRecord]) -> dict[str, Any]:
    """What `solve` itself would have returned, and what it would have looked at before it stopped."""
    answers = [record.answer for record in records if record.answer is not None]
    return {
        "right": _json(_mean(_answer_is_right(record) for record in records)),
        "solved": _json(_mean(float(answer.solved) for answer in answers)),
        "samples_per_task": round(_average(float(answer.samples) for answer in answers), 2),
        "tokens_per_task": round(_average(float(_tokens_used(record)) for record in records), 1),
    }


def _tokens_used(record: TaskRecord) -> int:
    return tokens_of(record, range(record.answer.samples if record.answer else 0))


def tokens_of(record: TaskRecord, samples: Iterable[int] | None = None) -> int:
    """Of these samples, or of all, and of what else the model wrote."""
    indices = range(len(record.samples)) if samples is None else samples
    return record.other_tokens + sum(record.samples[index].tokens for index in indices)


def _thoughts(records: Sequence[TaskRecord]) -> dict[str, Any]:
    """What of the tokens is thoughts, 0 to 1, and how many samples ended in them; nothing where nobody thought."""
    tokens = sum(record.thought_tokens for record in records)
    unfinished = sum(record.unfinished_thoughts for record in records)
    if not tokens and not unfinished:
        return {}
    share = tokens / max(sum(map(tokens_of, records)), 1)
    return {"thought_share": round(share, 6), "unfinished_thoughts": unfinished}


def _answer_is_right(record: TaskRecord) -> float:
    answer = record.answer
    return float(answer is not None and answer.candidate is not None and record.candidates[answer.candidate].right)


def _calibration(records: Sequence[TaskRecord]) -> dict[str, Any]:
    """Of the answers that pass the public cases: stated against observed correctness."""
    answers = [
        (record.answer.confidence, bool(_answer_is_right(record)))
        for record in records
        if record.answer is not None and record.answer.solved
    ]
    confidences, right = [confidence for confidence, _ in answers], [right for _, right in answers]
    bins = []
    for place in range(_BINS):
        inside = [pair for pair in answers if min(int(pair[0] * _BINS), _BINS - 1) == place]
        if inside:
            bins.append(
                {
                    "answers": len(inside),
                    "stated": round(_average(pair[0] for pair in inside), 6),
                    "observed": round(_average(float(pair[1]) for pair in inside), 6),
                }
            )
    return {
        "answers": len(answers),
        "ece": round(expected_calibration_error(confidences, right), 6),
        "brier": round(_average((s - r) ** 2 for s, r in answers), 6) if answers else None,
        "bins": bins,
        "risk_coverage": [[round(c, 6), round(risk, 6)] for c, risk in risk_coverage(confidences, right)],
    }


def _right_samples(record: TaskRecord) -> list[bool]:
    """Whether each drawn sample is right; the greedy one counts as drawn only where it is alone."""
    rows = [index for index, sample in enumerate(record.samples) if not sample.greedy]
    return [record.right(index) for index in rows or range(len(record.samples))]


def _random(record: TaskRecord) -> float:
    rows = _right_samples(record)
    return sum(rows) / len(rows)


def _oracle(record: TaskRecord) -> float:
    return float(any(map(record.right, range(len(record.samples)))))


def _greedy(records: Sequence[TaskRecord]) -> Estimate | None:
    """None unless every task has a greedy sample."""
    places = [next((i for i, s in enumerate(record.samples) if s.greedy), None) for record in records]
    values = [
        float(record.right(place)) for record, place in zip(records, places, strict=True) if place is not None
    ]
    return _mean(values) if len(values) == len(records) else None


def _first(record: TaskRecord, samples: Iterable[int], method: str) -> float:
    return float(next((record.candidates[n].right for n in _ranking(record, samples, method)), False))


def _submission_is_right(record: TaskRecord, n: int, method: str) -> float:
    """Whether one of `n` submissions is right: one of each behaviour before a second of any."""
    alive, matrix = _matrix(record, range(len(record.samples)))
    order = [alive[index] for index in select.submissions(matrix, select.rank(matrix, method), n)]
    order += [number for number in _ranking(record, range(len(record.samples)), method) if number not in order]
    return float(any(record.candidates[number].right for number in order[:n]))


def _ranking(record: TaskRecord, samples: Iterable[int], method: str) -> list[int]:
    """The candidates among `samples`, best first: survivors as `method` orders them, then the others."""
    samples = list(samples)
    alive, matrix = _matrix(record, samples)
    counts = _counts(record, samples)
    rest = sorted(
        (number for number in counts if not record.candidates[number].survives),
        key=lambda number: (-(record.candidates[number].public or 0), -counts[number]),
    )
    return [*(alive[index] for index in select.rank(matrix, method)), *rest]


def _matrix(record: TaskRecord, samples: Iterable[int]) -> tuple[list[int], select.SelectionMatrix]:
    """What selection would have seen had only these samples been drawn: the survivors, and the matrix."""
    samples = list(samples)
    counts = _counts(record, samples)
    alive = [number for number in counts if record.candidates[number].survives]
    likely: dict[int, float] = {}
    for sample in (record.samples[index] for index in samples):
        if sample.candidate is not None:
            mean = sample.logprob / max(sample.tokens, 1)
            likely[sample.candidate] = max(likely.get(sample.candidate, mean), mean)
    matrix = select.selection_matrix(
        [record.candidates[number].outputs for number in alive],
        [counts[number] for number in alive],
        passes=[record.candidates[number].passes for number in alive],
        support=record.support,
        logprobs=[likely[number] for number in alive],
    )
    return alive, matrix


def _counts(record: TaskRecord, samples: Iterable[int]) -> Counter[int]:
    """How many of the samples gave each candidate, in the order they were first drawn."""
    return Counter(c for index in samples if (c := record.samples[index].candidate) is not None)


def _verdicts(records: Sequence[TaskRecord]) -> dict[str, int]:
    """How many completions ended in each verdict on the hidden tests, the most frequent first."""
    counts: Counter[str] = Counter()
    for record in records:
        for sample in record.samples:
            counts[NO_PROGRAM if sample.candidate is None else record.candidates[sample.candidate].verdict] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _verdicts_of(records: Sequence[TaskRecord], method: str) -> dict[str, dict[str, int]]:
    """The same for one program per task: the greedy one, the chosen one, and a right one where there is any."""
    rows: dict[str, Counter[str]] = {"greedy": Counter(), "selected": Counter(), "oracle": Counter()}
    for record in records:
        everything = range(len(record.samples))
        best = next(iter(_ranking(record, everything, method)), None)
        right = next((s.candidate for i, s in enumerate(record.samples) if record.right(i)), best)
        greedy = [sample.candidate for sample in record.samples if sample.greedy]
        for name, candidates in (("greedy", greedy), ("selected", [best]), ("oracle", [right])):
            for number in candidates:
                rows[name][NO_PROGRAM if number is None else record.candidates[number].verdict] += 1
    return {name: dict(sorted(counts.items())) for name, counts in rows.items() if counts}


def _levels(records: Sequence[TaskRecord]) -> dict[str, float]:
    """Share of the tasks whose hidden tests run as data (A), and as code that is relayed (B)."""
    counts = Counter(record.level for record in records if record.level is not None)
    return {level: round(counts[level] / counts.total(), 6) for level in sorted(counts)}


def _ks(most: int) -> list[int]:
    """1, 2, 5, 10, 20, 50 ... up to `most`, and `most` itself."""
    powers = range(len(str(most)))
    return sorted({k for power in powers for step in _STEPS if (k := step * 10**power) <= most} | {most} - {0})


def doublings(most: int) -> list[int]:
    """1, 2, 4 ... up to `most`, and `most` itself."""
    return sorted({1 << power for power in range(most.bit_length())} | {most})


def _mean(figures: Iterable[float]) -> Estimate:
    return estimate(list(figures))


def _average(figures: Iterable[float]) -> float:
    values = list(figures)
    return sum(values) / len(values)


def _json(figure: Estimate | None) -> dict[str, float] | None:
    return None if figure is None else {name: round(value, 6) for name, value in asdict(figure).items()}


Figure = Callable[[TaskRecord], float]
"""One number per task."""

FIGURES: dict[str, Figure] = {
    "random": _random,
    "selected@1": selected,
    "solve": _answer_is_right,
    "oracle": _oracle,
}
"""What two runs are compared by."""
