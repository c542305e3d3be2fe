"""Programs cut out of answers in the forms that models give them."""

from __future__ import annotations

import pytest

from agent.extraction.cpp import extract_cpp
from agent.extraction.source import LONGEST, extract_source
from agent.models.exchange import clean
from agent.types import Prompt, SampleRequest, SamplingParams
from problems import CallCase, Problem, TestCase
from sandbox import CppSandbox, Sandbox, Status

SUM = Problem("Double", "Read n, print 2n.", (TestCase("2\n", "4\n"),))
STARTER = 'def double(n: int) -> int:\n    """Twice n."""\n'
CALL = Problem("Double", "Write it.", (CallCase((2,), 4),), entry_point="double", starter_code=STARTER)
PROGRAM = "n = int(input())\nprint(n * 2)"
FUNCTION = "def double(n):\n    return n * 2"


def indented(text: str, blanks: str) -> str:
    return "\n".join(blanks + line for line in text.split("\n"))


PROGRAM_ANSWERS = {
    "output block after": f"Here.\n\n```python\n{PROGRAM}\n```\n\nWith 4 it prints:\n\n```\n8\n```\n",
    "output block tagged text": f"```python\n{PROGRAM}\n```\n```text\n8\n```\n",
    "input and output blocks": f"Input:\n```\n4\n```\n```python\n{PROGRAM}\n```\nOutput:\n```\n8\n```",
    "output of several lines": f"```py\n{PROGRAM}\n```\ngives\n```console\n$ python a.py\n4\n8\n```\n",
    "java after": f"```python\n{PROGRAM}\n```\nJava:\n```java\npublic class Main {{ }}\n```\n",
    "c++ before": f"```cpp\nint main() {{ return 0; }}\n```\nand\n```python\n{PROGRAM}\n```\n",
    "javascript after": f"```python\n{PROGRAM}\n```\n```js\nconsole.log(8)\n```\n",
    "shell before": f"```bash\npip install numpy\n```\n```python\n{PROGRAM}\n```\n",
    "shell after": f"```python\n{PROGRAM}\n```\nRun:\n```sh\npython main.py < in.txt\n```\n",
    "prose in a fence after": f"```python\n{PROGRAM}\n```\n```\nThis takes constant time, as one sees.\n```\n",
    "list": f"1. Whole:\n\n   ```python\n{indented(PROGRAM, '   ')}\n   ```\n2. Fast.\n",
    "deep list": f"- a\n  - b\n\n    ```python\n{indented(PROGRAM, '    ')}\n    ```\n",
    "quote": f"> ```python\n{indented(PROGRAM, '> ')}\n> ```\n",
    "tab": f"*\tSo:\n\n\t```python\n{indented(PROGRAM, chr(9))}\n\t```\n",
    "title attribute": f'```python title="main.py"\n{PROGRAM}\n```\n',
    "braces": f"```{{.python .numberLines}}\n{PROGRAM}\n```\n",
    "line numbers": f"```python showLineNumbers {{1,2}}\n{PROGRAM}\n```\n",
    "python3": f"```python3\n{PROGRAM}\n```\n",
    "Python": f"```Python\n{PROGRAM}\n```\n",
    "four backticks": f"````python\n{PROGRAM}\n````\n",
    "tildes": f"~~~python\n{PROGRAM}\n~~~\n",
    "windows": f"```python\n{PROGRAM}\n```\n".replace("\n", "\r\n"),
    "windows, prose": f"So:\n\n```\n{PROGRAM}\n```\nOK\n".replace("\n", "\r\n"),
    "tags": f"[PYTHON]\n{PROGRAM}\n[/PYTHON]\n[TESTS]\nassert True\n[/TESTS]\n",
    "end token": f"```python\n{PROGRAM}\n```<|im_end|>\n",
    "end token without a fence": f"{PROGRAM}\n</s>",
    "another end token": f"{PROGRAM}<|endoftext|>",
    "cut off": f"Sure:\n```python\n{PROGRAM}",
    "no fence": f"{PROGRAM}\n",
    "plain fence": f"Sure, here it is:\n\n```\n{PROGRAM}\n```\n\nGood luck!\n",
    "thoughts": f"<think>\n```python\nprint(1)\n```\n</think>\n```python\n{PROGRAM}\n```\n",
}
CALL_ANSWERS = {
    "output block after": f"```python\n{FUNCTION}\n```\n```\n4\n```\n",
    "unittest after": f"```python\n{FUNCTION}\n```\nTests:\n```python\nimport unittest\n\n\n"
    "class T(unittest.TestCase):\n"
    "    def test_it(self):\n        self.assertEqual(double(1), 2)\n```\n",
    "asserts after": f"```python\n{FUNCTION}\n```\n```python\nassert double(1) == 2\n```\n",
    "pytest after": f"```python\n{FUNCTION}\n```\n```python\nimport pytest\n\n\n"
    "def test_double():\n    assert double(1) == 2\n```\n",
    "usage after": f"```python\n{FUNCTION}\n```\nUse:\n```python\nprint(double(3))\n```\n",
    "tags": f"[PYTHON]\n{FUNCTION}\n[/PYTHON]\n[TESTS]\nassert double(2) == 4\n[/TESTS]\n",
    "helper before": "First:\n```python\ndef add(a, b):\n    return a + b\n```\nThen:\n"
    "```python\ndef double(n):\n    return add(n, n)\n```\n",
    "helper after": "```python\ndef double(n):\n    return add(n, n)\n```\nwith\n"
    "```python\ndef add(a, b):\n    return a + b\n```\n",
    "imports apart": "```python\nfrom operator import add\n```\n"
    "```python\ndef double(n):\n    return add(n, n)\n```\n",
    "constant apart": "```python\nTWO = 2\n```\nand\n```python\ndef double(n):\n    return TWO * n\n```\n",
    "fence in a docstring": '```python\ndef double(n):\n    """Twice.\n\n'
    '    ```\n    double(2) gives 4\n    ```\n    """\n    return n * 2\n```\n',
    "a corrected one": f"```python\ndef double(n):\n    return n\n```\nNo, rather:\n```python\n{FUNCTION}\n```\n",
    "plain fence": f"The function:\n\n```\n{FUNCTION}\n```\n",
    "prose around, no fence": f"Here is the function.\n\n{FUNCTION}\n\nIt doubles its argument.\n",
}


