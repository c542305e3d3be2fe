"""What models cost: counted per model, in money where prices are known, and no more of it than is allowed."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli import run
from agent.cost import Price, Spending
from agent.models.metered import Account, MeteredSampler
from agent.models.store import StoredSampler
from agent.types import Completion, Prompt, SampleRequest, SamplerError, SamplingParams

ROOT = Path(__file__).parent.parent
STATEMENT = ROOT / "problems/examples/running_gap.md"
SOLUTION = (ROOT / "tests/solutions/running_gap.py").read_text(encoding="utf-8")
PRICE = Price(prompt=1.0, completion=10.0)
PROMPT = Prompt("", "x" * 44)  # bounded by 44 + 256 tokens, until a server counted them


class Server:
    """Answers every request with so many tokens; remembers what is under way at once, at worst."""

    name = "server"

    def __init__(self, tokens: int = 50, prompt_tokens: int = 20, *, fails_after: int | None = None) -> None:
        self.tokens, self.prompt_tokens = tokens, prompt_tokens
        self.fails_after = fails_after
        self.calls: list[list[tuple[int, int]]] = []

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        self.calls.append([(request.params.first, request.params.n) for request in requests])
        for index, request in enumerate(requests):
            for number in range(request.params.first, request.params.first + request.params.n):
                if number == self.fails_after:
                    raise SamplerError("it broke")
                yield Completion(
                    index, number, str(number), self.tokens, -1.0, "stop", prompt_tokens=self.prompt_tokens
                )


def model(server: Server, limit: float | None = None) -> MeteredSampler:
    return MeteredSampler("server", lambda: server, price=PRICE, account=Account(limit))


def asked(n: int, max_tokens: int = 100) -> SampleRequest:
    return SampleRequest(PROMPT, SamplingParams(n=n, max_tokens=max_tokens))


def drawn(sampler: MeteredSampler, *requests: SampleRequest) -> tuple[list[int], str]:
    """The numbers of the answers that came, and what was said at the end where they are not all."""
    numbers: list[int] = []
    try:
        numbers.extend(completion.sample for completion in sampler.sample(requests))
    except SamplerError as error:
        return numbers, str(error)
    return numbers, ""


def test_answers_are_counted_and_paid() -> None:
    metered = model(Server())
    assert len(list(metered.sample([asked(3), asked(2)]))) == 5
    spending = metered.spending()
    assert (spending.requests, spending.prompt_tokens, spending.completion_tokens) == (5, 100, 250)
    assert spending.money == pytest.approx((100 * 1 + 250 * 10) / 1e6)
    assert (spending.in_doubt, spending.model) == (0, "server")
    assert spending.seconds > 0


def test_nothing_is_opened_before_it_is_asked() -> None:
    opened: list[Server] = []
    metered = MeteredSampler("server", lambda: opened.append(Server()) or opened[-1])  # type: ignore[func-returns-value]
    assert (metered.name, metered.spending().requests, opened) == ("server", 0, [])
    list(metered.sample([asked(1)]))
    list(metered.sample([asked(1)]))
    assert len(opened) == 1


def test_a_limit_that_is_far_away_changes_nothing() -> None:
    server = Server()
    assert len(list(model(server, limit=1.0).sample([asked(1), asked(63)]))) == 64
    assert server.calls == [[(0, 1), (0, 63)]]


def test_only_what_can_surely_be_paid_is_asked_and_every_number_once() -> None:
    # An answer costs up to 300 * 1 + 100 * 10 = 1300 millionths, and truly 520.
    server = Server()
    numbers, words = drawn(model(server, limit=0.004), asked(9))
    assert "3 answers less: one may cost up to 0.001, and no more than 0.004 USD may be spent" in words
    # First 3 (3900 of 4000). Then the prompt is known to have 20 tokens, so that one costs up to 1020: 4000 - 1560
    # pays 2; 4000 - 2600 pays 1; 4000 - 3120 is less than one may cost.
    assert server.calls == [[(0, 3)], [(3, 2)], [(5, 1)]]
    assert numbers == [0, 1, 2, 3, 4, 5]


@given(
    limit=st.floats(1e-4, 0.1),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    tokens=st.integers(0, 100),
    prompt_tokens=st.integers(0, 300),
)
def test_the_limit_is_never_passed(limit: float, sizes: list[int], tokens: int, prompt_tokens: int) -> None:
    server = Server(tokens, prompt_tokens)
    metered = model(server, limit)
    numbers, words = drawn(metered, *(asked(n) for n in sizes))
    assert bool(words) == (len(numbers) < sum(sizes))
    money = metered.spending().money
    assert money is not None
    assert money <= limit * (1 + 1e-9)
    # What is under way at its worst would not have passed it either.
    spent = 0
    for call in server.calls:
        under_way = sum(n for _, n in call)
        bound = PRICE.of(300 if spent == 0 or not prompt_tokens else prompt_tokens, 100)
        assert spent * PRICE.of(prompt_tokens, tokens) + under_way * bound <= limit * (1 + 1e-9)
        spent += under_way


def test_where_no_answer_can_be_paid_that_is_said_and_nothing_is_asked() -> None:
    server = Server()
    with pytest.raises(SamplerError, match=r"2 answers less: one may cost up to 0\.0013,") as error:
        list(model(server, limit=0.001).sample([asked(2)]))
    assert "--max-cost" in error.value.remedy
    assert server.calls == []


def test_what_was_broken_off_is_in_doubt_and_stays_put_aside() -> None:
    server = Server()
    account = Account(0.010)
    metered = MeteredSampler("server", lambda: server, price=PRICE, account=account)
    stream = metered.sample([asked(4)])
    next(stream)
    stream.close()
    spending = metered.spending()
    assert spending.in_doubt == pytest.approx(3 * 0.0013)
    assert account.reserve(0.001, 100) == int((0.010 - 0.00052 - 0.0039) / 0.001)


def test_what_failed_is_in_doubt_as_well() -> None:
    metered = model(Server(fails_after=2), limit=0.1)
    with pytest.raises(SamplerError, match="it broke"):
        list(metered.sample([asked(3)]))
    assert metered.spending().in_doubt == pytest.approx(0.0013)


def test_of_what_was_never_begun_nothing_is_in_doubt() -> None:
    class Wide(Server):
        concurrency = 2

    metered = model(Wide())
    stream = metered.sample([asked(10)])
    next(stream)
    stream.close()
    assert metered.spending().in_doubt == pytest.approx(2 * 0.0013)


def test_without_a_price_money_is_not_known() -> None:
    metered = MeteredSampler("server", Server)
    list(metered.sample([asked(2)]))
    assert metered.spending().money is None
    assert metered.spending().prompt_tokens == 40


def test_what_a_store_holds_costs_nothing(tmp_path: Path) -> None:
    metered = model(Server())
    for money in (0.00104, 0.0):
        with StoredSampler(tmp_path / "s.jsonl", "m", lambda: metered, name="server") as store:
            assert len(list(store.sample([asked(2)]))) == 2
            assert store.spending().money == pytest.approx(money)


def test_a_bill_begins_at_nothing() -> None:
    before = Spending("m", 3, 30, 300, 1.5, 0.5, 0.25)
    after = Spending("m", 5, 40, 600, 2.0, 0.75, 0.25)
    assert after.since(before) == Spending("m", 2, 10, 300, 0.5, 0.25, 0.0)


@pytest.fixture
def priced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model in the user's file whose answer costs 1000 * 2 + 100 * 5 millionths of a pound."""
    script = tmp_path / "answers.jsonl"
    script.write_text(json.dumps({"text": SOLUTION, "tokens": 100, "prompt_tokens": 1000}) + "\n")
    file = tmp_path / "config.toml"
    file.write_text(
        f'currency = "GBP"\n[models.paid]\nmodel = "scripted:{script}"\nprompt_price = 2\ncompletion_price = 5.0\n'
        '[models.served]\nmodel = "openai:m"\nbase_url = "http://127.0.0.1:1/v1"\n'
    )
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(file))
    return "paid"


