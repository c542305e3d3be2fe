"""A run: every completion first, then task by task through the loop, then figures.

Each phase goes on where an interrupted run stopped: the store knows which completions it holds, the records
which tasks are done.

Not covered: where files lie (`benchmarks.folder`), what one task is put through (`benchmarks.evaluate`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.languages import LANGUAGES
from agent.types import Completion, SampleRequest, SolveOptions
from benchmarks.completions import Source
from benchmarks.evaluate import evaluate, score
from benchmarks.grading.suites import SuiteError
from benchmarks.records import TaskRecord
from benchmarks.types import Task, TaskError
from sandbox import SandboxError

if TYPE_CHECKING:
    from agent.models.store import StoredSampler
    from sandbox import Sandbox

Evaluator = Callable[[Task, Sequence[Completion]], TaskRecord]
"""Puts one task's programs through what the run is about."""


@dataclass(slots=True)
class Sampling:
    """What sampling took in this process."""

    completions: int = 0
    tokens: int = 0
    wall_s: float = 0.0


def fill(
    store: StoredSampler,
    requests: Sequence[SampleRequest],
    *,
    step: Callable[[int], None],
    sampling: Sampling | None = None,
) -> Iterator[Sampling]:
    """Sample whatever the store lacks, everything in one stream; yields after each completion.

    Args:
        store: holds what was sampled before.
        requests: of all tasks.
        step: told of each new completion's tokens.
        sampling: what it took so far, to be counted on in.

    Raises:
        SamplerError: the model failed.
    """
    requests = [request for request in requests if store.missing([request])]
    sampling = sampling or Sampling()
    old = sum(request.params.n for request in requests) - store.missing(requests)
    began = time.monotonic() - sampling.wall_s
    if not requests:
        return
    try:
        with closing(store.sample(requests)) as stream:
            for number, completion in enumerate(stream):
                if number < old:
                    continue  # what the store had comes first
                sampling.completions += 1
                sampling.tokens += completion.tokens
                sampling.wall_s = time.monotonic() - began
                step(completion.tokens)
                yield sampling
    finally:
        store.leftovers()  # what had ended is kept, and what was broken off is counted as cost


def local_evaluator(box: Sandbox, options: SolveOptions, *, only_score: bool) -> Evaluator:
    """Evaluates tasks in this process."""

    def evaluator(task: Task, completions: Sequence[Completion]) -> TaskRecord:
        return (
            score(task, completions, box, LANGUAGES[options.language])
            if only_score
            else evaluate(task, completions, box, options)
        )

    return evaluator


def evaluate_all(
    tasks: Sequence[Task], source: Source, evaluator: Evaluator, *, beside: int
) -> Iterator[TaskRecord]:
    """Evaluate tasks, `beside` at once, and yield each as it is done.

    Raises:
        SandboxError: the sandbox failed; the task is named.
        TaskError: a task's hidden tests do not run; the task is named.
    """
    waiting = iter(tasks)
    under_way: dict[Future[TaskRecord], Task] = {}
    while True:
        while len(under_way) < beside and (task := next(waiting, None)) is not None:
            under_way[_begin(evaluator, task, source(task))] = task
        if not under_way:
            return
        futures, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in futures:
            task = under_way.pop(future)
            yield _result(task, future)


def _begin(evaluator: Evaluator, task: Task, completions: Sequence[Completion]) -> Future[TaskRecord]:
    """Evaluate a task in a thread of its own, which does not keep an interrupted process from ending."""
    future: Future[TaskRecord] = Future()

    def work() -> None:
        try:
            future.set_result(evaluator(task, completions))
        except BaseException as error:  # noqa: BLE001 (whatever it is, the thread that waits raises it)
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future


def _result(task: Task, future: Future[TaskRecord]) -> TaskRecord:
    try:
        return future.result()
    except SandboxError as error:
        raise SandboxError(f"{task.id}: {error}") from error
    except SuiteError as error:
        raise TaskError(f"{task.id}: {error}") from error
