"""How a model is asked: chosen by itself and why so, as the user wishes, and as ever where figures need it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedSampler

from agent.cli import run
from agent.languages import PYTHON, language_for
from agent.models import fingerprint
from agent.models.catalog import CATALOG
from agent.models.families import FAMILIES, family_of
from agent.models.profiles import Choice, choose
from agent.models.store import request_key
from agent.profile import NEUTRAL, QWEN25, Form, Profile, Wishes
from agent.prompts import build_comparison_prompt, build_prompt, build_repair_prompt
from agent.rounds import first_requests, sample_requests
from agent.solve import solve
from agent.thinking import ANSWER_TOKENS, Effort, Thinking
from agent.types import SamplerError, SolveOptions
from problems import CallCase, Problem, load_problem
from problems import TestCase as Case
from sandbox import Sandbox

EXAMPLES = sorted((Path(__file__).parent.parent / "problems/examples").glob("*.md"))
STATEMENT = str(EXAMPLES[0].with_name("running_gap.md"))
DOUBLE = Problem("Double", "Print 2n.", (Case("3\n", "6\n"),))
HALF = Problem("Half", "Halve it.", (CallCase((4,), 2),), entry_point="half", starter_code="def half(n):")

BEFORE = {
    "qwen2.5-coder-1.5b": "9a75dccfac723ea09c742a90f7305201cad91a9031912f5abbda584561363a9b",
    "qwen2.5-coder-0.5b": "3b2790c175dc2b7d1853d65b3bc4a338c2778ae989b2625415ddd6e72b60ca8f",
}
"""Hashes of the keys of all requests about the examples, as made by 5841e1a, when there was one way to ask."""


@pytest.mark.parametrize("name", CATALOG)
def test_stored_samples_of_the_catalogue_stay_answers_to_what_is_asked(name: str) -> None:
    options = SolveOptions(n=2, tests=1, generators=1, checkers=1).asked_by(choose(name).profile)
    keys = []
    for path in EXAMPLES:
        problem = load_problem(path)
        requests = first_requests(problem, options, language_for(problem, "python"))
        keys += [request_key(fingerprint(name), request) for request, _ in requests]
    assert len(keys) == 58
    assert hashlib.sha256("".join(keys).encode()).hexdigest() == BEFORE[name]


def test_the_catalogue_is_asked_as_when_it_was_measured() -> None:
    for name in CATALOG:
        assert choose(name).profile == QWEN25
    assert choose(next(iter(CATALOG)), Wishes(max_tokens=9)).profile.max_tokens == 9


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Qwen/Qwen2.5-Coder-32B-Instruct", Form.PREFILL),
        ("qwen2.5-coder:7b", Form.PREFILL),
        ("Qwen/Qwen3-8B", Form.THINK),
        ("qwen3:0.6b", Form.THINK),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", Form.FENCE),
        ("Qwen/Qwen3-4B-Instruct-2507", Form.FENCE),
        ("Qwen/Qwen3-4B-Thinking-2507", Form.THINK),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", Form.THINK),
        ("deepseek-reasoner", Form.THINK),
        ("openai/gpt-oss-120b", Form.THINK),
        ("o4-mini", Form.THINK),
        ("gpt-5-mini", Form.THINK),
        ("gpt-5-2025-08-07", Form.THINK),
    ],
)
def test_a_server_s_model_is_known_by_a_name_that_is_unmistakable(name: str, form: Form) -> None:
    choice = choose(f"openai:{name}")
    assert choice.profile.form is form
    assert choice.reasons["form"].startswith("its name: ")
    assert (choice.profile.system == QWEN25.system) is (form is Form.PREFILL)


@pytest.mark.parametrize(
    "name",
    [
        "coder",
        "gpt-4.1",
        "gpt-5-chat-latest",
        "o3d",
        "my-qwen2.5",
        "qwen2.5-7b-r1-distill",
        "qwen3-8b-base",
        "team/o",
    ],
)
def test_any_other_name_says_nothing(name: str) -> None:
    assert family_of(name) is None
    profile = choose(f"openai:{name}").profile
    assert (profile.form, profile.system, profile.thinking) == (Form.FENCE, "", None)


def test_every_family_knows_a_name_of_its_own() -> None:
    names = ["qwen2.5-7b", "qwen3-coder-30b", "qwen3-4b-instruct", "qwen3-4b-thinking", "qwen3-8b", "qwq-32b"]
    names += ["deepseek-r1", "magistral-small", "gpt-oss-20b", "o3", "gpt-5"]
    assert [family_of(name) for name in names] == list(FAMILIES)


def folder(path: Path, template: str | None, **generation: Any) -> str:
    """A model's folder as far as profiles read it."""
    (path / "config.json").write_text(json.dumps({"max_position_embeddings": 40960}), encoding="utf-8")
    (path / "generation_config.json").write_text(json.dumps(generation), encoding="utf-8")
    if template is not None:
        (path / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}), encoding="utf-8")
    return str(path)


