"""What one benchmark task left behind, and the append-only file of such records.

A record holds everything that metrics are made of, so that they are a pure function of the records. Timing is
in it too, apart: it differs from run to run.

Not covered: the completions themselves (`agent.models.store` keeps those), and what the figures mean
(`benchmarks.summary`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.journal import Journal, JournalError, read_journal
from benchmarks.types import TaskError


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One completion."""

    candidate: int | None
    """Which candidate it gave; None when there was no program in it."""
    tokens: int
    logprob: float
    """Sum over its tokens, nats."""
    greedy: bool
    strategy: str = "direct"
    """By which it was asked for (`agent.strategies`); what records from before there were several read as."""


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """One distinct program."""

    verdict: str
    """On the hidden tests: AC, or how the first failed one ended."""
    passed: int
    """Hidden tests passed before that."""
    total: int
    public: int | None = None
    """Public cases passed before the first failure; None when only the hidden tests were run."""
    survives: bool = False
    """Whether it passed every public case."""
    outputs: tuple[int | None, ...] = ()
    """On each generated input the number of its output among all that occurred; None where the run failed."""
    passes: tuple[bool, ...] = ()
    """Of the tests that the model wrote, which it passes; empty unless it survives."""

    @property
    def right(self) -> bool:
        """Whether it passed every hidden test."""
        return self.verdict == "AC"


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """What `solve` would have returned, stopping as early as it does."""

    candidate: int | None
    confidence: float
    """Stated probability that it is right, 0 to 1."""
    solved: bool
    """Whether it passes every public case."""
    samples: int
    """Completions looked at before it stopped."""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One task, done."""

    task: str
    samples: tuple[SampleRecord, ...]
    """In the order they count as drawn: the greedy one first."""
    candidates: tuple[CandidateRecord, ...]
    """In the order they were first drawn."""
    answer: AnswerRecord | None = None
    """None when only the hidden tests were run."""
    cases: int = 0
    """Public cases."""
    whole_program: bool = False
    """Whether a program that reads standard input was asked for, not a function.

    Records made before this was written down read as if it was not.
    """
    support: tuple[int, ...] = ()
    """How often the model wrote each of its tests."""
    other_tokens: int = 0
    """Tokens of what is no program: tests, generators, validators and checkers."""
    thought_tokens: int = 0
    """Of all tokens, thoughts."""
    unfinished_thoughts: int = 0
    """Completions of programs that ended inside their thoughts, so that there is no program in them."""
    level: str | None = None
    """How the hidden tests ran: "A" as data, "B" as code relayed to the candidate; None if nothing was graded."""
    runs: int = 0
    """Programs and calls executed."""
    cpu_s: float = 0.0
    """CPU time of all of them, seconds."""
    wall_s: float = 0.0
    """From the task's first run to its last, seconds; other tasks may have run beside it."""

    def right(self, sample: int) -> bool:
        """Whether that sample passes every hidden test."""
        candidate = self.samples[sample].candidate
        return candidate is not None and self.candidates[candidate].right


class RecordFile:
    """A journal of records, one per task. Only one process may have it open."""

    def __init__(self, path: Path) -> None:
        """Open it, made if it is not there.

        Raises:
            TaskError: a line is not a record.
        """
        self._journal = Journal(path, _record)
        try:
            self.records = {record.task: record for _, record in self._journal.entries()}
            """By task id, in the order they were written."""
        except JournalError as error:
            self._journal.close()
            raise TaskError(str(error)) from None

    def append(self, record: TaskRecord) -> None:
        """Add one; it survives the process from here on."""
        self._journal.append(asdict(record))
        self.records[record.task] = record

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()


def read_records(path: Path) -> list[TaskRecord]:
    """The records of a finished or unfinished run, in the order they were written.

    Raises:
        TaskError: there is no such file, or a line is not a record.
    """
    try:
        return read_journal(path, _record)
    except OSError as error:
        raise TaskError(f"{path}: {error.strerror or error}; is this a result folder?") from None
    except JournalError as error:
        raise TaskError(str(error)) from None


def _record(row: dict[str, Any]) -> TaskRecord:
    samples = tuple(SampleRecord(**sample) for sample in row.pop("samples"))
    candidates = tuple(
        CandidateRecord(
            **{**candidate, **{name: tuple(candidate.get(name, ())) for name in ("outputs", "passes")}}
        )
        for candidate in row.pop("candidates")
    )
    answer, support = row.pop("answer"), tuple(row.pop("support", ()))
    return TaskRecord(
        samples=samples, candidates=candidates, answer=answer and AnswerRecord(**answer), support=support, **row
    )
