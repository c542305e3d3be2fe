"""What several test files share: real sandboxes, one per backend and session, and a tiny model."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tiny_model
from invariants import SHARED

from sandbox import Sandbox, SandboxUnavailable, open_sandbox

# Data of benchmarks that lies beside the checkout; tests that need it skip where there is none.
os.environ.setdefault("ALPHASOLVE_DATA", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
# A shell that starts us in the background ignores interrupts, and every program that we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

REQUIRED = {"docker": "ALPHASOLVE_REQUIRE_DOCKER", "bwrap": "ALPHASOLVE_REQUIRE_BWRAP"}
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
def _shared(opened: Sandbox) -> Iterator[None]:
    """Let the invariants know whose slots these are."""
    SHARED.add(opened)
    try:
        yield
    finally:
        SHARED.discard(opened)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that says it is about backends runs on each; what holds on one holds on the other for all else."""
    if "box" not in metafunc.fixturenames:
        return
    every = metafunc.definition.get_closest_marker("each_backend") is not None
    metafunc.parametrize("box", EACH if every else ["any"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with two slots: of each backend in turn, or of any that works here."""
    with _open_any() if request.param == "any" else _open(request.param) as opened, _shared(opened):
        yield opened


@pytest.fixture(scope="session")
def cpp_box(box: Sandbox) -> Iterator[Sandbox]:
    """A sandbox like `box` with g++ in its slots; without g++ on this host a skip, or in CI a failure."""
    try:
        opened = open_sandbox(box.backend, slots=2, cpp=True, notice=lambda line: None)
    except SandboxUnavailable as error:
        if os.environ.get("ALPHASOLVE_REQUIRE_CPP") == "1":
            raise
        pytest.skip(str(error))
    with opened, _shared(opened):
        yield opened


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
