"""One task: its programs through the solving loop, and every one of them on the hidden tests.

The loop is `agent.solve.gather`, over programs that are already drawn: judged after as many as `solve` would judge
after, so that what is recorded as the answer is what it would have returned. Afterwards it goes on to the last
program, because metrics need them all.

Not covered: where programs come from (`benchmarks.completions`), several tasks at once (`benchmarks.run`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from agent import select
from agent.cost import Meter
from agent.languages import LANGUAGES, PYTHON, Language
from agent.pool import Pool
from agent.rounds import round_ends
from agent.solve import decide, gather
from agent.types import FAILED, Completion, SolveOptions, Standing
from benchmarks.grading.grade import grade
from benchmarks.records import AnswerRecord, CandidateRecord, SampleRecord, TaskRecord
from benchmarks.types import Task

if TYPE_CHECKING:
    from benchmarks.grading.types import Grade
    from sandbox import Sandbox


def evaluate(task: Task, completions: Sequence[Completion], box: Sandbox, options: SolveOptions) -> TaskRecord:
    """Run the loop over `completions` and grade every distinct program.

    Raises:
        SandboxError: the sandbox failed.
    """
    meter = Meter(box)
    language = LANGUAGES[options.language]
    programs = [one for one in completions if one.purpose.is_program]
    others = [one for one in completions if not one.purpose.is_program]
    keys = _keys(programs, language)
    if len(_numbers(keys)) < 2:
        options = replace(options, inputs=0)  # there is nothing to tell apart
    runner = language.runner(meter)
    pool = Pool(task.problem, meter, options, runner=runner)
    answer = _answer(pool, programs, others, options)
    record = _record(task, programs, keys, meter, runner, list(pool.candidates.values()), answer)
    record = _with_tests(record, pool.standings.ranking.matrix)
    return replace(
        record,
        other_tokens=sum(completion.tokens for completion in others),
        thought_tokens=record.thought_tokens + sum(completion.thought_tokens for completion in others),
    )


def score(task: Task, completions: Sequence[Completion], box: Sandbox, language: Language = PYTHON) -> TaskRecord:
    """Only grade every distinct program; there is no answer then, and nothing to select by.

    Raises:
        SandboxError: the sandbox failed.
    """
    programs = [one for one in completions if one.purpose.is_program]
    meter = Meter(box)
    return _record(task, programs, _keys(programs, language), meter, language.runner(meter), (), None)


def _answer(
    pool: Pool, completions: Sequence[Completion], others: Sequence[Completion], options: SolveOptions
) -> AnswerRecord:
    """What `solve` returns for this pool; afterwards the pool holds all programs, for metrics need them."""
    rounds = _rounds(completions, others)
    gather(pool, rounds, options)
    solution = decide(pool, options)
    numbers = {key: number for number, key in enumerate(pool.candidates)}
    program = solution.program
    answer = AnswerRecord(
        None if program is None else numbers[pool.candidates.key_of(program)],
        solution.confidence,
        solution.solved,
        pool.candidates.samples,
    )
    gather(pool, rounds, replace(options, stop_risk=0.0))
    return answer


def _rounds(completions: Sequence[Completion], others: Sequence[Completion]) -> Iterator[list[Completion]]:
    """The completions as `solve` would take them in; what is no program comes with the first round."""
    for start, end in pairwise([0, *round_ends(len(completions))]):
        yield [*(others if start == 0 else ()), *completions[start:end]]


def _with_tests(record: TaskRecord, tests: select.SelectionMatrix) -> TaskRecord:
    """The record with what survivors make of the model's tests; both have them in the order they were drawn."""
    rows = iter(tests.passes)
    candidates = tuple(
        replace(candidate, passes=next(rows)) if candidate.survives else candidate
        for candidate in record.candidates
    )
    return replace(record, candidates=candidates, support=tests.support)


def _record(
    task: Task,
    completions: Sequence[Completion],
    keys: Sequence[str | None],
    meter: Meter,
    runner: Sandbox,
    pool_standings: Sequence[Standing],
    answer: AnswerRecord | None,
) -> TaskRecord:
    numbers = _numbers(keys)
    by_source = {standing.candidate.source: standing for standing in pool_standings}
    standings = {
        key: by_source[one.program] for key, one in zip(keys, completions, strict=True) if one.program in by_source
    }
    sources = {key: one.program for key, one in zip(reversed(keys), reversed(completions), strict=True)}
    grades = grade(runner, task.suite, [sources[key] or "" for key in numbers])
    cost = meter.cost()
    outputs = _output_numbers([standings[key].behaviour if key in standings else () for key in numbers])
    return TaskRecord(
        task.id,
        samples=tuple(
            SampleRecord(
                None if key is None else numbers[key],
                one.tokens,
                one.logprob,
                one.greedy,
                one.strategy,
            )
            for key, one in zip(keys, completions, strict=True)
        ),
        candidates=tuple(
            _candidate(mark, standings.get(key), row)
            for key, mark, row in zip(numbers, grades, outputs, strict=True)
        ),
        answer=answer,
        cases=len(task.problem.cases),
        whole_program=not task.problem.is_call,
        thought_tokens=sum(one.thought_tokens for one in completions),
        unfinished_thoughts=sum(one.is_unfinished_thought for one in completions),
        level=grades[0].level if grades else None,
        runs=cost.runs,
        cpu_s=round(cost.cpu_s, 4),
        wall_s=round(cost.wall_s, 4),
    )


def _candidate(grade: Grade, standing: Standing | None, outputs: tuple[int | None, ...]) -> CandidateRecord:
    if standing is None:
        return CandidateRecord(grade.verdict, grade.passed, grade.total)
    return CandidateRecord(grade.verdict, grade.passed, grade.total, standing.passed, standing.survives, outputs)


def _keys(completions: Sequence[Completion], language: Language) -> list[str | None]:
    """Each program's normalised text."""
    return [None if one.program is None else language.normalise(one.program) for one in completions]


def _numbers(keys: Sequence[str | None]) -> dict[str, int]:
    """Each distinct program's number, in the order they were drawn."""
    return {key: number for number, key in enumerate(dict.fromkeys(key for key in keys if key is not None))}


def _output_numbers(rows: Sequence[Sequence[Hashable]]) -> list[tuple[int | None, ...]]:
    """Outputs as numbers, so that a record does not grow with what programs print; per column, as they occur."""
    numbers: dict[tuple[int, Hashable], int] = {}
    counts: dict[int, int] = {}

    def number(column: int, output: Hashable) -> int | None:
        if output is FAILED:
            return None
        if (column, output) not in numbers:
            numbers[column, output] = counts.get(column, 0)
            counts[column] = numbers[column, output] + 1
        return numbers[column, output]

    return [tuple(number(column, output) for column, output in enumerate(row)) for row in rows]
