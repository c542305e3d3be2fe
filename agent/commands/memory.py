"""What `solve` remembers: answers to the same statement, completions to go on from, and a record of this one.

A history that cannot be used costs one line of warning and never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.options import together
from agent.history import History, HistoryError, PastSolve, history_folder, new_id, statement_key
from agent.types import SamplerError

if TYPE_CHECKING:
    from agent.models.store import StoredSampler
    from agent.types import Sampler, Solution, SolveOptions
    from problems import Problem


history_options = together(
    click.option("--no-history", is_flag=True, help="Leave no record of this for `solve history`."),
    click.option(
        "--more",
        is_flag=True,
        help="Go on from the programs sampled for this statement before: sample so many more (-n).",
    ),
)
"""`--more` and `--no-history`."""

_VARIANTS = 1000
"""So many programs are asked for in every way that there is, unless each is asked for in its own."""


@dataclass(frozen=True, slots=True)
class HistoryOptions:
    """Whether to look back, and whether to leave something to look back at."""

    no_history: bool
    more: bool

    def open(self, model: str, store: Path | None, note: Callable[[str], None]) -> Memory:
        """What is remembered of earlier solves.

        Args:
            model: the model's name, as it was asked for.
            store: the user's own file of completions.
            note: told, in one line, what the user should know.

        Raises:
            click.UsageError: there is nothing to go on from.
        """
        folder = None if self.no_history else history_folder()
        if self.more and folder is None and store is None:
            reason = "--no-history" if self.no_history else "ALPHASOLVE_HISTORY=0"
            raise click.UsageError(f"--more goes on from kept samples: leave out {reason}, or name a --store")
        return Memory(None if folder is None else History(folder), model, store, note, more=self.more)


@dataclass(frozen=True, slots=True)
class Round:
    """One solve of one statement: with what, and what it is called in the history."""

    problem: Problem
    sampler: Sampler
    verifier: Sampler | None
    options: SolveOptions
    id: str
    store: str
    """Where completions are kept; "" for nowhere."""


class Memory:
    """The history as one `solve` uses it."""

    def __init__(
        self, history: History | None, model: str, store: Path | None, note: Callable[[str], None], *, more: bool
    ) -> None:
        self._history = history
        self._model = model
        self._store = store
        self._note = note
        self._more = more

    @contextmanager
    def round(
        self, problem: Problem, sampler: Sampler, options: SolveOptions, verifier: Sampler | None = None
    ) -> Iterator[Round]:
        """What to solve a problem with: completions are kept, and with `--more` the kept ones come first.

        Args:
            problem: what is to be solved.
            sampler: the model, or the user's own file of completions before it.
            options: as they were asked for.
            verifier: the other model, if there is one.

        Raises:
            SamplerError: the completions to go on from cannot be used.
        """
        from agent.models.store import StoredSampler

        earlier = self._earlier(problem)
        if earlier:
            self._tell(earlier[-1])
        identity = new_id()
        pool = sampler if isinstance(sampler, StoredSampler) else self._pool(identity, earlier, sampler, options)
        history = self._history
        try:
            further = self._options(problem, pool, options)
            second = verifier if pool is None or verifier is None else pool.beside(verifier)
            yield Round(problem, pool or sampler, second, further, identity, self._store_name(pool))
        except BaseException:
            if history is not None:
                history.forget(identity)
            raise
        finally:
            if pool is not None and pool is not sampler:  # the user's own file is closed by whoever opened it
                pool.close()

    def keep(self, round_: Round, solution: Solution, sandbox: str, page: Callable[[], str]) -> None:
        """Leave a record of a solve in such a sandbox; `page` makes its report."""
        if self._history is None:
            return
        from agent.models import fingerprint
        from agent.terminal.console import solution_record

        problem = round_.problem
        whole = solution_record(problem, solution, round_.sampler.name, sandbox)
        facts = {field.name: whole[field.name] for field in fields(PastSolve) if field.name in whole}
        record = PastSolve(
            **facts,
            id=round_.id,
            when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            statement=statement_key(problem),
            title=problem.title,
            path=problem.path if problem.path.startswith("<") else str(Path(problem.path).resolve()),
            fingerprint=fingerprint(self._model),
            language=round_.options.language,
            store=round_.store,
        )
        try:
            self._history.add(record, page())
        except HistoryError as error:
            self._give_up(error)

    def _earlier(self, problem: Problem) -> list[PastSolve]:
        """Solves of the same statement, oldest first."""
        if self._history is None:
            return []
        try:
            key = statement_key(problem)
            return [record for record in self._history.records() if record.statement == key]
        except HistoryError as error:
            self._give_up(error)
            return []

    def _tell(self, record: PastSolve) -> None:
        what = f"Solved before, P(right) about {record.confidence:.2f}"
        if not record.solved:
            what = "Tried before, and no program passed"
        further = "" if self._more else "; --more goes on from its samples"
        when = record.when.replace("T", " ").replace("Z", " UTC")
        self._note(f"{what}: {when}, {record.model}; `solve show {record.id}` prints it{further}.")

    def _pool(
        self, identity: str, earlier: list[PastSolve], sampler: Sampler, options: SolveOptions
    ) -> StoredSampler | None:
        """A file of completions before the sampler: that of an earlier solve, or a new one."""
        if self._history is None:
            return None
        from agent.models import fingerprint
        from agent.models.metered import metered
        from agent.models.store import StoredSampler

        model = fingerprint(self._model)
        path = self._history.folder / self._history.store_name(identity)
        if self._more:
            same = [
                self._history.store_of(record)
                for record in earlier
                if (record.fingerprint, record.language) == (model, options.language) and record.store
            ]
            path = next((file for file in reversed(same) if file.is_file()), path)
        try:
            self._history.prepare()
            currency = metered(sampler).spending().currency
            return StoredSampler(
                path, model, lambda: sampler, name=sampler.name, currency=currency, complain=self._give_up
            )
        except (HistoryError, SamplerError) as error:
            if self._more:
                raise SamplerError(str(error), remedy="leave out --more to sample anew") from None
            self._give_up(error)
            return None

    def _store_name(self, pool: StoredSampler | None) -> str:
        if pool is None:
            return ""
        if self._history is not None and pool.path.parent == self._history.folder:
            return pool.path.name
        return str(pool.path.resolve())

    def _options(self, problem: Problem, pool: StoredSampler | None, options: SolveOptions) -> SolveOptions:
        """With `--more`, so many programs as are kept and as many more as were asked for."""
        if not self._more:
            return options
        from agent.languages import language_for
        from agent.rounds import sample_requests

        asked = sample_requests(problem, replace(options, n=_VARIANTS), language_for(problem, options.language))
        different = {(request.prompt, request.params.temperature): request for request in asked}.values()
        kept = sum(pool.kept(request) for request in different) if pool is not None else 0
        if kept:
            self._note(f"Going on from {kept} samples that are kept; {options.n} more at most.")
        else:
            self._note("Nothing is kept of this statement with this model and these options: sampling anew.")
        return replace(options, n=kept + options.n, head_start=kept)

    def _give_up(self, reason: object) -> None:
        """Warn once; nothing more is kept."""
        if self._history is not None:
            self._note(f"Note: this solve is not kept for `solve history`: {reason}")
            self._history = None