@pytest.mark.parametrize("form", PROGRAM_ANSWERS)
def test_programs(form: str) -> None:
    assert (extract_source(SUM, PROGRAM_ANSWERS[form]) or "").strip() == PROGRAM


@pytest.mark.parametrize("form", CALL_ANSWERS)
def test_functions_work(form: str) -> None:
    source = extract_source(CALL, CALL_ANSWERS[form])
    assert source is not None
    names: dict[str, object] = {}
    exec(source, names)
    double = names["double"]
    assert callable(double)
    assert double(21) == 42


PREFILLS = {"fence": "```python\n", "signature": "```python\n" + STARTER}
SERVER_ANSWERS = {
    "prose, plain fence": "Sure, here it is:\n\n```\n{}\n```\n\nGood luck!\n",
    "plain fence first": "```\n{}\n```\n",
    "prose, python fence": "Of course.\n\n```python\n{}\n```\n# the end\n",
    "two fences": "So:\n```\n{}\n```\nprints\n```\n8\n```\n",
    "tildes": "So:\n~~~\n{}\n~~~\n",
    "thought first": "<think>\nlet me see\n</think>\nHere:\n```\n{}\n```\n",
}


@pytest.mark.parametrize("form", SERVER_ANSWERS)
@pytest.mark.parametrize("problem", [SUM, CALL], ids=["program", "function"])
def test_a_server_that_answers_anew(form: str, problem: Problem) -> None:
    code = FUNCTION if problem.is_call else PROGRAM
    prompt = Prompt("", "", PREFILLS["signature" if problem.is_call else "fence"])
    stops = ("\n```", "\nprint(", "\n#", "\nassert ") if problem.is_call else ("\n```",)
    text = clean(SERVER_ANSWERS[form].format(code), SampleRequest(prompt, SamplingParams(stop=stops)))
    source = extract_source(problem, text, prefill=prompt.prefill) or ""
    names: dict[str, object] = {}
    if problem.is_call:
        exec(source, names)
        double = names["double"]
        assert callable(double)
        assert double(4) == 8
    else:
        assert source.strip() == PROGRAM


