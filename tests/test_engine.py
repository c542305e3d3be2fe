"""The decode loop on tiny random models of three families: what it samples, not how fast."""

from __future__ import annotations

import itertools
import math
import os
from collections import Counter
from pathlib import Path
from typing import Any

import families
import pytest
import torch
from families import VOCABULARY, prompt

from agent.engine import attention
from agent.engine.decode import Decoder, Work
from agent.engine.sampling import choose
from agent.types import SamplingParams


class Letters:
    """A tokenizer of one character per token, so that texts are easy to read."""

    def decode(self, tokens: list[int]) -> str:
        return "".join(chr(33 + token) for token in tokens)


@pytest.fixture(params=families.FAMILIES)
def model(request: pytest.FixtureRequest) -> Any:
    return families.make(request.param)


def decoder(model: Any, *, max_rows: int = 64, room: int = 100_000, ends: frozenset[int] = frozenset()) -> Decoder:
    model.set_attn_implementation(attention.NAME)
    return Decoder(model, Letters(), ends, max_rows=max_rows, room=room)


def texts(model: Any, work: list[Work], **options: Any) -> dict[tuple[int, int], str]:
    return {(c.request, c.sample): c.text for c in decoder(model, **options).decode(work)}


@pytest.mark.parametrize("length", [1, 7, 40])
def test_greedy_equals_generate(model: Any, length: int) -> None:
    ids = prompt(length)
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        whole = model.generate(torch.tensor([ids]), max_new_tokens=30, do_sample=False, pad_token_id=0)
    target = Letters().decode(whole[0, length:].tolist())
    assert len(set(target)) > 3
    work = [Work(0, ids, SamplingParams(n=2, temperature=0, max_tokens=30))]
    assert set(texts(model, work).values()) == {target}


