"""The loop, with a scripted model in place of a real one and real runs in a real slot."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from scripted import ScriptedSampler

from agent.budget import Budget
from agent.confidence import Features, confidence
from agent.languages import PYTHON
from agent.rounds import sample_rounds
from agent.solve import decide, gather, solve
from agent.types import Completion, SampleRequest, Silent, SolveOptions, Verdict
from problems import parse_problem
from sandbox import Sandbox

DOUBLE = parse_problem(
    """# Double

Read one integer n (-1000 <= n <= 1000) and print 2n.

## Input
One integer n.

## Output
Twice n.

## Sample Input 1
```
3
```
## Sample Output 1
```
6
```
"""
)
RIGHT = "print(2 * int(input()))"
ALSO_RIGHT = "n = int(input())\nprint(n + n)"
LUCKY = "print(int(input()) + 3)"
WRONG = "print(7)"


def test_public_cases_filter(box: Sandbox) -> None:
    solution = solve(DOUBLE, ScriptedSampler([WRONG, RIGHT]), box)
    assert solution.solved
    assert solution.program is not None
    assert solution.program.strip() == RIGHT
    assert [execution.verdict for execution in solution.executions] == [Verdict.AC]


def test_the_larger_behaviour_wins_over_the_lucky_program(box: Sandbox) -> None:
    sampler = ScriptedSampler([LUCKY, RIGHT, ALSO_RIGHT])
    solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=9))
    assert solution.program is not None
    assert solution.program.strip() in (RIGHT, ALSO_RIGHT)
    assert solution.evidence.clusters == (6, 3)
    assert solution.evidence.survivors == 3


def test_confidence_is_of_what_was_seen(box: Sandbox) -> None:
    sampler = ScriptedSampler([LUCKY, RIGHT, ALSO_RIGHT])
    solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=9))
    features = Features(9, agreeing=6, survivors=9, runner_up=3, public=1, whole_program=True)
    assert solution.confidence == confidence(features)


def test_spellings_of_one_program_count_together(box: Sandbox) -> None:
    sampler = ScriptedSampler([RIGHT, RIGHT + "  # twice", "\n" + RIGHT + "\n\n"])
    solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=6))
    assert solution.evidence.candidates == 1
    assert solution.evidence.clusters == (6,)


def test_nothing_passes(box: Sandbox) -> None:
    solution = solve(DOUBLE, ScriptedSampler([WRONG, "print(1/0)"]), box, options=SolveOptions(n=4))
    assert not solution.solved
    assert solution.confidence == 0.0
    assert solution.program is not None
    assert dict(solution.evidence.verdicts) == {Verdict.WA: 1, Verdict.RTE: 1}


def test_no_program_at_all(box: Sandbox) -> None:
    solution = solve(DOUBLE, ScriptedSampler([""]), box, options=SolveOptions(n=2))
    assert not solution.solved
    assert solution.program is None


def test_without_examples_the_majority_that_compiles_is_returned(box: Sandbox) -> None:
    problem = parse_problem("# Free\n\nWrite a program that prints the number 42 and nothing else.\n")
    sampler = ScriptedSampler(["print(42", "print(42)"])
    solution = solve(problem, sampler, box, options=SolveOptions(n=4))
    assert solution.solved
    assert solution.program is not None
    assert solution.program.strip() == "print(42)"


def test_a_program_that_passes_only_sometimes_is_not_returned(box: Sandbox) -> None:
    # Passes under the warm interpreter's fixed hash seed or under a random one, hardly ever under both.
    flaky = "n = int(input())\nprint(2 * n if hash('alphasolve') == {seen} else 0)"
    probe = box.run("print(hash('alphasolve'))")
    solution = solve(
        DOUBLE, ScriptedSampler([flaky.format(seen=probe.stdout.strip())]), box, options=SolveOptions(n=2)
    )
    assert not solution.solved


def test_submissions_are_one_of_each_behaviour_and_pass(box: Sandbox) -> None:
    sampler = ScriptedSampler([RIGHT, ALSO_RIGHT, LUCKY, WRONG])
    solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=8, submissions=2))
    assert solution.program == solution.submissions[0]
    assert [program.strip() for program in solution.submissions] == [RIGHT, LUCKY]


def test_no_submission_repeats_a_behaviour(box: Sandbox) -> None:
    sampler = ScriptedSampler([RIGHT, ALSO_RIGHT, LUCKY, WRONG])
    solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=8, submissions=10))
    assert [program.strip() for program in solution.submissions] == [RIGHT, LUCKY]


def test_an_answer_that_is_less_sure_than_asked_is_marked(box: Sandbox) -> None:
    sure = solve(DOUBLE, ScriptedSampler([RIGHT]), box, options=SolveOptions(n=8, min_confidence=0.2))
    unsure = solve(DOUBLE, ScriptedSampler([RIGHT]), box, options=SolveOptions(n=8, min_confidence=1.0))
    assert not sure.abstained
    assert unsure.abstained
    assert unsure.solved
    assert unsure.program == sure.program


def test_rounds_start_with_the_greedy_sample_and_stop_at_n() -> None:
    sampler = ScriptedSampler([RIGHT])
    rounds = list(sample_rounds(DOUBLE, sampler, SolveOptions(n=40), Budget(SolveOptions()), Silent(), PYTHON))
    assert [len(completions) for completions in rounds] == [16, 16, 8]
    assert [completion.greedy for completion in rounds[0]] == [True] + 15 * [False]
    assert not any(completion.greedy for later in rounds[1:] for completion in later)


def test_a_settled_problem_draws_no_more(box: Sandbox) -> None:
    sampler = _CountingSampler([RIGHT])
    solution = solve(DOUBLE, sampler, box, options=SolveOptions(n=64))
    assert solution.evidence.samples == sampler.drawn == 16


class _CountingSampler(ScriptedSampler):
    """Counts what was really drawn: the loop must close the stream at the deadline."""

    drawn = 0

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        for completion in super().sample(requests):
            self.drawn += 1
            yield completion


def test_the_deadline_ends_sampling() -> None:
    sampler = _CountingSampler([RIGHT])
    options = SolveOptions(n=64, max_seconds=1e-9)
    assert (
        sum(map(len, sample_rounds(DOUBLE, sampler, options, Budget(options), Silent(), PYTHON)))
        == sampler.drawn
        <= 1
    )


@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_gives_the_same_answer(box: Sandbox, seed: int) -> None:
    answers = {
        solve(
            DOUBLE, ScriptedSampler([LUCKY, ALSO_RIGHT, RIGHT]), box, options=SolveOptions(n=12, seed=seed)
        ).program
        for _ in range(2)
    }
    assert len(answers) == 1


def test_the_loop_fits_on_a_screen() -> None:
    """What `solve` does, step by step, without the docstrings: an editor shows some forty lines at once."""
    loop = [ast.parse(inspect.getsource(function)).body[0] for function in (solve, gather, decide)]
    assert all(isinstance(function, ast.FunctionDef) and ast.get_docstring(function) for function in loop)
    code_text = "\n".join(ast.unparse(statement) for function in loop for statement in function.body[1:])
    assert len(code_text.splitlines()) <= 40


def test_the_answer_says_what_it_cost(box: Sandbox) -> None:
    problem = replace(DOUBLE, cases=DOUBLE.cases * 2)
    options = SolveOptions(n=1, inputs=5)
    solution = solve(problem, ScriptedSampler([RIGHT]), box, options=options)
    assert solution.cost.runs == 2 + len(solution.inputs) + 2  # examples, generated inputs, verification
    assert solution.cost.cpu_s > 0
    assert 0 < solution.cost.sandbox_s <= solution.cost.wall_s


def test_what_survivors_put_out_is_kept_for_people(box: Sandbox) -> None:
    solution = solve(DOUBLE, ScriptedSampler([RIGHT, "n = int(input())\nprint(1 // (n == 3) * 6)"]), box)
    first, second = solution.standings
    assert [observation.shown for observation in first.observations] == [
        f"{2 * int(i.stdin)}\n" for i in solution.inputs
    ]
    complaint = "[RTE] ZeroDivisionError: integer division or modulo by zero"
    assert complaint in {observation.shown for observation in second.observations}
