"""Outputs are compared as the default validator of Kattis's problem packages compares them.

What is right follows from the format's words: tokens are what stands between white space; flags make case and
white space count; with a tolerance, a token that is a number may be off by it absolutely or relatively, however
it is written.
"""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.judging.explain import text_difference
from problems import Comparator, ProblemError, accepts_output, parse_problem
from problems.validator_flags import flags_comparator

ABSOLUTE, RELATIVE, BOTH = "float_absolute_tolerance", "float_relative_tolerance", "float_tolerance"
CASE, SPACE = "case_sensitive", "space_change_sensitive"


def accepts(flags: str, expected: str, actual: str) -> bool:
    return accepts_output(flags_comparator(flags), expected, actual)


RIGHT = [
    ("the same text", "", "3 tall trees\n", "3 tall trees\n"),
    ("case is free without a flag", "", "Impossible", "IMPOSSIBLE"),
    ("any white space parts tokens", "", "1 2 3\n", "1\t2\n\n  3"),
    ("carriage returns are white space", "", "1\n2\n", "1\r\n2\r\n"),
    ("vertical tab and form feed are white space", "", "1 2", "1\v\f2"),
    ("a last line may lack its end", "", "1\n", "1"),
    ("lines may be added that are empty", "", "1\n", "\n\n1\n\n\n"),
    ("nothing is expected and only white space comes", "", "", " \t\n"),
    ("nothing is expected where space counts, and nothing comes", SPACE, "", ""),
    ("case counts and is the same", CASE, "Yes\n", "Yes\n"),
    ("case counts, space does not", CASE, "Yes No\n", "Yes\nNo"),
    ("space counts, case does not", SPACE, "a  B\n", "A  b\n"),
    ("off by less than the absolute tolerance", f"{ABSOLUTE} 0.01", "5.000", "5.009"),
    ("off by just the absolute tolerance, in binary fractions", f"{ABSOLUTE} 0.25", "1.5", "1.75"),
    ("off by less than the relative tolerance", f"{RELATIVE} 0.01", "5000", "5049"),
    ("off by just the relative tolerance, in binary fractions", f"{RELATIVE} 0.25", "8", "10"),
    ("a small number, by the absolute one of both", f"{BOTH} 1e-3", "0.000001", "0.0005"),
    ("a large number, by the relative one of both", f"{BOTH} 1e-3", "2000000", "2001000"),
    ("two tolerances: the absolute one holds", f"{ABSOLUTE} 1 {RELATIVE} 1e-9", "10", "11"),
    ("two tolerances: the relative one holds", f"{ABSOLUTE} 1e-9 {RELATIVE} 0.5", "10", "14"),
    ("the last of two tolerances counts", f"{ABSOLUTE} 1e-9 {BOTH} 0.5", "10", "14"),
    ("below as well as above", f"{ABSOLUTE} 0.01", "5.000", "4.991"),
    ("a negative number, relative to its size", f"{RELATIVE} 0.01", "-100", "-100.5"),
    ("whole numbers are numbers", f"{RELATIVE} 1e-4", "1000000", "1000050"),
    (
        "whole numbers beyond 2**53, which no double tells apart",
        f"{BOTH} 1e-9",
        "9007199254740993",
        "9007199254740992",
    ),
    ("a whole number as a fraction", f"{BOTH} 1e-6", "7", "7.000000"),
    ("a fraction as a whole number", f"{BOTH} 1e-6", "7.0", "7"),
    ("zero and minus zero", f"{BOTH} 1e-6", "0.0", "-0.0"),
    ("a sign before a positive number", f"{BOTH} 1e-6", "1", "+1"),
    ("with an exponent", f"{BOTH} 1e-6", "1000", "1e3"),
    ("with a capital and a signed exponent", f"{BOTH} 1e-6", "0.015", "1.5E-02"),
    ("with an exponent where case counts", f"{BOTH} 1e-6 {CASE}", "1000", "1E3"),
    ("with zeros before it", f"{BOTH} 1e-6", "7.5", "007.5"),
    ("without digits before the point", f"{BOTH} 1e-6", "0.5", ".5"),
    ("without digits after the point", f"{BOTH} 1e-6", "5", "5."),
    ("with more digits than a double holds", f"{BOTH} 1e-6", "0.3333333333", "0." + "3" * 1000),
    ("a tolerance of zero takes another way to write it", f"{BOTH} 0", "1", "1.0"),
    ("words beside numbers", f"{BOTH} 1e-6", "Case 1: 0.5", "case 1: 0.50"),
    ("an infinity is a word", f"{BOTH} 1e-6", "inf", "INF"),
    ("what is not a number is a word", f"{BOTH} 1e-6", "NaN", "nan"),
    ("a number beyond doubles is a word", f"{BOTH} 1e-6", "1e400", "1E400"),
    ("tolerance where space counts", f"{BOTH} 1e-6 {SPACE}", "0.5 x\n", "0.50 x\n"),
    ("bytes that are no UTF-8", "", "\udcff", "\udcff"),
]