def test_nothing_is_begun_and_nothing_goes_on_when_the_time_is_over(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = decoder(model)
    work = [
        Work(0, prompt(9), SamplingParams(n=1, max_tokens=3)),
        Work(1, prompt(9), SamplingParams(max_tokens=50)),
    ]
    assert list(loop.decode(work, until=-math.inf)) == []
    assert loop.unused_tokens == 0
    clock = itertools.count()  # a second passes at each look, of which there is one for each prompt and each step
    monkeypatch.setattr("agent.engine.decode.time.monotonic", lambda: next(clock))
    assert [(c.request, c.tokens) for c in loop.decode(work, until=12)] == [(0, 3)]
    assert 3 < loop.unused_tokens < 12
    assert [c.tokens for c in loop.decode(work)] == [3, 50]
    assert loop.unused_tokens == 0


def test_a_sample_does_not_depend_on_what_else_is_in_the_batch(model: Any) -> None:
    params = SamplingParams(n=5, temperature=1.0, top_p=0.9, max_tokens=20, seed=3)
    alone = texts(model, [Work(0, prompt(20), params)])
    others = [Work(i, prompt(5 * i, seed=i), SamplingParams(n=3, max_tokens=9 + i, seed=i)) for i in (1, 2, 3)]
    together = texts(model, [Work(0, prompt(20), params), *others])
    in_turns = texts(model, [*others, Work(0, prompt(20), params)], max_rows=3)
    one_by_one = texts(model, [Work(0, prompt(20), params)], max_rows=1)
    assert len(set(alone.values())) == 5
    for other in (together, in_turns, one_by_one):
        assert {key: text for key, text in other.items() if key[0] == 0} == alone


def test_prompts_that_no_two_samples_share(model: Any) -> None:
    params = SamplingParams(n=1, temperature=1.0, max_tokens=20, seed=3)
    work = [Work(i, prompt(3 + 11 * i, seed=i), params) for i in range(5)]
    alone = {(i, 0): texts(model, [Work(0, item.tokens, params)])[0, 0] for i, item in enumerate(work)}
    assert texts(model, work) == texts(model, work, max_rows=2) == texts(model, work[::-1]) == alone


@pytest.mark.parametrize("n", [1, 3])
def test_memory_that_was_never_written_says_nothing(model: Any, n: int) -> None:
    work = [Work(i, prompt(5 + i, seed=i), SamplingParams(n=n, max_tokens=110 + i)) for i in range(3)]
    target = texts(model, work)
    torch.use_deterministic_algorithms(True)  # has torch.empty give NaN
    try:
        assert torch.empty(3).isnan().all()
        assert texts(model, work, max_rows=2) == target
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.fixture
def room_log(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tokens whose keys and values are held, step by step."""
    result: list[int] = []
    begin_step = attention.Rows.begin_step

    def watched(rows: Any, lengths: list[int], groups: list[Any], device: Any) -> None:
        result.append(len(lengths) * (max(lengths) + 1) + sum(cache.keys[0].shape[1] for cache, _ in groups))
        begin_step(rows, lengths, groups, device)

    monkeypatch.setattr(attention.Rows, "begin_step", watched)
    return result


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("room", [60, 120, 200])
def test_keys_and_values_stay_in_their_room(model: Any, n: int, room: int, room_log: list[int]) -> None:
    work = [Work(i, prompt(5 + 9 * (i % 3), seed=i), SamplingParams(n=n, max_tokens=20)) for i in range(6)]
    result = texts(model, work, room=room)
    assert max(room_log) <= room
    assert result == texts(model, work)
    assert max(room_log) > room, "without a limit it takes more, or this shows nothing"


def test_prompts_of_samples_that_outlast_their_fellows_stay_in_the_room_too(
    model: Any, room_log: list[int]
) -> None:
    """Rows of many prompts may be under way where the slowest sample of each is left."""
    params = SamplingParams(n=3, temperature=2.0, max_tokens=8)
    work = [Work(i, prompt(60, seed=i), params) for i in range(12)]
    some_end_soon = frozenset(range(0, VOCABULARY, 3))
    result = texts(model, work, room=300, ends=some_end_soon)
    assert max(room_log) <= 300
    assert result == texts(model, work, ends=some_end_soon)


def test_every_sample_of_every_request_comes_once(model: Any) -> None:
    work = [Work(i, prompt(4 + i, seed=i), SamplingParams(n=4, max_tokens=3 + 5 * i, seed=i)) for i in range(4)]
    result = [(c.request, c.sample) for c in decoder(model, max_rows=3).decode(work)]
    assert sorted(result) == [(i, k) for i in range(4) for k in range(4)]


def test_log_probabilities_are_those_of_the_model(model: Any) -> None:
    ids = prompt(12)
    (completion,) = decoder(model).decode(
        [Work(0, ids, SamplingParams(n=1, temperature=0.7, max_tokens=8, seed=5))]
    )
    draws_of_text = [ord(letter) - 33 for letter in completion.text]
    assert completion.tokens == len(draws_of_text) == 8
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        logits = model(torch.tensor([ids + draws_of_text])).logits[0].log_softmax(-1)
    target = sum(logits[len(ids) - 1 + place, token].item() for place, token in enumerate(draws_of_text))
    assert completion.logprob == pytest.approx(target, abs=1e-3)


def test_stop_strings_and_end_tokens_end_a_sample(model: Any) -> None:
    work = [Work(0, prompt(10), SamplingParams(temperature=0, max_tokens=30))]
    whole = texts(model, work)[0, 0]
    stop = whole[6:8]
    long_work = [Work(0, prompt(10), SamplingParams(temperature=0, max_tokens=30, stop=("never", stop)))]
    (completion,) = decoder(model).decode(long_work)
    assert (completion.text, completion.finish) == (whole[: whole.find(stop)], "stop")
    end = ord(whole[5]) - 33
    (completion,) = decoder(model, ends=frozenset([end])).decode(work)
    assert (completion.text, completion.finish) == (whole[: whole.find(whole[5])], "stop")
    (completion,) = decoder(model).decode(work)
    assert completion.finish == "length"


def test_closing_the_stream_stops_the_work(model: Any) -> None:
    work = [Work(i, prompt(5, seed=i), SamplingParams(n=2, max_tokens=2 + 40 * i)) for i in range(3)]
    stream = decoder(model).decode(work)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert list(stream) == []


def test_characters_of_several_tokens_are_not_shown_in_halves() -> None:
    class Bytes:
        def decode(self, tokens: list[int]) -> str:
            return bytes(tokens).decode("utf-8", "replace")

    from agent.engine.decode import _Sample

    loop = Decoder.__new__(Decoder)
    loop._tokenizer = Bytes()
    sample = _Sample(Work(0, [], SamplingParams()), 0, None)  # type: ignore[arg-type]
    steps_shown = []
    for token in "a\u00e9\U0001f600b".encode():
        sample.tokens.append(token)
        loop._extend_text(sample)
        steps_shown.append(sample.text)
    assert steps_shown == [
        "a",
        "a",
        "a\u00e9",
        "a\u00e9",
        "a\u00e9",
        "a\u00e9",
        "a\u00e9\U0001f600",
        "a\u00e9\U0001f600b",
    ]


def reference(logits: torch.Tensor, temperature: float, top_p: float) -> torch.Tensor:
    """The nucleus distribution by sorting everything, as its paper defines it."""
    likely, order = (logits / temperature).softmax(-1).sort(descending=True)
    nucleus = likely.cumsum(-1) - likely < top_p
    full = torch.zeros_like(likely)
    full[order[nucleus]] = likely[nucleus]
    return full / full.sum()


@pytest.mark.parametrize(
    ("temperature", "top_p", "spread"), [(0.8, 0.95, 3.0), (1.0, 1.0, 0.3), (2.0, 0.9, 0.5), (0.5, 0.1, 2.0)]
)
def test_frequencies_match_the_reference_distribution(temperature: float, top_p: float, spread: float) -> None:
    from scipy.stats import chisquare

    draws = 20_000
    generator = torch.Generator().manual_seed(7)
    logits = torch.randn(300, generator=generator) * spread
    uniforms = torch.rand(draws, generator=generator).tolist()
    tally: Counter[int] = Counter()
    for start in range(0, draws, 2000):
        part = uniforms[start : start + 2000]
        rows = logits.expand(len(part), -1).contiguous()
        tokens, _ = choose(rows, [temperature] * len(part), [top_p] * len(part), part)
        tally.update(tokens)
    target = reference(logits, temperature, top_p) * draws
    assert all(target[token] > 0 for token in tally)
    common = [token for token in range(300) if target[token] >= 5]
    rest = draws - sum(tally[token] for token in common)
    counts = [tally[token] for token in common] + ([rest] if len(common) < (target > 0).sum() else [])
    figures = [target[token].item() for token in common]
    if len(counts) > len(figures):
        figures.append(draws - sum(figures))
    total = sum(figures)
    figures = [figure * sum(counts) / total for figure in figures]
    if len(counts) > 1:
        assert chisquare(counts, figures).pvalue > 1e-4


def test_rows_keep_their_own_parameters() -> None:
    logits = torch.zeros(3, 10)
    logits[:, 4], logits[:, 6] = 2.0, 1.9
    tokens, logprobs = choose(logits, [0.0, 1.0, 1.0], [1.0, 1e-9, 1.0], [0.99, 0.99, 0.999999])
    assert tokens[:2] == [4, 4]
    assert tokens[2] not in (4, 6)
    assert logprobs[0] == pytest.approx(logits[0].log_softmax(-1)[4].item())


def test_too_little_memory_is_said_before_loading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from agent.engine import devices, load
    from agent.types import SamplerError

    class Memory:
        available = 1 << 30

    (tmp_path / "model.safetensors").write_bytes(b"")
    os.truncate(tmp_path / "model.safetensors", 2 << 30)
    monkeypatch.setattr(devices.psutil, "virtual_memory", lambda: Memory)
    with pytest.raises(SamplerError, match=r"too little memory for big: .* are needed, 1\.1 GB are free"):
        load._check_memory(tmp_path, "big", "cpu", torch.bfloat16, share=0.5)
    load._check_memory(tmp_path, "big", "cpu", torch.bfloat16, share=0.1)


def test_a_folder_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    from agent.engine.load import LoadedModel
    from agent.types import SamplerError

    (tmp_path / "config.json").write_text('{"model_type": "nothing-known"}')
    with pytest.raises(SamplerError, match="cannot be loaded") as error:
        LoadedModel(tmp_path, "x")
    assert "\n" not in str(error.value)
