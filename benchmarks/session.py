"""One `solve bench`: what was asked for, put through the phases, and what is known at the end or when stopped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cost import VERIFIER
from agent.languages import LANGUAGES, language_for
from agent.profile import QWEN25
from benchmarks import run
from benchmarks.completions import (
    Source,
    all_requests,
    file_sha256,
    from_store,
    read_completions,
    verifier_requests,
)
from benchmarks.folder import Folder
from benchmarks.progress import ProgressLine
from benchmarks.records import TaskRecord
from benchmarks.tasks import load_tasks, with_answer_rule
from benchmarks.timing import sampling_record, timing
from benchmarks.types import Task

if TYPE_CHECKING:
    from agent.commands.model_options import SamplerOptions
    from agent.commands.options import SandboxOptions
    from agent.models.store import StoredSampler
    from agent.profile import Profile
    from agent.terminal.console import Console
    from agent.types import SolveOptions
    from benchmarks.executors import Place

FORMAT = 1
"""Of the result folder; a run of another format is not gone on with."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    name: str
    """A known set, or the path of one."""
    options: SolveOptions
    """How much may be tried per task; `n` counts the greedy completion too."""
    sampler: SamplerOptions
    sandbox: SandboxOptions
    limit: int | None
    select: str
    """How `selected@1` is chosen."""
    completions: Path | None
    """Replayed instead of sampling."""
    score_only: bool
    ray: str | None = None
    """Address of a Ray cluster to run on; None runs here."""

    @property
    def verifies(self) -> bool:
        """Whether another model than the solver is asked for anything."""
        options = self.options
        return self.sampler.has_second() and bool(options.tests or options.generators or options.checkers)

    def default_folder(self) -> Path:
        """Where a run goes that names no folder: the same request finds it again."""
        words = f"{Path(self.name).name}-{Path(self.sampler.model).name}-n{self.options.n}"
        if self.options.strategy != "direct":
            words += f"-{self.options.strategy}"
        if self.verifies:
            words += f"-{Path(self.sampler.verifier or '').name}"
        return Path("runs") / re.sub(r"[^\w.+-]", "-", words)


