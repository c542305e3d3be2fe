"""How many wrong functions are broken: `python -m benchmarks.studies.hack_functions SET --out FILE.jsonl`.

Programs of HumanEval and MBPP that pass the base tests and fail the plus tests (EvalPlus, Liu et al., 2023), as
published, are hacked with the set's own solution to say what is right; those that pass all are the controls. The
problem is what `solve bench` shows: HumanEval's prompt, MBPP's sentence with its first assert. EvalPlus's own
inputs run in the same way beside them. A counterexample out of EvalPlus's contract is an invalid input.

Tasks of odd number are there to choose rules by ("odd"), those of even number to report ("even").

Not covered: tasks without an example or annotation; those that EvalPlus judges by rules of their own.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.hacking import HackOptions, Program
from agent.hacking.measure import tokens_of
from agent.hacking.referee import Referee
from agent.hacking.search import Search
from agent.hacking.sources import refusal
from agent.journal import Journal, read_journal
from agent.terminal.display import cut, shown_input
from benchmarks.rows import file_rows, text
from benchmarks.studies.plus_inputs import PlusTask, is_within_contract, plus_tasks
from benchmarks.tasks import data_folder
from sandbox import open_sandbox

if TYPE_CHECKING:
    from agent.hacking.referee import Finding
    from agent.inputs import GeneratedInput
    from sandbox import Sandbox

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Attempt:
    """One program that was hacked."""

    key: str
    task: str
    is_wrong: bool
    verdict: str
    """What it was found to do; "" where nothing was found."""
    is_valid: bool
    """Whether EvalPlus's contract allows what was found."""
    tokens: int
    """Of the shrunk input."""
    seconds: float
    inputs: int
    unanswered: int
    first: int
    """How many inputs ran up to the first flaw, it included; 0 where nothing was found."""
    origin: str
    shown: str
    plus_first: int
    """The same of EvalPlus's own inputs, in their order."""
    plus_inputs: int
    """How many they are."""
    plus_tokens: int
    """Of the first of them that fails."""
    plus_shown: str

    @property
    def half(self) -> str:
        """`odd` or `even`."""
        return "odd" if int(self.task.rpartition("/")[2]) % 2 else "even"

    @property
    def is_broken(self) -> bool:
        """Whether a valid input was found."""
        return bool(self.verdict and self.is_valid)


class _Counted:
    """A referee that counts the inputs before the first flaw."""

    def __init__(self, referee: Referee) -> None:
        self._referee = referee
        self._seen = 0
        self.first = 0
        """The number of the first that shows a flaw, from 1; 0 while none does."""

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        """Those of the referee."""
        for finding in self._referee.findings(items):
            self._seen += 1
            if finding.flaw is not None and finding.is_answered and not self.first:
                self.first = self._seen
            yield finding


def programs(folder: Path, name: str) -> Iterator[tuple[str, str, str, bool]]:
    """Key, task, source, and whether it is wrong; only those that pass the base tests."""
    for number, (_, row) in enumerate(file_rows(folder / f"samples/{name}_samples_with_verdicts.jsonl.gz")):
        if row["base_status"] == "pass":
            yield f"{row['task_id']}#{number}", text(row, "task_id"), row["solution"], row["plus_status"] != "pass"


def attempt(box: Sandbox, task: PlusTask, key: str, source: str, seconds: float, *, is_wrong: bool) -> Attempt:
    """Hack one program, and run EvalPlus's inputs up to the first that it fails on."""
    counted = _Counted(Referee(task.problem, box, Program(source), Program(task.solution)))
    hacking = Search(task.problem, counted, HackOptions(seconds)).run()
    flaw, tried = hacking.flaw, hacking.attempts
    number, other = _first_of_theirs(box, task, source)
    return Attempt(
        key,
        task.id,
        is_wrong,
        str(flaw.verdict) if flaw else "",
        flaw is not None and is_within_contract(box, task, flaw.item),
        tokens_of(flaw.item) if flaw else 0,
        round(tried.seconds, 1),
        tried.inputs,
        tried.unanswered,
        counted.first if flaw else 0,
        flaw.item.origin if flaw else "",
        cut(shown_input(flaw.item, task.problem.entry_point)) if flaw else "",
        number,
        len(task.inputs),
        tokens_of(other) if other else 0,
        cut(shown_input(other, task.problem.entry_point)) if other else "",
    )


