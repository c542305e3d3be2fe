"""From a model's words to a program."""

from __future__ import annotations

import ast
import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.source import extract_source, normalise
from problems import Problem

STDIN = Problem("t", "s")
CALL = Problem(
    "t",
    "s",
    entry_point="f",
    starter_code='import math\n\n\ndef helper(n):\n    return n + 1\n\n\ndef f(n: int) -> int:\n    """Doc."""\n',
)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("```python\nprint(1)\n```", "print(1)\n"),
        ("Sure!\n```python\nprint(1)\n```\nThis prints one.", "print(1)\n"),
        ("```py\nprint(1)\n```\nBetter:\n```python\nprint(2)\n```", "print(2)\n"),
        (
            "```python\ndef g():\n    pass\n\n\ng()\n```\nRun it:\n```\n$ python x.py\n```",
            "def g():\n    pass\n\n\ng()\n",
        ),
        ("```python\nprint(1)\nprint(2", "print(1)\nprint(2\n"),
        ("<think>\n```python\nprint(0)\n```\n</think>\n```python\nprint(1)\n```", "print(1)\n"),
        ("<think>still thinking about ```python", None),
        ("I would write\nx = int(input())\nprint(x)\nThis reads a number.", "x = int(input())\nprint(x)\n"),
        ("I do not know.", None),
        ("", None),
        ("```python\nif 1:\n\tprint(1)\n```", "if 1:\n    print(1)\n"),
        ("```python\n@staticmethod\ndef g(): pass\n```", "@staticmethod\ndef g(): pass\n"),
        ("~~~python\nprint(1)\n~~~", "print(1)\n"),
    ],
)
def test_programs(text: str, program: str | None) -> None:
    assert extract_source(STDIN, text) == program


def test_prefill_opens_the_fence() -> None:
    assert extract_source(STDIN, "print(1)\n```\nDone.", prefill="```python\n") == "print(1)\n"
    assert extract_source(STDIN, "", prefill="```python\n") is None


def test_forgotten_imports_are_added() -> None:
    source = extract_source(
        STDIN, "```python\ndef g(x: List[int]) -> Optional[int]:\n    return math.gcd(*x)\n```"
    )
    assert source is not None
    assert source.startswith("from typing import List, Optional\nimport math\n")


def test_imports_that_are_there_or_mean_something_else_are_left_alone() -> None:
    for code in (
        "from typing import List\ndef g(x: List[int]): pass\n",
        "List = [1]\nprint(List)\n",
        "import math as m\nmath_score = m.pi\n",
        "from math import *\nprint(gcd(1, 2))\n",
        "def gcd(a, b): return a\nprint(gcd(1, 2))\n",
        "counter = {}\ncounter.get(1)\n",
    ):
        assert extract_source(STDIN, f"```python\n{code}```") == code


def test_future_imports_stay_first() -> None:
    source = extract_source(STDIN, "```python\nfrom __future__ import annotations\ndef g(x: List): pass\n```")
    assert source is not None
    assert source.startswith("from __future__ import annotations\nfrom typing import List\n")


def test_a_bare_body_gets_the_signature_of_the_statement() -> None:
    source = extract_source(CALL, "    return helper(n) * 2\n```", prefill="```python\n")
    assert source is not None
    space: dict[str, object] = {}
    exec(source, space)
    assert space["f"](3) == 8  # type: ignore[operator]


def test_helpers_of_the_statement_come_along_when_they_are_used() -> None:
    source = extract_source(CALL, "```python\ndef f(n):\n    return helper(n) + math.floor(0.5)\n```")
    assert source is not None
    space: dict[str, object] = {}
    exec(source, space)
    assert space["f"](3) == 4  # type: ignore[operator]


def test_a_helper_of_its_own_is_kept() -> None:
    source = extract_source(
        CALL, "```python\ndef helper(n):\n    return 0\n\n\ndef f(n):\n    return helper(n)\n```"
    )
    assert source is not None
    assert source.count("def helper") == 1
    assert "return 0" in source


@given(st.text(max_size=400))
def test_any_text_is_answered(text: str) -> None:
    for problem in (STDIN, CALL):
        source = extract_source(problem, text, prefill="```python\n")
        assert source is None or normalise(source) is not None


@pytest.mark.parametrize(
    "unit", ["```python\n", "def f(x):\n", "<think>", "'''", '"\\', "x = [[[[", "    ", "# c\n", "a,"]
)
def test_a_hundred_kilobytes_of_repetition_take_linear_time(unit: str) -> None:
    def cost(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        source = extract_source(CALL, text)
        normalise(source or text)
        return time.process_time() - began

    # Ten times the text may take ten times as long, with a wide margin; quadratic code would take a hundred times.
    # The rest of this process is not searched for garbage meanwhile: late in a session that takes seconds.
    gc.disable()
    try:
        assert cost(100_000) < 40 * max(cost(10_000), 0.005)
    finally:
        gc.enable()


SPELLINGS = [
    ("print(1)", "print(1)  # one\n\n"),
    ("x = 1\ny = 2\n", "# first\nx = 1\n\n\ny = 2   \n"),
    ("s = '#'\n", "s = '#'  # hash\n"),
]
DIFFERENT = [
    ("print('a # b')", "print('a # c')"),
    ('s = """\n\n"""', 's = """\n"""'),
    ('s = """\n# a\n"""', 's = """\n# b\n"""'),
    ("s = 'a \\\n# b'", "s = 'a \\\n# c'"),
    ("if x:\n    y()\nz()", "if x:\n    y()\n    z()"),
    ('s = "\\"#x"', 's = "\\"#y"'),
    ("s = r'\\'  # '''\nt = 1", "s = r'\\'  # '''\nt = 2"),
]


@pytest.mark.parametrize(("first", "second"), SPELLINGS)
def test_spellings_share_a_key(first: str, second: str) -> None:
    assert normalise(first) == normalise(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_different_programs_do_not(first: str, second: str) -> None:
    assert normalise(first) != normalise(second)


lines = st.sampled_from(
    ["x = 1", "x = '#'", 'x = "a"  # c', "# comment", "", '"""', "'''", 's = """a # b', "# b", "    y = 2",
     "if x:", "s = 'a \\", "b'", "z = (1,  # one", "2)", "t = '''x''' # y", 'u = "\\\\"  # "', "  "]
)  # fmt: skip


@given(st.lists(lines, max_size=8), st.lists(lines, max_size=8))
def test_one_key_never_stands_for_two_programs(first: list[str], second: list[str]) -> None:
    trees = []
    for program in ("\n".join(first), "\n".join(second)):
        try:
            trees.append(ast.dump(ast.parse(program)))
            # The key itself must still be the same program.
            assert ast.dump(ast.parse(normalise(program))) == trees[-1]
        except SyntaxError:
            return
    if trees[0] != trees[1]:
        assert normalise("\n".join(first)) != normalise("\n".join(second))
