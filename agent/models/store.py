"""Completions on disk: what was sampled once is read instead of sampled again.

Each is appended to a journal (`agent.journal`) as it ends, so that a process that is killed loses at most what was
in flight. Its key is everything that a completion depends on: the model, the prompt, the sampling parameters
and the sample's number, but not how many others were asked for with it.

Not covered: what a completion is worth (`benchmarks` keeps records of that).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import filelock

from agent.journal import Journal, JournalError
from agent.types import Completion, SampleRequest, SamplerError

if TYPE_CHECKING:
    from agent.types import Sampler

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "request": str,
    "sample": int,
    "text": str,
    "tokens": int,
    "logprob": (int, float),
    "finish": str,
}


class StoredSampler:
    """A `Sampler` that answers from a file what the file holds, and asks a model for the rest."""

    def __init__(self, path: Path, model: str, open_sampler: Callable[[], Sampler], *, name: str) -> None:
        """Open the store at `path`; create it if it does not exist.

        Args:
            path: a JSON Lines file; nobody else may write to it meanwhile.
            model: what tells this model's completions from another's, such as `agent.models.fingerprint`.
            open_sampler: makes the model ready; called at most once, and not before something is missing.
            name: the model's name for records.

        Raises:
            SamplerError: the file cannot be used: damaged, in use, or not writable; one line.
        """
        self._model = model
        self._open_sampler = open_sampler
        self._name = name
        self._sampler: Sampler | None = None
        self._lock = filelock.FileLock(path.with_name(path.name + ".lock"), timeout=0)
        self._places: dict[str, dict[int, int]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._journal = Journal(path, _record)
            for place, record in self._journal.entries():
                self._places.setdefault(record["request"], {})[record["sample"]] = place
        except filelock.Timeout:
            raise SamplerError(f"{path} is being written by another process: wait for it to end") from None
        except OSError as error:
            self._lock.release()
            raise SamplerError(f"cannot use {path}: {error.strerror or error}") from error
        except JournalError as error:
            self.close()
            raise SamplerError(str(error)) from None

    @property
    def name(self) -> str:
        """See `Sampler`."""
        return self._name

    def close(self) -> None:
        """Release the file."""
        self._journal.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def missing(self, requests: Sequence[SampleRequest]) -> int:
        """How many of the requested completions the store does not hold."""
        return sum(request.params.n - len(self._stored_numbers(request)) for request in requests)

    def sample(self, requests: Sequence[SampleRequest]) -> Generator[Completion]:
        """See `Sampler`. What is stored comes first, in the order it was stored; the rest as it ends.

        So a reader of the first few completions gets the same ones every time.
        """
        places = [
            (self._places[self._key(request)][number], index)
            for index, request in enumerate(requests)
            for number in self._stored_numbers(request)
        ]
        for place, index in sorted(places):
            yield self._read(place, index)
        missing = [
            (index, part)
            for index, request in enumerate(requests)
            for part in missing_parts(request, self._stored_numbers(request))
        ]
        if not missing:
            return
        self._sampler = self._sampler or self._open_sampler()
        with closing(self._sampler.sample([part for _, part in missing])) as stream:
            for new in stream:
                completion = replace(new, request=missing[new.request][0])
                self._append(requests[completion.request], completion)
                yield completion

    def _stored_numbers(self, request: SampleRequest) -> list[int]:
        places = self._places.get(self._key(request), {})
        return [number for number in _numbers(request) if number in places]

    def _key(self, request: SampleRequest) -> str:
        return request_key(self._model, request)

    def _read(self, place: int, index: int) -> Completion:
        record = self._journal.read(place)
        return Completion(
            index, **{name: record[name] for name in ("sample", "text", "tokens", "logprob", "finish")}
        )

    def _append(self, request: SampleRequest, completion: Completion) -> None:
        key = self._key(request)
        params = asdict(request.params)
        del params["n"], params["first"]  # the sample's own number says it
        record: dict[str, Any] = {
            "request": key,
            "model": self._model,
            "prompt_sha256": _sha256(asdict(request.prompt)),
            "params": params,
            "sample": completion.sample,
            "text": completion.text,
            "tokens": completion.tokens,
            "logprob": round(completion.logprob, 6),
            "finish": completion.finish,
        }
        try:
            place = self._journal.append(record)
        except OSError as error:
            raise SamplerError(f"cannot write to the sample store: {error.strerror or error}") from error
        self._places.setdefault(key, {})[completion.sample] = place


def request_key(model: str, request: SampleRequest) -> str:
    """Names everything that a completion depends on but its number."""
    params = request.params
    is_random = params.temperature > 0  # seed and nucleus mean nothing to a greedy completion
    facts = {
        "model": model,
        "prompt": asdict(request.prompt),
        "temperature": params.temperature,
        "top_p": params.top_p if is_random else None,
        "seed": params.seed if is_random else None,
        "max_tokens": params.max_tokens,
        "stop": params.stop,
    }
    return _sha256(facts)


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
    for name, kind in _FIELDS.items():
        if not isinstance(row[name], kind):
            raise TypeError(f"{name!r} holds something else")
    return row
