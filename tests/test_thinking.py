"""Thoughts: told from answers, kept in the store, and part of what names a request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.extraction.thoughts import thoughts_apart
from agent.models.scripted_sampler import Answer, ScriptedSampler
from agent.models.store import StoredSampler, request_key
from agent.thinking import Effort, Tags, Thinking, tags_of, takes_switch
from agent.types import Completion, Prompt, SampleRequest, SamplingParams

QWEN3 = (
    "{{ content.split('</think>')[-1] }}{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
ALWAYS = "{{ content }}{% if add_generation_prompt %}<|Assistant|><think>\n{% endif %}"
NEVER = "{{ content.split('</think>')[-1] }}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


@pytest.mark.parametrize(
    ("text", "thoughts", "answer"),
    [
        ("print(1)", "", "print(1)"),
        ("<think>a</think>b", "a", "b"),
        ("a</think>b", "a", "b"),
        ("<think>a", "a", ""),
        ("x<think>a</think>y<think>b</think>z", "ab", "xyz"),
        ("<think>a<think>b</think>c</think>d", "abc", "d"),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b", "a<|end|>", "b"),
        ("<|channel|>analysis<|message|>a", "a", ""),
        ("s = '<think>'\n", "", "s = '<think>'\n"),
    ],
)
def test_thoughts_are_apart_from_the_answer(text: str, thoughts: str, answer: str) -> None:
    assert thoughts_apart(text) == (thoughts, answer)


@pytest.mark.parametrize(
    ("template", "tags", "switch"),
    [
        (QWEN3, Tags.THINK, True),
        (ALWAYS, Tags.THINK, False),
        (ALWAYS.replace("<think>", "[THINK]"), Tags.MISTRAL, False),
        (NEVER, None, False),
        ("", None, False),
    ],
)
def test_a_chat_template_tells_whether_a_model_thinks(template: str, tags: Tags | None, switch: bool) -> None:
    assert tags_of(template) is tags
    assert takes_switch(template) is switch


@pytest.mark.parametrize(
    ("text", "thoughts", "tokens", "finish", "is_unfinished"),
    [
        ("", "hm", 9, "length", True),
        ("", "", 9, "length", True),  # a server that counts thoughts and does not show them
        ("print(1)", "hm", 9, "length", False),
        ("", "hm", 9, "stop", False),
        ("", "", 0, "length", False),
    ],
)
def test_an_answer_that_never_came_is_an_unfinished_thought(
    text: str, thoughts: str, tokens: int, finish: str, is_unfinished: bool
) -> None:
    completion = Completion(0, 0, text, 9, 0.0, finish, thoughts=thoughts, thought_tokens=tokens)
    assert completion.is_unfinished_thought is is_unfinished


def test_the_store_keeps_thoughts(tmp_path: Path) -> None:
    request = SampleRequest(Prompt("", "x"), SamplingParams(n=2, thinking=Thinking(Effort.LOW, 100)))
    answers = [Answer("a", 9, thoughts="hm\ud800", thought_tokens=7), Answer("b", 1)]
    path = tmp_path / "s.jsonl"
    with StoredSampler(path, "m", lambda: ScriptedSampler(answers), name="m") as store:
        first = list(store.sample([request]))
    with StoredSampler(path, "m", lambda: ScriptedSampler([]), name="m") as store:
        assert list(store.sample([request])) == first
    assert [(completion.thoughts, completion.thought_tokens) for completion in first] == [("hm\ufffd", 7), ("", 0)]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [("thoughts" in row, "thought_tokens" in row) for row in rows] == [(True, True), (False, False)]


def test_how_a_model_is_to_think_is_part_of_the_request() -> None:
    kinds = (None, Thinking(), Thinking(Effort.LOW), Thinking(tokens=5), Thinking(word="low"))
    keys = {request_key("m", SampleRequest(Prompt("", "x"), SamplingParams(thinking=kind))) for kind in kinds}
    assert len(keys) == len(kinds)
