"""Statements as people paste them, each with the cases a reader would see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import CallCase, Comparator, Problem, ProblemError, TestCase, load_problem, parse_problem

STATEMENTS = Path(__file__).parent / "statements"
PROGRAMS: dict[str, list[tuple[str, str]]] = {
    "codeforces_pasted": [("3\n1 2 3\n", "6\n"), ("1\n-4\n", "-4\n")],
    "codeforces_markdown": [("5\n", "10\n")],
    "atcoder": [("3\n1 2 3\n", "6\n"), ("1\n1\n", "1\n")],
    "atcoder_japanese": [("2 3\n", "5\n")],
    "kattis_table": [("3\n1 2 3\n", "6\n"), ("1\n7\n", "7\n")],
    "kattis_headings": [("3 4\n", "7\n")],
    "inline": [("5\n", "10\n")],
    "one_fence_with_two_samples": [("1\n", "2\n"), ("4\n", "8\n")],
    "unlabelled_pairs": [("1 1\n", "2\n"), ("2 2\n", "4\n")],
    "quoted": [("9\n", "81\n")],
}
CALLS: dict[str, tuple[str, list[tuple[tuple[object, ...], object]]]] = {
    "leetcode": ("twoSum", [(([2, 7, 11, 15], 9), [0, 1]), (([3, 3], 6), [0, 1])]),
    "leetcode_swapped_names": ("findAll", [(("ab", ["x", "y"]), True)]),
    "leetcode_without_code": ("validWord", [(("abc",), True), (("",), False)]),
    "humaneval": ("closest", [(([1.0, 2.8], 0.3), None), (([1, 5], 2), 1)]),
    "mbpp": ("similar", [(((3, 4), (5, 4)), (4,)), (((1, 2), (5, 4)), ())]),
    "arrows": ("add", [((1, 2), 3), ((2, 2), 4), ((0, 0), 0)]),
    "bare_definition": ("halve", [((4,), 2)]),
    "with_helper": ("outer", [((3,), 12)]),
    "docstring_answers_in_the_question": ("count_up", [(([],), 0), (([1, -1, 5],), 2)]),
    "long_arrows": ("is_square", [((1,), True), ((2,), False), ((9,), True)]),
    "described_calls": ("remove", [(("abcde", "ae"), ("bcd", False)), (("aba", "b"), ("aa", True))]),
    "listed_arguments": ("fill", [(([[0, 0, 1, 0], [1, 1, 1, 1]], 1), 5), (([[0, 0, 0]], 5), 0)]),
    "renamed": ("letter_grade", [(([4.0, 3],), ["A", "B"]), (([],), [])]),
    "call_table": ("area", [((2, 3), 6), ((1, 1), 1)]),
}


def read(name: str) -> Problem:
    return load_problem(STATEMENTS / f"{name}.md")


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    problem = read(name)
    assert problem.entry_point is None
    assert problem.cases == tuple(TestCase(*case) for case in PROGRAMS[name])


@pytest.mark.parametrize("name", CALLS)
def test_functions(name: str) -> None:
    problem = read(name)
    entry_point, calls = CALLS[name]
    assert problem.entry_point == entry_point
    assert [(case.args, case.expected) for case in problem.cases if isinstance(case, CallCase)] == calls


def test_every_statement_is_expected_to_hold_something() -> None:
    assert {path.stem for path in STATEMENTS.glob("*.md")} == {*PROGRAMS, *CALLS}


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("time limit per test2 seconds", 2.0),
        ("Time Limit: 1.5 sec / Memory Limit: 1024 MB", 1.5),
        ("**Time limit:** 500 ms", 0.5),
        ("CPU Time limit 3 seconds", 3.0),
        ("Time limit per test: 250 milliseconds", 0.25),
        ("no limit is told", 2.0),
    ],
)
def test_time_limits(words: str, seconds: float) -> None:
    assert parse_problem(f"# T\n{words}\n").time_limit_s == seconds


@pytest.mark.parametrize(
    ("words", "mebibytes"),
    [
        ("memory limit per test256 megabytes", 256),
        ("Time Limit: 1.5 sec / Memory Limit: 1024 MB", 1024),
        ("| Memory limit | 64 MiB |", 64),
        ("Memory limit: 1 GB", 1024),
        ("Memory limit: 65536 KB", 64),
        ("nothing", 256),
    ],
)
def test_memory_limits(words: str, mebibytes: int) -> None:
    assert parse_problem(f"# T\n{words}\n").memory_limit_mb == mebibytes


@pytest.mark.parametrize(
    ("words", "comparator"),
    [
        ("Your answer may have an absolute or relative error of at most 1e-6.", Comparator("tokens", 1e-6, 1e-6)),
        ("An absolute or relative error of at most $10^{-9}$ is accepted.", Comparator("tokens", 1e-9, 1e-9)),
        ("You may print each letter in any case.", Comparator("caseless")),
        ("Print the answer.", Comparator("tokens")),
    ],
)
def test_how_answers_are_compared(words: str, comparator: Comparator) -> None:
    assert parse_problem(f"# T\n{words}\n").comparator == comparator


def test_without_any_example() -> None:
    problem = parse_problem("# Nothing shown\n\nPrint 42.\n")
    assert problem.cases == ()
    assert problem.title == "Nothing shown"


def test_line_ends_of_other_systems() -> None:
    text = (STATEMENTS / "atcoder.md").read_text(encoding="utf-8")
    assert parse_problem(text.replace("\n", "\r\n")).cases == parse_problem(text).cases


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", None, "empty"),
        (" \n\n", None, "empty"),
        ("# A\n\0", 2, "NUL"),
        ("# A\n## Sample Input 1\n```\n3\n```\n", 2, "no sample output"),
        ("# A\ntext\n```\n3\n", 3, "never closed"),
        ("# A\n```python\ndef f(a, b):\n    pass\n```\nInput: a = 1, c = 2\nOutput: 3\n", 6, "takes a, b"),
        ("# A\n```python\ndef f(a):\n    pass\n```\nInput: a = x y\nOutput: 3\n", 6, "expected values"),
        ("# A\n```python\ndef f(a):\n    pass\n```\nInput: a = 1\nOutput: [3\n", 7, "Python or JSON value"),
        ("# A\n```python\ndef f(a):\n    pass\n```\nInput: a = 1\n", 6, "no output"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_line(text: str, line: int | None, message: str) -> None:
    with pytest.raises(ProblemError) as error:
        parse_problem(text, path="x.md")
    where = "x.md" if line is None else f"x.md:{line}"
    assert str(error.value).startswith(f"{where}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_no_statements(tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"ok\n\xff\xfe\x00")
    (tmp_path / "huge.md").write_bytes(b"x" * ((1 << 20) + 1))
    for name, message in (
        ("none.md", "No such file"),
        ("binary.md", "UTF-8"),
        ("huge.md", "1 MiB"),
        (".", "it is a folder"),
    ):
        with pytest.raises(ProblemError, match=message):
            load_problem(tmp_path / name)


fragments = st.sampled_from(
    ["# T", "Input", "Output", "## Sample Input 1", "Sample Output 1", "```", "```python", "def f(a, b):",
     "  pass", ">>> f(1, 2)", "3", "assert f(1) == ", "Input: a = [1", "Output: true", "| a | b |", "|---|---|",
     "| 1 | 2 |", "class Solution:", "    def g(self, x): ...", "Example", "> quote", "- list", "\t3", "f((("]
)  # fmt: skip


def said_in_one_line(read: Callable[[], Problem]) -> bool:
    """Whether a problem came back, or one line of refusal."""
    try:
        return isinstance(read(), Problem)
    except ProblemError as error:
        return "\n" not in str(error)


@given(st.lists(fragments, max_size=14).map("\n".join))
def test_any_mixture_is_understood_or_refused(text: str) -> None:
    assert said_in_one_line(lambda: parse_problem(text))


@given(st.binary(max_size=300))
def test_any_bytes_are_understood_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random.md"
    path.write_bytes(data)
    assert said_in_one_line(lambda: load_problem(path))


def test_a_docstring_may_end_in_single_quotes_beside_its_last_answer() -> None:
    problem = parse_problem("```python\ndef f(n):\n    '''\n    Add.\n    >>> f(1)\n    2'''\n```\n")
    assert [(case.args, case.expected) for case in problem.cases if isinstance(case, CallCase)] == [((1,), 2)]


def test_many_names_are_not_tried_one_by_one() -> None:
    names = " ".join(f"g{n}(1) -> 2" for n in range(30_000))
    assert parse_problem(f"```python\ndef f(n):\n    pass\n```\n{names}\n").cases == ()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Two Sum", "Two Sum"),
        ("Add two numbers. " + "Both are small and read from one line. " * 4, "Add two numbers"),
        ("给你两个数。" + "把它们加起来并输出结果。" * 12, "给你两个数"),
        ("word " * 40, "word " * 14 + "word…"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_a_title_is_no_cut_off_sentence(text: str, title: str) -> None:
    assert parse_problem(text + "\n\nInput: 1 2\nOutput: 3\n").title == title
