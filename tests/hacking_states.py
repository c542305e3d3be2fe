"""Searches for a flaw in every state that the page about one can be in; nothing is run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from made_answers import run_of
from report_states import GAP

from agent.hacking.record import Names, record_of
from agent.hacking.types import Attempts, Flaw, Hacking, Program
from agent.inputs import GeneratedInput
from agent.report import render_hacking
from agent.types import Verdict
from problems import CallCase, Problem, TestCase
from sandbox import CallResult, Status

REASON = "keeps the layout and the properties that all examples share and what the statement says (2 <= n <= 100)"
MINE = Program(
    "input()\nh = list(map(int, input().split()))\nprint(max(b - a for a, b in zip(h, h[1:])))", name="mine.py"
)
BRUTE = Program(
    "n = int(input())\nh = list(map(int, input().split()))\nprint(max(abs(b - a) for a in h for b in h))",
    name="brute.py",
)
NAMES = Names("mine.py", "brute.py")
ITEM = GeneratedInput(stdin="2\n1 0\n", origin="grammar", reason=REASON)
FLAW = Flaw(ITEM, Verdict.WA, TestCase(ITEM.stdin, "1\n"), run_of("-1\n"))
FOUND = Hacking(
    FLAW,
    Attempts(inputs=26, largest=76, unanswered=3, seconds=1.25),
    replace(ITEM, stdin="5\n9 8 7 6 5\n"),
    unread=("It is guaranteed that no two posts are alike.",),
)
NOTHING = Hacking(
    None, Attempts(inputs=4012, largest=238_000, seconds=60.0), suspicions=("TLE on 2 large inputs",)
)


@dataclass(frozen=True, slots=True)
class State:
    """A search, and of what."""

    hacking: Hacking
    problem: Problem = GAP
    names: Names = NAMES
    programs: tuple[Program, ...] = (MINE, BRUTE)

    def page(self) -> str:
        """The page about it."""
        record = record_of(self.problem, self.hacking, self.names, 7)
        return render_hacking(
            self.problem, self.hacking, self.names, record, programs=self.programs, sandbox="bwrap"
        )


def hacking_states() -> dict[str, State]:
    """Every state by its name."""
    return {
        "hack_wrong": State(FOUND),
        "hack_nothing": State(NOTHING),
        "hack_crash": State(
            replace(FOUND, flaw=_flaw("!RTETraceback ...\nValueError: max() arg is an empty sequence"))
        ),
        "hack_slow": State(replace(FOUND, flaw=_flaw("!TLE"), original=ITEM, unread=())),
        "hack_memory": State(replace(FOUND, flaw=replace(_flaw("!MLE"), case=None))),
        "hack_ended": State(replace(FOUND, flaw=_flaw(""))),
        "hack_wide": _wide(),
        "hack_call": _call(),
        "stress": State(
            replace(FOUND, flaw=replace(_flaw("!OLE"), is_of_other=True), unread=()),
            names=replace(NAMES, is_duel=True),
        ),
    }


def _flaw(said: str) -> Flaw:
    result = run_of(said)
    return replace(FLAW, result=result, verdict=Verdict(result.status if said.startswith("!") else "WA"))


def _wide() -> State:
    """A large input, and an output that parts far behind its beginning."""
    numbers = [str(n * n) for n in range(5000)]
    item = replace(ITEM, stdin=f"5000\n{' '.join(numbers)}\n")
    right = "".join(f"{n} {'x' * (int(n) % 90)}\n" for n in numbers)
    result = run_of(right.replace("\n16000000 ", "\n16000001 "))
    flaw = replace(FLAW, item=item, case=TestCase(item.stdin, right), result=result)
    return State(replace(FOUND, flaw=flaw, original=item))


def _call() -> State:
    """A function that returns lists in a list."""
    problem = Problem("Pairs", "# Pairs\n\nPair them up.\n", (CallCase(([1],), [[1, 1]]),), entry_point="pairs")
    item = GeneratedInput(([1, 2],), origin="mutation", reason=REASON)
    result = CallResult(Status.OK, 0, None, "", "", 0.01, 0.02, 8.0, [[1, 1], [2, 1]])
    flaw = Flaw(item, Verdict.WA, CallCase(item.args, [[1, 1], [2, 2]]), result)
    return State(Hacking(flaw, Attempts(inputs=9)), problem)
