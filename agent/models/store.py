"""Completions on disk: what was sampled once is read instead of sampled again.

Each is appended to a journal (`agent.journal`) as it ends, so that a process that is killed loses at most what was
in flight. Its key is everything that a completion depends on: the model, the prompt, the sampling parameters
and the sample's number, but not how many others were asked for with it.

Not covered: what a completion is worth (`benchmarks` keeps records of that).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from copy import copy
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import filelock

from agent.cost import CURRENCY, Spending
from agent.journal import Journal, JournalError
from agent.models import fingerprint
from agent.models.metered import metered
from agent.profile import profile_of
from agent.tally import Leftovers, leftovers_of
from agent.types import Closeable, Completion, Remote, SampleRequest, SamplerError

if TYPE_CHECKING:
    from agent.models.metered import CountedSampler
    from agent.profile import Profile
    from agent.types import Sampler

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "request": str,
    "sample": int,
    "text": str,
    "tokens": int,
    "logprob": (int, float),
    "finish": str,
}

_COUNTS = ("prompt_tokens", "cached_tokens", "is_estimate")
"""Kept where they are not 0."""
_THOUGHTS = {"thoughts": str, "thought_tokens": int}
"""In the record of a completion that has any."""

_ANOTHER = "name another --store"


class StoredSampler:
    """A `Sampler` that answers from a file what the file holds, and asks a model for the rest."""

    def __init__(
        self,
        path: Path,
        model: str,
        open_sampler: Callable[[], Sampler],
        *,
        name: str,
        currency: str = CURRENCY,
        complain: Callable[[str], None] | None = None,
    ) -> None:
        """Open the store at `path`; create it if it does not exist.

        Args:
            path: a JSON Lines file; nobody else may write to it meanwhile.
            model: what tells this model's completions from another's, such as `agent.models.fingerprint`.
            open_sampler: makes the model ready; called at most once, and not before something is missing.
            name: the model's name for records.
            currency: what money is called while the model is not open, and costs nothing.
            complain: told, in one line, when the file cannot be written any more; what is sampled from then on is
                not kept. With None that is an error.

        Raises:
            SamplerError: the file cannot be used: damaged, in use, or not writable; one line.
        """
        self.path = path
        """The file."""
        self._model = model
        self._open_sampler = open_sampler
        self._name = name
        self._currency = currency
        self._complain = complain
        self._is_full = False
        self._sampler: CountedSampler | None = None
        self._lock = filelock.FileLock(path.with_name(path.name + ".lock"), timeout=0)
        self._places: dict[str, dict[int, int]] = {}
        self._origins: list[tuple[int, SampleRequest]] = []
        self._guests: list[StoredSampler] = []
        self._profile: Profile | None = None
        self.is_remote = False
        """See `Remote`; of the model behind, where that was known before it was opened."""
        self._writing = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._journal = Journal(path, _record)
            for place, record in self._journal.entries():
                self._places.setdefault(record["request"], {})[record["sample"]] = place
        except filelock.Timeout:
            raise SamplerError(
                f"{path} is being written by another process", remedy="wait for it to end, or name another --store"
            ) from None
        except OSError as error:
            self._lock.release()
            raise SamplerError(f"cannot use {path}: {error.strerror or error}", remedy=_ANOTHER) from error
        except JournalError as error:
            self.close()
            raise SamplerError(str(error), remedy=_ANOTHER) from None

    @property
    def name(self) -> str:
        """See `Sampler`."""
        return self._name

    def beside(self, sampler: Sampler) -> StoredSampler:
        """The same file in front of another model, on another thread if need be; it is closed with this one."""
        guest = copy(self)
        guest._model, guest._open_sampler, guest._name = fingerprint(sampler.name), lambda: sampler, sampler.name
        guest._sampler, guest._profile = None, profile_of(sampler)
        guest.is_remote = isinstance(sampler, Remote) and sampler.is_remote
        self._guests.append(guest)
        return guest

    @property
    def profile(self) -> Profile | None:
        """How the model likes to be asked, where that is known without opening it."""
        return self._profile

    def close(self) -> None:
        """Release the file, and what the models hold open."""
        for each in (self, *self._guests):
            if isinstance(each._sampler, Closeable):
                each._sampler.close()
        self._journal.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def spending(self) -> Spending:
        """What the model behind was asked since it was opened here; what the file holds costs nothing."""
        if self._sampler is None:
            return Spending(self._name, money=0.0, currency=self._currency)
        return self._sampler.spending().since(self._before)

    def missing(self, requests: Sequence[SampleRequest]) -> int:
        """How many of the requested completions the store does not hold."""
        return sum(request.params.n - len(self._stored_numbers(request)) for request in requests)

    def kept(self, request: SampleRequest) -> int:
        """How many completions the store holds of a request, whichever and how many of them it asks for."""
        return len(self._places.get(self._key(request), {}))

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`. What is stored comes first, in the order it was stored; the rest as it ends.

        So a reader of the first few completions gets the same ones every time. What is missing is asked for here
        and now.
        """
        places = [
            (self._places[self._key(request)][number], index)
            for index, request in enumerate(requests)
            for number in self._stored_numbers(request)
        ]
        missing = [
            (index, part)
            for index, request in enumerate(requests)
            for part in missing_parts(request, self._stored_numbers(request))
        ]
        stream = None
        if missing:
            self._origins = [(index, requests[index]) for index, _ in missing]
            stream = self._model_behind().sample([part for _, part in missing])
        return self._answers(sorted(places), stream)

    def _answers(
        self, places: Sequence[tuple[int, int]], stream: Generator[Completion] | None
    ) -> Generator[Completion]:
        """What is stored, and then what comes."""
        for place, index in places:
            yield self._read(place, index)
        if stream is not None:
            with closing(stream):
                for new in stream:
                    yield self._keep(new)

    def leftovers(self) -> Leftovers:
        """See `agent.tally.Frugal`. What ended is kept like the rest."""
        if self._sampler is None:
            return Leftovers()
        rest = leftovers_of(self._sampler)
        return replace(rest, completions=tuple(map(self._keep, rest.completions)))

    def _keep(self, new: Completion) -> Completion:
        """Write down what the model said; returns it as an answer to what this store was asked."""
        index, request = self._origins[new.request]
        completion = replace(new, request=index)
        if not self._is_full:
            self._append(request, completion)
        return completion

    def _model_behind(self) -> CountedSampler:
        if self._sampler is None:
            self._sampler = metered(self._open_sampler())
            self._before = self._sampler.spending()
        return self._sampler

    def _stored_numbers(self, request: SampleRequest) -> list[int]:
        places = self._places.get(self._key(request), {})
        return [number for number in _numbers(request) if number in places]

    def _key(self, request: SampleRequest) -> str:
        return request_key(self._model, request)

    def _read(self, place: int, index: int) -> Completion:
        with self._writing:
            record = self._journal.read(place)
        fields = {name: record[name] for name in ("sample", "text", "tokens", "logprob", "finish")}
        return Completion(
            index, **fields, **{name: record[name] for name in (*_THOUGHTS, *_COUNTS) if name in record}
        )

    def _append(self, request: SampleRequest, completion: Completion) -> None:
        key = self._key(request)
        params = asdict(request.params)
        del params["n"], params["first"]  # the sample's own number says it
        if params["thinking"] is None:  # as in files from before there were thoughts
            del params["thinking"]
        record: dict[str, Any] = {
            "request": key,
            "model": self._model,
            "prompt_sha256": _sha256(_prompt(request)),
            "params": params,
            "sample": completion.sample,
            "text": completion.text,
            "tokens": completion.tokens,
            "logprob": round(completion.logprob, 6),
            "finish": completion.finish,
        }
        if request.strategy != "direct":  # what every file from before there were others holds
            record["strategy"] = request.strategy
        record |= {name: value for name in (*_THOUGHTS, *_COUNTS) if (value := getattr(completion, name))}
        try:
            with self._writing:
                place = self._journal.append(record)
        except OSError as error:
            words = f"cannot write to the sample store: {error.strerror or error}"
            if self._complain is None:
                raise SamplerError(
                    words, remedy="free some disk space and run it again: what was kept is read"
                ) from error
            self._complain(words)
            self._is_full = True
            return
        self._places.setdefault(key, {})[completion.sample] = place


