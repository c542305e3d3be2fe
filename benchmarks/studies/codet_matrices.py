"""Execution matrices of the CodeT pools: candidates x generated tests, candidates x calls, hidden verdicts.

CodeT (Chen et al., 2022) released 100 CodeGen-16B programs and 100 blocks of generated asserts for every HumanEval
problem. Everything is executed once, in the sandbox, and kept as one JSON line per task, so that selection methods
replay in seconds. A second run skips the tasks that are there.

The generated calls of one candidate run in one batch, in one process: a hostile candidate could forge those, and
this data set has none. Hidden verdicts come from single calls, judged outside as everywhere else.

Not covered: asserts that are not `call == literal` (or a bare or negated call), which are left out and counted.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, cast

from agent.journal import Journal, read_journal
from agent.judging.judge import behaviour_key, judge
from agent.types import FAILED
from benchmarks.rows import Row, rows_of
from problems import CallCase, Comparator, Problem, Value, accepts_value
from sandbox import CallJob, CallResult, Limits, Sandbox, Status

_TESTS_PER_BLOCK = 5  # the published setting: the first five asserts of each generated block
_LONGEST_TEST = 2000
_CUTS = re.compile(r"\n(?=class|def|#|if|print)")
_BATCH = Limits(cpu_s=20.0, memory_mb=512)
_SINGLE = Limits(cpu_s=1.0, memory_mb=512)
_PATIENCE = 3
_ROOT_TOLERANCE = 1e-4
_COMPARATOR = Comparator(kind="value")
_HARNESS = """

def calls__(name, calls):
    import signal

    class Late(BaseException):
        pass

    def late(number, frame):
        raise Late

    signal.signal(signal.SIGVTALRM, late)
    results = []
    for args in calls:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.25)
            value = [globals()[name](*args)]
        except BaseException:
            value = []
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        results.append(value)
    return results
"""


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """One task's candidates and what they did."""

    task_id: str
    counts: tuple[int, ...]
    """How many of the 100 completions are each distinct program."""
    hidden: tuple[bool, ...]
    """Whether each passes all of HumanEval's tests."""
    outputs: tuple[tuple[int | None, ...], ...]
    """Candidates x distinct calls: equal numbers in a column are equal values, None a failed run."""
    passes: tuple[tuple[bool, ...], ...]
    """Candidates x distinct generated tests."""
    calls: tuple[int, ...]
    """For each test, the column of its call in `outputs`."""
    support: tuple[int, ...]
    """For each test, in how many generated blocks it occurs."""
    dropped: int
    """Generated asserts that could not be read as data."""


@dataclass(frozen=True, slots=True)
class _Task:
    task_id: str
    entry_point: str
    programs: tuple[str, ...]
    counts: tuple[int, ...]
    tests: tuple[CallCase, ...]
    support: tuple[int, ...]
    unreadable: int
    reference: str
    hidden_inputs: tuple[tuple[Value, ...], ...]
    abs_tol: float


def matrices(folder: Path, records: Path, box: Sandbox) -> Iterator[PoolRecord]:
    """Execute what `records` does not hold yet, appending to it; yield the records of all tasks.

    Raises:
        SandboxError: the sandbox failed.
        TaskError: the data is not there.
        JournalError: a line of `records` is no record.
    """
    with Journal(records, _from_json) as journal:
        results = {record.task_id: record for _, record in journal.entries()}
        for task in _tasks(folder):
            if task.task_id not in results:
                results[task.task_id] = _execute(task, box)
                journal.append(_to_json(results[task.task_id]))
            yield results[task.task_id]


def load_records(records: Path) -> list[PoolRecord]:
    """The records on disk, if there are any.

    Raises:
        JournalError: a line is no record.
    """
    return read_journal(records, _from_json) if records.exists() else []