HYBRID = "{% if add_generation_prompt %}{% if enable_thinking is false %}<think>\n\n</think>{% endif %}{% endif %}"
ALWAYS = "{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
PLAIN = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


@pytest.mark.parametrize(
    ("template", "form", "system"),
    [
        (HYBRID, Form.THINK, ""),
        (ALWAYS, Form.THINK, ""),
        (PLAIN, Form.PREFILL, ""),
        (f"{QWEN25.system}{PLAIN}", Form.PREFILL, QWEN25.system),
        (None, Form.PREFILL, ""),
    ],
)
def test_a_model_here_is_known_by_its_chat_template(
    tmp_path: Path, template: str | None, form: Form, system: str
) -> None:
    choice = choose(folder(tmp_path, template))
    assert (choice.profile.form, choice.profile.system) == (form, system)
    assert ("template" in choice.reasons["form"]) is (template is not None)


def test_the_template_is_found_in_a_file_of_its_own_and_among_several(tmp_path: Path) -> None:
    name = folder(tmp_path, PLAIN)
    several = [{"name": "tool_use", "template": PLAIN}, {"name": "default", "template": ALWAYS}]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": several}), encoding="utf-8")
    assert choose(name).profile.form is Form.THINK
    (tmp_path / "chat_template.jinja").write_text(PLAIN, encoding="utf-8")
    assert choose(name).profile.form is Form.PREFILL


def test_sampling_is_as_the_model_s_own_settings_say(tmp_path: Path) -> None:
    choice = choose(folder(tmp_path, PLAIN, temperature=0.6, top_p=0.9, do_sample=True))
    assert (choice.profile.temperature, choice.profile.top_p) == (0.6, 0.9)
    assert choice.reasons["temperature"] == "its generation_config"
    odd = choose(folder(tmp_path, PLAIN, temperature="hot", top_p=7)).profile
    assert (odd.temperature, odd.top_p) == (NEUTRAL.temperature, NEUTRAL.top_p)
    greedy = choose(folder(tmp_path, PLAIN, temperature=0.1, do_sample=False)).profile
    assert greedy.temperature == NEUTRAL.temperature


def test_broken_files_of_a_model_say_nothing(tmp_path: Path) -> None:
    for name in ("config.json", "generation_config.json", "tokenizer_config.json"):
        (tmp_path / name).write_text("[" * 9000, encoding="utf-8")
    assert choose(str(tmp_path)).profile == NEUTRAL