def request_key(model: str, request: SampleRequest) -> str:
    """Names everything that a completion depends on but its number."""
    params = request.params
    is_random = params.temperature > 0  # seed and nucleus mean nothing to a greedy completion
    facts: dict[str, Any] = {
        "model": model,
        "prompt": _prompt(request),
        "temperature": params.temperature,
        "top_p": params.top_p if is_random else None,
        "seed": params.seed if is_random else None,
        "max_tokens": params.max_tokens,
        "stop": params.stop,
    }
    if params.thinking is not None:
        facts["thinking"] = asdict(params.thinking)
    return _sha256(facts)


def _prompt(request: SampleRequest) -> dict[str, str]:
    """What was asked, without what prompts had not when the first files were written, unless this one has it."""
    return {name: text for name, text in asdict(request.prompt).items() if text or name != "opening"}


def _sha256(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _numbers(request: SampleRequest) -> range:
    return range(request.params.first, request.params.first + request.params.n)


def missing_parts(request: SampleRequest, numbers: Iterable[int]) -> list[SampleRequest]:
    """The request without what is held: one request for each unbroken run of numbers."""
    present = set(numbers)
    runs: list[list[int]] = []
    for number in _numbers(request):
        if number in present:
            continue
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [replace(request, params=replace(request.params, n=len(run), first=run[0])) for run in runs]


def _record(row: dict[str, Any]) -> dict[str, Any]:
    thoughts = {name: kind for name, kind in _THOUGHTS.items() if name in row}
    for name, kind in {**_FIELDS, **thoughts}.items():
        if not isinstance(row[name], kind):
            raise TypeError(f"{name!r} holds something else")
    return row
