"""Contest problems as benchmark tasks: our own schema, CodeContests, APPS and LiveCodeBench code generation.

Not covered: problems of CodeContests, APPS and LiveCodeBench with several right answers: nothing in those sets
says which they are, so their tests are compared with one answer. Our own schema may bring a checker.
"""

from __future__ import annotations

import base64
import binascii
import json
import pickletools
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.grading.suites import OutputSuite, ValueCheck, ValueSuite
from benchmarks.rows import Row, text
from benchmarks.types import Task
from problems import CallCase, Checker, Comparator, Problem, TestCase
from problems.types import CONVENTIONS
from problems.validator_flags import flags_comparator

_MEMORY_MB = 512
_APPS_SECONDS = 4.0
_LIVE_SECONDS = 6.0
_CALLS_SECONDS = 30.0
_MOST_BYTES = 1 << 30
# A pickle of one text, and nothing that makes an object or looks one up.
_TEXT_OPCODES = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}
_PLAIN_OPCODES = _TEXT_OPCODES | {"PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "STOP"}


def contest(row: Row) -> Task:
    """Our own schema: `samples` are shown, `tests` hidden."""
    samples, tests = (
        tuple(TestCase(text(case, "input"), text(case, "output")) for case in row[key])
        for key in ("samples", "tests")
    )
    if not samples and not tests:
        raise ValueError("there are no cases")
    comparator = _comparator(row)
    limit = float(row.get("time_limit_s") or 2.0)
    title = row.get("title") or text(row, "id")
    checker = _checker(row.get("checker"))
    return _program(
        text(row, "id"),
        title,
        text(row, "statement"),
        samples,
        tests,
        limit,
        comparator=comparator,
        checker=checker,
    )


def _checker(entry: object) -> Checker | None:
    """`{"source": PYTHON, "convention": "kattis"}`; a word instead says that none is needed, or none is there."""
    if not isinstance(entry, Mapping):
        return None
    convention = entry.get("convention", CONVENTIONS[0])
    if convention not in CONVENTIONS:
        raise ValueError(f"a checker's convention is {' or '.join(CONVENTIONS)}")
    return Checker(text(entry, "source"), convention)


def codecontests(row: Row) -> Task:
    """A row of CodeContests (Li et al., 2022): public tests are shown, private and generated ones hidden."""
    samples = _parallel(row["public_tests"])
    tests = (*_parallel(row["private_tests"]), *_parallel(row.get("generated_tests")))
    limit = row.get("time_limit") or {}
    seconds = (limit.get("seconds") or 0) + (limit.get("nanos") or 0) / 1e9
    memory = (row.get("memory_limit_bytes") or 0) >> 20
    return _program(row["name"], row["name"], row["description"], samples, tests, seconds or 2.0, memory_mb=memory)


def apps(row: Row) -> Task:
    """A row of APPS (Hendrycks et al., 2021); shown are those of its tests that the statement shows.

    A test of LeetCode's (its starter code has a class) gives the value itself, one of Codewars' a list of it.
    """
    tests = _object(row["input_output"])
    name, statement = f"apps/{row.get('problem_id', row.get('id'))}", row["question"]
    if "fn_name" not in tests:
        cases = tuple(map(TestCase, map(_text, tests["inputs"]), map(_text, tests["outputs"])))
        samples = tuple(case for case in cases if _shows(statement, case))
        others = tuple(case for case in cases if case not in samples)
        return _program(name, name, statement, samples, others, _APPS_SECONDS)
    starter = row.get("starter_code") or ""
    of_codewars = "class Solution" not in starter
    calls = [
        CallCase(
            tuple(arguments), expected[0] if of_codewars and isinstance(expected, list) and expected else expected
        )
        for arguments, expected in zip(tests["inputs"], tests["outputs"], strict=True)
    ]
    return _function(
        name, name, statement, starter, tests["fn_name"], samples=calls[:1], calls=calls, limit=_APPS_SECONDS
    )


def livecodebench(row: Row) -> Task:
    """A row of LiveCodeBench's code generation (Jain et al., 2024), lite or full.

    Its private tests are JSON, or JSON in a pickle in zlib in base64; the pickle is never executed.
    """
    samples, tests = _cases(row["public_test_cases"]), _cases(row["private_test_cases"])
    name, title = row["question_id"], row["question_title"]
    starter = row.get("starter_code") or ""
    if any(case["testtype"] == "functional" for case in samples + tests):
        function = _object(row["metadata"])["func_name"]
        return _function(
            name, title, row["question_content"], starter, function,
            samples=[_call(case) for case in samples], calls=[_call(case) for case in samples + tests],
            limit=_LIVE_SECONDS,
        )  # fmt: skip
    public, private = ([TestCase(case["input"], case["output"]) for case in part] for part in (samples, tests))
    return _program(name, title, row["question_content"], public, private, _LIVE_SECONDS)


def unpickled_text(data: bytes) -> str:
    """The text that a pickle of one `str` holds, read from its opcodes without executing any.

    Raises:
        ValueError: it is a pickle of something else, or no pickle.
    """
    texts = []
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name not in _PLAIN_OPCODES:
            raise ValueError(f"a pickle of one text was expected, this one would run {opcode.name}")
        if opcode.name in _TEXT_OPCODES:
            texts.append(argument)
    if len(texts) != 1:
        raise ValueError("a pickle of one text was expected")
    return str(texts[0])


def _cases(text: str) -> list[dict[str, str]]:
    """LiveCodeBench's cases, packed or not."""
    if not text.lstrip().startswith("["):
        text = unpickled_text(_inflate(text))
    cases = json.loads(text)
    if not all({"input", "output", "testtype"} <= set(case) for case in cases):
        raise ValueError("a test case lacks input, output or testtype")
    return list(cases)


def _inflate(text: str) -> bytes:
    try:
        stream = zlib.decompressobj()
        data = stream.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"packed test cases do not unpack: {error}") from None
    if stream.unconsumed_tail:
        raise ValueError("packed test cases unpack to more than a GiB")
    return data


