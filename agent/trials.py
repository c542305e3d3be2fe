"""Candidates run: verdicts on the public cases, behaviour on generated inputs.

No candidate runs twice on one input.

Not covered: which programs there are (`agent.candidates`), how behaviours are ordered (`agent.standings`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.judging.judge import accepted, judge
from agent.observe import observe
from agent.types import Execution, Observation

if TYPE_CHECKING:
    from agent.candidates import Candidates
    from agent.inputs import GeneratedInput
    from agent.languages import Language
    from agent.probes import Probes
    from problems import Problem
    from sandbox import Sandbox


class Trials:
    """Brings what is known of the candidates up to date."""

    def __init__(
        self, problem: Problem, runner: Sandbox, language: Language, probes: Probes, candidates: Candidates
    ) -> None:
        self._problem = problem
        self._runner = runner
        self._language = language
        self._probes = probes
        self._candidates = candidates

    def judge(self) -> None:
        """Judge the candidates that are new on the public cases.

        Raises:
            SandboxError: the sandbox failed.
        """
        new = {key: self._candidates[key] for key in self._candidates.unjudged}
        rows = self._judge([standing.candidate.source for standing in new.values()])
        self._candidates.update(
            {
                key: replace(standing, executions=executions, survives=survives)
                for (key, standing), (executions, survives) in zip(new.items(), rows, strict=True)
            }
        )
        self._candidates.unjudged.clear()

    def _judge(self, sources: Sequence[str]) -> list[tuple[tuple[Execution, ...], bool]]:
        if self._problem.cases:
            rows = judge(self._runner, self._problem, sources)
            return [(row, accepted(self._problem, row)) for row in rows]
        return [((), runs) for runs in self._language.compiles(self._runner, self._problem, sources)]

    def observe(self) -> None:
        """Run every survivor on the inputs that it has not seen.

        Raises:
            SandboxError: the sandbox failed.
        """
        self._observe_new()
        self._mark()
        if self._probes.refine([standing.behaviour for standing in self._candidates.survivors().values()]):
            self._observe_new()

    def _observe_new(self) -> None:
        survivors = self._candidates.survivors()
        for start in sorted({len(standing.observations) for standing in survivors.values()}):
            behind = {key: one for key, one in survivors.items() if len(one.observations) == start}
            sources = [standing.candidate.source for standing in behind.values()]
            rows = observe(self._runner, self._problem, sources, self._probes.inputs[start:])
            self._candidates.update(
                {
                    key: replace(standing, observations=standing.observations + row)
                    for (key, standing), row in zip(behind.items(), rows, strict=True)
                }
            )

    def _mark(self) -> None:
        """Let the model's checkers vote on what came out."""
        survivors = self._candidates.survivors()
        rows = self._probes.mark([standing.observations for standing in survivors.values()])
        self._candidates.update(
            {
                key: replace(standing, observations=row)
                for (key, standing), row in zip(survivors.items(), rows, strict=True)
            }
        )

    def behaviour_of(self, programs: Sequence[str], item: GeneratedInput) -> list[Observation]:
        """What programs, known or not, do on an input; nothing of it is kept.

        Raises:
            SandboxError: the sandbox failed.
        """
        rows = observe(self._runner, self._problem, programs, [item])
        return [row[0] for row in self._probes.checkers.mark([item], rows)]

    def verify(self, program: str) -> tuple[Execution, ...] | None:
        """Run `program` on every public case once more, in new interpreters with other hash seeds.

        Returns:
            The executions, or None when one of them was not accepted.

        Raises:
            SandboxError: the sandbox failed.
        """
        (executions,) = judge(self._runner, self._problem, [program], fresh=True)
        return executions if accepted(self._problem, executions) else None
