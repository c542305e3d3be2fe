"""Options that say which models are asked, and the record that opens them."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from agent.commands.options import together
from agent.models.catalog import DEFAULT_MODEL
from agent.models.config import MOST_CONCURRENT, find_source, read_config
from agent.profile import Wishes
from agent.terminal.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.models.metered import Account, MeteredSampler
    from agent.models.store import StoredSampler
    from agent.profile import Profile
    from agent.terminal.console import Console
    from agent.types import Sampler

DEVICES = ("auto", "cpu", "cuda", "mps")
"""What `--device` takes; said here because the engine that knows them takes seconds to import."""


model_options = together(
    click.option(
        "--max-cost",
        type=click.FloatRange(min=0, min_open=True),
        help="Spend no more money than this, in the currency of config.toml, which must hold the prices.",
    ),
    click.option(
        "--verifier",
        metavar="MODEL",
        default=lambda: read_config().verifier,
        show_default="the model itself",
        help="Another model to write what --tests, --generators and --checkers ask for, and to judge rivals.",
    ),
    click.option(
        "--device",
        envvar="ALPHASOLVE_DEVICE",
        type=click.Choice(DEVICES),
        default="auto",
        show_default=True,
        help="What a model on this machine runs on; auto takes a GPU where torch offers one.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(1, MOST_CONCURRENT),
        help="Answers under way at a server at a time, at most; 64 unless config.toml says otherwise.",
    ),
    click.option("--base-url", help="Server of an openai:NAME model; OPENAI_BASE_URL is its default."),
    click.option(
        "-m",
        "--model",
        envvar="ALPHASOLVE_MODEL",
        default=lambda: read_config().model,
        show_default=DEFAULT_MODEL,
        help="A name from `solve models`, a hub id, a folder, a .gguf file, openai:NAME, or scripted:FILE.",
    ),
)
"""`--model`; `--base-url` and `--concurrency` for one at a server, `--device` for one that runs here."""


@dataclass(frozen=True, slots=True)
class SamplerOptions:
    """Which model."""

    model: str
    base_url: str | None = None
    concurrency: int | None = None
    device: str = "auto"
    store: Path | None = None
    """Keeps every completion."""
    verifier: str | None = None
    """The model that writes tests and judges; None or "" where that is the model itself."""
    max_cost: float | None = None
    """No more money is spent, in the user's currency; None sets no limit."""
    account: Account = field(init=False)
    """Pays for everything that is asked."""

    def __post_init__(self) -> None:
        """Refuse a limit on money where prices are not known, before anything is read or started."""
        from agent.models.metered import Account

        object.__setattr__(self, "account", Account(self.max_cost, currency=read_config().currency))
        for name in filter(None, (self.model, self.verifier)):
            if self.max_cost is not None and find_source(name).price is None:
                raise Failure(
                    f"--max-cost {self.max_cost:g}: no price of {name} is known",
                    remedy="name the model in config.toml with its prompt_price and completion_price;"
                    " `solve models` says where that file is",
                )

    def has_second(self) -> bool:
        """Whether another model verifies than the one that solves."""
        return bool(self.verifier) and find_source(self.verifier or "") != find_source(self.model)

    @contextmanager
    def open(self, console: Console, *, before_fetch: Callable[[], object] | None = None) -> Iterator[Sampler]:
        """The model, with the completions that are kept of it before it.

        Args:
            console: shows downloads, and that the model loads.
            before_fetch: called before weights are fetched; what it raises is passed on.

        Raises:
            SamplerError: there is no such model, or the file of completions cannot be used.
        """
        if self.store is None:
            with closing(self.load(console, before_fetch=before_fetch)) as model:
                model.open()
                yield model
        else:
            with self.open_store(self.store, console) as sampler:
                yield sampler

    def load(self, console: Console, *, before_fetch: Callable[[], object] | None = None) -> MeteredSampler:
        """The model, to be opened, its downloads shown on `console`; arguments as for `open`."""
        return self._metered(
            self.model,
            console,
            base_url=self.base_url,
            concurrency=self.concurrency,
            before_fetch=before_fetch,
        )

    def verifier_profile(self, max_seconds: float | None = None) -> Profile:
        """How the model that verifies is asked, in `max_seconds` where the user says so.

        Raises:
            SamplerError: there is no such model.
        """
        from agent.models.profiles import choose

        return choose(self.verifier or "", Wishes(max_seconds=max_seconds)).profile

    def load_verifier(self, console: Console, *, max_seconds: float | None = None) -> MeteredSampler | None:
        """The model that verifies, opened when it is first asked; None where that is the model that solves.

        Args:
            console: shows downloads.
            max_seconds: for all that it is asked, where the user says so.

        Raises:
            SamplerError: there is no such model.
        """
        if not self.has_second():
            return None
        return self._metered(self.verifier or "", console, profile=self.verifier_profile(max_seconds))

    def _metered(
        self,
        name: str,
        console: Console,
        *,
        base_url: str | None = None,
        concurrency: int | None = None,
        profile: Profile | None = None,
        before_fetch: Callable[[], object] | None = None,
    ) -> MeteredSampler:
        from agent import models
        from agent.models.metered import MeteredSampler

        source = find_source(name)
        return MeteredSampler(
            source.model,
            lambda: models.open_sampler(
                name,
                base_url=base_url,
                concurrency=concurrency,
                device=self.device,
                notice=console.note,
                progress=console.transfer,
                before_fetch=before_fetch,
            ),
            price=source.price,
            account=self.account,
            profile=profile,
            is_remote=source.model.startswith("openai:"),
        )

    def open_store(self, path: Path, console: Console) -> StoredSampler:
        """The completions in the file at `path`; the model is loaded only if something is missing.

        Raises:
            SamplerError: the file cannot be used.
        """
        from agent.models import fingerprint
        from agent.models.store import StoredSampler

        return StoredSampler(
            path,
            fingerprint(self.model),
            lambda: self.load(console),
            name=self.model,
            currency=self.account.currency,
        )
