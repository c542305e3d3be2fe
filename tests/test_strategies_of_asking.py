"""Strategies: what each asks, in which order and by which random numbers, and what is kept and shown of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from adding import bench
from click.testing import CliRunner
from scripted import ScriptedSampler, scripted_model

from agent.commands.asking import STRATEGY_NAMES
from agent.commands.solve import solve_command
from agent.languages import CPP, PYTHON
from agent.models.store import StoredSampler, request_key
from agent.options import SolveOptions
from agent.profile import Form, Profile
from agent.prompts import build_brute_prompt, build_prompt, stops
from agent.rounds import sample_requests
from agent.sampling import Prompt, Purpose, SampleRequest
from agent.solve import solve
from agent.strategies.asking import program_requests, strategy_requests
from agent.strategies.wordings import HEATS, STRATEGIES, first_prompt
from benchmarks.completions import from_store
from benchmarks.records import read_records
from benchmarks.types import Task
from problems import Problem, TestCase
from sandbox import Sandbox

DOUBLE = Problem("Double", "Read n and print 2n.", (TestCase("3\n", "6\n"),))
CALL = Problem("t", "Return 2n.", entry_point="double", starter_code="def double(n: int) -> int:")
RIGHT = "print(2 * int(input()))"
FENCED = Profile(form=Form.FENCE)
THOUGHTFUL = Profile(form=Form.THINK)


def asked(strategy: str, n: int, problem: Problem = DOUBLE, **more: int) -> list[SampleRequest]:
    return sample_requests(problem, SolveOptions(n=n, strategy=strategy, **more), PYTHON)


def samples(requests: list[SampleRequest]) -> set[tuple[Prompt, float, int]]:
    return {
        (one.prompt, one.params.temperature, number)
        for one in requests
        for number in range(one.params.first, one.params.first + one.params.n)
    }


def test_the_command_line_names_what_there_is() -> None:
    assert set(STRATEGY_NAMES) == set(STRATEGIES)


def test_direct_is_what_was_asked_before_there_were_others() -> None:
    options = SolveOptions(n=9, seed=4)
    prompt, params = build_prompt(DOUBLE), options.sampling(8, stop=stops(DOUBLE))
    assert sample_requests(DOUBLE, options, PYTHON)[1:] == [SampleRequest(prompt, params)]


@pytest.mark.parametrize("problem", [DOUBLE, CALL])
@pytest.mark.parametrize("profile", [Profile(), FENCED, THOUGHTFUL])
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_sample_is_asked_for_once_with_the_statement(name: str, profile: Profile, problem: Problem) -> None:
    options = SolveOptions(n=50, strategy=name).asked_by(profile)
    requests = sample_requests(problem, options, PYTHON)
    assert sum(request.params.n for request in requests) == len(samples(requests)) == 50
    for request in requests:
        assert problem.statement in request.prompt.user
        assert bool(request.prompt.prefill) == profile.is_begun
        assert request.params.stop == () or profile.is_begun


@pytest.mark.parametrize("name", STRATEGIES)
def test_more_samples_change_none_of_the_first(name: str) -> None:
    assert samples(asked(name, 7)) < samples(asked(name, 40))
    options = SolveOptions(n=1)
    first, rest = (
        [request for request, _ in strategy_requests(name, DOUBLE, options, PYTHON, part)]
        for part in (range(9), range(9, 30))
    )
    assert not samples(first) & samples(rest)
    assert samples(first) | samples(rest) == samples(
        [request for request, _ in strategy_requests(name, DOUBLE, options, PYTHON, range(30))]
    )


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_first_program_is_the_greedy_one_of_the_direct_prompt(name: str) -> None:
    greedy = asked(name, 5)[0]
    assert (greedy.prompt, greedy.params.temperature, greedy.strategy) == (build_prompt(DOUBLE), 0.0, "direct")
    thoughtful = SolveOptions(n=5, strategy=name).asked_by(THOUGHTFUL)
    assert all(request.strategy == name for request in sample_requests(DOUBLE, thoughtful, PYTHON))


@pytest.mark.parametrize("name", ["varied", "ladder", "tags"])
def test_variants_share_no_random_numbers_and_get_equally_many(name: str) -> None:
    requests = asked(name, 49)[1:]
    numbers = [number for _, _, number in samples(requests)]
    assert len(set(numbers)) == 48
    assert len({request.params.n for request in requests}) == 1


def test_a_plan_is_begun_inside_the_fence_and_may_speak_of_examples() -> None:
    request = asked("plan", 2, CALL)[1]
    assert request.prompt.prefill == "```python\n# Approach:"
    assert "\n# Example" not in request.params.stop
    assert "\n```" in request.params.stop
    assert first_prompt("plan", DOUBLE, CPP, Profile()).prefill.endswith("// Approach:")


def test_steps_do_not_end_where_the_code_begins(box: Sandbox) -> None:
    request = asked("steps", 2)[1]
    assert request.prompt.prefill == "Let's think step by step."
    assert not request.params.stop
    answer = f" Twice n is n + n.\n\n```python\n{RIGHT}\n```"
    solution = solve(DOUBLE, ScriptedSampler([answer]), box, options=SolveOptions(n=2, strategy="steps"))
    assert solution.solved
    assert (solution.program or "").strip() == RIGHT


def test_tags_are_drawn_anew_for_each_sample_and_again_for_each_seed() -> None:
    first, again, other = (asked("tags", 30, seed=seed)[1:] for seed in (1, 1, 2))
    assert first == again
    assert len({request.prompt.user for request in first}) > 20
    assert [request.prompt for request in first] != [request.prompt for request in other]
    assert all("\nRATING: " in request.prompt.user and "\nTAGS: " in request.prompt.user for request in first)


def test_varied_asks_in_as_many_ways_as_it_has_and_also_directly() -> None:
    prompts = [request.prompt for request in asked("varied", 40)[1:]]
    assert len(set(prompts)) == STRATEGIES["varied"].variants
    assert prompts[0] == build_prompt(DOUBLE)


def test_a_ladder_has_rungs_around_the_usual_temperature() -> None:
    requests = asked("ladder", 41)[1:]
    assert [request.params.temperature for request in requests] == [heat * 0.8 for heat in HEATS]
    hot = SolveOptions(n=9, strategy="ladder", temperature=1.8)
    assert max(request.params.temperature for request in sample_requests(DOUBLE, hot, PYTHON)) == 2.0


def test_brute_forces_are_known_as_such(box: Sandbox) -> None:
    requests = program_requests(DOUBLE, SolveOptions(n=4, strategy="brute"), PYTHON)
    assert [purpose for _, purpose in requests] == [Purpose.PROGRAM, Purpose.BRUTE]
    assert requests[1][0].prompt == build_brute_prompt(DOUBLE)
    solution = solve(DOUBLE, ScriptedSampler([RIGHT]), box, options=SolveOptions(n=4, strategy="brute"))
    (standing,) = solution.standings
    assert (standing.candidate.count, standing.candidate.brutes) == (4, 3)
    assert standing.candidate.strategies == ("direct", "brute")


def test_the_store_says_the_strategy_and_its_keys_do_not_depend_on_it(tmp_path: Path) -> None:
    direct, plan = asked("direct", 3)[1], asked("plan", 3)[1]
    path = tmp_path / "kept.jsonl"
    with StoredSampler(path, "m", lambda: ScriptedSampler([RIGHT]), name="m") as store:
        list(store.sample([direct, plan]))
        assert request_key("m", direct) == request_key("m", SampleRequest(direct.prompt, direct.params, "plan"))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [row.get("strategy") for row in rows if "request" in row]
    assert kept == [None, None, "plan", "plan"]


def test_of_variants_that_are_stored_each_has_its_turn(tmp_path: Path) -> None:
    options = SolveOptions(n=13, strategy="varied")
    task = Task("t", DOUBLE, ())  # type: ignore[arg-type]
    with StoredSampler(tmp_path / "kept.jsonl", "m", lambda: ScriptedSampler([RIGHT]), name="m") as store:
        completions = from_store(store, options)(task)
    assert completions[0].greedy
    assert [one.strategy for one in completions] == ["direct", *["varied"] * 12]
    prompts = [one.prompt for one in completions[1:]]
    assert prompts[:6] == prompts[6:]
    assert len(set(prompts)) == 6


def test_the_answer_says_by_which_strategy_it_was_asked_for(tmp_path: Path, backend: str) -> None:
    statement = tmp_path / "double.md"
    statement.write_text(
        "# Double\n\nPrint 2n.\n\n## Sample Input 1\n```\n3\n```\n## Sample Output 1\n```\n6\n```\n"
    )
    model = scripted_model(tmp_path, "print(7)", f" twice.\n{RIGHT}")
    result = CliRunner().invoke(
        solve_command,
        [
            *(str(statement), "-m", model, "-n", "4", "--strategy", "plan", "--json", "--no-history"),
            *("--sandbox", backend, "--report", str(tmp_path / "page.html")),
        ],
        standalone_mode=False,
    )
    assert result.exception is None, result.output
    assert json.loads(result.stdout)["evidence"]["strategies"] == ["plan"]
    assert "asked by: plan" in result.stderr
    assert "asked by plan." in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_show_prompt_shows_the_strategy_s(tmp_path: Path) -> None:
    statement = tmp_path / "double.md"
    statement.write_text("# Double\n\nPrint 2n.\n")
    result = CliRunner().invoke(
        solve_command, [str(statement), "--strategy", "steps", "--show-prompt"], standalone_mode=False
    )
    assert "Let's think step by step." in result.stdout


def test_a_bench_records_the_strategy_of_each_sample(
    adds: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = scripted_model(tmp_path, "    return x")
    out = tmp_path / "run"
    options = ("-m", model, "-n", "3", "--strategy", "tags", "--out", out, "--sandbox", backend)
    assert bench(capsys, adds, *options)["config"]["strategy"] == "tags"
    record = read_records(out / "records.jsonl")[0]
    assert [sample.strategy for sample in record.samples] == ["direct", "tags", "tags"]
