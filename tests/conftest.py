"""What several test files share: real sandboxes, one per backend and session, and a tiny model."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import adding
import pytest
import tiny_model
from invariants import SHARED
from wire_server import SECRET, WireServer

from sandbox import Sandbox, SandboxUnavailable, open_sandbox

# Data of benchmarks that lies beside the checkout; tests that need it skip where there is none.
os.environ.setdefault("ALPHASOLVE_DATA", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
# No test leaves a record in the user's own history; each has a folder of its own (`history_of_its_own`).
os.environ["ALPHASOLVE_HISTORY"] = "0"
os.environ["ALPHASOLVE_CONFIG"] = "0"
# A shell that starts us in the background ignores interrupts, and every program that we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

REQUIRED = {"docker": "ALPHASOLVE_REQUIRE_DOCKER", "bwrap": "ALPHASOLVE_REQUIRE_BWRAP"}
_NUMBERS = count()
EACH = [pytest.param("docker", marks=pytest.mark.docker), pytest.param("bwrap", marks=pytest.mark.bwrap)]


def _open(backend: str) -> Sandbox:
    """A sandbox of that kind, or a skip with the reason; CI turns the skip into a failure."""
    try:
        return open_sandbox(backend, slots=2, notice=lambda line: None)
    except SandboxUnavailable as error:
        if os.environ.get(REQUIRED[backend]) == "1":
            raise
        pytest.skip(str(error))


def _open_any() -> Sandbox:
    """The one that starts sooner, if it works here."""
    try:
        return open_sandbox("bwrap", slots=2, notice=lambda line: None)
    except SandboxUnavailable:
        return _open("docker")


@contextmanager
def _shared(sandbox: Sandbox) -> Iterator[None]:
    """Let the invariants know whose slots these are."""
    SHARED.add(sandbox)
    try:
        yield
    finally:
        SHARED.discard(sandbox)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: to search it all for garbage takes longer than many a test."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that says it is about backends runs on each; what holds on one holds on the other for all else.

    One that pairs other parameters with backends by itself is left as it is.
    """
    pairs = (mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "box" not in metafunc.fixturenames or any("box" in names for names in pairs):
        return
    every = metafunc.definition.get_closest_marker("each_backend") is not None
    metafunc.parametrize("box", EACH if every else ["any"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with two slots: of each backend in turn, or of any that works here."""
    with _open_any() if request.param == "any" else _open(request.param) as sandbox, _shared(sandbox):
        yield sandbox


@pytest.fixture(scope="session")
def cpp_box(box: Sandbox) -> Iterator[Sandbox]:
    """A sandbox like `box` with g++ in its slots; without g++ on this host a skip, or in CI a failure."""
    try:
        sandbox = open_sandbox(box.backend, slots=2, cpp=True, notice=lambda line: None)
    except SandboxUnavailable as error:
        if os.environ.get("ALPHASOLVE_REQUIRE_CPP") == "1":
            raise
        pytest.skip(str(error))
    with sandbox, _shared(sandbox):
        yield sandbox


@pytest.fixture(autouse=True)
def history_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what this test solves is kept: a folder that is made when something is, and is nobody else's."""
    folder = tmp_path_factory.getbasetemp() / "histories" / f"{os.getpid()}-{next(_NUMBERS)}"
    monkeypatch.setenv("ALPHASOLVE_HISTORY", str(folder))
    return folder


@pytest.fixture
def backend(box: Sandbox) -> str:
    """The name of the backend that this turn is about, known to work here."""
    return box.backend


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `tiny_model`."""
    folder = tmp_path_factory.mktemp("tiny")
    tiny_model.save(folder)
    return folder


@pytest.fixture
def adds(tmp_path: Path) -> Path:
    """A benchmark set of four small sums."""
    return adding.rows(tmp_path / "adds.jsonl", *map(adding.addition, range(4)))


@pytest.fixture
def suite_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where hidden tests made ready are kept: a folder of this test's own."""
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path))
    return tmp_path / "suites"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireServer]:
    """A server of models that answers as a test lets it."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    state = WireServer()
    yield state
    state.close()
