"""One task: its programs through the solving loop, and every one of them on the hidden tests.

The loop is `agent.solve`'s, over programs that are already drawn: judged after as many as `solve` would judge
after, so that what is recorded as the answer is what it would have returned. Unlike it, this goes on to the last
program, because metrics need them all.

Not covered: where programs come from (`benchmarks.completions`), several tasks at once (`benchmarks.run`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from agent import select
from agent.cost import Meter
from agent.grade import grade
from agent.inputs import generate_inputs
from agent.judge import FAILED
from agent.languages import LANGUAGES, PYTHON, Language
from agent.pool import Pool
from agent.rounds import round_ends
from agent.solve import decide
from agent.types import Completion, Purpose, Silent, SolveOptions, Standing
from benchmarks.records import AnswerRecord, CandidateRecord, SampleRecord, TaskRecord
from benchmarks.types import Drawn, Task

if TYPE_CHECKING:
    from agent.grade import Grade
    from sandbox import Sandbox


def play(task: Task, drawn: Sequence[Drawn], box: Sandbox, options: SolveOptions) -> TaskRecord:
    """Run the loop over `drawn` and grade every distinct program.

    Raises:
        SandboxError: the sandbox failed.
    """
    meter = Meter(box)
    programs = [found for found in drawn if found.completion.purpose is Purpose.PROGRAM]
    others = [found.completion for found in drawn if found.completion.purpose is not Purpose.PROGRAM]
    keys = _keys(programs, LANGUAGES[options.language])
    pool, answer = _solved(task, programs, keys, others, meter, options)
    found = _record(task, programs, keys, meter, pool.runner, pool.standings(), answer)
    tokens = sum(completion.tokens for completion in others)
    return replace(_with_tests(found, pool.matrices()), other_tokens=tokens)


def score(task: Task, drawn: Sequence[Drawn], box: Sandbox, language: Language = PYTHON) -> TaskRecord:
    """Only grade every distinct program; there is no answer then, and nothing to select by.

    Raises:
        SandboxError: the sandbox failed.
    """
    programs = [found for found in drawn if found.completion.purpose is Purpose.PROGRAM]
    meter = Meter(box)
    return _record(task, programs, _keys(programs, language), meter, language.runner(meter), (), None)


def _solved(
    task: Task,
    drawn: Sequence[Drawn],
    keys: Sequence[str | None],
    others: Sequence[Completion],
    box: Meter,
    options: SolveOptions,
) -> tuple[Pool, AnswerRecord]:
    """What is known about all programs, and what `solve` would have returned."""
    language = LANGUAGES[options.language]
    numbers = _numbers(keys)
    inputs = generate_inputs(task.problem, count=options.inputs, seed=options.seed) if len(numbers) > 1 else []
    pool = Pool(task.problem, box, inputs, Silent(), method=options.method, language=language)
    pool.add(others)
    answer = None
    for start, end in pairwise([0, *round_ends(len(drawn))]):
        for program in drawn[start:end]:
            pool.add_program(program.source, program.completion)
        pool.filter()
        pool.cluster()
        if answer is None and (pool.settled(options) or end == len(drawn)):
            found = decide(task.problem, pool, pool.runner, options)
            chosen = None if found.program is None else numbers[language.normalise(found.program)]
            answer = AnswerRecord(chosen, found.confidence, found.solved, end)
    assert answer is not None
    return pool, answer


def _with_tests(found: TaskRecord, tests: select.Pool) -> TaskRecord:
    """The record with what survivors make of the model's tests; both have them in the order they were drawn."""
    rows = iter(tests.passes)
    candidates = tuple(
        replace(candidate, passes=next(rows)) if candidate.survives else candidate
        for candidate in found.candidates
    )
    return replace(found, candidates=candidates, support=tests.support)


def _record(
    task: Task,
    drawn: Sequence[Drawn],
    keys: Sequence[str | None],
    meter: Meter,
    runner: Sandbox,
    known: Sequence[Standing],
    answer: AnswerRecord | None,
) -> TaskRecord:
    numbers = _numbers(keys)
    by_source = {standing.candidate.source: standing for standing in known}
    standings = {
        key: by_source[found.source] for key, found in zip(keys, drawn, strict=True) if found.source in by_source
    }
    sources = {key: program.source for key, program in zip(reversed(keys), reversed(drawn), strict=True)}
    grades = grade(runner, task.suite, [sources[key] or "" for key in numbers])
    cost = meter.cost()
    outputs = _numbered([standings[key].behaviour if key in standings else () for key in numbers])
    return TaskRecord(
        task.id,
        samples=tuple(
            SampleRecord(
                None if key is None else numbers[key],
                program.completion.tokens,
                program.completion.logprob,
                program.completion.greedy,
            )
            for key, program in zip(keys, drawn, strict=True)
        ),
        candidates=tuple(
            _candidate(found, standings.get(key), row)
            for key, found, row in zip(numbers, grades, outputs, strict=True)
        ),
        answer=answer,
        cases=len(task.problem.cases),
        whole_program=not task.problem.is_call,
        level=grades[0].level if grades else None,
        runs=cost.runs,
        cpu_s=round(cost.cpu_s, 4),
        wall_s=round(cost.wall_s, 4),
    )


def _candidate(found: Grade, standing: Standing | None, outputs: tuple[int | None, ...]) -> CandidateRecord:
    if standing is None:
        return CandidateRecord(found.verdict, found.passed, found.total)
    return CandidateRecord(found.verdict, found.passed, found.total, standing.passed, standing.survives, outputs)


def _keys(drawn: Sequence[Drawn], language: Language) -> list[str | None]:
    """Each program's normalised text."""
    return [None if program.source is None else language.normalise(program.source) for program in drawn]


def _numbers(keys: Sequence[str | None]) -> dict[str, int]:
    """Each distinct program's number, in the order they were drawn."""
    return {key: number for number, key in enumerate(dict.fromkeys(key for key in keys if key is not None))}


def _numbered(rows: Sequence[Sequence[Hashable]]) -> list[tuple[int | None, ...]]:
    """Outputs as numbers, so that a record does not grow with what programs print; per column, as they occur."""
    seen: dict[tuple[int, Hashable], int] = {}
    counts: dict[int, int] = {}

    def number(column: int, output: Hashable) -> int | None:
        if output is FAILED:
            return None
        if (column, output) not in seen:
            seen[column, output] = counts.get(column, 0)
            counts[column] = seen[column, output] + 1
        return seen[column, output]

    return [tuple(number(column, output) for column, output in enumerate(row)) for row in rows]
