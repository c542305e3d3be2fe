"""Thoughts in the decode loop: closed at the end of their budget, told from answers, with honest figures."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import families
import pytest
import tiny_model
import torch
from families import prompt
from test_engine import decoder, texts

from agent.engine.decode import Work
from agent.engine.thoughts import Thought, ThoughtPlan
from agent.models.local_sampler import LocalSampler
from agent.models.profiles import choose
from agent.profile import Form, Wishes
from agent.thinking import Effort, Tags, Thinking
from agent.types import Completion, Prompt, SampleRequest, SamplingParams

CLOSING = "</think>```py"
OPENING = "```py"


@pytest.fixture(scope="module")
def model() -> Any:
    return families.make("qwen2")


def letters(text: str) -> list[int]:
    """Tokens of a text, as `test_engine.Letters` reads them."""
    return [ord(letter) - 33 for letter in text]


def plan(budget: int, *, end: str = "", is_open: bool = True) -> ThoughtPlan:
    tags: Any = SimpleNamespace(start="<think>", end=end) if end else Tags.THINK
    closing = CLOSING.removesuffix(OPENING)
    return ThoughtPlan(tags, is_open, budget, letters(closing), letters(OPENING), OPENING)


def decoded(model: Any, thoughts: ThoughtPlan | None, ids: list[int] | None = None, **params: Any) -> Completion:
    values = {"temperature": 0.0, "max_tokens": 30, **params}
    (completion,) = decoder(model).decode([Work(0, ids or prompt(9), SamplingParams(**values), thoughts)])
    return completion


def test_a_thought_at_the_end_of_its_budget_is_closed_and_the_answer_begun(model: Any) -> None:
    thought = decoded(model, None, max_tokens=10)
    answer = decoded(model, None, prompt(9) + letters(thought.text + CLOSING), max_tokens=20)
    whole = decoded(model, plan(10))
    assert whole.thoughts == thought.text
    assert whole.text == OPENING + answer.text
    assert (whole.tokens, whole.thought_tokens, whole.finish) == (30, 10, "length")
    assert whole.logprob == pytest.approx(thought.logprob + answer.logprob, abs=1e-3)


def test_only_drawn_tokens_take_random_numbers_and_have_log_probabilities(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws: list[float] = []

    class Counting(random.Random):
        def random(self) -> float:
            draws.append(super().random())
            return draws[-1]

    monkeypatch.setattr("agent.engine.decode.random", SimpleNamespace(Random=Counting))
    whole = decoded(model, plan(10), temperature=1.0, seed=3)
    assert len(draws) == whole.tokens == 30
    ids = prompt(9) + letters(whole.thoughts + "</think>" + whole.text)
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        scores = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    forced = range(9 + 10, 9 + 10 + len(CLOSING))
    drawn = [place for place in range(9, len(ids)) if place not in forced]
    assert len(drawn) == 30
    assert whole.logprob == pytest.approx(sum(scores[at - 1, ids[at]].item() for at in drawn), abs=1e-3)


def test_a_thought_that_ends_by_itself_is_left_alone(model: Any) -> None:
    words = decoded(model, None).text
    end = words[6:8]
    at = words.find(end)
    whole = decoded(model, plan(20, end=end))
    assert (whole.thoughts, whole.text) == (words[:at], words[at + 2 :])
    assert (whole.tokens, whole.thought_tokens) == (30, at + 2)
    assert whole.logprob == pytest.approx(decoded(model, None).logprob, abs=1e-3)


def test_stop_strings_end_an_answer_and_no_thought(model: Any) -> None:
    words = decoded(model, None).text
    stop, end = words[2:4], words[10:12]
    assert words.find(end) == 10
    assert stop not in words[12:]
    whole = decoded(model, plan(20, end=end), stop=(stop,))
    assert (whole.thoughts, whole.finish, whole.tokens) == (words[:10], "length", 30)
    whole = decoded(model, plan(20, end=end), stop=(words[20:22],))
    assert (whole.text, whole.finish) == (words[12:20], "stop")


def test_an_answer_without_thoughts_is_an_answer(model: Any) -> None:
    words = decoded(model, None).text
    whole = decoded(model, plan(10, is_open=False), stop=(words[20:22],))
    assert (whole.thoughts, whole.thought_tokens) == ("", 0)
    assert (whole.text, whole.finish) == (words[:20], "stop")


def test_an_end_token_in_a_thought_closes_it_and_the_answer_is_begun(model: Any) -> None:
    words = decoded(model, None).text
    lengths = set()
    for letter in [letter for letter in dict.fromkeys(words[5:18]) if letter not in CLOSING][:4]:
        at, loop = words.find(letter), decoder(model, ends=frozenset([ord(letter) - 33]))
        work = Work(0, prompt(9), SamplingParams(temperature=0, max_tokens=30), plan(20))
        rest = Work(
            0, prompt(9) + letters(words[:at] + CLOSING), SamplingParams(temperature=0, max_tokens=30 - at)
        )
        (whole,), (answer,) = loop.decode([work]), loop.decode([rest])
        assert (whole.thoughts, whole.thought_tokens) == (words[:at], at)
        assert (whole.text, whole.finish) == (OPENING + answer.text if answer.text else "", answer.finish)
        assert whole.tokens == at + answer.tokens
        before = decoded(model, None, max_tokens=at).logprob if at else 0.0
        assert whole.logprob == pytest.approx(before + answer.logprob, abs=1e-3)
        lengths.add(len(answer.text))
    assert max(lengths) > 0


def test_a_turn_that_ends_behind_its_thought_goes_on_with_an_answer(model: Any) -> None:
    words = decoded(model, None).text
    at = next(at for at in range(5, 20) if words.find(words[at]) == at and words[at] not in OPENING)
    tag, ends = words[at - 2 : at], frozenset([ord(words[at]) - 33])
    assert words.find(tag) == at - 2
    work = Work(0, prompt(9), SamplingParams(temperature=0, max_tokens=30), plan(25, end=tag))
    (whole,) = decoder(model, ends=ends).decode([work])
    rest = Work(0, prompt(9) + letters(words[:at] + OPENING), SamplingParams(temperature=0, max_tokens=30 - at))
    (answer,) = decoder(model, ends=ends).decode([rest])
    assert (whole.thoughts, whole.thought_tokens) == (words[: at - 2], at)
    assert (whole.text, whole.finish) == (OPENING + answer.text if answer.text else "", answer.finish)
    assert whole.tokens == at + answer.tokens


def test_thoughts_do_not_depend_on_what_else_is_in_the_batch(model: Any) -> None:
    params = SamplingParams(n=3, temperature=1.0, max_tokens=30, seed=3)
    work = Work(0, prompt(20), params, plan(10))
    others = [Work(i, prompt(5 * i, seed=i), SamplingParams(n=3, max_tokens=9 + i, seed=i)) for i in (1, 2)]
    alone = texts(model, [work])
    assert all(text.startswith(OPENING) for text in alone.values())
    for options in ({}, {"max_rows": 2}, {"room": 150}):
        together = texts(model, [work, *others], **options)
        assert {key: text for key, text in together.items() if key[0] == 0} == alone


def thought_after(text: str, *, is_open: bool = False, budget: int = 1000) -> Thought:
    """A thought that saw a text grow letter by letter, each a token; what is forced is put there."""
    thought = Thought(ThoughtPlan(Tags.THINK, is_open, budget, [], [], "```python\n"))
    for count in range(1, len(text) + 1):
        thought.observe(text[:count], count)
    return thought


@pytest.mark.parametrize(
    ("text", "is_open", "parts", "tokens"),
    [
        ("<think>\nhm\n</think>\n\nprint(1)", False, ("hm", "print(1)"), 19),
        ("hm\n</think>\n\nprint(1)", True, ("hm", "print(1)"), 11),
        ("  <think>a</think>b", False, ("a", "b"), 18),
        ("<thin air>", False, ("", "<thin air>"), 0),
        ("print('</think>')", False, ("", "print('</think>')"), 0),
        ("hm", True, ("hm", ""), 2),
        ("<thi", False, ("", "<thi"), 0),
    ],
)
def test_where_a_thought_ends(text: str, is_open: bool, parts: tuple[str, str], tokens: int) -> None:
    thought = thought_after(text, is_open=is_open)
    assert thought.parts(text) == parts
    assert thought.tokens == tokens


def test_an_answer_whose_fence_was_opened_for_it_ends_with_that_fence() -> None:
    closing = "\n</think>\n\n```python\n"
    thought = Thought(ThoughtPlan(Tags.THINK, True, 4, [1], [], "```python\n"))
    thought.observe("abcd", 4)
    assert thought.is_forcing
    thought.next_forced()
    text = "abcd" + closing
    thought.observe(text, 4)
    assert thought.cut(text, ()) is None
    text += "print(1)\n```\nIt prints."
    thought.observe(text, 20)
    assert thought.cut(text, ()) == "abcd" + closing + "print(1)"
    assert thought.cut(text, ("int",)) == "abcd" + closing + "pr"
    assert thought.parts("abcd" + closing + "print(1)") == ("abcd", "```python\nprint(1)")
    assert thought.cut("abcd" + closing + "```", ()) == "abcd" + closing[:-1]
    assert thought.parts("abcd" + closing[:-1]) == ("abcd", "")  # nothing of the model's own is in it


def test_a_model_s_own_fences_do_not_end_its_answer() -> None:
    text = "a</think>\n```python\nprint(1)\n```\nIt prints."
    assert thought_after(text, is_open=True).cut(text, ()) is None


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> LocalSampler:
    folder = tmp_path_factory.mktemp("thinker")
    tiny_model.save(folder, tiny_model.THINKS)
    return LocalSampler(str(folder))


def asked(thinking: Thinking | None, **params: Any) -> SampleRequest:
    prompt = Prompt("", "add", opening="```python\n")
    return SampleRequest(prompt, SamplingParams(thinking=thinking, **params))


def test_a_model_from_files_thinks_within_its_budget_and_answers(thinker: LocalSampler) -> None:
    request = asked(Thinking(tokens=15), n=3, max_tokens=40, temperature=1.0)
    for completion in thinker.sample([request]):
        assert completion.text.startswith("```python\n")
        assert completion.thoughts
        assert completion.thought_tokens == 15
        assert 15 < completion.tokens <= 40
        assert completion.logprob < 0


def test_its_profile_says_so(thinker: LocalSampler) -> None:
    profile = thinker.profile
    assert profile.form is Form.THINK
    assert profile.thinking is not None
    assert profile.thinking.tokens == 256 // 4  # of its context


def rendered(sampler: LocalSampler, thinking: Thinking | None) -> str:
    local_model = sampler._loaded
    text: str = local_model._tokenizer.decode(local_model.encode(Prompt("", "add", "```python\n"), thinking))
    return text.rpartition("assistant\n")[2]


def test_thoughts_that_are_not_wanted_are_closed_at_once(thinker: LocalSampler, tmp_path: Path) -> None:
    off = Thinking(Effort.OFF)
    assert rendered(thinker, Thinking()) == "<think>\n```python\n"
    assert rendered(thinker, off) == "<think>\n\n</think>\n\n```python\n"
    tiny_model.save(tmp_path, tiny_model.MAY_THINK)
    choice = choose(str(tmp_path), Wishes(reasoning="off"))
    assert choice.profile.thinking == Thinking(Effort.OFF, has_switch=True)
    other = LocalSampler(str(tmp_path))
    assert rendered(other, choice.profile.thinking) == "<think>\n\n</think>\n\n```python\n"
    assert rendered(other, Thinking(has_switch=True)) == rendered(other, None) == "```python\n"
