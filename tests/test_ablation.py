"""Ablation: all arms on the same samples, repair beside as many tokens of resampling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.models.store import StoredSampler
from agent.solve import solve
from agent.types import Completion, SampleRequest
from benchmarks.grading.suites import OutputSuite
from benchmarks.studies.ablation import Outcome, arms, majority, outcomes_of_tasks, sample_together, table
from benchmarks.types import Task
from problems import Problem, TestCase
from sandbox import Sandbox

PUBLIC = TestCase("2\n", "4\n")
JURY_CASES = (PUBLIC, TestCase("3\n", "9\n"), TestCase("5\n", "25\n"))
RIGHT, LUCKY, WRONG = "print(int(input()) ** 2)", "print(2 * int(input()))", "print(1)"


def task(name: str, title: str) -> Task:
    problem = Problem(title, f"{title}: print the square of n, 1 <= n <= 50.", (PUBLIC,))
    return Task(name, problem, OutputSuite(JURY_CASES))


class Model:
    """By sample number: greedy is lucky, then right twice; or wrong until repaired."""

    name = "model"

    def __init__(self) -> None:
        self.asked = 0

    def sample(self, requests: Sequence[SampleRequest]) -> Iterator[Completion]:
        for index, request in enumerate(requests):
            self.asked += 1
            for number in range(request.params.n):
                text = self._text(request, number)
                yield Completion(index, number, text, 10, -5.0, "stop")

    def _text(self, request: SampleRequest, number: int) -> str:
        words = request.prompt.user
        if "Do not solve it" in words:
            return "3\nOutput:\n9\n"
        if "This attempt is wrong" in words:
            return RIGHT
        if "Hard" in words:
            return f"{WRONG}  # {number}" if number < 6 else RIGHT
        return LUCKY if request.params.temperature == 0 else RIGHT


def results(box: Sandbox, path: Path, model: Model) -> list[dict[str, Outcome]]:
    tasks = [task("easy", "Easy"), task("hard", "Hard")]
    return list(outcomes_of_tasks(tasks, model, box, path, n=5, seed=0))


def test_each_arm_adds_what_it_can(box: Sandbox, tmp_path: Path) -> None:
    easy, hard = results(box, tmp_path / "ablation.jsonl", Model())
    assert [name for name in easy if easy[name].right] == [
        "majority", "filter", "clusters", "tests", "repair", "resampling",
    ]  # fmt: skip
    assert easy["repair"].repaired == 0
    assert easy["tests"].tokens == easy["clusters"].tokens + 4 * 10
    # Wrong on all of the first samples: repair mends it, and its 40 tokens buy 4 samples, of which 2 are right.
    assert [name for name in hard if hard[name].right] == ["repair", "resampling"]
    assert hard["repair"].repaired == 40
    assert hard["resampling"].tokens == hard["tests"].tokens + 40


def test_a_majority_is_asked_whatever_the_examples_say(box: Sandbox) -> None:
    """Three of five samples agree on a behaviour that the public case rules out."""

    class Misled(Model):
        def _text(self, request: SampleRequest, number: int) -> str:
            return (
                RIGHT if number > 2 or request.params.temperature == 0 else f"print(int(input()) + 1)  # {number}"
            )

    easy, options = task("easy", "Easy"), arms(5, 0)["clusters"]
    assert "+ 1" in str(majority(easy.problem, Misled(), box, options).program)
    assert "** 2" in str(solve(easy.problem, Misled(), box, options=options).program)


def test_a_second_run_asks_nothing(box: Sandbox, tmp_path: Path) -> None:
    first = results(box, tmp_path / "ablation.jsonl", Model())
    again = Model()
    assert results(box, tmp_path / "ablation.jsonl", again) == first
    assert again.asked == 0


def test_repair_can_be_left_out_and_added_later(box: Sandbox, tmp_path: Path) -> None:
    path, tasks = tmp_path / "ablation.jsonl", [task("hard", "Hard")]
    (without,) = outcomes_of_tasks(tasks, Model(), box, path, n=5, seed=0, mend=False)
    assert list(without) == ["greedy", "majority", "filter", "clusters", "tests"]
    (whole,) = outcomes_of_tasks(tasks, Model(), box, path, n=5, seed=0)
    assert list(whole) == [*without, "repair", "resampling"]
    assert list(outcomes_of_tasks(tasks, Model(), box, path, n=5, seed=0)) == [whole]
    assert list(outcomes_of_tasks(tasks, Model(), box, path, n=5, seed=0, mend=False)) == [without]


def test_what_no_candidate_decides_is_asked_for_in_one_stream(box: Sandbox, tmp_path: Path) -> None:
    model, tasks = Model(), [task("one", "One"), task("two", "Two")]
    with StoredSampler(tmp_path / "samples.jsonl", "model", lambda: model, name="model") as store:
        sample_together(store, tasks, n=5, seed=0)
        # Tests, the greedy program and the others, of both tasks.
        assert model.asked == 6
        list(outcomes_of_tasks(tasks, store, box, tmp_path / "ablation.jsonl", n=5, seed=0))
        assert model.asked == 6
        sample_together(store, tasks, n=5, seed=0)
    assert model.asked == 6


def test_the_table_by_hand() -> None:
    right, wrong = (Outcome(ok, ok, 0.5, 10, 0) for ok in (True, False))
    lines = table([{"greedy": wrong, "clusters": right}, {"greedy": right, "clusters": right}])
    assert lines[0] == "2 tasks"
    assert lines[2].split()[:2] == ["greedy", "50.0"]
    assert lines[3].split()[:2] == ["clusters", "100.0"]
    assert "+50.0" in lines[3]


@pytest.mark.parametrize("rows", [[], [{}]])
def test_no_results_are_no_error(rows: list[dict[str, Outcome]]) -> None:
    assert table(rows)[0] == f"{len(rows)} tasks"
