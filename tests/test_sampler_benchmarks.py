"""The sampler's benchmark commands, on a model small enough for a test: what they say, not how fast it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.types import Prompt
from benchmarks.studies import sampler_attempts, sampler_fidelity
from benchmarks.studies.sampler_fidelity import Ids, first_difference, tokens_of

PROMPTS = [Prompt("be brief", text, "```\n") for text in ("add two numbers", "say it", "x")]


@pytest.mark.parametrize(
    ("ours", "theirs", "place"),
    [
        ([1, 2, 3], [1, 2, 3], None),
        ([1, 2, 3], [1, 5, 3], 1),
        ([1, 2], [1, 2, 3], 2),
        ([], [4], 0),
        ([], [], None),
    ],
)
def test_the_first_difference_of_two_answers(ours: list[int], theirs: list[int], place: int | None) -> None:
    assert first_difference(ours, theirs) == place


def test_a_text_of_ids_tells_its_tokens() -> None:
    assert tokens_of(Ids().decode([0, 55_296, 151_935])) == [0, 55_296, 151_935]


def fidelity(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sampler_fidelity, "human_eval", lambda count: PROMPTS[:count])
    monkeypatch.setenv("ALPHASOLVE_PRECISION", "auto")  # the command changes it; this takes it back
    arguments = ["--model", str(tiny), "--prompts", "3", "--tokens", "12", "--precisions", "float32"]
    process = CliRunner().invoke(sampler_fidelity.main, arguments, catch_exceptions=False)
    assert process.exit_code == 0
    return process.output


def test_fidelity_compares_our_greedy_answers_with_those_of_generate(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fidelity(tiny, monkeypatch) == "float32: 3 of 3 answers equal those of generate in float32\n"


def test_fidelity_says_where_answers_differ(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = sampler_fidelity.answers

    def changed(model: Any, prompts: Sequence[Prompt], tokens: int) -> list[list[int]]:
        first, *others = right(model, prompts, tokens)
        return [[*first[:5], first[5] + 1, *first[6:]], *others]

    monkeypatch.setattr(sampler_fidelity, "answers", changed)
    assert "float32: 2 of 3 answers equal" in (message := fidelity(tiny, monkeypatch))
    assert message.endswith("; the others differ first at token [5]\n")


def test_drafts_change_how_long_it_takes_and_not_what_is_said(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sampler_attempts, "human_eval", lambda count: PROMPTS[:count])
    monkeypatch.setattr(sampler_attempts, "_DRAFTED_TOKENS", 8)
    sampler_attempts.compare_drafting(tiny, tiny)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"one sample at a time, {how}" for how in ("alone", "with drafts", "alone", "with drafts")
    ]
    counts = {line.partition("(")[2] for line in lines}
    assert len(counts) == 1
    assert counts != {"0 tokens)"}


def test_every_form_of_a_block_gives_nearly_the_same(tiny: Path) -> None:
    import torch

    vectors = torch.randn(4, 1, 32, dtype=torch.bfloat16, generator=torch.Generator().manual_seed(0))
    outputs = {}
    for name, block in sampler_attempts.blocks(tiny):
        with torch.inference_mode():
            outputs[name] = block(vectors).float()
        if name == "int8":
            break  # what comes next needs a C++ compiler and half a minute
    eager = outputs.pop("eager")
    assert "int8" in outputs
    for name, output in outputs.items():
        assert ((output - eager).norm() / eager.norm()).item() < 0.1, name


def test_the_best_of_several_turns_is_one_calls_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))
    # One call lies between any two readings, a turn is one call because a call takes longer than a turn should.
    assert sampler_attempts.best_seconds(lambda: None) == 1.0
