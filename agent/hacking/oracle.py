"""A checker that needs no reference answer says by itself what is wrong, so that no other program is needed.

It is given the program's own output in the place of the right one. A checker that finds an output wrong even so
finds fault with the output itself, so what it calls wrong is wrong; whether it needs the right output to see all
mistakes is tried out on the examples.

Not covered: whether a crash is the program's fault, where nobody says that the input is valid: it is a suspicion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.hacking.referee import Finding, Runs
from agent.hacking.types import Flaw
from agent.judging.check import CheckerError, run_checker
from agent.judging.judge import VERDICTS
from agent.types import Verdict
from problems import TestCase
from sandbox import Status

if TYPE_CHECKING:
    from agent.hacking.types import Program
    from agent.inputs import GeneratedInput
    from problems import Problem
    from sandbox import Sandbox

_MOST_CASES = 3
_NO_ANSWERS = ("", "0\n")


def judges_alone(problem: Problem, box: Sandbox) -> bool:
    """Whether the problem's checker says the same of the examples' outputs whatever the right output is.

    Raises:
        SandboxError: the sandbox failed.
    """
    checker = problem.checker
    cases = [case for case in problem.cases if isinstance(case, TestCase)][:_MOST_CASES]
    if checker is None or not cases:
        return False
    texts = list(dict.fromkeys([*(case.stdout for case in cases), *_NO_ANSWERS]))

    def said(case: TestCase, output: str, right: str) -> Verdict | None:
        try:
            return run_checker(box, checker, TestCase(case.stdin, right), output, path=problem.path)
        except CheckerError:
            return None

    for case in cases:
        wrong = next(text for text in texts if text != case.stdout)
        if {said(case, case.stdout, right) for right in texts} != {Verdict.AC}:
            return False
        if len({said(case, wrong, right) for right in texts}) > 1:
            return False
    return True


class Oracle:
    """One program, judged by the problem's checker alone."""

    def __init__(self, problem: Problem, box: Sandbox, program: Program) -> None:
        """Judge `program`."""
        self._problem = problem
        self._box = box
        self._runs = Runs(problem, box, program)

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """What becomes of each input, in order.

        Raises:
            SandboxError: the sandbox failed.
        """
        checker = self._problem.checker
        assert checker is not None
        for item, result in zip(items, self._runs.results(items), strict=True):
            if result.status is not Status.OK:
                yield Finding(item, Flaw(item, VERDICTS[result.status], None, result), is_answered=False)
                continue
            case = TestCase(item.stdin, result.stdout)
            try:
                verdict = run_checker(self._box, checker, case, result.stdout, path=self._problem.path)
            except CheckerError:  # it cannot read what the program put out
                yield Finding(item, None, is_answered=False)
                continue
            flaw = None if verdict is Verdict.AC else Flaw(item, verdict, None, result)
            yield Finding(item, flaw, is_answered=True)
