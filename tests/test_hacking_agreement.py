"""What a council agrees on convicts a program; what it disagrees on does not, and is said."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from made_answers import run_of
from scripted import ScriptedSampler
from test_hacking import BRUTE, EQUAL, PROBLEM, RIGHT, STATEMENT

from agent.cost import Meter
from agent.hacking import HackOptions, Program, hack_by_agreement
from agent.hacking.agreement import Agreement
from agent.hacking.belief import Features, belief
from agent.hacking.council import Council, Member
from agent.hacking.inquiry import hack_by_council
from agent.hacking.referee import Finding
from agent.hacking.search import Search
from agent.hacking.types import CHECKER, Flaw, Hacking
from agent.hacking.types import STATEMENT as AUTHORITY
from agent.inputs import GeneratedInput
from agent.types import FAILED, Completion, SampleRequest, SolveOptions, Verdict
from problems import CallCase, Checker, Problem, TestCase, Value, parse_problem
from sandbox import Sandbox

FEW = """# Two largest

Print the largest sum of two of the numbers.

## Input

The first line has an integer n (2 <= n <= 3). The second line has n integers a_i (0 <= a_i <= 2).

## Output

The largest sum.

Input
```
3
0 2 1
```
Output
```
3
```

Input
```
3
0 0 1
```
Output
```
1
```
"""
"""A statement with so few inputs that a search ends when all were tried."""


SLOW = "n = int(input())\nwhile n > 2:\n    pass\na = list(map(int, input().split()))\nprint(sum(a))\n"


def council(*members: Member, samples: int = 24) -> Council:
    return Council(members, samples, len(members), "a model")


def convicting(box: Sandbox, program: str, judged: Council, least: float = 0.6) -> Hacking:
    asked = HackOptions(3600.0, shrink=False, min_confidence=least)
    return hack_by_council(parse_problem(FEW), box, Program(program), judged, asked)


QUICK = HackOptions(600.0, shrink=False)
GOOD = council(Member(RIGHT, 9), Member(BRUTE, 6, 6), Member(f"{RIGHT}\n#", 3))


def test_a_wrong_program_is_convicted_by_many_and_the_votes_are_told(box: Sandbox) -> None:
    hacking = hack_by_council(PROBLEM, box, Program(EQUAL), GOOD, HackOptions(600.0))
    flaw = hacking.flaw
    assert flaw is not None
    assert flaw.verdict is Verdict.WA
    n, *numbers = flaw.item.stdin.split()
    assert (n, len(set(numbers))) == ("2", 1)
    assert flaw.case == TestCase(flaw.item.stdin, f"{2 * int(numbers[0])}\n")
    votes = flaw.votes
    assert votes is not None
    assert (votes.lead, votes.runner_up, votes.accused, votes.brutes, votes.distinct) == (18, 0, 0, 6, 3)
    assert (votes.members, votes.samples, votes.examples, votes.whole_program) == (18, 24, 2, True)
    assert 0 < votes.differing < 1
    assert flaw.confidence == belief(votes) > 0.8
    assert hacking.council is GOOD


def test_a_split_council_convicts_nobody_and_says_so(box: Sandbox) -> None:
    split = council(Member(RIGHT, 5), Member(EQUAL, 4))
    for program in (RIGHT, EQUAL):
        hacking = convicting(box, program, split)
        assert hacking.flaw is None
    assert hacking.attempts.contested == hacking.attempts.differing > 0
    assert len(hacking.contested) == hacking.attempts.contested
    surest = hacking.contested[0]
    assert surest.votes is not None
    assert (surest.votes.lead, surest.votes.runner_up, surest.votes.accused) == (5, 4, 4)
    assert surest.confidence == max(flaw.confidence for flaw in hacking.contested) < 0.6


def test_the_right_program_that_a_split_council_outvotes_is_not_accused(box: Sandbox) -> None:
    assert convicting(box, RIGHT, council(Member(EQUAL, 5), Member(RIGHT, 4))).flaw is None


def test_of_equal_voices_those_count_that_side_with_the_program(box: Sandbox) -> None:
    even = council(Member(EQUAL, 4), Member(RIGHT, 4))
    hacking = convicting(box, RIGHT, even)
    assert hacking.attempts.inputs > hacking.attempts.differing == 0


def test_how_sure_a_flaw_must_be_is_the_callers_choice(box: Sandbox) -> None:
    split = council(Member(RIGHT, 5), Member(EQUAL, 4))
    flaw = convicting(box, EQUAL, split, 0.01).flaw
    assert flaw is not None
    assert 0.01 <= flaw.confidence < 0.6
    assert convicting(box, EQUAL, GOOD, 1.0).flaw is None


def findings(
    box: Sandbox, program: str, judged: Council, texts: Sequence[str], problem: Problem = PROBLEM
) -> list[Any]:
    return list(
        Agreement(problem, box, Program(program), judged).findings([GeneratedInput(stdin=t) for t in texts])
    )


def test_members_that_fail_have_no_voice(box: Sandbox) -> None:
    judged = council(Member(RIGHT, 2), Member("print(1 // 0)", 9))
    (finding,) = findings(box, EQUAL, judged, ["2\n1 1\n"])
    assert finding.flaw.votes.lead == 2
    assert finding.flaw.votes.members == 11


def test_a_member_that_is_too_slow_twice_is_left_alone(box: Sandbox) -> None:
    problem = replace(PROBLEM, time_limit_s=0.2)
    judge = Agreement(problem, box, Program(RIGHT), council(Member(RIGHT), Member(SLOW)))
    texts = ["3\n1 2 3\n", "3\n1 2 4\n", "3\n1 2 5\n", "2\n1 2\n"]
    items = [GeneratedInput(stdin=text) for text in texts]
    rows = judge._rows(items[:2], [FAILED, FAILED])
    assert [len(row) for row in rows] == [2, 2]
    rows = judge._rows(items[2:], [FAILED, FAILED])
    assert [len(row) for row in rows] == [1, 2]  # a shorter one may be in its power


def test_no_more_are_asked_where_a_majority_does_as_the_program_does(box: Sandbox) -> None:
    many = council(Member(RIGHT, 101), *(Member(f"{BRUTE}#{n}") for n in range(100)))
    metered = Meter(box)
    (finding,) = findings(metered, RIGHT, many, ["2\n1 1\n"])
    assert finding.is_answered
    assert finding.flaw is None
    # A few for each slot were under way when the majority was there.
    assert metered.cost().runs < 60
    (finding,) = findings(box, EQUAL, many, ["2\n1 1\n"])
    assert finding.flaw.votes.lead == 201


def test_too_slow_is_a_flaw_where_others_answer_in_time(box: Sandbox) -> None:
    problem = replace(PROBLEM, time_limit_s=0.3)
    (finding,) = findings(box, SLOW, GOOD, ["3\n1 2 3\n"], problem)
    assert finding.flaw.verdict is Verdict.TLE
    assert finding.flaw.votes.has_failed
    (finding,) = findings(box, SLOW, council(Member(SLOW, 9)), ["3\n1 2 3\n"], problem)
    assert not finding.is_answered
    assert finding.is_too_large


def test_answers_that_the_comparator_takes_for_one_are_one(box: Sandbox) -> None:
    problem = parse_problem(STATEMENT.format(most=9) + "\nAn absolute error of 10^-3 is allowed.\n")
    judged = council(Member(RIGHT, 5), Member(RIGHT.replace("print(", "print(0.0004 + "), 4))
    (finding,) = findings(box, EQUAL, judged, ["2\n1 1\n"], problem)
    assert (finding.flaw.votes.lead, finding.flaw.votes.runner_up, finding.flaw.votes.distinct) == (9, 0, 2)


def test_any_valid_answer_is_no_wrong_one_but_a_crash_is_a_flaw(box: Sandbox) -> None:
    problem = parse_problem(STATEMENT.format(most=9) + "\nIf there are several answers, print any of them.\n")
    wrong, crashed = (findings(box, each, GOOD, ["2\n1 1\n"], problem)[0] for each in (EQUAL, "print(1 // 0)"))
    assert wrong.flaw is None
    assert wrong.is_answered
    assert crashed.flaw.verdict is Verdict.RTE
    assert crashed.flaw.votes.lead == 18


def test_functions(box: Sandbox) -> None:
    problem = Problem(
        "Kept",
        "Keep what is at most the limit.",
        (CallCase(([3, 1, 4, 1], 2), [1, 1]), CallCase(([0, 2], 5), [0, 2]), CallCase(([9, 3], 4), [3])),
        entry_point="f",
    )
    right = "def f(items, limit):\n    return [x for x in items if x <= limit]"
    slow = "def f(items, limit):\n    return list(filter(limit.__ge__, items))"
    judged = council(Member(right, 12), Member(slow, 6, 6), Member(f"{right}\n#", 2))
    wrong = Program("def f(items, limit):\n    return [x for x in items if x < limit]")
    hacking = hack_by_council(problem, box, wrong, judged, QUICK)
    assert hacking.flaw is not None
    items, limit = hacking.flaw.item.args
    assert isinstance(items, list)
    assert isinstance(limit, int)
    assert limit in items
    kept: list[Value] = [x for x in items if isinstance(x, int) and x <= limit]
    assert hacking.flaw.case == CallCase(hacking.flaw.item.args, kept)
    assert hacking.flaw.votes is not None
    assert not hacking.flaw.votes.whole_program
    assert hack_by_council(problem, box, Program(slow), judged, HackOptions(0.5)).flaw is None


def test_cpp_is_accused_by_python(cpp_box: Sandbox) -> None:
    program = Program(
        "#include <bits/stdc++.h>\nint main() { int n; std::cin >> n; std::vector<int> a(n); for (int& x : a)"
        " std::cin >> x; std::sort(a.begin(), a.end()); std::cout << std::max(a[n - 1] + a[n - 2], -5); }",
        "cpp",
    )
    flaw = hack_by_council(PROBLEM, cpp_box, program, GOOD, QUICK).flaw
    assert flaw is not None
    assert flaw.result.stdout == "-5"


class Closed(ScriptedSampler):
    """A model that must not be asked."""

    def __init__(self) -> None:
        super().__init__([RIGHT])

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        raise AssertionError("a model was asked")


def test_an_example_that_fails_is_certain_and_no_model_is_asked(box: Sandbox) -> None:
    hacking = hack_by_agreement(PROBLEM, box, Program("input()\nprint(8)"), Closed())
    assert hacking.flaw is not None
    assert hacking.flaw.case == PROBLEM.cases[1]
    assert (hacking.flaw.confidence, hacking.flaw.votes, hacking.authority) == (1.0, None, AUTHORITY)


def test_the_model_is_asked_where_the_examples_pass(box: Sandbox) -> None:
    sampler = ScriptedSampler([RIGHT, BRUTE])
    solving = SolveOptions(n=8)
    hacking = hack_by_agreement(PROBLEM, box, Program(EQUAL), sampler, options=QUICK, solving=solving)
    assert hacking.flaw is not None
    assert hacking.council is not None
    assert (hacking.council.voices, hacking.council.model) == (16, "scripted")


def test_nothing_is_said_where_no_program_passes(box: Sandbox) -> None:
    sampler = ScriptedSampler(["print(8)"])
    hacking = hack_by_agreement(PROBLEM, box, Program(EQUAL), sampler, solving=SolveOptions(n=3), brutes=1)
    assert hacking.flaw is None
    assert hacking.attempts.inputs == 0
    assert hacking.council is not None
    assert (hacking.council.samples, hacking.council.members) == (4, ())


ALONE = """import sys
given, answer = (open(name).read().split() for name in sys.argv[1:3])
a = list(map(int, given[1:]))
a.sort()
sys.exit(0 if answer == [str(a[-1] + a[-2])] else 1)
"""
WITH_ANSWER = """import sys
answer, right = (open(name).read().split() for name in sys.argv[2:4])
sys.exit(0 if int(answer[0]) == int(right[0]) else 1)
"""


def test_a_checker_that_needs_no_answer_needs_no_model(box: Sandbox) -> None:
    problem = replace(PROBLEM, checker=Checker(ALONE))
    hacking = hack_by_agreement(problem, box, Program(EQUAL), Closed(), options=QUICK)
    assert hacking.flaw is not None
    a = sorted(map(int, hacking.flaw.item.stdin.split()[1:]))
    assert a[-1] == a[-2]
    assert (hacking.flaw.verdict, hacking.authority) == (Verdict.WA, CHECKER)
    assert hack_by_agreement(problem, box, Program(RIGHT), Closed(), options=HackOptions(1.0)).flaw is None


def test_a_checker_that_needs_the_answer_gets_the_councils(box: Sandbox) -> None:
    problem = replace(PROBLEM, checker=Checker(WITH_ANSWER))
    sampler = ScriptedSampler([RIGHT, BRUTE])
    solving = SolveOptions(n=8)
    hacking = hack_by_agreement(problem, box, Program(EQUAL), sampler, options=QUICK, solving=solving)
    assert len(sampler.requests) == 3
    assert hacking.flaw is not None
    assert hacking.flaw.votes is not None
    assert hacking.flaw.votes.lead == 16


FEATURES = Features(12, 2, 2, 15, 24, 6, 4, 3, whole_program=True, has_failed=False)


@pytest.mark.parametrize(
    "worse",
    [
        {"lead": 8},
        {"runner_up": 6},
        {"examples": 1},
        {"samples": 100},
    ],
)
def test_less_agreement_is_less_belief(worse: dict[str, int]) -> None:
    assert belief(replace(FEATURES, **worse)) < belief(FEATURES)  # type: ignore[arg-type]


def test_no_voice_is_no_belief() -> None:
    assert belief(replace(FEATURES, lead=0)) == 0


class Votes:
    """A judge of no program: inputs of two numbers are barely a flaw, later those of four are more surely one."""

    def __init__(self) -> None:
        self.batches = 0

    def findings(self, items: Sequence[GeneratedInput]) -> Iterator[Finding]:
        self.batches += 1
        for item in items:
            by_size: dict[str, Features] = {"2": BARELY, "4": FEATURES} if self.batches > 3 else {"2": BARELY}
            votes = by_size.get(item.stdin.split()[0]) if item.origin != "example" else None
            case = TestCase(item.stdin, "1\n")
            flaw = None if votes is None else Flaw(item, Verdict.WA, case, run_of("2\n"), votes=votes)
            yield Finding(item, flaw, is_answered=True)


BARELY = replace(FEATURES, lead=11)


def test_the_surest_flaw_of_a_few_rounds_is_taken() -> None:
    assert 0.6 <= belief(BARELY) < belief(FEATURES) < 0.8
    votes = Votes()
    flaw = Search(PROBLEM, votes, HackOptions(600.0, shrink=False)).run().flaw
    assert flaw is not None
    assert flaw.item.stdin.split()[0] == "4"  # though those of two numbers are smaller
    assert votes.batches < 100
