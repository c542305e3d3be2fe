"""A model that is opened when it is first asked, whose cost is counted, and that is left alone where money ends.

Before anything is asked, its cost is bounded: the prompt's bytes, of which no token has less than one, or the
server's own count where it has answered to the same prompt; and as many tokens as an answer may have. Only so many
answers are asked for at once as surely can be paid; what they cost less makes room for others. So the limit is
kept however many requests are under way.

Not covered: what a server charges for an attempt that failed and was repeated.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from agent.cost import CURRENCY, Metered, Price, Spending
from agent.profile import profile_of
from agent.sampling import Closeable, Completion, Remote, Sampler, SampleRequest, SamplerError
from agent.tally import Leftovers, Tally, leftovers_of

if TYPE_CHECKING:
    from agent.profile import Profile
    from agent.sampling import Prompt

_OVERHEAD_TOKENS = 256
"""Of a prompt: what a server's template may add to the words."""


@runtime_checkable
class Concurrent(Protocol):
    """A `Sampler` that says how much it asks for at a time."""

    @property
    def concurrency(self) -> int:
        """Answers under way at a time, at most."""


class Account:
    """The money that several models may cost together; threads may share it."""

    def __init__(self, limit: float | None = None, *, currency: str = CURRENCY) -> None:
        """Allow `limit` in all; None sets no limit. `currency` is a label."""
        self.limit = limit
        self.currency = currency
        self._left = limit
        self._lock = threading.Lock()

    def reserve(self, each: float, count: int) -> int:
        """Put `each` aside for so many of `count` answers as can be paid; returns how many those are."""
        with self._lock:
            if self._left is None or each <= 0:
                return count
            count = min(count, int(max(self._left, 0.0) / each))
            self._left -= each * count
            return count

    def give_back(self, amount: float) -> None:
        """Release what was put aside and not spent; a negative amount was spent beyond it."""
        with self._lock:
            if self._left is not None:
                self._left += amount


@dataclass(frozen=True, slots=True)
class _Ask:
    """A part of a request that is asked for at once."""

    index: int
    """Of the request."""
    request: SampleRequest
    bound: float
    """Money that each of its answers may cost."""


