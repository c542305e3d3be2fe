"""Sample inputs and outputs in the layouts and languages that people paste."""

from __future__ import annotations

import pytest

from problems import ProblemError, TestCase, parse_problem
from problems.labels import label_of

DOUBLE = (("4\n", "8\n"),)
TWICE = (("4\n", "8\n"), ("5\n", "10\n"))


def samples(text: str) -> tuple[tuple[str, str], ...]:
    problem = parse_problem(text)
    assert not problem.is_call
    return tuple((case.stdin, case.stdout) for case in problem.cases if isinstance(case, TestCase))


@pytest.mark.parametrize(
    ("input_label", "output_label"),
    [
        ("Sample Input", "Sample Output"),
        ("Example Input 2:", "Example Output 2:"),
        ("Sample Input #1", "Sample Output #1"),
        ("Input (1)", "Output (1)"),
        ("Input for Sample 1", "Output for Sample Input 1"),
        ("Sample Input 1 Copy", "Sample Output 1 Copy"),
        ("[Sample Input]", "[Sample Output]"),
        ("=== Input 1 ===", "=== Output 1 ==="),
        ("Test case 1: Input", "Test case 1: Output"),
        ("예제 입력 1", "예제 출력 1"),
        ("입력 예제 2", "출력 예제 2"),
        ("예시 입력", "예시 출력"),
        ("예제 입력 1 복사", "예제 출력 1 복사"),
        ("样例输入 #1", "样例输出 #1"),
        ("输入样例1：", "输出样例1："),
        ("【样例输入】", "【样例输出】"),
        ("範例輸入 1", "範例輸出 1"),
        ("样例 2 输入", "样例 2 输出"),
        ("入力例 1", "出力例 1"),
        ("サンプル入力１", "サンプル出力１"),
        ("入力例 3 コピー", "出力例 3 コピー"),
        ("Пример ввода 1".replace("ввода", "ввод"), "Пример вывод 1"),
        ("Входные данные #1", "Выходные данные #1"),
        ("Entrada de ejemplo", "Salida de ejemplo"),
        ("Ejemplo de entrada 1", "Ejemplo de salida 1"),
        ("Exemplo de Entrada", "Exemplo de Saída"),
        ("Entrada 1:", "Saída 1:"),
        ("Exemple d'entrée", "Exemple de sortie"),
        ("Entrée 1", "Sortie 1"),
        ("Beispieleingabe 1", "Beispielausgabe 1"),
        ("Przykładowe wejście", "Przykładowe wyjście"),
        ("Exempel indata 1", "Exempel utdata 1"),
        ("Örnek Girdi", "Örnek Çıktı"),
        ("Contoh Masukan", "Contoh Keluaran"),
    ],
)
@pytest.mark.parametrize("layout", ["fenced", "pasted", "heading"])
def test_labels(input_label: str, output_label: str, layout: str) -> None:
    text = {
        "fenced": f"# Double\n\nSay twice.\n\n{input_label}\n\n```\n4\n```\n\n{output_label}\n\n```\n8\n```\n",
        "pasted": f"Double\n\nSay twice.\n\n{input_label}\n4\n{output_label}\n8\n",
        "heading": f"# Double\n\nSay twice.\n\n## {input_label}\n4\n\n## {output_label}\n8\n",
    }[layout]
    assert samples(text) == DOUBLE


@pytest.mark.parametrize(
    "heading",
    [
        "Examples",
        "Примеры",
        "Ejemplos",
        "Exemplos",
        "Exemples",
        "样例",
        "예제",
        "Beispiele",
        "-----Examples-----",
        "## Przykłady",
    ],
)
@pytest.mark.parametrize(
    ("input_label", "output_label"),
    [("Input", "Output"), ("Ввод", "Вывод"), ("Entrada", "Salida"), ("输入", "输出"), ("입력", "출력")],
)
def test_bare_labels_count_below_a_heading_of_examples(heading: str, input_label: str, output_label: str) -> None:
    text = (
        f"Double\n\n{input_label}\n\nOne number n.\n\n{output_label}\n\nTwice n.\n\n"
        f"{heading}\n{input_label}\n4\n\n{output_label}\n8\n\n{input_label}\n5\n\n{output_label}\n10\n"
    )
    assert samples(text) == TWICE


@pytest.mark.parametrize(
    "text",
    [
        "Input Format",
        "输入格式",
        "The input is one number",
        "Входные данные содержат",
        "inside",
        "Output limit",
        "Input: 5",
        "Example 1 shows this",
        "",
        "12",
        "---",
        "test",
        "Enter data",
    ],
)
def test_what_is_no_label(text: str) -> None:
    assert label_of(text) is None


@pytest.mark.parametrize("dashes", ["-----{}-----", "==={}===", "<{}>", "[{}]", "** {} **", "*{}*:"])
def test_decorated_headings(dashes: str) -> None:
    text = "Double it.\n\n" + "\n\n".join(
        [
            dashes.format("Input"),
            "One number.",
            dashes.format("Output"),
            "Its double.",
            dashes.format("Examples") + "\nInput\n4\n\nOutput\n8\n\nInput\n5\n\nOutput\n10",
            dashes.format("Note"),
            "Easy.",
        ]
    )
    assert samples(text + "\n") == TWICE