def _call(case: Mapping[str, str]) -> CallCase:
    """One argument to a line, each JSON."""
    lines = [line for line in case["input"].split("\n") if line.strip()]
    return CallCase(tuple(json.loads(line) for line in lines), json.loads(case["output"]))


def _program(
    name: str,
    title: str,
    statement: str,
    samples: Sequence[TestCase],
    tests: Sequence[TestCase],
    limit: float,
    *,
    memory_mb: int = _MEMORY_MB,
    comparator: Comparator | None = None,
    checker: Checker | None = None,
) -> Task:
    """A task whose answer reads standard input."""
    comparator, memory_mb = comparator or Comparator(), max(memory_mb, _MEMORY_MB)
    problem = Problem(
        title=title,
        statement=_with_samples(statement, samples),
        cases=tuple(samples),
        time_limit_s=limit,
        memory_limit_mb=memory_mb,
        comparator=comparator,
        checker=checker,
        path=name,
    )
    return Task(name, problem, OutputSuite((*samples, *tests), comparator, limit, memory_mb, checker))


def _function(
    name: str,
    title: str,
    statement: str,
    starter: str,
    function: str,
    *,
    samples: Sequence[CallCase],
    calls: Iterable[CallCase],
    limit: float,
) -> Task:
    """A task whose answer is a function, or a method of a class `Solution`."""
    comparator = Comparator("value", abs_tol=1e-6)
    problem = Problem(
        title=title,
        statement=statement,
        cases=tuple(samples),
        entry_point=function,
        starter_code=starter,
        time_limit_s=limit,
        memory_limit_mb=_MEMORY_MB,
        comparator=comparator,
        path=name,
    )
    checks = tuple(
        # A tuple does for a list, as in the sets' own harnesses: JSON knows only lists.
        ValueCheck(
            call.expected,
            call.args,
            views=(("list",),) if isinstance(call.expected, list) else (),
            comparator=comparator,
        )
        for call in calls
    )
    return Task(name, problem, ValueSuite(function, checks, "", _CALLS_SECONDS, _MEMORY_MB))


def _parallel(tests: Mapping[str, Sequence[str]] | Sequence[Mapping[str, str]] | None) -> tuple[TestCase, ...]:
    """CodeContests' tests: two lists side by side, or, as some copies have it, a list of pairs."""
    if not tests:
        return ()
    if isinstance(tests, Mapping):
        return tuple(map(TestCase, tests["input"], tests["output"]))
    return tuple(TestCase(test["input"], test["output"]) for test in tests)


def _object(data: str | dict[str, Any]) -> dict[str, Any]:
    """A JSON object, which some copies hold as text."""
    value = json.loads(data) if isinstance(data, str) else data
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


def _text(value: str | Sequence[str]) -> str:
    """APPS holds a few inputs and outputs as lists of lines."""
    return value if isinstance(value, str) else "\n".join(map(str, value)) + "\n"


def _shows(statement: str, case: TestCase) -> bool:
    parts = case.stdin.strip(), case.stdout.strip()
    return all(part and part in statement for part in parts)


def _comparator(row: Row) -> Comparator:
    """That of Kattis's default validator for a row with its flags, or whose `source` is Kattis; else tokens."""
    flags = row.get("validator_flags") or ""
    is_kattis = flags or str(row.get("source", "")).startswith("Kattis")
    return flags_comparator(flags) if is_kattis else Comparator()


def _with_samples(statement: str, samples: Sequence[TestCase]) -> str:
    """The statement with its samples, unless it shows them itself."""
    if not samples or _shows(statement, samples[0]):
        return statement
    blocks = [
        f"### Sample Input {number}\n```\n{case.stdin.rstrip()}\n```\n"
        f"### Sample Output {number}\n```\n{case.stdout.rstrip()}\n```\n"
        for number, case in enumerate(samples, 1)
    ]
    return statement.rstrip() + "\n\n" + "\n".join(blocks)