WRONG = [
    ("another word", "", "yes", "yep"),
    ("a token more", "", "1 2", "1 2 3"),
    ("a token less", "", "1 2 3", "1 2"),
    ("a token that is empty is none", "", "1", ""),
    ("something where nothing is expected", "", "", "0"),
    ("tokens in another order", "", "1 2", "2 1"),
    ("one token in two", "", "12", "1 2"),
    ("two tokens in one", "", "1 2", "12"),
    ("a space that is not ASCII's", "", "1 2", "1\u00a02"),
    ("letters beyond ASCII have no case", "", "\u00c5", "\u00e5"),
    ("letters that fold to ASCII's", "", "kelvin", "\u212aelvin"),
    ("case counts and differs", CASE, "Yes", "yes"),
    ("case counts within a word", CASE, "aXb", "axb"),
    ("a space more where space counts", SPACE, "1 2\n", "1  2\n"),
    ("a tab for a space where space counts", SPACE, "1 2\n", "1\t2\n"),
    ("another line end where space counts", SPACE, "1\n", "1\r\n"),
    ("no last line end where space counts", SPACE, "1\n", "1"),
    ("a last line end too many where space counts", SPACE, "1\n", "1\n\n"),
    ("a last line end that is not expected where space counts", SPACE, "1", "1\n"),
    ("a space before all where space counts", SPACE, "1\n", " 1\n"),
    ("a space at a line's end where space counts", SPACE, "1\n2\n", "1 \n2\n"),
    ("white space alone where space counts", SPACE, "", "\n"),
    ("a space on the other side where space counts", SPACE, " a", "a "),
    ("numbers are texts without a tolerance: a fraction", "", "1", "1.0"),
    ("numbers are texts without a tolerance: zeros", "", "7", "07"),
    ("numbers are texts without a tolerance: a sign", "", "7", "+7"),
    ("numbers are texts without a tolerance: an exponent", "", "1000", "1e3"),
    ("numbers are texts without a tolerance: minus zero", "", "0", "-0"),
    ("off by more than the absolute tolerance", f"{ABSOLUTE} 0.01", "5.000", "5.011"),
    ("a large number has no other absolute tolerance", f"{ABSOLUTE} 1e-6", "1000000.0", "1000000.5"),
    ("off by more than the relative tolerance", f"{RELATIVE} 0.01", "5000", "5051"),
    ("relative to the expected number, not to the answer", f"{RELATIVE} 0.25", "8", "10.5"),
    ("relative to zero only zero is near", f"{RELATIVE} 0.1", "0", "1e-300"),
    ("beyond both", f"{BOTH} 1e-6", "3.0", "3.1"),
    ("the other sign", f"{BOTH} 0.5", "10", "-10"),
    ("a tolerance of zero is none", f"{BOTH} 0", "1", "1.0000000001"),
    ("a word for a number", f"{BOTH} 1e-6", "1.5", "none"),
    ("a number for a word", f"{BOTH} 1e-6", "none", "1.5"),
    ("nan is near to no number", f"{BOTH} 1e-6", "0.5", "nan"),
    ("an infinity is near to no number", f"{BOTH} 1e-6", "1e308", "inf"),
    ("the other infinity", f"{BOTH} 1e-6", "inf", "-inf"),
    ("a number of too many digits is near to none", f"{BOTH} 1e-6", "1e308", "1e309"),
    ("a hexadecimal number is a text", f"{BOTH} 1e-6", "16", "0x10"),
    ("a decimal comma", f"{BOTH} 1e-6", "1.5", "1,5"),
    ("digits with underscores", f"{BOTH} 1e-6", "1000", "1_000"),
    ("digits of another script", f"{BOTH} 1e-6", "12", "\u0661\u0662"),
    ("a unit after the number", f"{BOTH} 1e-6", "1.5", "1.5m"),
    ("an exponent without digits", f"{BOTH} 1e-6", "1", "1e"),
    ("a point without digits", f"{BOTH} 1e-6", "0", "."),
    ("two signs", f"{BOTH} 1e-6", "1", "++1"),
    ("a fraction of two numbers", f"{BOTH} 1e-6", "0.5", "1/2"),
    ("case counts for words beside numbers", f"{BOTH} 1e-6 {CASE}", "Case 0.5", "case 0.5"),
    ("one number of many is off", f"{BOTH} 1e-6", "1.0 2.0 3.0", "1.0 2.1 3.0"),
    ("tolerance does not make space free", f"{BOTH} 1e-6 {SPACE}", "0.5 x\n", "0.5\nx\n"),
]


