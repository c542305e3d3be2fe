"""The store of completions: nothing is sampled twice, nothing is lost but what was in flight."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from agent.journal import Journal
from agent.models.store import StoredSampler
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams


class CountingSampler:
    """Answers with the prompt and the sample's number, odd numbers first; remembers which it was asked for."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        for index, request in enumerate(requests):
            numbers = range(request.params.first, request.params.first + request.params.n)
            for number in sorted(numbers, key=lambda n: (n % 2 == 0, n)):
                self.asked.append((request.prompt.user, number))
                yield Completion(index, number, f"{request.prompt.user}/{number}\ud800", 3, -0.5, "stop")


def ask(text: str, n: int = 4, **params: object) -> SampleRequest:
    return SampleRequest(Prompt("system", text), SamplingParams(n=n, **params))  # type: ignore[arg-type]


@pytest.fixture
def inner() -> CountingSampler:
    return CountingSampler()


def opened(path: Path, inner: CountingSampler, model: str = "m") -> StoredSampler:
    return StoredSampler(path, model, lambda: inner, name="counting")


def texts(store: StoredSampler, *requests: SampleRequest) -> set[tuple[int, int, str]]:
    return {(item.request, item.sample, item.text) for item in store.sample(requests)}


def test_a_second_run_reads_what_the_first_one_sampled(tmp_path: Path, inner: CountingSampler) -> None:
    with opened(tmp_path / "s.jsonl", inner) as store:
        first = texts(store, ask("a"), ask("b", 2))
    requests_before = list(inner.asked)
    with opened(tmp_path / "s.jsonl", inner) as store:
        assert store.missing([ask("a"), ask("b", 2)]) == 0
        assert texts(store, ask("a"), ask("b", 2)) == first
    assert inner.asked == requests_before
    assert len(first) == 6


def test_what_is_stored_comes_in_the_order_it_first_came(tmp_path: Path, inner: CountingSampler) -> None:
    requests = [ask("a"), ask("b")]
    with opened(tmp_path / "s.jsonl", inner) as store:
        first = [(item.request, item.sample) for item in store.sample(requests)]
    with opened(tmp_path / "s.jsonl", inner) as store:
        assert [(item.request, item.sample) for item in store.sample(requests)] == first
    assert first != sorted(first)


def test_only_what_is_missing_is_sampled(tmp_path: Path, inner: CountingSampler) -> None:
    with opened(tmp_path / "s.jsonl", inner) as store:
        stream = store.sample([ask("a", 6)])
        samples = [next(stream).sample for _ in range(2)]
        stream.close()
        assert samples == [1, 3]
        assert store.missing([ask("a", 6)]) == 4
        inner.asked.clear()
        assert {sample for _, sample, _ in texts(store, ask("a", 6))} == set(range(6))
    assert inner.asked == [("a", 0), ("a", 2), ("a", 5), ("a", 4)]


def test_more_samples_of_the_same_request_go_on_where_it_ended(tmp_path: Path, inner: CountingSampler) -> None:
    with opened(tmp_path / "s.jsonl", inner) as store:
        texts(store, ask("a", 2))
        inner.asked.clear()
        texts(store, ask("a", 4))
    assert sorted(inner.asked) == [("a", 2), ("a", 3)]


@pytest.mark.parametrize(
    "other",
    [ask("b"), ask("a", seed=1), ask("a", temperature=0.2), ask("a", max_tokens=9), ask("a", stop=("x",))],
)
def test_another_request_is_not_answered_by_this_one(
    tmp_path: Path, inner: CountingSampler, other: SampleRequest
) -> None:
    with opened(tmp_path / "s.jsonl", inner) as store:
        texts(store, ask("a"))
        assert store.missing([other]) == 4


def test_another_model_shares_the_file_but_nothing_in_it(tmp_path: Path, inner: CountingSampler) -> None:
    with opened(tmp_path / "s.jsonl", inner) as store:
        texts(store, ask("a"))
    with opened(tmp_path / "s.jsonl", inner, model="other") as store:
        assert store.missing([ask("a")]) == 4


def test_a_torn_last_line_costs_one_completion(tmp_path: Path, inner: CountingSampler) -> None:
    path = tmp_path / "s.jsonl"
    with opened(path, inner) as store:
        texts(store, ask("a"))
    path.write_bytes(path.read_bytes()[:-7])
    with opened(path, inner) as store:
        assert store.missing([ask("a")]) == 1
        assert len(texts(store, ask("a"))) == 4
    lines = path.read_text().splitlines()
    assert [json.loads(line)["sample"] for line in lines] == [1, 3, 0, 2]


def test_the_model_is_not_opened_when_nothing_is_missing(tmp_path: Path, inner: CountingSampler) -> None:
    with opened(tmp_path / "s.jsonl", inner) as store:
        texts(store, ask("a"))

    def refuse() -> CountingSampler:
        raise AssertionError("opened")

    with StoredSampler(tmp_path / "s.jsonl", "m", refuse, name="counting") as store:
        assert len(texts(store, ask("a"))) == 4
        with pytest.raises(AssertionError, match="opened"):
            texts(store, ask("b"))


def test_a_damaged_line_is_named(tmp_path: Path, inner: CountingSampler) -> None:
    path = tmp_path / "s.jsonl"
    with opened(path, inner) as store:
        texts(store, ask("a", 1))
    path.write_text(path.read_text() + '{"request": 3}\n')
    with pytest.raises(SamplerError, match=r"s\.jsonl:2: no row of this file"):
        opened(path, inner)


def test_two_writers_do_not_share_a_store(tmp_path: Path, inner: CountingSampler) -> None:
    with opened(tmp_path / "s.jsonl", inner), pytest.raises(SamplerError, match="another process"):
        opened(tmp_path / "s.jsonl", inner)
    opened(tmp_path / "s.jsonl", inner).close()


def test_no_key_is_written(tmp_path: Path, inner: CountingSampler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with opened(tmp_path / "s.jsonl", inner) as store:
        texts(store, ask("a"))
    assert "sk-secret" not in (tmp_path / "s.jsonl").read_text()


def test_a_disk_that_is_full_ends_keeping_and_not_sampling_where_somebody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "append", no_space)
    told: list[str] = []
    request = SampleRequest(Prompt("", "p", ""), SamplingParams(n=3))
    path = tmp_path / "samples.jsonl"
    with StoredSampler(path, "m", CountingSampler, name="m", complain=told.append) as store:
        assert len([*store.sample([request])]) == 3
    assert told == ["cannot write to the sample store: No space left on device"]
    with (
        StoredSampler(path, "m", CountingSampler, name="m") as store,
        pytest.raises(SamplerError, match="No space"),
    ):
        list(store.sample([request]))
