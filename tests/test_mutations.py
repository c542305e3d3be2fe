"""Mutants: each operator makes its mistake on a small program, and what it makes is a program."""

from __future__ import annotations

import ast

import pytest

from benchmarks.studies.mutations import OPERATORS, all_mutants, mutants

_PROGRAM = """
n = int(input())
best = 0
for case in range(n):
    seen = []
    total = 0
    for number in sorted(map(int, input().split())):
        if number < 3 and number not in seen:
            continue
        if total > 10**9:
            break
        seen.append(number)
        total += number * 2
    best = max(best, total, seen[0])
print(best)
"""


def _texts(operator: str, source: str) -> list[str]:
    return [each.source for each in all_mutants(source) if each.operator == operator]


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("constant", "x = 5", ["x = 6", "x = 4"]),
        ("constant", "x = 'a'", []),
        ("constant", "x = True", []),
        ("range", "range(n)", ["range(n + 1)", "range(n - 1)"]),
        (
            "range",
            "range(a, b, 2)",
            ["range(a + 1, b, 2)", "range(a - 1, b, 2)", "range(a, b + 1, 2)", "range(a, b - 1, 2)"],
        ),
        ("boundary", "a < b", ["a <= b"]),
        ("boundary", "a == b", []),
        ("opposite", "a <= b", ["a >= b"]),
        ("opposite", "a in b != c", ["a not in b != c", "a in b == c"]),
        ("arithmetic", "a // b", ["a / b"]),
        ("arithmetic", "a += b", ["a -= b"]),
        ("logic", "a and b", ["a or b"]),
        ("logic", "not a", ["a"]),
        ("extreme", "min(a)", ["max(a)"]),
        ("statement", "a.sort()", ["pass"]),
        ("statement", "print(a)", []),
        ("guard", "if a:\n    f()\nelse:\n    g()", ["f()", "g()"]),
        ("guard", "if a:\n    f()", ["f()", "pass"]),
        (
            "reset",
            "for a in b:\n    c = []\n    d = a",
            ["c = []\nfor a in b:\n    pass\n    d = a"],
        ),
        ("index", "a[i]", ["a[i + 1]", "a[i - 1]"]),
        ("index", "a['key']", []),
        ("index", "a[:i]", ["a[:i + 1]", "a[:i - 1]"]),
        (
            "exit",
            "while a:\n    if b:\n        c()\n    d()",
            ["while a:\n    if b:\n        c()\n        break\n    d()"],
        ),
        ("exit", "while a:\n    break", ["while a:\n    pass"]),
        ("order", "sorted(a, reverse=True)", ["list(a)"]),
    ],
)
def test_an_operator_makes_its_mistake(operator: str, source: str, expected: list[str]) -> None:
    assert _texts(operator, source) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x = 50000 * 50000", 50000 * 50000 - 2**32),  # between 2**31 and 2**32: once around
        ("x = 2**31 - 1\nx += 1", -(2**31)),
        ("x = sum([2**31, -1])", 2**31 - 1),
        ("x = 'ab' * 2", "abab"),
    ],
)
def test_int32_wraps_around_as_in_c(source: str, value: object) -> None:
    (mutant,) = [text for text in _texts("int32", source) if "_int32(" in text]
    names: dict[str, object] = {}
    exec(mutant, names)
    assert names["x"] == value


def test_every_operator_finds_something_in_a_usual_program() -> None:
    assert {each.operator for each in all_mutants(_PROGRAM)} == set(OPERATORS)


def test_mutants_are_programs_and_differ_from_their_origin_and_from_each_other() -> None:
    chosen = mutants(_PROGRAM, seed=3, most=40)
    texts = [ast.unparse(ast.parse(each.source)) for each in chosen]
    assert len(texts) == 40
    assert len({*texts, ast.unparse(ast.parse(_PROGRAM))}) == 41


def test_a_mistake_is_alone_and_on_the_line_that_is_named() -> None:
    lines = ast.unparse(ast.parse(_PROGRAM)).split("\n")
    for each in all_mutants(_PROGRAM):
        if each.operator in ("constant", "range", "boundary", "opposite", "arithmetic", "logic", "extreme"):
            differing = [
                at
                for at, pair in enumerate(zip(lines, each.source.split("\n"), strict=True))
                if pair[0] != pair[1]
            ]
            assert differing == [each.line - 2]  # the program begins with an empty line, and lines count from 1


def test_few_mutants_are_of_as_many_operators_and_a_seed_gives_the_same_ones() -> None:
    chosen = mutants(_PROGRAM, seed=1, most=len(OPERATORS))
    assert len({each.operator for each in chosen}) == len(OPERATORS)
    assert chosen == mutants(_PROGRAM, seed=1, most=len(OPERATORS))
    assert chosen != mutants(_PROGRAM, seed=2, most=len(OPERATORS))


def test_a_program_without_a_place_for_a_mistake_has_no_mutants() -> None:
    assert mutants("print(input())", seed=0, most=5) == []
