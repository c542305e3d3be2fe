"""One `solve bench`: what was asked for, put through the phases, and what is known at the end or when stopped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.languages import LANGUAGES, language_for
from agent.types import SolveOptions
from benchmarks import run
from benchmarks.completions import Source, all_requests, file_sha256, from_store, read_completions
from benchmarks.folder import Folder
from benchmarks.progress import ProgressLine
from benchmarks.records import TaskRecord
from benchmarks.tasks import load_tasks, with_answer_rule
from benchmarks.types import Task

if TYPE_CHECKING:
    from agent.terminal.console import Console
    from benchmarks.executors import Place

FORMAT = 1
"""Of the result folder; a run of another format is not gone on with."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for."""

    name: str
    """A known set, or the path of one."""
    model: str
    base_url: str | None
    samples: int
    """Completions per task, the greedy one among them."""
    limit: int | None
    seed: int
    temperature: float
    method: str
    completions: Path | None
    """Replayed instead of sampling."""
    score_only: bool
    backend: str
    image: str | None
    tests: int = 0
    """Completions of tests per task."""
    generators: int = 0
    """Generators of inputs, and validators, per task that reads standard input."""
    checkers: int = 0
    """Checkers of outputs per task whose statement accepts any valid answer."""
    language: str = "python"
    """What programs are written in."""
    packages: tuple[str, ...] = ()
    """Installed packages that programs may import."""
    ray: str | None = None
    """Address of a Ray cluster to run on; None runs here."""

    @property
    def options(self) -> SolveOptions:
        """As `solve` takes them."""
        return SolveOptions(
            n=self.samples,
            language=self.language,
            seed=self.seed,
            temperature=self.temperature,
            tests=self.tests,
            generators=self.generators,
            checkers=self.checkers,
        )

    def default_folder(self) -> Path:
        """Where a run goes that names no folder: the same request finds it again."""
        words = f"{Path(self.name).name}-{Path(self.model).name}-n{self.samples}"
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
        if request.checkers:
            everything = [with_answer_rule(task) for task in everything]
        self._tasks = everything[: request.limit]
        self._source: Source | None = None
        self._left_out = 0
        for task in self._tasks:
            language_for(task.problem, request.language)  # or it cannot answer
        if request.completions is not None:
            self._use(read_completions(request.completions, everything, LANGUAGES[request.language]))
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
        request = self._request
        config: dict[str, Any] = {
            "format": FORMAT,
            "set": request.name if not Path(request.name).exists() else Path(request.name).name,
            "tasks": len(self._tasks),
            "tasks_sha256": _tasks_sha256(self._tasks),
            "seed": request.seed,
            "score_only": request.score_only,
        }
        if request.language != "python":  # what runs were in before there was another
            config["language"] = request.language
        if request.packages:
            config["packages"] = sorted(request.packages)
        if request.completions is not None:
            return config | {
                "completions": request.completions.name,
                "completions_sha256": file_sha256(request.completions),
            }
        from agent.models import fingerprint

        helpers = ("tests", "generators", "checkers")
        also = {name: n for name in helpers if (n := getattr(request, name))}
        return (
            config
            | also
            | {
                "model": request.model,
                "weights": fingerprint(request.model),
                "n": request.samples,
                "temperature": request.temperature,
                "max_tokens": request.options.max_tokens,
            }
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
                self._fill(folder, store)
                return self._evaluate(folder, place, tasks, from_store(store, self._request.options))

    def _place(self, console: Console) -> Any:
        from benchmarks.executors import here, on_cluster

        return here(self._request, console) if self._request.ray is None else on_cluster(self._request, console)

    def _fill(self, folder: Folder, store: Any) -> None:
        """Sample what is missing, and remember what it took."""
        options = self._request.options
        requests = all_requests(self._tasks, options)
        total = sum(request.params.n for request in requests)
        missing = store.missing(requests)
        if not missing:
            return
        before = folder.read("sampling.json")
        sampling = run.Sampling()
        try:
            with ProgressLine(
                "sampling", count=total - missing, total=total, unit="tokens", quiet=self._quiet
            ) as line:
                for sampling in run.fill(store, self._tasks, options, step=line.step):  # noqa: B007
                    pass
        finally:
            took = {name: before.get(name, 0) + value for name, value in asdict(sampling).items()}
            folder.write("sampling.json", took | {"wall_s": round(took["wall_s"], 2)})
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
        from benchmarks.timing import timing

        records = [self._records[task.id] for task in self._tasks if task.id in self._records]
        if records:
            self._metrics = summarise(records, method=self._request.method)
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