class MeteredSampler:
    """A `Sampler` in front of another one. Closing it closes that one; it may be asked again."""

    def __init__(
        self,
        name: str,
        open_sampler: Callable[[], Sampler],
        *,
        price: Price | None = None,
        account: Account | None = None,
        profile: Profile | None = None,
        is_remote: bool = False,
    ) -> None:
        """Open nothing yet.

        Args:
            name: the model's name until it is open.
            open_sampler: makes the model ready; called at most once, and not before something is asked.
            price: of its tokens; None where it is not known, and then no account has a limit.
            account: pays; None sets no limit.
            profile: how the model is asked; None leaves that to the model, which is opened to be asked for it.
            is_remote: whether it works elsewhere (`Remote`).
        """
        self._open_sampler = open_sampler
        self._sampler: Sampler | None = None
        self._price = price
        self._account = account or Account()
        self._profile = profile
        self.is_remote = is_remote
        """See `Remote`."""
        money = None if price is None else 0.0
        self._spending = Spending(name, money=money, currency=self._account.currency)
        self._prompt_tokens: dict[Prompt, int] = {}
        self._unused = Tally()
        self._asks: Sequence[_Ask] = ()

    @property
    def name(self) -> str:
        """See `Sampler`."""
        return self._sampler.name if self._sampler is not None else self._spending.model

    @property
    def profile(self) -> Profile | None:
        """How the model likes to be asked."""
        return self._profile or profile_of(self.open())

    def spending(self) -> Spending:
        """The total so far."""
        return replace(self._spending, model=self.name)

    def open(self) -> Sampler:
        """The model behind, ready.

        Raises:
            SamplerError: it cannot be had.
        """
        self._sampler = self._sampler or self._open_sampler()
        return self._sampler

    def close(self) -> None:
        """Release what the model holds open."""
        if isinstance(self._sampler, Closeable):
            self._sampler.close()

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`; also fails where what is left costs too much. Money is put aside here and now."""
        return self._answers(*self._payable(list(enumerate(requests))))

    def _answers(self, asks: list[_Ask], rest: list[tuple[int, SampleRequest]]) -> Generator[Completion]:
        """The answers to what can be paid, and then to what can be paid of the rest."""
        while asks:
            yield from self._draw(asks)
            if not rest:
                return
            self._take_stock()
            asks, rest = self._payable(rest)
        if rest:
            raise self._refusal(rest)

    def leftovers(self) -> Leftovers:
        """See `agent.tally.Frugal`. What ended or was broken off is in doubt no more: its cost is known."""
        rest = self._take_stock()
        completions = []
        for completion in rest.completions:
            ask = self._asks[completion.request]
            self._count(completion, ask)
            self._settle(ask.bound)
            completions.append(replace(completion, request=ask.index))
        unused, self._unused = self._unused, Tally()
        return Leftovers(tuple(completions), unused)

    def _take_stock(self) -> Leftovers:
        """What the model behind has left; what it wasted is counted."""
        rest = Leftovers() if self._sampler is None else leftovers_of(self._sampler)
        self._lose(rest.unused)
        self._unused += rest.unused
        return rest

    def _lose(self, unused: Tally) -> None:
        """Count what was paid for and brought nothing."""
        spent, price = self._spending, self._price
        money = 0.0 if price is None else price.of(unused.prompt_tokens, unused.tokens)
        self._spending = replace(
            spent,
            prompt_tokens=spent.prompt_tokens + unused.prompt_tokens,
            completion_tokens=spent.completion_tokens + unused.tokens,
            money=None if spent.money is None else spent.money + money,
        )
        known = min(money, self._spending.in_doubt)
        self._account.give_back(known - money)  # what attempts cost that were repeated, nobody had put aside
        self._settle(known)

    def _settle(self, amount: float) -> None:
        """So much of what is in doubt is known now."""
        self._spending = replace(self._spending, in_doubt=max(self._spending.in_doubt - amount, 0.0))

    def _payable(
        self, rest: Sequence[tuple[int, SampleRequest]]
    ) -> tuple[list[_Ask], list[tuple[int, SampleRequest]]]:
        """As much as can be paid, in order and put aside, and what remains."""
        asks = []
        for place, (index, request) in enumerate(rest):
            params = request.params
            bound = self._bound(request)
            count = self._account.reserve(bound, params.n)
            if count:
                asks.append(_Ask(index, replace(request, params=replace(params, n=count)), bound))
            if count < params.n:
                more = replace(params, n=params.n - count, first=params.first + count)
                return asks, [(index, replace(request, params=more)), *rest[place + 1 :]]
        return asks, []

    def _bound(self, request: SampleRequest) -> float:
        """Money that an answer costs at most; 0 where no price is known."""
        if self._price is None:
            return 0.0
        prompt = request.prompt
        words = f"{prompt.system}{prompt.user}{prompt.prefill}"
        tokens = self._prompt_tokens.get(prompt) or len(words.encode()) + _OVERHEAD_TOKENS
        return self._price.of(tokens, request.params.max_tokens)

    def _draw(self, asks: Sequence[_Ask]) -> Generator[Completion]:
        """The answers; what was put aside for them is spent, in doubt or given back at the end."""
        self._asks = asks
        missing = [ask.request.params.n for ask in asks]
        try:
            with closing(self.open().sample([ask.request for ask in asks])) as stream:
                while (completion := self._next(stream)) is not None:
                    ask = asks[completion.request]
                    missing[completion.request] -= 1
                    self._count(completion, ask)
                    yield replace(completion, request=ask.index)
        finally:
            self._leave([(ask.bound, count) for ask, count in zip(asks, missing, strict=True)])

    def _next(self, stream: Generator[Completion]) -> Completion | None:
        start = time.monotonic()
        try:
            return next(stream, None)
        finally:
            self._spending = replace(self._spending, seconds=self._spending.seconds + time.monotonic() - start)

    def _count(self, completion: Completion, ask: _Ask) -> None:
        if completion.prompt_tokens:
            known = self._prompt_tokens.get(ask.request.prompt, 0)
            self._prompt_tokens[ask.request.prompt] = max(known, completion.prompt_tokens)
        spent, price = self._spending, self._price
        money = 0.0 if price is None else price.of(completion.prompt_tokens, completion.tokens)
        self._account.give_back(ask.bound - money)
        self._spending = replace(
            spent,
            requests=spent.requests + 1,
            prompt_tokens=spent.prompt_tokens + completion.prompt_tokens,
            completion_tokens=spent.completion_tokens + completion.tokens,
            money=None if spent.money is None else spent.money + money,
        )

    def _leave(self, missing: Sequence[tuple[float, int]]) -> None:
        """Answers that did not come: of so many as were under way at most, what they cost is in doubt."""
        under_way = self._sampler.concurrency if isinstance(self._sampler, Concurrent) else None
        bounds = sorted((bound for bound, count in missing for _ in range(count)), reverse=True)
        in_doubt = sum(bounds[:under_way])
        self._account.give_back(sum(bounds) - in_doubt)
        self._spending = replace(self._spending, in_doubt=self._spending.in_doubt + in_doubt)

    def _refusal(self, rest: Sequence[tuple[int, SampleRequest]]) -> SamplerError:
        count = sum(request.params.n for _, request in rest)
        bound = self._bound(rest[0][1])
        money = f"{self._account.limit:g} {self._account.currency}"
        return SamplerError(
            f"{self.name} is asked for {count} answer{'s' * (count != 1)} less: one may cost up to {bound:.2g},"
            f" and no more than {money} may be spent",
            remedy="allow more with --max-cost, or ask for shorter answers or fewer",
        )


class CountedSampler(Sampler, Metered, Protocol):
    """A `Sampler` that counts what it is asked."""


def metered(sampler: Sampler) -> CountedSampler:
    """The sampler itself where it counts what it is asked, or else one before it that does, by no price."""
    if isinstance(sampler, Metered):
        return cast("CountedSampler", sampler)
    is_remote = isinstance(sampler, Remote) and sampler.is_remote
    return MeteredSampler(sampler.name, lambda: sampler, is_remote=is_remote)
