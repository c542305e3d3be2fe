"""What a person sees on standard error while `solve` works, and the records that `--json` prints.

A terminal gets one live line per stage; anything else gets a plain line when a stage moves on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from types import TracebackType

    from agent.types import Execution, Solution
    from problems import Problem


class Console:
    """Shows progress; implements `agent.types.Events`. Use it as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._rich = RichConsole(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._live = self._rich.is_terminal and not quiet
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}"),
            console=self._rich,
            transient=True,
            disable=not self._live,
        )
        self._downloads = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._rich,
            transient=True,
            disable=not self._live,
        )
        self._tasks: dict[str, TaskID] = {}
        self._tokens = 0
        self._sampling_since = 0.0
        self._last_plain = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        self._downloads.stop()

    def note(self, text: str) -> None:
        """Print one line that stays."""
        self._rich.print(Text(text))

    def transfer(self, what: str, done: int, total: int) -> None:
        """Bytes of a download, or of the work on it, so far."""
        if not self._live:
            self._plain(f"{what}: {done / 1e6:.0f} of {total / 1e6:.0f} MB", every=max(total // 4, 1), at=done)
            return
        self._downloads.start()
        if what not in self._tasks:
            self._tasks[what] = self._downloads.add_task(what, total=total)
        self._downloads.update(self._tasks[what], completed=done, total=total)
        if done >= total:
            self._downloads.stop()

    def problem(self, problem: Problem) -> None:
        """Say what was understood of the statement."""
        kind = f"function {problem.entry_point}" if problem.is_call else "reads stdin, writes stdout"
        cases = f"{len(problem.cases)} example{'s' * (len(problem.cases) != 1)}"
        self.note(f"{problem.title} ({kind}; {cases}; {problem.time_limit_s:g} s, {problem.memory_limit_mb} MiB)")
        if not problem.cases:
            self.note("The statement shows no example: nothing can be filtered by; trust the answer less.")

    def sampled(self, done: int, wanted: int, tokens: int) -> None:
        """See `Events`."""
        self._sampling_since = self._sampling_since or time.monotonic()
        self._tokens += tokens
        rate = self._tokens / max(time.monotonic() - self._sampling_since, 1e-3)
        self._stage("sampled", done, wanted, f"{done}/{wanted}  {self._tokens} tokens  {rate:.0f} tokens/s")

    def judged(self, distinct: int, passed: int) -> None:
        """See `Events`."""
        self._stage(
            "passed the examples", passed, distinct, f"{passed} of {distinct} distinct programs", plain=True
        )

    def clustered(self, clusters: int, leading_share: float) -> None:
        """See `Events`."""
        figures = f"{clusters} cluster{'s' * (clusters != 1)}, the leading one holds {leading_share:.0%}"
        self._stage("behaviour", round(100 * leading_share), 100, figures, plain=True)

    def solution(self, problem: Problem, solution: Solution) -> None:
        """Sum up what was found."""
        self._progress.stop()
        found = solution.evidence
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in found.verdicts) or "nothing to judge by"
        self.note(f"{found.samples} samples, {found.tokens} tokens, {found.candidates} distinct: {verdicts}")
        if not solution.solved:
            self.note("No candidate passes the examples." if problem.cases else "No candidate compiles.")
            return
        cases = len(problem.cases)
        checked = f"passes {cases} of {cases} examples" if cases else "no example to check it on"
        self.note(
            f"chosen: {checked}; {found.clusters[0]} of {sum(found.clusters)} passing samples agree with it"
            f" on {found.inputs} generated inputs; P(right) about {solution.confidence:.2f}"
        )

    def _stage(self, name: str, done: int, total: int, figures: str, *, plain: bool = False) -> None:
        if not self._live:
            if plain or done == total:
                self._plain(f"{name}: {figures}")
            return
        self._progress.start()
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, figures=figures)
        self._progress.update(self._tasks[name], completed=done, total=total, figures=figures)

    def _plain(self, line: str, *, every: int = 1, at: int = 0) -> None:
        key = f"{line.split(':')[0]}{at // every}" if at else line
        if key != self._last_plain:
            self._last_plain = key
            self.note(line)


def executions_record(executions: tuple[Execution, ...]) -> list[dict[str, Any]]:
    """One JSON object per case that was run, in order."""
    return [
        {
            "case": number,
            "verdict": execution.verdict,
            "cpu_s": round(execution.result.cpu_s, 4),
            "wall_s": round(execution.result.wall_s, 4),
            "max_rss_mb": round(execution.result.max_rss_mb, 1),
            "exit_code": execution.result.exit_code,
            "signal": execution.result.signal,
            "stderr": _printable(execution.result.stderr[-2000:]),
        }
        for number, execution in enumerate(executions, 1)
    ]


def solution_record(problem: Problem, solution: Solution, model: str, sandbox: str) -> dict[str, Any]:
    """The whole answer as one JSON object."""
    evidence = solution.evidence
    return {
        "problem": problem.title,
        "solved": solution.solved,
        "program": solution.program,
        "confidence": round(solution.confidence, 4),
        "filtered": bool(problem.cases),
        "cases": executions_record(solution.executions),
        "evidence": {
            "samples": evidence.samples,
            "tokens": evidence.tokens,
            "candidates": evidence.candidates,
            "survivors": evidence.survivors,
            "inputs": evidence.inputs,
            "clusters": list(evidence.clusters),
            "verdicts": {str(verdict): count for verdict, count in evidence.verdicts},
        },
        "model": model,
        "sandbox": sandbox,
    }


def _printable(text: str) -> str:
    """Program output made safe for a JSON reader: lone surrogates become U+FFFD."""
    return text.encode("utf-8", "replace").decode("utf-8")