def test_what_the_user_says_counts_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[models.a]\nmodel = "openai:qwen3-8b"\ntemperature = 0.3\nmax_tokens = 5000\nstop = ["END"]\n'
        'system = ""\nreasoning = "low"\nmax_seconds = 60\n'
    )
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(file))
    choice = choose("a", Wishes(temperature=1.5))
    profile = choice.profile
    assert (profile.temperature, profile.max_tokens, profile.stop, profile.max_seconds) == (
        1.5,
        5000,
        ("END",),
        60,
    )
    assert choice.reasons["temperature"] == "the command line"
    assert choice.reasons["max_tokens"] == choice.reasons["stop"] == "[models.a] in your file"
    assert profile.thinking == Thinking(Effort.LOW, 5000 - ANSWER_TOKENS, has_switch=True)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("answer_form = 'x'", "answer_form is to be one of prefill, fence, think"),
        ("reasoning = 'much'", "reasoning is to be one of auto, off"),
        ("temperature = 3", "temperature is to be from 0 to 2"),
        ("temperature = nan", "temperature is to be from 0 to 2"),
        ("stop = 'x'", "stop is to be a list of texts"),
        ("stop = ['']", "stop is to be a list of texts"),
        ("max_tokens = 1.5", "max_tokens is to be a whole number"),
        ("top_p = true", "top_p is to be a number"),
    ],
)
def test_a_wish_that_is_not_understood_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, complaint: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[models.a]\nmodel = "openai:m"\n{line}\n')
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(file))
    with pytest.raises(SamplerError, match=complaint):
        choose("a")


def thinking(name: str, **wishes: Any) -> tuple[Form, Thinking | None]:
    profile = choose(name, Wishes(**wishes)).profile
    return profile.form, profile.thinking


def test_thoughts_are_switched_off_and_on(tmp_path: Path) -> None:
    hybrid = folder(tmp_path, HYBRID)
    assert thinking(hybrid) == (Form.THINK, Thinking(Effort.AUTO, 4096, has_switch=True))
    assert thinking(hybrid, reasoning="off") == (Form.PREFILL, Thinking(Effort.OFF, has_switch=True))
    assert thinking(hybrid, answer_form="prefill") == (Form.PREFILL, Thinking(Effort.OFF, has_switch=True))
    assert thinking("openai:qwen3-8b", reasoning="off") == (Form.FENCE, Thinking(Effort.OFF, has_switch=True))
    assert thinking("openai:gpt-5", reasoning="off") == (Form.FENCE, Thinking(Effort.OFF, word="minimal"))
    assert thinking("openai:gpt-5", reasoning="high") == (Form.THINK, Thinking(Effort.HIGH, 32768, word="high"))
    assert thinking("openai:m", reasoning="low") == (Form.THINK, Thinking(Effort.LOW, 4096, word="low"))
    assert thinking("openai:m", reasoning="off") == (Form.FENCE, Thinking(Effort.OFF, word="none"))
    assert thinking("openai:qwen3-coder", reasoning="off") == (Form.FENCE, None)


@pytest.mark.parametrize(
    ("name", "wishes", "message"),
    [
        ("qwen2.5-coder-0.5b", {"reasoning": "low"}, "does not think"),
        ("openai:qwen3-coder", {"reasoning": "low"}, "does not think"),
        ("openai:o3", {"reasoning": "off"}, "thinks whatever it is told"),
        ("openai:o3", {"answer_form": "fence", "reasoning": "high"}, "form fence leaves no room"),
        ("openai:m", {"answer_form": "prefill", "reasoning": "high"}, "form prefill leaves no room"),
        ("nonsense", {}, "unknown model"),
        ("./nowhere.gguf", {}, "no such file"),
    ],
)
def test_what_does_not_go_together_is_one_line(name: str, wishes: dict[str, Any], message: str) -> None:
    with pytest.raises(SamplerError, match=message) as error:
        choose(name, Wishes(**wishes))
    assert error.value.remedy


def test_a_limit_on_tokens_is_one_on_thoughts_and_answer_together() -> None:
    for limit in (1, 100, 3000, 50_000):
        profile = choose("openai:o3", Wishes(max_tokens=limit)).profile
        assert profile.thinking is not None
        assert profile.max_tokens == limit
        assert limit // 2 <= limit - profile.thinking.tokens <= ANSWER_TOKENS + 1 or limit > 2 * ANSWER_TOKENS


FENCED = Profile(form=Form.FENCE, system="be brief", max_tokens=2000, stop=("END",))
THOUGHTFUL = Profile(form=Form.THINK, max_tokens=5000, thinking=Thinking(tokens=4000))


