"""What a person sees on standard error while `solve` works, and the records that `--json` prints.

A terminal gets one live line per stage; anything else gets a plain line when a stage moves on.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console as RichConsole
from rich.live import Live
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

from agent.judging.explain import explanation, first_difference
from agent.judging.judge import limits_of
from agent.judging.missing_modules import advice_for
from agent.tally import remarks
from agent.terminal.costs import are_worth_saying, cost_record, spending_lines
from agent.terminal.display import cut, cut_start, shown_expected, shown_input, shown_result, shown_value, visible
from agent.terminal.live import Figures, Stage, table
from agent.types import Verdict
from sandbox import CallResult, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from rich.status import Status as Spinner

    from agent.cost import Spending
    from agent.tally import Tally
    from agent.types import Execution, Solution, SolveOptions
    from problems import CallCase, Problem, TestCase

_MOST_CHARACTERS = 2000
"""Characters of a text that a record keeps."""


NO_EXAMPLE = "the statement shows no example"
"""Said wherever it matters; what is looked for is in `problems.samples` and `problems.calls`."""


class Console:
    """Shows progress; implements `agent.types.Events`. Use it as a context manager."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._rich = RichConsole(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._is_live = self._rich.is_terminal and not quiet
        self._verbose = verbose
        self._figures = Figures(0.0)
        self._live = Live(
            console=self._rich,
            get_renderable=lambda: table(self._figures),
            refresh_per_second=4,
            transient=True,
        )
        self._downloads = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24, style="grey50", complete_style="blue", finished_style="blue"),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._rich,
            transient=True,
            disable=not self._is_live,
        )
        self._tasks: dict[str, TaskID] = {}
        self._status: Spinner | None = None
        self._last_plain = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        self._downloads.stop()

    def note(self, text: str) -> None:
        """Print one line that stays."""
        self._rich.print(Text(visible(text)))

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Say at once that `what` is under way; on a terminal until it is over."""
        if not self._is_live:
            self.note(what)
            yield
            return
        self._status = self._rich.status(Text(visible(what)))
        try:
            with self._status:
                yield
        finally:
            self._status = None

    def transfer(self, what: str, count: int, total: int) -> None:
        """Bytes of a download, or of the work on it, so far."""
        if not self._is_live:
            self._plain(f"{what}: {count / 1e6:.0f} of {total / 1e6:.0f} MB", every=max(total // 4, 1), at=count)
            return
        # A terminal has room for one moving thing.
        self._live.stop()
        if self._status is not None:
            self._status.stop()
        self._downloads.start()
        if what not in self._tasks:
            self._tasks[what] = self._downloads.add_task(what, total=total)
        self._downloads.update(self._tasks[what], completed=count, total=total)
        if count >= total:
            self._downloads.stop()

    def problem(self, problem: Problem) -> None:
        """Say what was understood of the statement."""
        form = "class" if problem.convention is not None and problem.convention.design else "function"
        kind = f"{form} {problem.entry_point}" if problem.is_call else "reads stdin, writes stdout"
        cases = f"{len(problem.cases)} example{'s' * (len(problem.cases) != 1)}"
        self.note(f"{problem.title} ({kind}; {cases}; {problem.time_limit_s:g} s, {problem.memory_limit_mb} MiB)")
        for note in problem.notes:
            self.note(f"Note: {note}")
        if not problem.cases:
            self.note(f"{NO_EXAMPLE.capitalize()}: nothing can be filtered by; trust the answer less.")

    def start(self, options: SolveOptions) -> None:
        """Start the clock of one `solve`."""
        self._figures = Figures(options.max_seconds, total=options.n)
        if self._is_live:
            self._live.start()

    def pause(self) -> None:
        """Stop drawing, so that others can use the terminal; the next figure starts the live lines again."""
        self._live.stop()

    def sampled(self, count: int, total: int, tokens: int) -> None:
        """See `Events`."""
        self._figures.count, self._figures.total = count, total
        self._figures.tokens += tokens
        if self._is_live:
            self._live.start()

    def judged(self, distinct: int, passed: int) -> None:
        """See `Events`."""
        self._figures.distinct, self._figures.passed = distinct, passed
        self._print_passed(self._figures.sampling(), self._figures.filtering())

    def clustered(self, clusters: int, leading_share: float, confidence: float) -> None:
        """See `Events`."""
        self._figures.clusters, self._figures.share = clusters, leading_share
        self._figures.confidence = confidence
        self._print_passed(self._figures.clustering(), self._figures.choosing())

    def leads(self, source: str, passed: int, cases: int) -> None:
        """See `Events`."""
        self._figures.best, self._figures.best_passed, self._figures.cases = source, passed, cases

    def lost(self, reason: str) -> None:
        """See `Events`."""
        self.note(f"Note: part of what was asked is not answered: {reason}")

    def interrupted(self, solution: Solution) -> None:
        """Say what Ctrl-C left of the work."""
        samples = solution.evidence.samples
        best = "best so far" if solution.solved else "nothing passes so far"
        self.note(f"interrupted after {samples} sample{'s' * (samples != 1)}; {best}")

    def drawn(self, samples: int, outcome: str, tally: Tally, models: Sequence[Spending]) -> None:
        """Say what was drawn, what has to be said of the answers, and what the models cost."""
        self._live.stop()
        self.note(f"{samples} samples, {_tokens(tally)}, {outcome}")
        for words in remarks(tally):
            self.note(f"Note: {words}")
        if self._verbose or are_worth_saying(models):
            for words in spending_lines(models):
                self.note(words)

    def solution(self, problem: Problem, solution: Solution) -> None:
        """Sum up what was found."""
        from agent.checkers import remark  # with all of sampling behind it, which `solve judge` does without

        evidence = solution.evidence
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in evidence.verdicts) or "nothing to judge by"
        outcome = f"{evidence.candidates} distinct: {verdicts}"
        self.drawn(evidence.samples, outcome, evidence.tally, solution.cost.models)
        if self._verbose:
            self._details(solution)
        if not solution.solved:
            self.note("No candidate passes the examples." if problem.cases else "No candidate compiles.")
            self._closest(problem, solution)
            for words in advice_for(solution.standings):
                self.note(f"hint: {words}")
            return
        cases = len(problem.cases)
        claim = f"passes {cases} of {cases} examples" if cases else "no example to check it on"
        self.note(
            f"chosen: {claim}; {evidence.clusters[0]} of {sum(evidence.clusters)} passing samples agree with it"
            f" on {evidence.inputs} generated inputs; P(right) about {solution.confidence:.2f}"
        )
        if (ways := _strategies(solution)) not in ([], ["direct"]):
            self.note(f"asked by: {', '.join(ways)}")
        if votes := remark(evidence):
            self.note(f"checkers: {votes}")
        if solution.abstained:
            self.note(
                f"abstained: P(right) about {solution.confidence:.2f} is less than --min-confidence asks for"
            )

    def _details(self, solution: Solution) -> None:
        """What `-v` adds: sizes of all clusters, and the cost."""
        cost = solution.cost
        sizes = ", ".join(map(str, solution.evidence.clusters)) or "none"
        self.note(f"samples per cluster, best first: {sizes}")
        self.note(
            f"{cost.wall_s:.1f} s, of which {cost.sandbox_s:.1f} s in {cost.runs} runs ({cost.cpu_s:.1f} s of CPU)"
        )

    def _closest(self, problem: Problem, solution: Solution) -> None:
        """Where the best of the failures fails."""
        if not solution.executions:
            return
        at = len(solution.executions) - 1
        output = _on_one_line(shown_result(solution.executions[at].result))
        expected = _on_one_line(shown_expected(problem.cases[at]))
        self.note(f"closest: passes {at} of {len(problem.cases)}; example {at + 1} gives {output}, not {expected}")

    def _print_passed(self, *stages: Stage) -> None:
        """Print stages that moved on, where no live block shows them or all of them are wanted."""
        if not self._is_live or self._verbose:
            for stage in stages:
                self._plain(f"{stage.name}: {stage.figures}")

    def _plain(self, line: str, *, every: int = 1, at: int = 0) -> None:
        key = f"{line.split(':')[0]}{at // every}" if at else line
        if key != self._last_plain:
            self._last_plain = key
            self.note(line)


def _tokens(tally: Tally) -> str:
    """What was paid for at the model."""
    words = f"{'about ' if tally.guesses else ''}{tally.tokens} tokens"
    parts = (
        (tally.unused_tokens, "broken off"),
        (tally.prompt_tokens, "more of prompts"),
        (tally.cached_tokens, "of these cached"),
    )
    thoughts = [f"{tally.thought_share:.0%} of them thoughts"] if tally.thought_tokens else []
    shown = ", ".join([*thoughts, *(f"{count} {what}" for count, what in parts if count)])
    return f"{words} ({shown})" if shown else words


def _on_one_line(text: str) -> str:
    """The start of an output in quotes, fit for one line of a terminal: control characters are escaped."""
    text = text.strip()
    return repr(text if len(text) <= 60 else text[:57] + "...")


def executions_record(problem: Problem, executions: Sequence[Execution]) -> list[dict[str, Any]]:
    """One JSON object per case that was run, in order; long texts are cut, and say so. The public keys."""
    return [
        _execution_record(problem, number, problem.cases[number - 1], execution)
        for number, execution in enumerate(executions, 1)
    ]


def _execution_record(
    problem: Problem, number: int, case: TestCase | CallCase, execution: Execution
) -> dict[str, Any]:
    result, limits = execution.result, limits_of(problem)
    difference = first_difference(problem, case, result) if execution.verdict is Verdict.WA else None
    record = {
        "case": number,
        "verdict": execution.verdict,
        "explanation": _printable(explanation(problem, case, execution, limits)),
        "input": _printable(cut(shown_input(case, problem.entry_point), _MOST_CHARACTERS)),
        "expected": _printable(cut(shown_expected(case), _MOST_CHARACTERS)),
        "stdout": _printable(cut(result.stdout, _MOST_CHARACTERS)),
        "stderr": _printable(cut_start(result.stderr, _MOST_CHARACTERS)),
        "difference": difference
        and {key: value for key, value in asdict(difference).items() if value is not None},
        "cpu_s": round(result.cpu_s, 4),
        "wall_s": round(result.wall_s, 4),
        "max_rss_mb": round(result.max_rss_mb, 1),
        "exit_code": result.exit_code,
        "signal": result.signal,
        "limit": {
            "cpu_s": limits.cpu_s,
            "wall_s": limits.wall_limit_s,
            "memory_mb": limits.memory_mb,
            "output_bytes": limits.output_bytes,
        },
    }
    if isinstance(result, CallResult):
        has_value = result.status is Status.OK
        record["value"] = _printable(cut(shown_value(result.value), _MOST_CHARACTERS)) if has_value else None
    return record


def solution_record(problem: Problem, solution: Solution, model: str, sandbox: str) -> dict[str, Any]:
    """The whole answer as one JSON object."""
    evidence = solution.evidence
    return {
        "problem": problem.title,
        "solved": solution.solved,
        "program": solution.program,
        "confidence": round(solution.confidence, 4),
        "abstained": solution.abstained,
        "filtered": bool(problem.cases),
        "cases": executions_record(problem, solution.executions),
        "hints": [] if solution.solved else advice_for(solution.standings),
        "evidence": {
            "samples": evidence.samples,
            "strategies": _strategies(solution),
            "tokens": evidence.tokens,
            "candidates": evidence.candidates,
            "survivors": evidence.survivors,
            "inputs": evidence.inputs,
            "clusters": list(evidence.clusters),
            "verdicts": {str(verdict): count for verdict, count in evidence.verdicts},
            "tests": evidence.tests,
            "checkers": evidence.checkers,
            "untrusted_checkers": evidence.untrusted_checkers,
            "repair": asdict(evidence.repair),
            "model": asdict(evidence.tally) | {"thought_share": round(evidence.tally.thought_share, 4)},
        },
        "cost": cost_record(solution.cost),
        "model": model,
        "sandbox": sandbox,
    }


def _strategies(solution: Solution) -> list[str]:
    """By which strategies the program was asked for, the one that brought it first."""
    ways = (s.candidate.strategies for s in solution.standings if s.candidate.source == solution.program)
    return list(next(ways, ()))


def _printable(text: str) -> str:
    """Program output made safe for a JSON reader: lone surrogates become U+FFFD."""
    return text.encode("utf-8", "replace").decode("utf-8")