def read_assert(text: str, name: str) -> CallCase | None:
    """The data in one generated assert; None when it is not a call of `name` compared with a literal."""
    if len(text) > _LONGEST_TEST:
        return None
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(body) != 1 or not isinstance(body[0], ast.Assert):
        return None
    call, expected = _sides(body[0].test)
    is_named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name
    if not is_named or cast("ast.Call", call).keywords:
        return None
    try:
        args = tuple(ast.literal_eval(argument) for argument in cast("ast.Call", call).args)
        return CallCase(args, ast.literal_eval(expected))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _sides(test: ast.expr) -> tuple[ast.expr, ast.expr]:
    """The call and what it is compared with; a bare call must give True, a negated one False."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq | ast.Is) and len(test.ops) == 1:
        return test.left, test.comparators[0]
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand, ast.Constant(False)
    return test, ast.Constant(True)


def _tasks(folder: Path) -> Iterator[_Task]:
    stem = "codet/HumanEval_codegen16B_temp0.8_topp0.95_num100_max300_"
    solutions = rows_of(folder / f"{stem}code_solution.jsonl.gz")
    blocks = rows_of(folder / f"{stem}test_case.jsonl.gz")
    rows = rows_of(folder / "humaneval/HumanEvalPlus-v0.1.10.jsonl.gz")
    for solution, block in zip(solutions, blocks, strict=True):
        name = entry_point(solution["prompt"])
        row = row_of(rows, solution["prompt"], name)
        programs = Counter(solution["prompt"] + sample.rstrip() for sample in solution["samples"])
        tests, unreadable = _generated_tests(block["samples"], name)
        yield _Task(
            row["task_id"],
            name,
            tuple(programs),
            tuple(programs.values()),
            tuple(case for case, _ in tests),
            tuple(support for _, support in tests),
            unreadable,
            row["prompt"] + row["canonical_solution"],
            tuple(map(tuple, row["base_input"])),
            float(row["atol"]),
        )


def entry_point(prompt: str) -> str:
    """The function that a HumanEval prompt asks for: the last one, helpers come before."""
    names: list[str] = re.findall(r"^def (\w+)\(", prompt, re.MULTILINE)
    return names[-1]


def row_of(rows: Sequence[Row], prompt: str, name: str) -> Row:
    """HumanEval's row for a prompt of CodeT, which dropped the examples. Two problems are called sum_squares."""
    namesakes = [row for row in rows if row["entry_point"] == name]
    return max(namesakes, key=lambda row: SequenceMatcher(None, row["prompt"], prompt).ratio())


def _generated_tests(blocks: Sequence[str], name: str) -> tuple[list[tuple[CallCase, int]], int]:
    """Distinct tests with how many blocks hold them, and how many asserts could not be read."""
    cases: dict[str, CallCase] = {}
    support: Counter[str] = Counter()
    unreadable = 0
    for block in blocks:
        asserts = [part for part in f"assert {block}".split("assert ") if name in part]
        keys = set()
        for part in asserts[:_TESTS_PER_BLOCK]:
            case = read_assert("assert " + _CUTS.split(part)[0].strip(), name)
            if case is None:
                unreadable += 1
                continue
            key = repr((case.args, case.expected))
            cases.setdefault(key, case)
            keys.add(key)
        support.update(keys)
    return [(case, support[key]) for key, case in cases.items()], unreadable


def _execute(task: _Task, box: Sandbox) -> PoolRecord:
    columns = {repr(case.args): case.args for case in task.tests}
    place = {key: column for column, key in enumerate(columns)}
    calls = tuple(place[repr(case.args)] for case in task.tests)
    outputs, passes = [], []
    codes: list[dict[Hashable, int]] = [{} for _ in columns]
    for row in _call_all(task, list(columns.values()), box):
        keys = [FAILED if result is None else behaviour_key(result, _COMPARATOR) for result in row]
        outputs.append(tuple(_code(codes[n], key) for n, key in enumerate(keys)))
        passes.append(tuple(_agrees(row[c], case) for c, case in zip(calls, task.tests, strict=True)))
    return PoolRecord(
        task.task_id,
        task.counts,
        _hidden_verdicts(task, box),
        tuple(outputs),
        tuple(passes),
        calls,
        task.support,
        task.unreadable,
    )


