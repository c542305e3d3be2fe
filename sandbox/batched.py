"""One run or call at a time, for sandboxes whose own way of working is many at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Self

from sandbox.types import CallJob, CallResult, Job, Limits, RunJob, RunResult, Value

_LIMITS = Limits()


class Batched(ABC):
    """The parts of `Sandbox` that follow from `run_many` and `close`."""

    @abstractmethod
    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`."""

    @abstractmethod
    def close(self) -> None:
        """See `Sandbox.close`."""

    def run(self, source: str, stdin: str = "", *, limits: Limits = _LIMITS, fresh: bool = False) -> RunResult:
        """See `Sandbox.run`."""
        (result,) = self.run_many([RunJob(source, stdin, limits, fresh)])
        return result

    def call(
        self,
        source: str,
        function: str,
        args: tuple[Value, ...] | list[Value] = (),
        kwargs: Mapping[str, Value] | None = None,
        *,
        limits: Limits = _LIMITS,
        fresh: bool = False,
    ) -> CallResult:
        """See `Sandbox.call`."""
        (result,) = self.run_many([CallJob(source, function, tuple(args), kwargs or {}, limits, fresh)])
        assert isinstance(result, CallResult)
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
