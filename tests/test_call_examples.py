"""Example calls of functions, in the forms in which people write them: what is read and refused, and its cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_hostile_statements import calls_to_read

from problems import ProblemError, parse_problem
from problems.literals import Allowance, literal, literal_at
from problems.types import CallCase, Value

CODE = "```python\nclass Solution:\n    def twice(self, n: int) -> int:\n```\n"
TWO = "```python\ndef add(a: list[int], b: int) -> int:\n    pass\n```\n"


def calls(statement: str) -> list[tuple[tuple[Value, ...], Value]]:
    cases = parse_problem(statement).cases
    assert all(isinstance(case, CallCase) for case in cases)
    return [(case.args, case.expected) for case in cases if isinstance(case, CallCase)]


@pytest.mark.parametrize(
    "example",
    [
        "**Input:**\n\nn = 4\n\n**Output:**\n\n8\n",
        "Input:\nn = 4\nOutput:\n8\n",
        "Input\n\n```\nn = 4\n```\n\nOutput\n\n```\n8\n```\n",
        "Input:\n4\nOutput:\n8\n",
        "### Input\n\n4\n\n### Output\n\n8\n",
        "输入：n = 4\n输出：8\n",
        "输入：\nn = 4\n输出：\n8\n解释：四的两倍。\n",
        "輸入：n = 4\n輸出：8\n",
        "入力: n = 4\n出力: 8\n",
        "입력: n = 4\n출력: 8\n",
        "Entrada: n = 4\nSalida: 8\n",
        "Eingabe: n = 4\nAusgabe: 8\n",
        "Input: int n = 4\nOutput: 8\n",
        "Input: n = 4\nOutput: 8 (twice four)\n",
        "Input: n = 4\nOutput: 8\nTwice four is eight.\n",
        "Input: `n = 4`\nOutput: `8`\n",
        "Input: n = 4; \nOutput: result = 8\n",
        "- Input: n = 4, Output: 8\n",
        "| n | twice |\n|---|---|\n| 4 | 8 |\n",
    ],
)
def test_a_labelled_example_in_any_layout_and_language(example: str) -> None:
    assert calls(f"# Twice\n\nExample 1:\n\n{example}\n{CODE}") == [((4,), 8)]


@pytest.mark.parametrize(
    "example",
    [
        "Input: a = [1, 2], b = 3\nOutput: 6\n",
        "Input: b = 3, a = [1, 2]\nOutput: 6\n",
        "Input:\na = [1, 2]\nb = 3\nOutput:\n6\n",
        "Input:\n[1, 2]\n3\nOutput:\n6\n",
        "Input: [1, 2] 3\nOutput: 6\n",
        "Input: a[] = {1, 2}, b = 3\nOutput: 6\n",
        "Input: int a[2] = {1, 2}; int b = 3;\nOutput: 6\n",
        "Input:\nb = 3\na[] = {1, 2}\nOutput: 6\n",
        "Input: vector<int> a = {1, 2}, int b = 3\nOutput: 6\n",
        "Input:\n- a: [1, 2]\n- b: 3\n\nOutput: 6\n",
        "Input: a = [1,\n 2], b = 3\nOutput: 6\n",
        "输入：a = [1, 2]，b = 3\n输出：6\n",
        "For a = [1, 2] and b = 3 the result should be 6.\n",
        "Given a = `[1, 2]`, b = `3`, the answer is `6`.\n",
    ],
)
def test_arguments_come_with_names_or_in_order_on_one_line_or_several(example: str) -> None:
    assert calls(f"# Add\n\n{TWO}\n{example}") == [(([1, 2], 3), 6)]


@pytest.mark.parametrize(
    "line",
    [
        "twice(4) // => 8",
        "twice(4)  # => 8",
        "twice(4) # 8",
        "twice(4); // 8",
        "twice(4) # returns 8",
        "twice(4) -- should return 8",
        "twice(4) /* 8 */",
        "twice(4)\n// => 8",
        "twice(4)\n# returns 8",
        "print(twice(4))  # 8",
        "console.log(twice(4)); // => 8",
        "twice(4) -> 8",
        "twice(4) ==> 8",
        "twice(4) === 8",
        "twice(4) == 8",
        "assert twice(4) == 8, 'twice'",
        "twice(4) returns 8.",
        "`twice(4)` should equal `8`",
        "`twice(4)` → `8`",
        "Solution().twice(4) == 8",
        "Kata.twice(4) => 8",
        "test.assert_equals(twice(4), 8)",
        "Test.assertEquals(twice(4), 8, 'message')",
        "expect(twice(4)).toBe(8);",
        ">>> twice(4)\n8",
    ],
)
def test_a_call_and_its_result_in_code(line: str) -> None:
    assert calls(f"Write a function `twice(n)`.\n\n```\n{line}\n```\n") == [((4,), 8)]


def test_every_call_of_a_list_in_comments_counts() -> None:
    statement = (
        "Write `evens(a)`.\n\n```\nevens([]) // => []\nevens([1, 2]) # => [2]\nevens([true]) // returns []\n```\n"
    )
    assert calls(statement) == [(([],), []), (([1, 2],), [2]), (([True],), [])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("[null, false]", [None, False]),
        ("“abc”", "abc"),
        ("[‘a’, ‘b’]", ["a", "b"]),
        ("−5", -5),
        ("[1, −2]", [1, -2]),
        ("1, 2", (1, 2)),
        ("1,", (1,)),
        ('"true, null"', "true, null"),
        ("set()", set()),
        ("{'a': [1]}", {"a": [1]}),
        ("1e3", 1000.0),
        ("3 + 4j", 3 + 4j),
        ("b'x'", b"x"),
    ],
)
def test_spellings_of_values(text: str, value: Value) -> None:
    result = literal(text, Allowance(1000))
    assert result is not None
    assert result.value == value
    assert type(result.value) is type(value)


@pytest.mark.parametrize(
    "text", ["", "3rd", "1.2.3", "[1, ..., 9]", "[1, 2", "[1)", "x", "f(1)", "'it's'", '""a""', "1 2"]
)
def test_what_is_no_value(text: str) -> None:
    assert literal(text, Allowance(1000)) is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(value=VALUES, after=st.sampled_from(["", " and so on", ", 4", ") == 3", "\n"]))
def test_a_value_is_read_back_and_ends_where_it_ends(value: Value, after: str) -> None:
    text = repr(value)
    result = literal_at(text + after, 0, Allowance(10_000))
    assert result is not None
    assert (result.value, result.end) == (value, len(text))


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("Input: a = [1], c = 2\nOutput: 3\n", "takes a, b"),
        ("Input: a = [1, b = 2\nOutput: 3\n", "expected values"),
        ("Input: a = [1], b = 2\nOutput: three\n", "Python or JSON value"),
        ("Input: a = [1], b = 2\n\nThat is all.\n", "no output"),
        ("Input: [1], 2, 3\nOutput: 3\n", "3 values, but add takes 2"),
        ("Input: a = [1], b = 2\nOutput:\n3\n4\n", "Python or JSON value"),
    ],
)
def test_an_example_that_no_program_could_pass_is_an_error(example: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        parse_problem(f"# Add\n\n{TWO}\n{example}")


@pytest.mark.parametrize(
    "prose",
    [
        "**Input:** an array of integers\n**Output:** their sum\n",
        "Input: 2 strings, s and t.\nOutput: 1 number.\n",
        "Input:\nThe first line has n.\nOutput:\nPrint it.\n",
        "add([1], 2) is called once.\n",
        "The cost of add([1], 2) is 19 - 5 = 14 coins.\n",
    ],
)
def test_prose_is_no_example(prose: str) -> None:
    assert calls(f"# Add\n\n{TWO}\n{prose}") == []


@pytest.mark.parametrize("heading", ["", "Example 1:\n\n"])
def test_arrays_of_c_for_a_function_without_known_parameters_are_an_error(heading: str) -> None:
    example = f"{heading}Input:\nN = 3\nA[] = {{1,3}}\nOutput: 2\n"
    with pytest.raises(ProblemError, match="a function needs its signature"):
        parse_problem(f"Missing number\n\n{example}\nComplete the function missingNumber().\n")


@pytest.mark.parametrize(("annotation", "value"), [("list[int]", [1, 1]), ("int[]", [1, 1]), ("set[int]", {1})])
def test_braces_are_a_list_unless_the_code_says_set(annotation: str, value: Value) -> None:
    code = (
        f"```python\ndef size(items: {annotation}) -> int:\n    pass\n```\n"
        if "set" in annotation or "list" in annotation
        else ("```python\ndef size(items):\n    pass\n```\n")
    )
    assert calls(f"# Size\n\n{code}\nInput: items = {{1, 1}}\nOutput: 2\n") == [((value,), 2)]


TRIES = [
    "for a = ",
    "f(1) == [1], [1], ",
    "f(1) == 2 ",
    "f(",
    "f('''",
    'f("',
    "f([",
    "for a = 1 ",
    "f(1) -> -> ",
    "[",
    "'",
    "f(1) ;;",
]


@pytest.mark.parametrize("text", TRIES)
def test_twice_as_many_tries_take_at_most_twice_the_steps(text: str) -> None:
    """Whatever pays for a try, and also where nothing does."""
    head = "# F\n\n```python\ndef f(a):\n    pass\n```\n"
    calls_to_read(head + text)  # what is made at first use does not count
    once, twice = (calls_to_read(f"{head}{text * n}\n") for n in (2000, 4000))
    assert twice < 2.6 * once + 1000


@pytest.mark.parametrize("text", TRIES)
def test_looking_for_values_costs_no_more_than_is_allowed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Steps, not seconds: how many characters all tries together look at."""
    cost = 0
    spend = Allowance.spend

    def counted(self: Allowance, characters: int) -> bool:
        nonlocal cost
        verdict = spend(self, characters)
        cost += characters if verdict else 1
        return verdict

    monkeypatch.setattr(Allowance, "spend", counted)
    parse_problem(f"# F\n\n```python\ndef f(a):\n    pass\n```\n{text * (200_000 // len(text))}\n")
    assert cost < 5_000_000