def test_the_answer_says_what_it_cost_and_so_does_its_record(priced: str, tmp_path: Path, capfd: Any) -> None:
    page = tmp_path / "page.html"
    assert run([str(STATEMENT), "-m", priced, "-n", "2", "--json", "--report", str(page)]) == 0
    said = capfd.readouterr()
    cost = json.loads(said.out)["cost"]
    assert (cost["money"], cost["currency"]) == (0.005, "GBP")
    solver = cost["roles"]["solver"]
    assert (solver["requests"], solver["prompt_tokens"], solver["completion_tokens"]) == (2, 2000, 200)
    line = "2 requests, 2000 tokens of prompts and 200 of answers, "
    assert line in said.err
    assert "0.005000 GBP" in said.err
    assert "0.005000 GBP" in page.read_text()
    assert run(["show", "last"]) == 0
    assert "0.005000 GBP" in capfd.readouterr().err


def test_a_model_on_this_machine_costs_no_line(tmp_path: Path, capfd: Any) -> None:
    script = tmp_path / "answers.jsonl"
    script.write_text(json.dumps(SOLUTION) + "\n")
    assert run([str(STATEMENT), "-m", f"scripted:{script}", "-n", "1", "--json"]) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["cost"]["money"] == 0
    assert "solver" not in said.err
    assert run([str(STATEMENT), "-m", f"scripted:{script}", "-n", "1", "-v"]) == 0
    assert "solver scripted:" in capfd.readouterr().err


def test_the_limit_ends_sampling_and_the_answer_is_chosen_all_the_same(priced: str, capfd: Any) -> None:
    assert run([str(STATEMENT), "-m", priced, "-n", "9", "--max-cost", "0.012", "--json"]) == 0
    said = capfd.readouterr()
    record = json.loads(said.out)
    assert 0 < record["evidence"]["samples"] < 9
    assert record["cost"]["money"] <= 0.012
    assert "no more than 0.012 GBP may be spent" in said.err


@pytest.mark.parametrize(
    ("name", "limit", "code", "words"),
    [
        ("paid", "0.0001", 3, "no more than 0.0001 GBP may be spent"),
        ("served", "1", 2, "no price of served is known"),
        ("openai:other", "1", 2, "no price of openai:other is known"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(
    priced: str, capfd: Any, name: str, limit: str, code: int, words: str
) -> None:
    assert run([str(STATEMENT), "-m", name, "--max-cost", limit]) == code
    said = capfd.readouterr().err
    assert words in said
    assert said.count("try:") == 1