@pytest.mark.parametrize("problem", [DOUBLE, HALF], ids=["program", "function"])
@pytest.mark.parametrize("profile", [FENCED, THOUGHTFUL], ids=["fence", "think"])
def test_a_model_that_begins_by_itself_is_asked_for_a_block(problem: Problem, profile: Profile) -> None:
    prompts = [
        build_prompt(problem, profile=profile),
        build_repair_prompt(problem, "pass", "1", "2", "3", profile=profile),
    ]
    for prompt in prompts:
        assert (prompt.prefill, prompt.opening) == ("", "```python\n")
        assert prompt.system == profile.system
        assert "```python code block" in prompt.user
    assert "corrected program into one" in prompts[1].user
    comparison = build_comparison_prompt(problem, "1", "2", "3", profile)
    assert comparison.prefill == ""
    assert "code block" not in comparison.user


@pytest.mark.parametrize("profile", [FENCED, THOUGHTFUL], ids=["fence", "think"])
def test_no_string_ends_an_answer_in_its_first_fence(profile: Profile) -> None:
    options = SolveOptions(n=4, tests=2, generators=1).asked_by(profile)
    requests = [request for problem in (DOUBLE, HALF) for request, _ in first_requests(problem, options, PYTHON)]
    assert {request.params.stop for request in requests} == {profile.stop}
    assert {request.params.max_tokens for request in requests} == {profile.max_tokens}
    assert {request.params.thinking for request in requests} == {
        profile.thinking and profile.thinking.within(5000)
    }


def test_a_model_that_thinks_is_asked_for_no_greedy_program() -> None:
    for n in (1, 8):
        (request,) = sample_requests(DOUBLE, SolveOptions(n=n).asked_by(THOUGHTFUL), PYTHON)
        assert (request.params.n, request.params.temperature) == (n, THOUGHTFUL.temperature)
    greedy, _ = sample_requests(DOUBLE, SolveOptions(n=8).asked_by(FENCED), PYTHON)
    assert greedy.params.temperature == 0


class Profiled(ScriptedSampler):
    """A sampler that knows its model's profile."""

    profile = Profile(form=Form.FENCE, system="be brief", temperature=0.3, max_tokens=2000)


def test_from_python_the_sampler_s_model_is_asked_as_it_likes(box: Sandbox) -> None:
    sampler = Profiled(["print(2 * int(input()))"])
    solve(DOUBLE, sampler, box, options=SolveOptions(n=2, max_tokens=77))
    drawn = sampler.requests[-1]
    assert (drawn.prompt.system, drawn.prompt.prefill) == ("be brief", "")
    assert (drawn.params.temperature, drawn.params.max_tokens) == (0.3, 77)
    own = SolveOptions(n=2, profile=QWEN25)
    assert own.suited_to(sampler) is own


def test_show_says_what_was_chosen_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show", "openai:gpt-oss-20b", "--max-tokens", "9000"]) == 0
    lines = {line[:12].strip(): line[13:] for line in capsys.readouterr().out.splitlines()}
    assert lines["answer form"] == "think  (its name: gpt-oss always thinks)"
    assert lines["max tokens"] == "9000  (the command line)"
    assert run(["models", "show", "qwen2.5-coder-0.5b", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)["profile"]
    assert set(record) == set(lines_of(choose("qwen2.5-coder-0.5b")))
    assert record["system"]["value"] == QWEN25.system


def lines_of(choice: Choice) -> dict[str, str]:
    return choice.reasons


def test_show_prompt_tells_the_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([STATEMENT, "--show-prompt", "-m", "openai:qwen3-8b"]) == 0
    shown = capsys.readouterr().out
    assert "answer form  think  (its name: Qwen3" in shown
    assert "You are Qwen" not in shown
    assert run([STATEMENT, "--show-prompt", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["system"] == QWEN25.system
    assert record["profile"]["form"]["value"] == "prefill"
    assert run([STATEMENT, "--show-prompt", "-m", "openai:qwen3-8b", "--reasoning", "off", "--system", "hey"]) == 0
    assert "[system]\nhey\n" in capsys.readouterr().out