@pytest.mark.parametrize(
    "text",
    ["    return n * 2\n```\nIt doubles.\n", "    return n * 2\n```\nprints\n```\n8\n```\n", "    return n * 2\n"],
)
def test_a_server_that_goes_on(text: str) -> None:
    prompt = Prompt("", "", PREFILLS["signature"])
    clean_text = clean(text, SampleRequest(prompt, SamplingParams(stop=("\n```",))))
    assert clean_text.strip() == "return n * 2"


CPP_MAIN = (
    "#include <iostream>\nusing namespace std;\n\n"
    "int main() {\n    int n;\n    cin >> n;\n    cout << twice(n);\n}\n"
)
CPP_HELPERS = {
    "a function": "int twice(int n) {\n    return 2 * n;\n}",
    "a template": "template <class T>\nT twice(T n) {\n    return 2 * n;\n}",
    "a macro": "#define twice(n) (2 * (n))",
    "a lambda": "auto twice = [](int n) { return 2 * n; };",
    "a function and its own": "int add(int a, int b) { return a + b; }\nint twice(int n) { return add(n, n); }",
    "a type with a call": "struct Twice {\n    int operator()(int n) { return 2 * n; }\n};\nTwice twice;",
}


@pytest.mark.parametrize("helper", CPP_HELPERS.values(), ids=CPP_HELPERS)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_cpp_helpers_in_a_block_of_their_own(helper: str, first: bool, cpp_box: Sandbox) -> None:
    blocks = [f"```cpp\n{part}\n```" for part in ((helper, CPP_MAIN) if first else (CPP_MAIN, helper))]
    source = extract_cpp(SUM, "The helper and the program:\n" + "\nand\n".join(blocks))
    assert source is not None
    with CppSandbox(cpp_box) as box:
        result = box.run(source, "4\n")
    assert (result.status, result.stdout) == (Status.OK, "8")


def test_cpp_blocks_that_the_program_does_not_use_are_left_out() -> None:
    main = "int main() { return 0; }"
    answer = f"```cpp\nint slow(int n) {{ return n; }}\n```\n```cpp\n{main}\n```\n```cpp\nint other;\n```\n"
    source = extract_cpp(SUM, answer)
    assert source is not None
    assert "slow" not in source
    assert "other" not in source
    assert main in source


@pytest.mark.parametrize(
    "answer",
    [
        "```cpp\nint main() {{ return 0; }}\n```\nprints\n```\n8\n```\n",
        "```python\nprint(1)\n```\nor\n```c++\nint main() {{ return 0; }}\n```\n",
        '```cpp title="a.cpp"\nint main() {{ return 0; }}\n```\n',
        "1. So:\n\n   ```cpp\n   int main() {{ return 0; }}\n   ```\n",
    ],
)
def test_cpp(answer: str) -> None:
    assert "int main() { return 0; }" in (extract_cpp(SUM, answer.replace("{{", "{").replace("}}", "}")) or "")


@pytest.mark.parametrize(
    "unit",
    [
        "```\n",
        "```python\n",
        "`",
        "~~~\n",
        "<think>",
        "[PYTHON]\n",
        '"""\n',
        "(",
        "def f():\n",
        "\\",
        "x" * 99 + "\n",
    ],
)
def test_hostile_answers_are_read(unit: str) -> None:
    # As long as an answer is read; what ends in characters that no program may hold needs no length.
    for length, end in ((LONGEST, ""), (LONGEST // 20, "\0"), (LONGEST // 20, "\ud800")):
        extract_source(SUM, unit * (length // len(unit)) + end)