class Session:
    """Runs a request in a folder, or goes on with it."""

    def __init__(self, request: Request, folder: Path, *, keep: bool, quiet: bool) -> None:
        """Read the tasks and the completions, before anything is started.

        Raises:
            TaskError: one of them cannot be read.
            ProblemError: a task asks for a function, and not in Python.
        """
        self._request = request
        self._path = folder
        self._keep = keep
        self._quiet = quiet
        self._records: Mapping[str, TaskRecord] = {}
        self._metrics: dict[str, Any] = {}
        self._timing: dict[str, Any] = {}
        self._status = ""
        everything = load_tasks(request.name)
        if request.options.checkers:
            everything = [with_answer_rule(task) for task in everything]
        self._tasks = everything[: request.limit]
        self._source: Source | None = None
        self._left_out = 0
        for task in self._tasks:
            language_for(task.problem, request.options.language)  # or it cannot answer
        if request.completions is not None:
            self._use(read_completions(request.completions, everything, LANGUAGES[request.options.language]))
        self._config = self._describe()

    def run(self) -> bool:
        """Do what is left to do; returns whether the run is complete, False after Ctrl-C.

        Raises:
            TaskError: the folder belongs to something else.
            SamplerError: the model failed.
            SandboxError: the sandbox failed.
        """
        from agent.terminal.console import Console

        with Folder(self._path, self._config) as folder, Console(quiet=self._quiet) as console:
            if self._left_out:
                console.note(f"{self._left_out} tasks have no completion and are left out")
            if self._keep:
                console.note(f"results go to {self._path}")
            self._records = folder.results.records
            try:
                backend = self._phases(folder, console)
            except KeyboardInterrupt:
                self._sum_up(folder, "interrupted")
                return False
            self._sum_up(folder, backend)
            if self._keep:
                self._write(folder)
        return True

    def result(self) -> dict[str, Any]:
        """Everything that is known, as one JSON object."""
        return {"config": self._config, "metrics": self._metrics, "timing": self._timing}

    def lines(self) -> list[str]:
        """The same as text."""
        from benchmarks.table import lines

        count, total = len(self._records), len(self._tasks)
        head = [] if count == total else [f"{count} of {total} tasks done; the same command goes on"]
        if self._status and not count:
            head.append(self._status)
        return head + (lines(self._metrics) if self._metrics else [])

    def _use(self, programs: Mapping[str, Any]) -> None:
        """Replay `programs`, on the tasks that have something in it."""
        tasks = [task for task in self._tasks if task.id in programs]
        self._left_out = len(self._tasks) - len(tasks)
        self._tasks = tasks
        self._source = lambda task: programs[task.id]

    def _describe(self) -> dict[str, Any]:
        """Everything that the records depend on."""
        request, options = self._request, self._request.options
        config: dict[str, Any] = {
            "format": FORMAT,
            "set": request.name if not Path(request.name).exists() else Path(request.name).name,
            "tasks": len(self._tasks),
            "tasks_sha256": _tasks_sha256(self._tasks),
            "seed": options.seed,
            "score_only": request.score_only,
        }
        if options.language != "python":  # what runs were in before there was another
            config["language"] = options.language
        if options.strategy != "direct":  # likewise
            config["strategy"] = options.strategy
        if request.sandbox.packages:
            config["packages"] = sorted(request.sandbox.packages)
        if request.completions is not None:
            return config | {
                "completions": request.completions.name,
                "completions_sha256": file_sha256(request.completions),
            }
        from agent.models import fingerprint

        helpers = ("tests", "generators", "checkers")
        also: dict[str, Any] = {name: n for name in helpers if (n := getattr(options, name))}
        if request.verifies:
            also["verifier"] = request.sampler.verifier
            also["verifier_weights"] = fingerprint(request.sampler.verifier or "")
            also["verifier_asking"] = asdict(request.sampler.verifier_profile())
        return (
            config
            | also
            | {
                "model": request.sampler.model,
                "weights": fingerprint(request.sampler.model),
                "n": options.n,
                "temperature": options.temperature,
                "max_tokens": options.max_tokens,
            }
            | _asking(options.asking)
        )

    def _phases(self, folder: Folder, console: Console) -> str:
        """Sample, then evaluate; returns the sandbox's name."""
        tasks = [task for task in self._tasks if task.id not in folder.results.records]
        if not tasks:
            return str(folder.read("timing.json").get("sandbox", ""))
        with self._place(console) as place:
            if self._source is not None:
                return self._evaluate(folder, place, tasks, self._source)
            with place.store(folder.path / "samples.jsonl") as store:
                second = place.verifier() if self._request.verifies else None
                verifier = None if second is None else store.beside(second)
                self._fill(folder, store, verifier)
                source = from_store(store, self._request.options, verifier)
                return self._evaluate(folder, place, tasks, source)

    def _place(self, console: Console) -> Any:
        from benchmarks.executors import here, on_cluster

        return here(self._request, console) if self._request.ray is None else on_cluster(self._request, console)

    def _fill(self, folder: Folder, store: StoredSampler, verifier: StoredSampler | None) -> None:
        """Sample what is missing, and remember what it took."""
        options = self._request.options
        asks = [(store, all_requests(self._tasks, options))]
        if verifier is not None:
            programs = all_requests(self._tasks, options.programs_alone())
            asks = [(verifier, verifier_requests(self._tasks, options, verifier)), (store, programs)]
        total = sum(request.params.n for _, requests in asks for request in requests)
        missing = sum(each.missing(requests) for each, requests in asks)
        if not missing:
            return
        before = folder.read("sampling.json")
        sampling = run.Sampling()
        try:
            with ProgressLine(
                "sampling", count=total - missing, total=total, unit="tokens", quiet=self._quiet
            ) as line:
                for each, requests in asks:
                    for _ in run.fill(each, requests, step=line.step, sampling=sampling):
                        pass
        finally:
            models = [store.spending()]
            if verifier is not None:
                models.append(replace(verifier.spending(), role=VERIFIER))
            folder.write("sampling.json", sampling_record(before, sampling, models))
            self._status = f"{total - missing + sampling.completions} of {total} completions are stored"

    def _evaluate(self, folder: Folder, place: Place, tasks: list[Task], source: Source) -> str:
        """Put the tasks that are left through the loop and the hidden tests; returns the sandbox's name."""
        total = len(self._tasks)
        with place.evaluators() as (evaluator, slots, backend):
            with ProgressLine(
                "tasks", count=total - len(tasks), total=total, unit="tasks", quiet=self._quiet
            ) as line:
                for record in run.evaluate_all(tasks, source, evaluator, beside=slots):
                    folder.results.append(record)
                    line.step()
            return backend

    def _sum_up(self, folder: Folder, backend: str) -> None:
        """Figures of what is known."""
        from benchmarks.summary import summarise

        records = [self._records[task.id] for task in self._tasks if task.id in self._records]
        if records:
            self._metrics = summarise(records, method=self._request.select)
            self._metrics |= {"tasks_left_out": self._left_out}
            self._timing = timing(records, sandbox=backend, sampling=folder.read("sampling.json"))

    def _write(self, folder: Folder) -> None:
        """Leave figures, report and pictures in the folder."""
        from benchmarks.provenance import provenance
        from benchmarks.report import write_report

        summary = self.result() | {"run": provenance([folder.path / "samples.jsonl"])}
        folder.write("metrics.json", {"config": self._config, "metrics": self._metrics})
        folder.write("timing.json", self._timing)
        folder.write("summary.json", summary)
        write_report(folder.path, summary)


def _asking(profile: Profile) -> dict[str, Any]:
    """How the model is asked, so far as it is not as every model was when there was one way."""
    old = {"form": QWEN25.form, "system": QWEN25.system, "top_p": QWEN25.top_p, "stop": (), "thinking": None}
    now = asdict(profile)
    different = {name: now[name] for name, value in old.items() if now[name] != value}
    return {"asking": different} if different else {}


def _tasks_sha256(tasks: list[Task]) -> str:
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(repr((task.id, facts(task.problem), facts(task.suite))).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def facts(value: object) -> object:
    """A dataclass as plain values, without the fields that have their default: a new one changes nothing."""
    if is_dataclass(value) and not isinstance(value, type):
        values = [(field, getattr(value, field.name)) for field in fields(value)]
        return [type(value).__name__, *((field.name, facts(v)) for field, v in values if v != field.default)]
    return [facts(item) for item in value] if isinstance(value, list | tuple) else value
