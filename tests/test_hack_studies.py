"""What the studies of hacking count: mistakes that are exposed, and inputs that a contract allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.studies.hack_functions import Attempt as FunctionAttempt
from benchmarks.studies.hack_functions import summary as function_summary
from benchmarks.studies.hack_mutants import Attempt, summary
from benchmarks.studies.plus_inputs import rule

_MUTANT = Attempt("p#1/1", "range", 3, "WA", "WA", True, 4, 1.0, 9, 0, "grammar", "2\n1 1\n")
_FUNCTION = FunctionAttempt(
    "F/1#0", "F/1", True, "WA", True, 2, 1.0, 9, 0, 7, "mutation", "f(0)", 3, 90, 1, "f(5)"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"is_valid": False}, False),  # the program without the mistake fails on it as well
        ({"is_valid": False, "is_found_valid": True}, True),  # only the shrunk one is invalid
        ({"is_valid": False, "origin": "example"}, True),
        ({"verdict": ""}, False),
        ({"operator": ""}, False),  # there is no mistake in it
    ],
)
def test_a_mistake_is_exposed_by_a_valid_input(changes: dict[str, object], expected: bool) -> None:
    assert replace(_MUTANT, **changes).is_exposed is expected  # type: ignore[arg-type]


def test_mutants_are_counted_by_who_exposes_them() -> None:
    done = [
        _MUTANT,
        replace(_MUTANT, tokens=8, tests="AC"),  # by the search alone
        replace(_MUTANT, verdict="", origin=""),  # by the tests alone
        replace(_MUTANT, verdict="", origin="", tests="AC"),  # by neither
        replace(_MUTANT, operator=""),  # a control that is accused
        replace(_MUTANT, operator="", verdict="", unread=2),
    ]
    lines = summary(done).split("\n")
    assert lines[2] == "| range | 4 | 2 | 2 | 1 | 1 | 2 of 3 (67%) | 2 of 3 (67%) | 6.0 |"
    assert lines[-2].startswith(
        "statement read in full: 1 programs without a mistake, 1 accused; 2 mutants broken"
    )
    assert lines[-1].startswith("statement not: 1 programs without a mistake, 0 accused; 0 mutants broken")


def test_functions_are_counted_by_the_parity_of_their_tasks() -> None:
    done = [
        _FUNCTION,
        replace(_FUNCTION, task="F/2", is_valid=False),  # broken on an invalid input, which is not counted
        replace(_FUNCTION, task="F/2", is_wrong=False),  # a control that is accused
    ]
    odd, even, _ = function_summary(done).split("\n")[2:]
    assert odd == "| odd | 1 | 1 (100%) | 1 (100%) | 7 | 3 | 90 | 2 | 1 | 0 | 0 | 0 | 0 |"
    assert even == "| even | 1 | 0 (0%) | 1 (100%) | - | 3 | 90 | - | 1 | 1 | 1 | 1 | 0 |"


@pytest.mark.parametrize("indentation", ["    ", "\t", " "])
def test_a_contract_refuses_arguments_however_it_is_indented(indentation: str) -> None:
    contract = f'\n{indentation}assert n > 0, "invalid inputs"\n'
    names: dict[str, object] = {}
    exec(rule("def f(n: int, m=2):\n    return n", "f", contract), names)
    keeps = names["keeps_the_contract"]
    assert callable(keeps)
    assert keeps(1)
    with pytest.raises(AssertionError):
        keeps(0)
