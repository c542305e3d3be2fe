"""How a statement's words say a program gets its input: a conversation, named files, or standard streams."""

from __future__ import annotations

import pytest

from problems.channels import files_of, is_interactive
from problems.sentences import sentences

INTERACTIVE = [
    "This is an interactive problem.",
    "This problem is interactive.",
    "This is an interactive task: you must flush.",
    "You interact with the judge by printing queries.",
    "这是一道交互题。",
    "本题是交互题。",
    "この問題はインタラクティブな問題である。",
    "이 문제는 인터랙티브 문제이다.",
    "Это интерактивная задача.",
    "Este es un problema interactivo.",
    "## Interaction Protocol",
    "Your program will interact with the grader.",
    "The interactor answers each query.",
    "Este é um problema interativo.",
]


NOT_INTERACTIVE = [
    "The museum has an interactive map.",
    "The interaction between particles is weak.",
    "Note that this is not an interactive problem.",
    "Bob interacts with his friends.",
    "People who interact with each other become friends.",
    "An interactive movie has n endings.",
    "交互两个数。",
    "Players interact with the system of portals? no",
]


FILES = [
    (
        "INPUT FORMAT (file twice.in):\nOne number.\n\nOUTPUT FORMAT (file twice.out):\nIts double.",
        "twice.in",
        "twice.out",
    ),
    ("Input file: input.txt\nOutput file: output.txt", "input.txt", "output.txt"),
    ("Read from file `x.in` and write to `x.out`.", "x.in", "x.out"),
    (
        "Входной файл input.txt содержит число. Выходной файл output.txt должен содержать ответ.",
        "input.txt",
        "output.txt",
    ),
    (
        "PROGRAM NAME: beads\n\nINPUT FORMAT (file beads.in)\n\nOUTPUT FORMAT (file beads.out)",
        "beads.in",
        "beads.out",
    ),
    ("The first line of the file input.txt contains n.", "input.txt", None),
    ('Use freopen("task.in","r",stdin) and freopen("task.out","w",stdout).', "task.in", "task.out"),
    ("输入文件为 a.in，输出文件为 a.out。", "a.in", "a.out"),
    (
        "Read the data from the file data.txt and write the result to the file result.txt.",
        "data.txt",
        "result.txt",
    ),
    ("input: standard input\noutput: standard output", None, None),
    ("The input is read from stdin.", None, None),
    ("Visit www.site.in for details.", None, None),
    ("The file system has files such as notes.txt and a.out? Print the number of files.", None, None),
    ("* System.out.flush() in Java;", None, None),
    ("Input format (input.txt)\n\nOutput format (output.txt)", "input.txt", "output.txt"),
    ("**Input** file: **cowsignal.in**", "cowsignal.in", None),
    ("Filename: e.g. readme.txt", None, None),
]


@pytest.mark.parametrize("words", INTERACTIVE)
def test_a_conversation_with_the_judge(words: str) -> None:
    assert is_interactive(sentences(words))


@pytest.mark.parametrize("words", NOT_INTERACTIVE)
def test_words_about_interaction_that_are_no_conversation(words: str) -> None:
    assert not is_interactive(sentences(words))


@pytest.mark.parametrize(("words", "source", "target"), FILES)
def test_files_that_a_statement_names(words: str, source: str | None, target: str | None) -> None:
    result = files_of(sentences(words))
    assert (result.input, result.output) == (source, target)
