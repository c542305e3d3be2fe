"""Examples of functions in the layouts and languages that people paste."""

from __future__ import annotations

import pytest

from problems.document import read_document
from problems.labelled import labelled_examples


def texts(statement: str) -> list[tuple[str, str]]:
    examples = labelled_examples(read_document(statement, "x.md"))
    return [(example.input_text, example.output_text) for example in examples]


@pytest.mark.parametrize(
    "statement",
    [
        "Input: n = 4\nOutput: 8\n",
        "**Input:** n = 4\n**Output:** 8\n**Explanation:** Twice.\n",
        "**Example 1:**\n\n**Input:**\n\nn = 4\n\n**Output:**\n\n8\n\n**Explanation:**\n\nTwice.\n",
        "Input:\n\n```\nn = 4\n```\n\nOutput:\n\n```\n8\n```\n",
        "```text\nInput\nn = 4\nOutput\n8\n```\nIt is twice as much.\n",
        "> **Input**: `n = 4`\n> **Output**: `8`\n",
        "`Input: n = 4`\n`Output: 8`\n",
        "- Input: n = 4, Output: 8\n",
        "Example 1: Input: n = 4 Output: 8\n",
        "1. Input: n = 4\n   Output: 8\n",
        "Input: n = 4\nExpected: 8\n",
        "输入：n = 4\n输出：8\n解释：四的两倍。\n",
        "入力: n = 4\n出力: 8\n",
        "입력: n = 4\n출력: 8\n설명: 두 배\n",
        "Входные данные: n = 4\nВыходные данные: 8\n",
        "Entrada: n = 4\nSalida: 8\n",
        "Entrada: n = 4\nSaída: 8\n",
        "Entrée : n = 4\nSortie : 8\n",
        "Eingabe: n = 4\nAusgabe: 8\n",
        "| Input | Output |\n|---|---|\n| n = 4 | 8 |\n",
    ],
)
def test_texts_under_labels(statement: str) -> None:
    assert texts("# Double\n\n" + statement) == [("n = 4", "8")]


def test_signs_of_emphasis_inside_a_value_stay() -> None:
    assert texts('Input: s = "a_b*", p = "*_"\nOutput: "*"\n') == [('s = "a_b*", p = "*_"', '"*"')]


def test_lines_of_a_value_and_their_numbers() -> None:
    statement = "# T\n\nInput\n[1,\n 2]\n3\n\nOutput\n[[1],\n [2]]\n\nText.\n"
    (example,) = labelled_examples(read_document(statement, "x.md"))
    assert example.input_text == "[1,\n 2]\n3"
    assert example.output_text == "[[1],\n [2]]"
    assert (example.input_line, example.output_line, example.inline) == (3, 8, False)


def test_an_input_without_an_output_has_an_empty_one() -> None:
    assert texts("Input: n = 4\n\nInput: n = 5\nOutput: 10\n") == [("n = 4", ""), ("n = 5", "10")]