def _code(codes: dict[Hashable, int], key: Hashable) -> int | None:
    return None if key is FAILED else codes.setdefault(key, len(codes))


def _agrees(result: CallResult | None, case: CallCase) -> bool:
    return result is not None and accepts_value(_COMPARATOR, case.expected, result.value)


def _call_all(
    task: _Task, calls: Sequence[tuple[Value, ...]], box: Sandbox
) -> Iterator[tuple[CallResult | None, ...]]:
    """For each program one result per call, None for a call that did not end well."""
    arguments = [list(args) for args in calls]
    jobs = (
        CallJob(program + _HARNESS, "calls__", (task.entry_point, cast("Any", arguments)), limits=_BATCH)
        for program in task.programs
    )
    for program, result in zip(task.programs, box.run_many(jobs), strict=True):
        values = getattr(result, "value", None)
        if result.status is Status.OK and isinstance(values, list) and len(values) == len(calls):
            assert isinstance(result, CallResult)
            yield tuple(_item(result, value) for value in values)
        else:
            yield _one_by_one(program, task.entry_point, calls, box)


def _item(result: CallResult, value: object) -> CallResult | None:
    return replace(result, value=value[0]) if isinstance(value, list) and len(value) == 1 else None


def _one_by_one(
    program: str, name: str, calls: Sequence[tuple[Value, ...]], box: Sandbox
) -> tuple[CallResult | None, ...]:
    """The calls of a program that spoils a batch; after some that hit a limit the rest are given up."""
    results: list[CallResult | None] = []
    patience = _PATIENCE
    for args in calls:
        result = box.call(program, name, cast("Any", args), limits=_SINGLE) if patience else None
        results.append(result if result is not None and result.status is Status.OK else None)
        patience -= result is not None and result.status not in (Status.OK, Status.RTE, Status.BAD)
        if len(results) == 5 and not any(results):
            patience = 0  # it does not even compile
    return tuple(results)


def _hidden_verdicts(task: _Task, box: Sandbox) -> tuple[bool, ...]:
    cases = []
    for args in task.hidden_inputs:
        result = box.call(task.reference, task.entry_point, cast("Any", args), limits=Limits(cpu_s=10.0))
        assert result.status is Status.OK, (task.task_id, result)
        cases.append(CallCase(args, cast("Value", result.value)))
    problem = Problem(
        task.task_id,
        "",
        tuple(cases),
        task.entry_point,
        time_limit_s=3.0,
        memory_limit_mb=512,
        comparator=Comparator("value", abs_tol=task.abs_tol),
    )
    if task.entry_point == "find_zero":
        return tuple(_finds_zero(program, task, box) for program in task.programs)
    rows = judge(box, problem, task.programs)
    return tuple(len(row) == len(cases) and all(e.verdict == "AC" for e in row) for row in rows)


def _finds_zero(program: str, task: _Task, box: Sandbox) -> bool:
    """HumanEval/32 accepts any root of the polynomial, so its test is the polynomial, not an expected value."""
    for (coefficients,) in task.hidden_inputs:
        result = box.call(program, task.entry_point, cast("Any", (coefficients,)), limits=_SINGLE)
        if result.status is not Status.OK or not isinstance(result.value, int | float):
            return False
        assert isinstance(coefficients, list)
        powers = enumerate(cast("list[float]", coefficients))
        if not abs(sum(c * result.value**power for power, c in powers)) < _ROOT_TOLERANCE:
            return False
    return True


def _to_json(record: PoolRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in PoolRecord.__dataclass_fields__}


def _from_json(row: Mapping[str, Any]) -> PoolRecord:
    return PoolRecord(
        row["task_id"],
        tuple(row["counts"]),
        tuple(row["hidden"]),
        tuple(map(tuple, row["outputs"])),
        tuple(map(tuple, row["passes"])),
        tuple(row["calls"]),
        tuple(row["support"]),
        row["dropped"],
    )
