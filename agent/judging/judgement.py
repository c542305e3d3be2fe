"""A program judged, with reasons and hints: as `solve judge` prints it, and as the server shows it.

Not covered: verdicts themselves (`agent.judging.judge`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.judging.explain import explanation
from agent.judging.judge import accepted, judge, limits_of
from agent.types import Verdict

if TYPE_CHECKING:
    from agent.languages import Language
    from agent.types import Execution
    from problems import Problem
    from sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one program."""

    problem: Problem
    executions: tuple[Execution, ...]
    """On the examples in order; fewer where judging stopped at the first failure."""
    hints: tuple[tuple[str, ...], ...]
    """What to do about each."""

    @property
    def is_accepted(self) -> bool:
        """Whether every example is accepted."""
        return accepted(self.problem, self.executions)

    def record(self, time_scale: float) -> dict[str, Any]:
        """The verdicts as one object, which `--json` prints.

        Args:
            time_scale: what the time limit was multiplied by.
        """
        from agent.terminal.console import executions_record

        records = executions_record(self.problem, self.executions)
        return {
            "accepted": self.is_accepted,
            "verdict": next((e.verdict for e in self.executions if e.verdict is not Verdict.AC), Verdict.AC),
            "notes": list(self.problem.notes),
            "time_scale": time_scale,
            "cases": [each | {"hints": list(words)} for each, words in zip(records, self.hints, strict=True)],
        }

    def lines(self) -> Iterator[str]:
        """A line per case."""
        for index, execution in enumerate(self.executions):
            result = execution.result
            line = f"case {index + 1}: {execution.verdict:3}  {result.cpu_s:7.3f} s  {result.max_rss_mb:6.1f} MiB"
            why = explanation(self.problem, self.problem.cases[index], execution, limits_of(self.problem))
            yield f"{line}  {why}" if why else line


def judged(
    box: Sandbox, problem: Problem, language: Language, source: str, *, fail_fast: bool = False
) -> Judgement:
    """Judge a program, and say what might be done about each verdict.

    Args:
        box: where it runs; has g++ where the language is compiled.
        problem: has an example.
        language: what the program is written in.
        source: the program.
        fail_fast: stop at the first case that is not accepted.

    Raises:
        CheckerError: the problem's checker gave no verdict.
        SandboxError: the sandbox failed.
    """
    (executions,) = judge(language.runner(box), problem, [source], fail_fast=fail_fast)
    hints = _hints(box, language, problem, source, executions)
    return Judgement(problem, tuple(executions), tuple(map(tuple, hints)))


def _hints(
    box: Sandbox, language: Language, problem: Problem, source: str, executions: Sequence[Execution]
) -> list[list[str]]:
    """Hints for each case."""
    from agent.judging.hints import Run, hints

    advice = [
        list(hints(Run(problem, problem.cases[index], execution, source)))
        for index, execution in enumerate(executions)
    ]
    # One case is enough to tell what kind of slow it is.
    slow = next((index for index, execution in enumerate(executions) if execution.result.status == "TLE"), None)
    if slow is not None:
        alone = replace(problem, cases=problem.cases[slow : slow + 1])
        advice[slow] += _with_more_time(box, language, alone, source)
    return advice


def _with_more_time(box: Sandbox, language: Language, problem: Problem, source: str) -> list[str]:
    """Whether a program that was stopped ends within twice the limit of its only case."""
    patient = replace(problem, time_limit_s=2 * problem.time_limit_s)
    ((again,),) = judge(language.runner(box), patient, [source])
    if again.verdict is Verdict.TLE:
        return []
    cpu_s, limit = again.result.cpu_s, problem.time_limit_s
    return [
        f"it needed {cpu_s:.1f} s of {limit:g} s here ({again.verdict}); sites' machines differ: --time-scale 2"
    ]
