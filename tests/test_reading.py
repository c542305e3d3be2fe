"""Which files are statements: encodings that are read, and formats that are refused by name."""

from __future__ import annotations

import io
import json

import pytest

from problems import Problem, ProblemError, TestCase, parse_problem, read_problem

TEXT = "# Удвоить 二倍\n\n## Sample Input\n```\n4\n```\n## Sample Output\n```\n8\n```\n"


def read(data: bytes) -> Problem:
    return read_problem(io.BytesIO(data), path="x.md")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"),
        b"\0\0\xfe\xff" + TEXT.encode("utf-32-be"),
        b"\xef\xbb\xbf" + TEXT.encode(),
        b"\xff\xfe" + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding(data: bytes) -> None:
    problem = read(data)
    assert (problem.title, problem.cases) == ("Удвоить 二倍", (TestCase("4\n", "8\n"),))


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Удвоить", "cp1251"),
        ("两倍", "gb18030"),
        ("二倍", "shift_jis"),
        ("두 배", "euc-kr"),
        ("été", "latin-1"),
    ],
)
def test_older_encodings_are_refused_with_the_line_and_a_way_out(words: str, encoding: str) -> None:
    with pytest.raises(ProblemError, match=r"^x\.md:2: is not UTF-8 text$") as refusal:
        read(b"# A\n" + words.encode(encoding) + b"\n")
    assert "UTF-8" in refusal.value.remedy


def test_a_file_cut_inside_a_character_is_refused() -> None:
    with pytest.raises(ProblemError, match="UTF-16"):
        read(b"\xff\xfeA\0B")


NOTEBOOK = json.dumps({"cells": [{"cell_type": "markdown", "source": ["# A"]}], "nbformat": 4, "metadata": {}})


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (NOTEBOOK.encode(), "notebook"),
        (json.dumps({"title": "A", "content": "<p>x</p>"}, indent=1).encode(), "JSON"),
        (b'[{"title": "A"},\n {"title": "B"}]', "JSON"),
        (b'{"task_id": 1}\n{"task_id": 2}\n', "JSON Lines"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\0", "zip"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"{\\rtf1\\ansi A}", "RTF"),
        (b"% a comment\n\\documentclass{article}\n\\begin{document}\nA\n", "LaTeX"),
        (b"\\begin{problem}{A}{stdin}{stdout}\nA\n", "LaTeX"),
        (b"---\nname: A\nlimits:\n  time: 1\nauthor: B\n", "YAML"),
    ],
)
def test_other_formats_are_named_and_refused(data: bytes, name: str) -> None:
    with pytest.raises(ProblemError, match=rf"^x\.md: is .*{name}.*; expected a statement as Markdown") as error:
        read(data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "{a, b} is a set of two.\n\nPrint 1.\n",
        "[Link](https://example.org) to the source.\n\nPrint 1.\n",
        "[1, 2, 3] is sorted.\n",
        "[0]\n",
        "---\ntitle: A\ntags: b\nlevel: 1\n---\n\n# A\n\nPrint 1.\n",
        "Note: print 1.\nInput: none.\nOutput: 1\n",
        "The command \\documentclass begins a paper. Print it.\n",
    ],
)
def test_text_that_only_begins_like_data_is_read(text: str) -> None:
    assert read(text.encode()).statement


@pytest.mark.parametrize(
    "source", ["x = " + "-" * 20_000 + "1", "x = " + "(" * 5000, "x = " + "[" * 90_000, "x = 1" + "+1" * 100_000]
)
def test_a_deep_checker_is_refused_in_one_line(source: str) -> None:
    try:
        problem = parse_problem(f"# A\n\n```python checker\n{source}\n```\n", path="x.md")
    except ProblemError as error:
        assert str(error).startswith("x.md:")  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert problem.checker is not None


def test_constants_of_a_checker_are_not_computed() -> None:
    assert parse_problem("# A\n\n```python checker\nx = 10**10**8\n```\n").checker is not None
