"""Checkers that the model writes: trusted when they judge the examples rightly, and heard as votes only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scripted import ScriptedSampler
from two_parts import (
    ALSO_TOO_MUCH,
    CRASHING,
    CREDULOUS,
    FAILS,
    FIFTHS,
    FORMAL,
    HONEST,
    LYING,
    ONES,
    PAIR,
    PREFILL,
    STRICT,
    TOO_MUCH,
)

from agent.checkers import Checkers, checker_requests, trials_of
from agent.cost import Meter
from agent.inputs import GeneratedInput
from agent.judging.judge import text_key
from agent.pool import Pool
from agent.prompts import CHECKER_FUNCTION
from agent.solve import solve
from agent.types import Completion, Observation, Purpose, Solution, SolveOptions, Verdict
from problems import CallCase, Checker, Comparator, Problem, TestCase
from sandbox import Sandbox


def answered(box: Sandbox, checkers: list[str], programs: list[str], problem: Problem = PAIR) -> Solution:
    options = SolveOptions(n=len(programs), checkers=len(checkers), stop_risk=0.0)
    return solve(problem, ScriptedSampler([*checkers, *programs]), box, options=options)


def panel_of(box: Sandbox, *checkers: str, problem: Problem = PAIR) -> Checkers:
    panel = Checkers(problem, box)
    panel.learn([PREFILL + checker for checker in checkers])
    return panel


def trusted(box: Sandbox, *checkers: str, problem: Problem = PAIR) -> int:
    return len(panel_of(box, *checkers, problem=problem))


# What solving makes of them.


def test_different_valid_answers_outvote_one_wrong_answer(box: Sandbox) -> None:
    programs = [TOO_MUCH, ALSO_TOO_MUCH, TOO_MUCH, ONES, ONES, FIFTHS, FIFTHS]
    by_text = answered(box, [], programs)
    by_checker = answered(box, [HONEST], programs)
    assert (by_text.program or "").strip() == TOO_MUCH
    assert by_text.evidence.clusters[0] == 3
    assert (by_checker.program or "").strip() in (ONES, FIFTHS)
    assert by_checker.evidence.clusters == (4, 3)
    assert (by_checker.evidence.checkers, by_checker.evidence.untrusted_checkers) == (1, 0)


@pytest.mark.parametrize("checker", [CREDULOUS, FORMAL, STRICT, CRASHING, "    no function at all"])
def test_an_untrusted_checker_changes_nothing(box: Sandbox, checker: str) -> None:
    programs = [TOO_MUCH, ONES, FIFTHS, TOO_MUCH]
    without, with_checkers = answered(box, [], programs), answered(box, [checker], programs)
    assert with_checkers.program == without.program
    assert with_checkers.evidence.clusters == without.evidence.clusters
    assert with_checkers.evidence.checkers == 0


def test_a_lying_checker_accepts_no_program_that_fails_an_example(box: Sandbox) -> None:
    alone = answered(box, [LYING], [FAILS, FAILS])
    assert alone.evidence.checkers == 1
    assert not alone.solved
    assert [execution.verdict for execution in alone.executions] == [Verdict.WA]
    beside = answered(box, [LYING], [FAILS, ONES, FAILS])
    assert beside.solved
    assert (beside.program or "").strip() == ONES


def test_verdicts_on_the_examples_are_those_without_checkers(box: Sandbox) -> None:
    programs = [FAILS, ONES, FIFTHS]
    without, with_checkers = answered(box, [], programs), answered(box, [HONEST], programs)
    assert with_checkers.evidence.verdicts == without.evidence.verdicts
    assert with_checkers.evidence.survivors == without.evidence.survivors == 2


def test_where_the_expected_output_decides_no_checker_is_asked_for() -> None:
    options = SolveOptions(checkers=3)
    with_checkers = checker_requests(PAIR, options)
    assert [(request.params.n, purpose) for request, purpose in with_checkers] == [(3, Purpose.CHECKER)]
    assert CHECKER_FUNCTION in with_checkers[0][0].prompt.user
    assert checker_requests(PAIR, SolveOptions()) == []
    assert checker_requests(replace(PAIR, many_answers=False), options) == []
    assert checker_requests(replace(PAIR, checker=Checker("exit(0)")), options) == []
    function = Problem("F", "Return any.", (CallCase((1,), 1),), entry_point="f", many_answers=True)
    assert checker_requests(function, options) == []


def completion(purpose: Purpose, text: str) -> Completion:
    return Completion(0, 0, text, 1, -1.0, "stop", purpose=purpose)


def test_any_valid_answer_passes_a_test_that_the_model_wrote(box: Sandbox) -> None:
    pool = Pool(PAIR, Meter(box), SolveOptions(inputs=0))
    pool.add([completion(Purpose.TESTS, "Input:\n10\nOutput:\n1 9\n")])
    pool.add([completion(Purpose.PROGRAM, program) for program in (ONES, FIFTHS, TOO_MUCH)])
    pool.filter()
    pool.cluster()
    assert pool.standings.ranking.matrix.passes == ((True,), (False,), (False,))
    pool.add([completion(Purpose.CHECKER, PREFILL + HONEST)])
    pool.cluster()
    assert pool.standings.ranking.matrix.passes == ((True,), (True,), (False,))


# Whom to trust.


def test_who_judges_the_examples_rightly_is_trusted(box: Sandbox) -> None:
    assert trusted(box, HONEST) == 1
    assert [trusted(box, source) for source in (CREDULOUS, FORMAL, STRICT, CRASHING)] == [0, 0, 0, 0]


def test_blank_space_at_line_ends_is_not_held_against_an_answer(box: Sandbox) -> None:
    cases = (TestCase("5\r\n", "1 4 \n\n"),)
    checker = (
        "    one, other = answer.split(' ')\n    return given.isdigit() and int(one) + int(other) == int(given)"
    )
    assert trusted(box, checker, problem=replace(PAIR, cases=cases)) == 1


def test_a_checker_counts_once_however_often_it_is_written(box: Sandbox) -> None:
    assert trusted(box, HONEST, HONEST) == 1


def test_without_an_example_nobody_is_trusted(box: Sandbox) -> None:
    assert trusted(box, HONEST, problem=replace(PAIR, cases=())) == 0


def test_who_believes_that_nothing_is_possible_is_not_trusted(box: Sandbox) -> None:
    cases = (TestCase("5\n", "1 4\n"), TestCase("1\n", "-1\n"))
    problem = replace(PAIR, cases=cases)
    believes = f"    if answer.strip() == '-1':\n        return True\n{HONEST}"
    knows = believes.replace("return True", "return int(given) < 2")
    assert trusted(box, believes, problem=problem) == 0
    assert trusted(box, knows, problem=problem) == 1


def questions(problem: Problem, *, valid: bool | None) -> set[str]:
    return {trial.question.output for trial in trials_of(problem) if trial.valid is valid}


def test_nothing_and_half_of_an_answer_are_surely_wrong() -> None:
    problem = replace(PAIR, cases=(TestCase("7\n", "2 1\n4 0\n"),))
    assert questions(problem, valid=True) == {"2 1\n4 0\n"}
    assert questions(problem, valid=False) == {"", "2 1\n"}


def test_a_single_word_is_not_halved() -> None:
    """Half of "1234" may be as good an answer."""
    assert questions(replace(PAIR, cases=(TestCase("7\n", "1234\n"),)), valid=False) == {""}


def test_another_valid_answer_is_never_called_wrong() -> None:
    """Where several answers are right, what another example shows may be right here too."""
    cases = (TestCase("7\n", "1 6\n"), TestCase("8\n", "2 5\n"))
    assert questions(replace(PAIR, cases=cases), valid=False) == {"", "1 ", "2 "}


@pytest.mark.parametrize("words", ["-1", "NO", "Impossible", "No solution."])
def test_what_is_possible_is_not_impossible(words: str) -> None:
    cases = (TestCase("7\n", "1 6\n"), TestCase("1\n", f"{words}\n"))
    assert {"1 6\n", f"{words}\n"} < questions(replace(PAIR, cases=cases), valid=False)


@pytest.mark.parametrize(
    ("output", "variants"),
    [
        ("3 -1\n", {"4 -1\n", "3 0\n"}),
        ("0.5\n", {"10.5\n"}),
        ("YES\n", {"ESY\n"}),
        ("aa\n", set()),
    ],
)
def test_each_word_is_changed_in_turn(output: str, variants: set[str]) -> None:
    assert questions(replace(PAIR, cases=(TestCase("7\n", output),)), valid=None) == variants


def test_a_long_answer_is_changed_in_few_places() -> None:
    output = " ".join(map(str, range(1000)))
    assert len(questions(replace(PAIR, cases=(TestCase("7\n", output),)), valid=None)) == 4


def test_an_example_that_prints_nothing_is_no_trial() -> None:
    assert trials_of(replace(PAIR, cases=(TestCase("7\n", "\n"),))) == []


# What they say.

SEVEN = GeneratedInput(stdin="7\n", origin="test", reason="test")


def seen(text: str) -> Observation:
    return Observation(text_key(text, Comparator()), text, text=text)


def marked(box: Sandbox, checkers: list[str], *outputs: Observation) -> list[bool]:
    panel = panel_of(box, *checkers)
    return [row[0].valid for row in panel.mark([SEVEN], [[output] for output in outputs])]


def test_what_is_valid_has_one_behaviour_and_what_is_not_its_own(box: Sandbox) -> None:
    panel = panel_of(box, HONEST)
    rows = panel.mark([SEVEN], [[seen(text)] for text in ("1 6\n", "3 4\n", "1 7\n", "1 8\n")])
    first, second, third, fourth = (row[0].behaviour for row in rows)
    assert first == second
    assert len({first, third, fourth}) == 3


def test_the_majority_decides_and_a_draw_accepts_nothing(box: Sandbox) -> None:
    other = HONEST.replace("sum(parts)", "sum(sorted(parts))")
    assert marked(box, [HONEST, other, LYING], seen("1 6\n"), seen("1 7\n")) == [True, False]
    assert marked(box, [HONEST, LYING], seen("1 6\n"), seen("1 7\n")) == [True, False]
    liars = [LYING, LYING.replace("given.strip()", "str(int(given))")]
    assert marked(box, [HONEST, *liars], seen("1 6\n"), seen("1 7\n")) == [True, True]


def test_what_a_person_called_wrong_is_not_valid(box: Sandbox) -> None:
    panel = panel_of(box, HONEST)
    outputs = [seen("1 6\n"), seen("3 4\n")]
    rows = panel.mark([SEVEN], [[output] for output in outputs], but={(0, outputs[0].key)})
    assert [row[0].valid for row in rows] == [False, True]


def test_an_output_that_was_not_kept_is_compared_as_text(box: Sandbox) -> None:
    assert marked(box, [HONEST], replace(seen("1 6\n"), text=None), seen("3 4\n")) == [False, True]


def test_who_never_ends_is_asked_no_more(box: Sandbox) -> None:
    hanging = f"    while int(given) != 5:\n        pass\n{HONEST}"
    panel = panel_of(box, hanging, HONEST)
    item = GeneratedInput(stdin="12\n", origin="test", reason="test")
    rows = panel.mark([item], [[seen(f"{k} {12 - k}\n")] for k in range(1, 12)])
    assert [row[0].valid for row in rows][-4:] == [True] * 4