@pytest.mark.parametrize(
    "after",
    [
        "3+4=7.",
        "3 + 4 = 7",
        "Here 4 and 4 make 8.",
        "これは足し算です。",
        "两个数字的和为八",
        "Explanation: doubled",
        "Explanation\ndoubled",
        "样例解释\n略",
        "Пояснение\nпросто",
        "Nota\nfácil",
        "힌트\n쉽다",
        "Author\nA. Nonymous",
        "Source: somewhere",
        "Recommend\nnobody",
        "Time Limit: 1 s",
        "Tags\nmath",
        "Companies\nmany",
        "Subtasks\n1. small",
        "出典\n不明",
        "Constraints\n1 <= n",
    ],
)
def test_what_follows_an_output_is_no_output(after: str) -> None:
    assert samples(f"Double\n\nSample Input\n4\n\nSample Output\n8\n\n{after}\n") == DOUBLE


@pytest.mark.parametrize(
    "output",
    [
        "Case #1: YES",
        "Hello, World!",
        "1 2 3\n\n4 5 6",
        "It is over.\n\nIt was fun.",
        "a = 1\n\nb = 2",
        "-1",
        "YES\nNO\n\nYES",
        "#\n##\n###",
        "Case 1: yes.\n\nCase 2: no.",
    ],
)
def test_outputs_that_read_like_text_stay(output: str) -> None:
    assert samples(
        f"Talk\n\nSample Input\n4\n\nSample Output\n{output}\n\nSample Input 2\n1\nSample Output 2\n2\n"
    ) == (
        ("4\n", output + "\n"),
        ("1\n", "2\n"),
    )


def test_everything_in_a_fence_is_output() -> None:
    text = "# T\n\n## Sample Input\n```\n4\n```\n## Sample Output\n```\n8\n\nNote that\n\n3+4=7.\n```\n"
    assert samples(text) == (("4\n", "8\n\nNote that\n\n3+4=7.\n"),)


@pytest.mark.parametrize(
    "grid",
    [
        "# . #\n. . .\n# . #",
        "#..#\n####",
        "- 1\n- 2",
        "* *\n * ",
        "> <\n< >",
        "---\n-+-",
        "|.|.|\n|#|.|",
        "=====\n=...=",
        "1. 2\n2. 3",
    ],
)
def test_a_grid_is_not_markup(grid: str) -> None:
    stdin = f"3 3\n{grid}\n"
    assert samples(f"Rooms\n\nSample Input 1\n{stdin}Sample Output 1\n1\n") == ((stdin.rstrip() + "\n", "1\n"),)


@pytest.mark.parametrize(
    "text",
    [
        "Sample 1:\nInput\nOutput\n2\n4\n5\n8\n10\nExplanation:\nEasy.",
        "Example\nInput\nOutput\n4\n8",
        "Sample Input\nSample Output\n4\n8",
        "样例\n输入\n输出\n4\n8",
        "Sample Input\n\nSample Output\n\n4\n8",
        "Examples\nInput\tOutput\n1\n2\t4\n",
    ],
)
def test_values_after_both_labels_are_refused(text: str) -> None:
    with pytest.raises(ProblemError, match=r":\d+: sample input and output cannot be told apart"):
        parse_problem(f"Double\n\n{text}\n")


def test_two_fences_after_both_labels_are_one_each() -> None:
    assert samples("# D\n\nSample Input\nSample Output\n```\n4\n```\n```\n8\n```\n") == DOUBLE


def test_an_input_that_is_empty_on_purpose() -> None:
    assert samples("# Hi\n\nSample Input\n```\n```\nSample Output\n```\nhi\n```\n") == (("", "hi\n"),)
    assert samples("Hi\n\nThere is no input.\n\nSample Input\n\nSample Output\nhi\n") == (("", "hi\n"),)


@pytest.mark.parametrize("gap", ["        ", "\t", "   "])
@pytest.mark.parametrize("rule", ["-----    --------\n", ""])
def test_the_column_of_functions_is_no_input(gap: str, rule: str) -> None:
    table = f"STDIN    Function\n{rule}2{gap}n = 2\n3 4{gap}a = [3, 4]\n"
    text = f"Add.\n\n**Sample Input**\n\n```\n{table}```\n\n**Sample Output**\n\n```\n7\n```\n"
    assert samples(text) == (("2\n3 4\n", "7\n"),)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Input\tOutput", "4\t8"),
        ("Output\tInput", "8\t4"),
        ("исходные данные\tрезультат", "4\t8"),
        ("输入\t输出", "4\t8"),
    ],
)
def test_columns_pasted_with_tabs(header: str, row: str) -> None:
    assert samples(f"Double\n\nExamples\n{header}\n{row}\n\nThe end of it all here.\n") == DOUBLE


@pytest.mark.parametrize("array", ["A[] = {1,3}", "arr[]={1, 2}", "a[3] = {1}"])
def test_c_arrays_are_no_input_of_a_program(array: str) -> None:
    with pytest.raises(ProblemError, match=r"found '\w+\[\w*\] ?= ?\{"):
        parse_problem(f"Missing\n\nExample 1:\n\nInput:\nN = 3\n{array}\nOutput: 2\n")


def test_a_value_behind_the_output_label() -> None:
    assert samples("Double\n\nSample Input:\n4\nSample Output: 8\n") == DOUBLE


@pytest.mark.parametrize(
    "text", ["# 两倍\n\n求和。\n", "Say something.\n", "# T\n\n## Input\n\nOne number.\n\n## Output\n\nTwo.\n"]
)
def test_a_statement_without_examples_says_what_was_looked_for(text: str) -> None:
    problem = parse_problem(text)
    assert problem.cases == ()
    assert any("No example was found" in note and "languages" in note for note in problem.notes)
    assert not any("No example" in note for note in parse_problem("D\n\nInput: 1\nOutput: 2\n").notes)