@pytest.mark.parametrize(
    ("flags", "expected", "actual"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT]
)
def test_accepted(flags: str, expected: str, actual: str) -> None:
    assert accepts(flags, expected, actual)


@pytest.mark.parametrize(
    ("flags", "expected", "actual"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_not_accepted(flags: str, expected: str, actual: str) -> None:
    assert not accepts(flags, expected, actual)


@pytest.mark.parametrize(
    ("flags", "expected", "actual"),
    [row[1:] for row in WRONG if row[2].strip()],
    ids=[row[0] for row in WRONG if row[2].strip()],
)
def test_every_refusal_has_a_place(flags: str, expected: str, actual: str) -> None:
    assert text_difference(flags_comparator(flags), expected, actual) is not None


ascii_text = st.text(st.sampled_from("aB1.\u00e9 \n\t"))
flag_sets = st.sampled_from(["", CASE, SPACE, f"{CASE} {SPACE}", f"{BOTH} 0.1", f"{BOTH} 0.1 {SPACE}"])


@given(flag_sets, ascii_text)
def test_an_output_is_as_right_as_itself(flags: str, text: str) -> None:
    assert accepts(flags, text, text)


@given(ascii_text, st.sampled_from(string.whitespace), st.integers(min_value=0))
def test_a_space_more_counts_only_where_space_does(text: str, blank: str, place: int) -> None:
    gaps = [n for n in range(len(text) + 1) if n in (0, len(text)) or text[n].isspace()]
    at = gaps[place % len(gaps)]
    longer = text[:at] + blank + text[at:]
    assert accepts("", text, longer)
    assert not accepts(SPACE, text, longer)


@given(ascii_text, ascii_text)
def test_two_outputs_are_the_same_either_way(first: str, second: str) -> None:
    for flags in ("", CASE, SPACE, f"{CASE} {SPACE}"):
        assert accepts(flags, first, second) == accepts(flags, second, first)


@given(ascii_text, ascii_text)
def test_with_both_switches_every_character_counts(first: str, second: str) -> None:
    assert accepts(f"{CASE} {SPACE}", first, second) == (first == second)


@pytest.mark.parametrize(
    ("flags", "comparator"),
    [
        ("", Comparator("kattis")),
        ("case_sensitive", Comparator("kattis", case_sensitive=True)),
        ("space_change_sensitive", Comparator("kattis", space_change_sensitive=True)),
        ("float_tolerance 1e-4", Comparator("kattis", 1e-4, 1e-4)),
        ("float_absolute_tolerance 1.5e-6", Comparator("kattis", abs_tol=1.5e-6)),
        ("float_relative_tolerance .01", Comparator("kattis", rel_tol=0.01)),
        (
            "case_sensitive float_relative_tolerance 1 float_absolute_tolerance 2",
            Comparator("kattis", 2, 1, case_sensitive=True),
        ),
    ],
)
def test_flags(flags: str, comparator: Comparator) -> None:
    assert flags_comparator(flags) == comparator


@pytest.mark.parametrize(
    "flags",
    [
        "float_tolerance",
        "float_tolerance case_sensitive",
        "float_tolerance -1",
        "float_tolerance nan",
        "float_tolerance inf",
        "1e-6",
        "Case_Sensitive",
        "float_tolerence 1e-6",
    ],
)
def test_flags_that_no_package_may_have(flags: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        flags_comparator(flags)


SAMPLE = "\n\n## Sample Input 1\n```\n1 2\n```\n## Sample Output 1\n```\n0.5\n```\n"


@pytest.mark.parametrize(
    "head",
    [
        "---\nvalidator_flags: float_tolerance 1e-3\n---\n# Halves\n\nDivide.",
        "---\nname: Halves\nvalidator_flags: 'float_tolerance 1e-3'\nlimits:\n  time: 1\n---\n# Halves\n\nDivide.",
        '---\nvalidator_flags: "float_tolerance 1e-3"\n---\n# Halves\n\nDivide.',
        "---\noutput_validator_args: [float_tolerance, 1e-3]\n---\n# Halves\n\nDivide.",
        "# Halves\n\nDivide.\n\nvalidator_flags: float_tolerance 1e-3",
        "# Halves\n\nDivide.\n\n`validator_flags: float_tolerance 1e-3`",
    ],
)
def test_a_statement_says_its_flags(head: str) -> None:
    problem = parse_problem(head + SAMPLE)
    assert problem.comparator == Comparator("kattis", 1e-3, 1e-3)
    assert problem.title == "Halves"
    assert len(problem.cases) == 1


def test_flags_come_before_what_the_statement_says_of_tolerance_and_case() -> None:
    statement = "# Halves\n\nAn absolute error of 0.1 is allowed.\n\nvalidator_flags:"
    assert parse_problem(statement + SAMPLE).comparator == Comparator("kattis")


def test_flags_within_an_example_are_its_input() -> None:
    statement = (
        "# Flags\n\n## Sample Input 1\n```\nvalidator_flags: no_such\n```\n## Sample Output 1\n```\n1\n```\n"
    )
    assert parse_problem(statement).comparator == Comparator()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Sums\nvalidator_flags: exact" + SAMPLE, "p.md:2: unknown validator flag 'exact'"),
        ("# Sums\nvalidator_flags: float_tolerance x" + SAMPLE, "p.md:2: float_tolerance is followed by 'x'"),
        ("# Sums\nvalidator_flags:\n\n```python\ndef f(n: int) -> int:\n```\n", "validator flags and a function"),
        ("# Sums\nvalidator_flags:\n\n```python checker\npass\n```\n" + SAMPLE, "validator flags and a checker"),
    ],
)
def test_flags_that_a_statement_may_not_have(text: str, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        parse_problem(text, path="p.md")


def test_a_statement_where_space_counts_takes_what_its_example_shows() -> None:
    problem = parse_problem("# Halves\n\nvalidator_flags: space_change_sensitive" + SAMPLE)
    assert accepts_output(problem.comparator, problem.cases[0].stdout, "0.5\n")  # type: ignore[union-attr]