def _first_of_theirs(box: Sandbox, task: PlusTask, source: str) -> tuple[int, GeneratedInput | None]:
    counted = _Counted(Referee(task.problem, box, Program(source), Program(task.solution)))
    for start in range(0, len(task.inputs), _AT_ONCE):
        for finding in counted.findings(task.inputs[start : start + _AT_ONCE]):
            if counted.first:
                return counted.first, finding.item
    return 0, None


_TITLES = (
    "tasks", "wrong", "broken by `solve hack`", "by EvalPlus's inputs", "inputs to the first flaw",
    "EvalPlus's to the first that fails", "of so many", "median tokens", "EvalPlus's", "invalid", "controls",
    "accused", "of these invalid",
)  # fmt: skip


def summary(attempts: Sequence[Attempt]) -> str:
    """A row for tasks of odd number, one for those of even number, one for all."""
    lines = [f"| {' | '.join(_TITLES)} |", "|---" * len(_TITLES) + "|"]
    lines += [_row(half, [each for each in attempts if each.half == half]) for half in ("odd", "even")]
    return "\n".join([*lines, _row("all", attempts)])


def _row(name: str, attempts: Sequence[Attempt]) -> str:
    wrong = [each for each in attempts if each.is_wrong]
    controls = [each for each in attempts if not each.is_wrong]
    ours = [each for each in wrong if each.is_broken]
    theirs = [each for each in wrong if each.plus_first]
    accused = [each for each in controls if each.verdict]
    cells = (
        name,
        len(wrong),
        _share(ours, wrong),
        _share(theirs, wrong),
        _median([each.first for each in ours]),
        _median([each.plus_first for each in theirs]),
        _median([each.plus_inputs for each in wrong]),
        _median([each.tokens for each in ours]),
        _median([each.plus_tokens for each in theirs]),
        sum(bool(each.verdict) and not each.is_valid for each in wrong),
        len(controls),
        len(accused),
        sum(not each.is_valid for each in accused),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _share(part: Sequence[Attempt], whole: Sequence[Attempt]) -> str:
    return f"{len(part)} ({len(part) / len(whole):.0%})" if whole else "-"


def _median(values: Sequence[int]) -> str:
    return f"{statistics.median(values):g}" if values else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Hack what is left to hack, and print the summary."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.hack_functions", description=__doc__)
    parser.add_argument("set", choices=["humaneval", "mbpp"], help="whose programs")
    parser.add_argument("--out", type=Path, required=True, help="append results here; what it has is not repeated")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each program")
    parser.add_argument("--controls", type=int, default=10, help="one in so many right programs is a control")
    parser.add_argument("--half", choices=["odd", "even"], help="only tasks of such numbers")
    options = parser.parse_args(arguments)
    folder = data_folder()
    tasks = plus_tasks(folder, options.set)
    rows = [row for row in programs(folder, options.set) if row[1] in tasks and not refusal(tasks[row[1]].problem)]
    random.Random(0).shuffle(rows)  # so that a part is like the whole
    chosen = [row for row in rows if row[3]] + [row for row in rows if not row[3]][:: options.controls]
    with open_sandbox("auto") as box, Journal(options.out, lambda row: Attempt(**row)) as journal:
        done = {each.key for _, each in journal.entries()}
        for key, task, source, is_wrong in chosen:
            if key in done or (options.half and int(task.rpartition("/")[2]) % 2 != (options.half == "odd")):
                continue
            result = attempt(box, tasks[task], key, source, options.seconds, is_wrong=is_wrong)
            journal.append(asdict(result))
            sys.stderr.write(
                f"{key} {'wrong' if is_wrong else 'control'} -> {result.verdict or '-'}"
                f"{'' if result.is_valid or not result.verdict else ' INVALID'} {result.shown}"
                f" ({result.first} of {result.inputs}+{result.unanswered}, {result.seconds:g} s);"
                f" EvalPlus {result.plus_first}/{result.plus_inputs} {result.plus_shown}\n"
            )
    sys.stdout.write(summary(read_journal(options.out, lambda row: Attempt(**row))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
